"""index, slice and len. Strings are bytes: indexing one gives a uint8, slicing cuts bytes."""

from typing import Any

from bootstrapper.templates.gotemplate.errors import Fault
from bootstrapper.templates.gotemplate.types import STRING, UINT8, Kind, Type, assignable
from bootstrapper.templates.gotemplate.values import (
    NO_VALUE,
    Scalar,
    Slice,
    as_bytes,
    bare,
    from_bytes,
    indirect,
    length,
    type_of,
    zero,
)

SEQUENCES = frozenset({Kind.ARRAY, Kind.SLICE, Kind.STRING})
MOST = 3  # indexes of a slice


def index(item: Any, *indexes: Any) -> Any:
    if item is None or item is NO_VALUE:
        raise Fault("index of untyped nil")
    for each in indexes:
        item, nil = indirect(item)
        if nil:
            raise Fault("index of nil pointer")
        of = type_of(item)
        if of.kind in SEQUENCES:
            item = _element(item, of, each)
        elif of.kind is Kind.MAP:
            item = _of_map(item, of, each)
        else:
            raise Fault(f"can't index item of type {of}")
    return item


def _element(item: Any, of: Type, each: Any) -> Any:
    size = length(bare(item))
    position = _position(each, size)
    if position == size:
        what = "string" if of.kind is Kind.STRING else of.kind.value
        raise Fault(f"reflect: {what} index out of range")
    if of.kind is Kind.STRING:
        return Scalar(UINT8, as_bytes(bare(item))[position])
    return item[position]


def _position(each: Any, most: int) -> int:
    if each is None or each is NO_VALUE:
        raise Fault("cannot index slice/array with nil")
    of = type_of(each)
    if of.kind not in {Kind.INT, Kind.UINT}:
        raise Fault(f"cannot index slice/array with type {of}")
    position = int(bare(each))
    if not 0 <= position <= most:
        raise Fault(f"index out of range: {position}")
    return position


def _of_map(item: Any, of: Type, key: Any) -> Any:
    wanted = of.key or STRING
    if key is None or key is NO_VALUE:
        if not wanted.nilable:
            raise Fault(f"value is nil; should be of type {wanted}")
        key = None
    elif not assignable(type_of(key), wanted):
        if not _both_integers(type_of(key), wanted):
            raise Fault(f"value has type {type_of(key)}; should be {wanted}")
        key = bare(key)
    for each in (key, Scalar(wanted, bare(key))):
        if each in item:
            return item[each]
    return zero(of.element) if of.element else None


def _both_integers(given: Type, wanted: Type) -> bool:
    """Any integer finds its key, whatever its size."""
    return {given.kind, wanted.kind} <= {Kind.INT, Kind.UINT}


def cut(item: Any, *indexes: Any) -> Any:
    if item is None or item is NO_VALUE:
        raise Fault("slice of untyped nil")
    if len(indexes) > MOST:
        raise Fault(f"too many slice indexes: {len(indexes)}")
    of = type_of(item)
    if of.kind not in SEQUENCES:
        raise Fault(f"can't slice item of type {of}")
    text = of.kind is Kind.STRING
    if text and len(indexes) == MOST:
        raise Fault("cannot 3-index slice a string")
    size = length(bare(item))
    spare = item.spare if isinstance(item, Slice) else ()
    given = [_position(each, size + len(spare)) for each in indexes]
    start, end = (*given, *(0, size)[len(given) :])[:2]
    if start > end:
        raise Fault(f"invalid slice index: {start} > {end}")
    if len(given) == MOST and end > given[2]:
        raise Fault(f"invalid slice index: {end} > {given[2]}")
    if text:
        return from_bytes(as_bytes(bare(item))[start:end])
    if not isinstance(item, Slice):
        return item[start:end]
    most = given[2] if len(given) == MOST else None
    reached = (*item, *spare)[start:most]
    return Slice(of, reached[: end - start], spare=reached[end - start :])


def size_of(item: Any) -> int:
    target, nil = indirect(item)
    if nil:
        raise Fault("len of nil pointer")
    of = type_of(target)
    if of.kind not in {*SEQUENCES, Kind.MAP}:
        raise Fault(f"len of type {of}")
    return length(bare(target))
