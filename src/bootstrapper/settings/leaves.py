"""Every single thing that may be set, and where: sections lie within sections."""

from collections.abc import Iterator
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from bootstrapper.settings.section import is_section
from bootstrapper.settings.sections import Settings


class Leaf(NamedTuple):
    """`kind`: its type as it is annotated; `default`: msgspec.NODEFAULT where one must be given."""

    path: tuple[str, ...]
    kind: Any
    default: Any

    @property
    def variable(self) -> str:
        """As the environment has it, without our prefix."""
        return "_".join(self.path).upper()


def leaves(section: Any = Settings, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    hints = get_type_hints(section, include_extras=True)
    for field in msgspec.structs.fields(section):
        here = (*path, field.encode_name)
        if is_section(hints[field.name]):
            yield from leaves(hints[field.name], here)
        else:
            made = field.default_factory is not msgspec.NODEFAULT
            yield Leaf(here, hints[field.name], {} if made else field.default)


def row_of(kind: Any) -> Any:
    """The section that each row of a table is, where a setting is a list of tables; else None."""
    rows = get_args(kind)[:1] if get_origin(kind) is tuple else ()
    return rows[0] if rows and is_section(rows[0]) else None
