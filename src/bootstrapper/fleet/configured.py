"""The layouts that the settings ask for: presets by name, then those of the operator's own."""

import msgspec

from bootstrapper.errors import Mistake
from bootstrapper.fleet.layouts import PRESETS, Layout
from bootstrapper.settings import Fleet


def layouts_of(part: Fleet) -> tuple[Layout, ...]:
    """Raises Mistake."""
    found: list[Layout] = []
    for name in part.layouts:
        for preset in PRESETS[name]:
            root = part.registrator_prefix.rstrip("/") if name == "registrator" else ""
            found.append(msgspec.structs.replace(preset, key=root + preset.key))
    try:
        found += [msgspec.convert(msgspec.to_builtins(each), Layout) for each in part.keys]
    except msgspec.ValidationError as error:
        raise Mistake(str(error).partition(" - at ")[0], field="fleet.keys") from error
    return tuple(found)
