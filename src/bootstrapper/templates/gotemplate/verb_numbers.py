"""Numbers under a printf verb; None where the verb is none of theirs."""

import math

from bootstrapper.templates.gotemplate.flags import Flags
from bootstrapper.templates.gotemplate.printing import shortest
from bootstrapper.templates.gotemplate.quoting import LAST, SURROGATES, printable, quote_char

BASES = {"d": "d", "v": "d", "b": "b", "o": "o", "O": "o", "x": "x", "X": "X"}
LEADS = {"b": "0b", "o": "0", "O": "0", "x": "0x", "X": "0X"}
OCTAL = "oO"
REAL = "vgGfFeExXb"
DEFAULT = 6  # digits after the point
MANTISSA = 60  # bits behind the point of a hexadecimal number


def integer(value: int, verb: str, flags: Flags, *, unsigned: bool) -> str | None:
    if verb == "v" and flags.go_syntax and unsigned:
        return digits(value, "x", flags._replace(sharp=True))
    if verb in BASES:
        return digits(value, verb, flags)
    if verb == "c":
        return flags.pad(_char(value))
    if verb == "q":
        return flags.pad(quote_char(value, ascii_only=flags.plus))
    return _unicode(value, flags) if verb == "U" else None


def _char(value: int) -> str:
    return chr(value) if 0 <= value <= LAST and value not in SURROGATES else "\ufffd"


def _unicode(value: int, flags: Flags) -> str:
    code = value % 2**64  # a negative one, too, is shown without a sign
    text = f"U+{code:0{max(flags.precision or 0, 4)}X}"
    if flags.sharp and code <= LAST and printable(chr(code)):
        text += f" '{chr(code)}'"
    return flags._replace(zero=False).pad(text)


def digits(value: int, verb: str, flags: Flags) -> str:
    """An integer in the base of its verb."""
    if flags.precision == 0 and value == 0:
        return flags._replace(zero=False).pad("")
    text = format(abs(value), BASES[verb])
    sign = "-" if value < 0 else "+" if flags.plus else " " if flags.space else ""
    if flags.precision is not None:
        text = text.zfill(flags.precision)
    elif flags.zero:
        text = text.zfill(flags.width - len(sign))
    if flags.sharp and not (verb in OCTAL and text[0] == "0"):
        text = LEADS.get(verb, "") + text
    lead = "0o" if verb == "O" else ""
    return flags._replace(zero=False).pad(f"{sign}{lead}{text}")


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
    if verb not in REAL:
        return None
    if not math.isfinite(value):
        return shortest(value)
    precision = flags.precision
    match verb:
        case "v" | "g" | "G":
            text = shortest(value) if precision is None else f"{value:.{precision}g}"
            text = text.upper() if verb == "G" else text
        case "f" | "F":
            text = f"{value:.{_or(precision, DEFAULT)}f}"
        case "e" | "E":
            text = f"{value:.{_or(precision, DEFAULT)}{verb}}"
        case "x" | "X":
            text = _hexadecimal(value, verb, precision)
        case _:
            return _mantissa(value)
    if not flags.sharp:
        return text
    return _with_point(text, verb, _or(precision, DEFAULT) if verb in "vgGx" else 0)


def _or(given: int | None, default: int) -> int:
    return default if given is None else given


def _with_point(text: str, verb: str, wanted: int) -> str:
    """What `#` asks for: a point in any case, and zeros up to so many significant digits."""
    sign, text = ("-", text[1:]) if text[0] == "-" else ("", text)
    mark = next((each for each in ("pP" if verb in "xX" else "eE") if each in text), None)
    digits, tail = text, ""
    if mark is not None:
        digits, _, tail = text.partition(mark)
        tail = mark + tail
    significant = len(digits.replace(".", "").lstrip("0"))
    if "." not in digits:
        significant += digits == "0"
        digits += "."
    return f"{sign}{digits}{'0' * (wanted - significant)}{tail}"


def _hexadecimal(value: float, verb: str, precision: int | None) -> str:
    """Normalised, the exponent of two digits at least; trailing zeros only where asked for."""
    fraction, power = math.frexp(abs(value))
    mantissa, power = int(fraction * 2 ** (MANTISSA + 1)), power - 1 if value else 0
    if precision is not None and precision < MANTISSA // 4:
        mantissa = _rounded(mantissa, MANTISSA - 4 * precision)
        if mantissa >> (MANTISSA + 1):
            mantissa, power = mantissa >> 1, power + 1
    part = format(mantissa % 2**MANTISSA, "x").zfill(MANTISSA // 4)
    part = part.rstrip("0") if precision is None else part[:precision].ljust(precision, "0")
    point = "." if part else ""
    sign = "-" if math.copysign(1, value) < 0 else ""
    exponent = f"{'-' if power < 0 else '+'}{abs(power):02d}"
    text = f"{sign}0x{mantissa >> MANTISSA}{point}{part}p{exponent}"
    return text.upper() if verb == "X" else text


def _rounded(value: int, bits: int) -> int:
    """Without its last bits, rounded to even."""
    kept, rest = divmod(value, 1 << bits)
    half = 1 << (bits - 1)
    up = rest > half or (rest == half and kept % 2 == 1)
    return (kept + up) << bits


def _mantissa(value: float) -> str:
    """As an integer times a power of two."""
    sign = "-" if math.copysign(1, value) < 0 else ""
    if value == 0:
        return f"{sign}0p-1074"
    mantissa, power = value.hex().split("p")
    digits = int(mantissa.lstrip("-").replace(".", ""), 16)
    return f"{sign}{digits}p{int(power) - 52:+d}"


def imaginary(value: complex, verb: str, flags: Flags) -> str | None:
    first = real(value.real, verb, flags)
    second = real(value.imag, verb, flags._replace(plus=True))
    return None if first is None or second is None else f"({first}{second}i)"
