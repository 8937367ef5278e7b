"""eq, ne, lt, le, gt, ge: basic kinds compare with their own kind, integers whatever their sign."""

from typing import Any

from bootstrapper.templates.gotemplate.errors import Fault
from bootstrapper.templates.gotemplate.printing import shown
from bootstrapper.templates.gotemplate.types import Kind
from bootstrapper.templates.gotemplate.values import (
    NO_VALUE,
    as_bytes,
    bare,
    is_nil,
    type_of,
)

BASIC = frozenset({Kind.BOOL, Kind.INT, Kind.UINT, Kind.FLOAT, Kind.COMPLEX, Kind.STRING})
INTEGERS = frozenset({Kind.INT, Kind.UINT})
UNORDERED = frozenset({Kind.BOOL, Kind.COMPLEX})
UNCOMPARABLE = frozenset({Kind.SLICE, Kind.MAP, Kind.FUNC})

BAD_TYPE = "invalid type for comparison"
BAD_PAIR = "incompatible types for comparison"
NOTHING = "missing argument for comparison"


def _kind(value: Any) -> Kind:
    if value is None or value is NO_VALUE:
        return Kind.INVALID
    return type_of(value).kind


def _same_kind(one: Kind, other: Kind) -> bool:
    return one is other or (one in INTEGERS and other in INTEGERS)


def eq(first: Any, *others: Any) -> bool:
    if not others:
        raise Fault(NOTHING)
    return any(_equal(first, other) for other in others)


def _equal(one: Any, other: Any) -> bool:
    kind, its = _kind(one), _kind(other)
    if kind in BASIC or its in BASIC:
        if _same_kind(kind, its):
            return bool(bare(one) == bare(other))
        if Kind.INVALID in {kind, its}:
            return False
        raise Fault(BAD_PAIR)
    if kind is not its and Kind.INVALID not in {kind, its}:
        raise Fault(
            f"non-comparable types {shown(one)}: {type_of(one)}, {type_of(other)}: {shown(other)}"
        )
    if is_nil(one) or is_nil(other):
        return is_nil(one) and is_nil(other)
    if its in UNCOMPARABLE:
        raise Fault(f"non-comparable type {shown(other)}: {type_of(other)}")
    if its is Kind.POINTER:
        return one.target is other.target
    return bool(one == other)


def ne(one: Any, other: Any) -> bool:
    return not eq(one, other)


def lt(one: Any, other: Any) -> bool:
    kind, its = _kind(one), _kind(other)
    if kind not in BASIC or its not in BASIC:
        raise Fault(BAD_TYPE)
    if not _same_kind(kind, its):
        raise Fault(BAD_PAIR)
    if kind in UNORDERED:
        raise Fault(BAD_TYPE)
    left, right = bare(one), bare(other)
    if kind is Kind.STRING:
        return as_bytes(left) < as_bytes(right)
    return bool(left < right)


def le(one: Any, other: Any) -> bool:
    return lt(one, other) or eq(one, other)


def gt(one: Any, other: Any) -> bool:
    return not le(one, other)


def ge(one: Any, other: Any) -> bool:
    return not lt(one, other)
