"""One value under one printf verb: containers pass the verb on to what they hold."""

from collections.abc import Callable
from typing import Any

from bootstrapper.templates.gotemplate import verb_numbers
from bootstrapper.templates.gotemplate.flags import Flags
from bootstrapper.templates.gotemplate.printing import (
    address,
    in_order,
    said_by_itself,
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
ADDRESSED = frozenset({Kind.POINTER, Kind.SLICE, Kind.MAP, Kind.FUNC, Kind.CHAN})
TEXTUAL = "vsxXq"
INTEGRAL = "bodxX"
ERRORS_ONLY = "w"
BYTES = 8


def written(value: Any, verb: str, flags: Flags) -> str:
    if value is None or value is NO_VALUE:
        if verb in "Tv":
            return flags.pad("<nil>")
        return f"%!{verb}(<nil>)"
    if verb == "T":
        return flags.pad(str(type_of(value))[: flags.precision])
    if verb == "p":
        return _address(value, verb, flags)
    if verb == ERRORS_ONLY:
        return _bad(value, verb, flags)
    return _value(value, verb, flags, nested=False)


def _address(value: Any, verb: str, flags: Flags) -> str:
    of = type_of(value)
    if of.kind not in ADDRESSED:
        return _bad(value, verb, flags)
    number = 0 if is_nil(value) else int(address(getattr(value, "target", value)), 16)
    match verb:
        case "v" if flags.go_syntax:
            text = verb_numbers.digits(number, "x", flags._replace(sharp=True))
            return f"({of})({text if number else 'nil'})"
        case "v" if not number:
            return flags.pad("<nil>")
        case "v" | "p":
            return verb_numbers.digits(number, "x", flags._replace(sharp=not flags.sharp))
    if verb in INTEGRAL:
        return verb_numbers.digits(number, verb, flags)
    return _bad(value, verb, flags)


def _bad(value: Any, verb: str, flags: Flags) -> str:
    """The note shows the value as %v would, under the flags that were written."""
    inner = _value(value, "v", flags._replace(erring=True), nested=False)
    return f"%!{verb}({type_of(value)}={inner})"


def _value(value: Any, verb: str, flags: Flags, *, nested: bool) -> str:
    if value is None or value is NO_VALUE:
        return "interface {}(nil)" if flags.go_syntax else "<nil>"
    of = type_of(value)
    silent = flags.go_syntax or flags.erring
    if verb in TEXTUAL and not silent and (of.methods or of.kind is Kind.POINTER):
        said = said_by_itself(value)
        if said is not None:
            return _text(said, verb, flags) or ""
    if of.kind in SEQUENCE and of.element and _is_bytes(of.element) and verb in "sqxX":
        text = from_bytes(bytes(bare(each) for each in value))
        return _text(text, verb, flags) or ""
    if of.kind in COLLECTED:
        return _collected(value, of, verb, flags)
    if of.kind is Kind.POINTER:
        return _pointer(value, verb, flags, nested)
    if of.kind in ADDRESSED:
        return _address(value, verb, flags)
    plain = _scalar(bare(value), of.kind, verb, flags)
    return _bad(value, verb, flags) if plain is None else plain


def _is_bytes(of: Type) -> bool:
    return of.kind is Kind.UINT and of.bits == BYTES


def _pointer(value: Any, verb: str, flags: Flags, nested: bool) -> str:
    target = value.target
    if target is not None and not nested and type_of(target).kind in COLLECTED:
        return f"&{_value(target, verb, flags, nested=True)}"
    return _address(value, verb, flags)


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
            return flags.pad("true" if value else "false") if verb in "tv" else None
        case Kind.INT | Kind.UINT:
            return verb_numbers.integer(value, verb, flags, unsigned=kind is Kind.UINT)
        case Kind.FLOAT:
            return verb_numbers.real(value, verb, flags)
        case Kind.COMPLEX:
            return verb_numbers.imaginary(value, verb, flags)
    return None


def _text(value: str, verb: str, flags: Flags) -> str | None:
    cut = value[: flags.precision]
    if verb == "v" and flags.go_syntax:
        return flags.pad(quote(cut))
    if verb in "vs":
        return flags.pad(cut)
    if verb == "q":
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
