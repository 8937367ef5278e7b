"""Numbers under a printf verb; None where the verb is none of theirs."""

import math

from bootstrapper.templates.gotemplate.flags import Flags
from bootstrapper.templates.gotemplate.printing import shortest
from bootstrapper.templates.gotemplate.quoting import LAST, SURROGATES, printable, quote_char

BASES = {"d": "d", "v": "d", "b": "b", "o": "o", "O": "o", "x": "x", "X": "X"}
LEADS = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}
DEFAULT = 6  # digits after the point


def integer(value: int, verb: str, flags: Flags, *, unsigned: bool) -> str | None:
    if verb == "v" and flags.go_syntax and unsigned:
        return _digits(value, "x", flags._replace(sharp=True))
    if verb in BASES:
        return _digits(value, verb, flags)
    if verb == "c":
        return flags.pad(_char(value))
    if verb == "q":
        return flags.pad(quote_char(value, ascii_only=flags.plus))
    return flags.pad(_unicode(value, flags)) if verb == "U" else None


def _char(value: int) -> str:
    return chr(value) if 0 <= value <= LAST and value not in SURROGATES else "\ufffd"


def _unicode(value: int, flags: Flags) -> str:
    text = f"U+{value:0{max(flags.precision or 0, 4)}X}"
    if flags.sharp and value <= LAST and printable(chr(value)):
        text += f" '{chr(value)}'"
    return text


def _digits(value: int, verb: str, flags: Flags) -> str:
    if flags.precision == 0 and value == 0:
        return flags._replace(zero=False).pad("")
    digits = format(abs(value), BASES[verb])
    sign = "-" if value < 0 else "+" if flags.plus else " " if flags.space else ""
    if flags.precision is not None:
        digits = digits.zfill(flags.precision)
    elif flags.zero and flags.width:
        digits = digits.zfill(flags.width - len(sign))
    lead = "0o" if verb == "O" else LEADS.get(verb, "") if flags.sharp else ""
    if lead == "0" and digits.startswith("0"):
        lead = ""
    return flags._replace(zero=False).pad(f"{sign}{lead}{digits}")


def real(value: float, verb: str, flags: Flags) -> str | None:
    text = _real(value, verb, flags)
    if text is None:
        return None
    if text[0] not in "+-":
        text = f"+{text}"
    if flags.space and text[0] == "+" and not flags.plus:
        text = f" {text[1:]}"
    if not math.isfinite(value):
        signed = math.isinf(value) or flags.space or flags.plus
        return flags._replace(zero=False).pad(text if signed else text[1:])
    if flags.plus or text[0] != "+":
        if flags.zero and flags.width > len(text) and text[0] in "+- ":
            return text[0] + flags._replace(width=flags.width - 1).pad(text[1:])
        return flags.pad(text)
    return flags.pad(text[1:])


def _real(value: float, verb: str, flags: Flags) -> str | None:
    precision = flags.precision
    if not math.isfinite(value):
        return shortest(value) if verb in "vgGeEfFxXb" else None
    match verb:
        case "v" | "g" | "G":
            return _general(value, verb, flags)
        case "f" | "F":
            return f"{value:{'#' if flags.sharp else ''}.{_or(precision, DEFAULT)}f}"
        case "e" | "E":
            return f"{value:{'#' if flags.sharp else ''}.{_or(precision, DEFAULT)}{verb}}"
        case "x" | "X":
            return _hexadecimal(value, verb)
        case "b":
            return _mantissa(value)
    return None


def _or(given: int | None, default: int) -> int:
    return default if given is None else given


def _general(value: float, verb: str, flags: Flags) -> str:
    upper = verb == "G"
    if flags.sharp and verb != "v":
        text = f"{value:#.{_or(flags.precision, DEFAULT)}g}"
    elif flags.precision is None:
        text = shortest(value)
    else:
        text = f"{value:.{flags.precision}g}"
    return text.upper() if upper else text


def _hexadecimal(value: float, verb: str) -> str:
    """Normalised, without trailing zeros, the exponent of two digits at least."""
    mantissa, power = value.hex().split("p")
    whole, _, part = mantissa.partition(".")
    part = part.rstrip("0")
    text = f"{whole}{'.' if part else ''}{part}p{power[0]}{int(power[1:]):02d}"
    return text.upper() if verb == "X" else text


def _mantissa(value: float) -> str:
    """As an integer times a power of two."""
    if value == 0:
        return "0p-1074"
    mantissa, power = value.hex().split("p")
    sign = "-" if value < 0 else ""
    digits = int(mantissa.lstrip("-").replace(".", ""), 16)
    return f"{sign}{digits}p{int(power) - 52:+d}"


def imaginary(value: complex, verb: str, flags: Flags) -> str | None:
    first = real(value.real, verb, flags)
    second = real(value.imag, verb, flags._replace(plus=True))
    return None if first is None or second is None else f"({first}{second}i)"
