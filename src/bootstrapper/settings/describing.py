"""The settings as a table of what there is to set."""

from typing import Any, get_args, get_type_hints

import msgspec

from bootstrapper.settings.section import is_section
from bootstrapper.settings.sections import Settings


def describe() -> list[tuple[str, str, str, str]]:
    """Every setting as (name, type, default, what it is): for `settings show` and the docs."""
    rows: list[tuple[str, str, str, str]] = []
    for name, kind in get_type_hints(Settings, include_extras=True).items():
        section = kind if is_section(kind) else None
        for field in msgspec.structs.fields(section or Settings):
            if section is None and field.name != name:
                continue
            plain, meta = get_args(field.type)[:2]
            default = field.default if field.default is not msgspec.NODEFAULT else {}
            place = f"{name}.{field.name}" if section else name
            rows.append((place, _type_name(plain), repr(default), meta.description or ""))
    return rows


def _type_name(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind)).replace(f"{Settings.__module__}.", "")
