"""One value under one printf verb: containers pass the verb on to what they hold."""

from collections.abc import Callable
from typing import Any

from bootstrapper.templates.gotemplate import verb_numbers
from bootstrapper.templates.gotemplate.flags import Flags
from bootstrapper.templates.gotemplate.printing import (
    address,
    in_order,
    said_by_itself,
    shown,
)
from bootstrapper.templates.gotemplate.quoting import can_backquote, quote
from bootstrapper.templates.gotemplate.types import Kind, Type
from bootstrapper.templates.gotemplate.values import (
    NO_VALUE,
    as_bytes,
    bare,
    from_bytes,
    is_nil,
    type_of,
)

SEQUENCE = frozenset({Kind.SLICE, Kind.ARRAY})
COLLECTED = frozenset({Kind.SLICE, Kind.ARRAY, Kind.MAP, Kind.STRUCT})
TEXTUAL = "vsxXq"
BYTES = 8


def written(value: Any, verb: str, flags: Flags) -> str:
    if value is None or value is NO_VALUE:
        if verb in "Tv":
            return flags.pad("<nil>")
        return f"%!{verb}(<nil>)"
    if verb == "T":
        return flags.pad(str(type_of(value)))
    if verb == "p":
        return _pointed(value, verb, flags)
    return _value(value, verb, flags, nested=False)


def _pointed(value: Any, verb: str, flags: Flags) -> str:
    if type_of(value).kind in {Kind.POINTER, Kind.SLICE, Kind.MAP, Kind.FUNC, Kind.CHAN}:
        return flags.pad(address(value))
    return _bad(value, verb)


def _bad(value: Any, verb: str) -> str:
    return f"%!{verb}({type_of(value)}={shown(value)})"


def _value(value: Any, verb: str, flags: Flags, *, nested: bool) -> str:
    if value is None or value is NO_VALUE:
        return "interface {}(nil)" if flags.go_syntax else "<nil>"
    of = type_of(value)
    if verb in TEXTUAL and not flags.go_syntax and (of.methods or of.kind is Kind.POINTER):
        said = said_by_itself(value)
        if said is not None:
            return _scalar(said, Kind.STRING, verb, flags) or _bad(value, verb)
    if of.kind in SEQUENCE and of.element and _is_bytes(of.element) and verb in "sqxX":
        text = from_bytes(bytes(bare(each) for each in value))
        return _scalar(text, Kind.STRING, verb, flags) or _bad(value, verb)
    if of.kind in COLLECTED:
        return _collected(value, of, verb, flags)
    if of.kind is Kind.POINTER:
        return _pointer(value, verb, flags, nested)
    if of.kind in {Kind.FUNC, Kind.CHAN}:
        return flags.pad(address(value)) if verb == "v" else _bad(value, verb)
    plain = _scalar(bare(value), of.kind, verb, flags)
    return _bad(value, verb) if plain is None else plain


def _is_bytes(of: Type) -> bool:
    return of.kind is Kind.UINT and of.bits == BYTES


def _pointer(value: Any, verb: str, flags: Flags, nested: bool) -> str:
    target = value.target
    if target is not None and not nested and type_of(target).kind in COLLECTED:
        return f"&{_value(target, verb, flags, nested=True)}"
    if verb != "v":
        return _bad(value, verb) if verb not in "bodxX" else flags.pad(address(target))
    if target is None:
        return f"({value.go_type})(nil)" if flags.go_syntax else flags.pad("<nil>")
    return flags.pad(address(target))


def _collected(value: Any, of: Type, verb: str, flags: Flags) -> str:
    def inner(each: Any) -> str:
        return _value(each, verb, flags, nested=True)

    if flags.go_syntax:
        return _go_syntax(value, of, inner)
    if of.kind is Kind.MAP:
        return f"map[{' '.join(f'{inner(key)}:{inner(value[key])}' for key in in_order(value))}]"
    if of.kind is Kind.STRUCT:
        fields = [
            f"{name}:{inner(getattr(value, name))}" if flags.names else inner(getattr(value, name))
            for name, _ in of.fields
        ]
        return f"{{{' '.join(fields)}}}"
    return f"[{' '.join(inner(each) for each in value)}]"


def _go_syntax(value: Any, of: Type, inner: Callable[[Any], str]) -> str:
    if of.kind is Kind.STRUCT:
        fields = [f"{name}:{inner(getattr(value, name))}" for name, _ in of.fields]
    elif is_nil(value):
        return f"{of}(nil)"
    elif of.kind is Kind.MAP:
        fields = [f"{inner(key)}:{inner(value[key])}" for key in in_order(value)]
    else:
        fields = [inner(each) for each in value]
    return f"{of}{{{', '.join(fields)}}}"


def _scalar(value: Any, kind: Kind, verb: str, flags: Flags) -> str | None:
    """None where the verb is none of this kind's."""
    match kind:
        case Kind.STRING:
            return _text(value, verb, flags)
        case Kind.BOOL:
            return flags.pad(shown(value)) if verb in "tv" else None
        case Kind.INT | Kind.UINT:
            return verb_numbers.integer(value, verb, flags, unsigned=kind is Kind.UINT)
        case Kind.FLOAT:
            return verb_numbers.real(value, verb, flags)
        case Kind.COMPLEX:
            return verb_numbers.imaginary(value, verb, flags)
    return None


def _text(value: str, verb: str, flags: Flags) -> str | None:
    if verb == "v" and flags.go_syntax:
        return flags.pad(quote(value))
    if verb in "vs":
        return flags.pad(value[: flags.precision])
    if verb == "q":
        cut = value[: flags.precision]
        if flags.sharp and can_backquote(cut):
            return flags.pad(f"`{cut}`")
        return flags.pad(quote(cut, ascii_only=flags.plus))
    if verb in "xX":
        return flags.pad(_hex(as_bytes(value)[: flags.precision], verb, flags))
    return None


def _hex(data: bytes, verb: str, flags: Flags) -> str:
    form = "02X" if verb == "X" else "02x"
    lead = f"0{verb}" if flags.sharp else ""
    pairs = [format(byte, form) for byte in data]
    if flags.space:
        return " ".join(f"{lead}{pair}" for pair in pairs)
    return (lead if pairs else "") + "".join(pairs)
