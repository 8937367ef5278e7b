"""The settings as a table of what there is to set."""

from collections.abc import Iterable, Iterator
from typing import Any, get_args

import msgspec

from bootstrapper.settings.leaves import Leaf, leaves, row_of

REQUIRED = "to be given"
Row = tuple[str, str, str, str]


def describe() -> list[Row]:
    """Every setting as (name, type, default, what it is): for `settings show` and the docs."""
    return list(_rows(leaves()))


def _rows(found: Iterable[Leaf]) -> Iterator[Row]:
    for leaf in found:
        plain, meta = get_args(leaf.kind)[:2]
        place = ".".join(leaf.path)
        default = REQUIRED if leaf.default is msgspec.NODEFAULT else repr(leaf.default)
        yield place, _type_name(plain), default, meta.description or ""
        if (row := row_of(plain)) is not None:
            yield from _rows(leaves(row, (*leaf.path[:-1], f"{leaf.path[-1]}[]")))


def _type_name(kind: Any) -> str:
    named = str(getattr(kind, "__name__", kind))
    return (
        named.replace("bootstrapper.settings.", "")
        .replace("section.", "")
        .replace("fleet.", "")
        .replace("notify.", "")
    )
