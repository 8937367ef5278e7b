"""Values as Go's %v prints them, and print and println.

The plain cases are answered here, fast; what needs flags or Go syntax is the business of `verbs`.
"""

import re
from typing import Any

from bootstrapper.templates.gotemplate.errors import Fault
from bootstrapper.templates.gotemplate.types import Kind, Type
from bootstrapper.templates.gotemplate.values import (
    NO_VALUE,
    Pointer,
    bare,
    indirect,
    type_of,
)

EXPONENT = 6  # from here on the shortest form of a float has an exponent: 1e+06
LEAST = -4
REPR = r"(?P<sign>-?)(?P<whole>\d+)(?:\.(?P<part>\d+))?(?:e(?P<power>[+-]\d+))?"
SPECIAL = {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}


def shown(value: Any) -> str:
    """%v."""
    of = value.__class__
    if of is str:
        return value  # type: ignore[no-any-return]
    if of is int:
        return str(value)
    if of is bool:
        return "true" if value else "false"
    if value is None or value is NO_VALUE:
        return "<nil>"
    if of is float:
        return shortest(value)
    if of is list:
        return f"[{' '.join([shown(each) for each in value])}]"
    return _shown(value, nested=False)


def _shown(value: Any, *, nested: bool) -> str:
    if isinstance(value, str | int | float) or value is None:
        return shown(value)
    if (said := said_by_itself(value)) is not None:
        return said
    of = type_of(value)
    match of.kind:
        case Kind.SLICE | Kind.ARRAY:
            return f"[{' '.join([_shown(each, nested=True) for each in value])}]"
        case Kind.MAP:
            each = [
                f"{_shown(key, nested=True)}:{_shown(value[key], nested=True)}"
                for key in in_order(value)
            ]
            return f"map[{' '.join(each)}]"
        case Kind.STRUCT:
            fields = [_shown(getattr(value, name), nested=True) for name, _ in of.fields]
            return f"{{{' '.join(fields)}}}"
        case Kind.POINTER:
            return _pointer(value, nested)
        case Kind.COMPLEX:
            return complex_shown(bare(value))
        case Kind.FUNC | Kind.CHAN:
            return address(value)
    return shown(bare(value))


def said_by_itself(value: Any) -> str | None:
    """What its Error or String method says, where it has one."""
    methods = type_of(value).methods
    if not methods and value.__class__ is Pointer and value.target is not None:
        value = value.target  # a pointer has the methods of what it points to
        methods = type_of(value).methods
    if not methods:
        return None
    method = methods.get("Error") or methods.get("String")
    if method is None or method.parameters or method.variadic:
        return None
    return str(method.call(value))


def _pointer(value: Pointer, nested: bool) -> str:
    if value.target is None:
        return "<nil>"
    of = type_of(value.target).kind
    if not nested and of in {Kind.STRUCT, Kind.MAP, Kind.SLICE, Kind.ARRAY}:
        return f"&{_shown(value.target, nested=True)}"
    return address(value.target)


def address(value: Any) -> str:
    return f"0xc{id(value) & 0xFFFFFFFFF:09x}"


def complex_shown(value: complex) -> str:
    imaginary = shortest(value.imag)
    return f"({shortest(value.real)}{'' if imaginary[0] in '+-' else '+'}{imaginary}i)"


def in_order(of: dict[Any, Any]) -> list[Any]:
    """A map's keys as Go prints and ranges over them."""
    try:
        return sorted(of)
    except TypeError:
        return sorted(of, key=_rank)


def _rank(key: Any) -> tuple[str, Any]:
    return type_of(key).kind.value, bare(key)


def shortest(value: float) -> str:
    """The fewest digits that read back as the same number; an exponent outside 1e-4 … 1e5."""
    plain = repr(value)
    if plain in SPECIAL:
        return SPECIAL[plain]
    found = re.fullmatch(REPR, plain)
    if found is None:
        return plain
    sign, whole, part = found["sign"], found["whole"], found["part"] or ""
    digits = (whole + part).lstrip("0")
    if not digits:
        return f"{sign}0"
    lead = len(whole + part) - len(digits)
    power = len(whole) - lead - 1 + int(found["power"] or 0)
    digits = digits.rstrip("0")
    if LEAST <= power < EXPONENT:
        return sign + _positional(digits, power)
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{'-' if power < 0 else '+'}{abs(power):02d}"


def _positional(digits: str, power: int) -> str:
    if power < 0:
        return f"0.{'0' * (-power - 1)}{digits}"
    whole = digits[: power + 1].ljust(power + 1, "0")
    return f"{whole}.{digits[power + 1 :]}" if len(digits) > power + 1 else whole


def sprint(*values: Any) -> str:
    """print: a space between neighbours of which neither is a string."""
    if len(values) == 1:
        return shown(values[0])
    parts: list[str] = []
    text_before = True
    for value in values:
        text = value.__class__ is str or _is_text(value)
        if parts and not text and not text_before:
            parts.append(" ")
        parts.append(shown(value))
        text_before = text
    return "".join(parts)


def _is_text(value: Any) -> bool:
    return value is not None and value is not NO_VALUE and type_of(value).kind is Kind.STRING


def sprintln(*values: Any) -> str:
    return " ".join([shown(each) for each in values]) + "\n"


def printed(value: Any) -> str:
    """What `{{value}}` writes."""
    if value is NO_VALUE:
        return "<no value>"
    if value.__class__ is Pointer and said_by_itself(value) is None:
        value, _ = indirect(value)
    return shown(value)


def unprintable(value: Any) -> Type | None:
    """The type of what `{{value}}` cannot write: a function, a channel."""
    if value is None or value is NO_VALUE:
        return None
    of = type_of(value)
    return of if of.kind in {Kind.FUNC, Kind.CHAN} and not of.methods else None


def text(value: Any, node: str) -> str:
    """`{{value}}`, whose source is `node`."""
    of = unprintable(value)
    if of is not None:
        raise Fault(f"can't print {node} of type {of}")
    return printed(value)
