"""Number literals: what types one literal can be, as Go's ideal constants."""

import re

from bootstrapper.templates.gotemplate.errors import Fault
from bootstrapper.templates.gotemplate.nodes import Number
from bootstrapper.templates.gotemplate.quoting import quote, unquote_char

WHOLE = r"[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|0|[1-9](?:_?[0-9])*)"
REAL = r"[+-]?(?:(?:[0-9](?:_?[0-9])*)?\.?(?:[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?)"
HEX_REAL = (
    r"(?P<sign>[+-]?)0[xX]_?(?P<whole>[0-9a-fA-F_]*)\.?(?P<part>[0-9a-fA-F_]*)"
    r"[pP](?P<power>[+-]?[0-9_]+)"
)
COMPLEX = r"(?P<real>.+)(?P<imaginary>[+-].*)i"
SMALLEST, LARGEST = -(2**63), 2**63 - 1
LARGEST_UNSIGNED = 2**64 - 1


def number(position: int, text: str) -> Number:
    """Of a number token; Fault when it is none."""
    if text.startswith("'"):
        code = unquote_char(text)
        return Number(position, text, integer=code, unsigned=code, real=float(code))
    if text.endswith("i"):
        return _imaginary(position, text)
    whole = _integer(text)
    integer = whole if whole is not None and SMALLEST <= whole <= LARGEST else None
    unsigned = _unsigned(text, whole)
    if integer is not None:
        return Number(position, text, integer, unsigned, float(integer))
    if unsigned is not None:
        return Number(position, text, None, unsigned, float(unsigned))
    return _real(position, text)


def _unsigned(text: str, whole: int | None) -> int | None:
    if whole is None or text[0] in "+-" or whole > LARGEST_UNSIGNED:
        return None
    return whole


def _real(position: int, text: str) -> Number:
    value = real(text)
    if value is None:
        raise Fault(f"illegal number syntax: {quote(text)}")
    if not any(mark in text for mark in ".eEpP"):
        raise Fault(f"integer overflow: {quote(text)}")
    return _from_real(position, text, value)


def _from_real(position: int, text: str, value: float, imaginary: complex | None = None) -> Number:
    integer = int(value) if value.is_integer() and SMALLEST <= value <= LARGEST else None
    unsigned = int(value) if value.is_integer() and 0 <= value <= LARGEST_UNSIGNED else None
    return Number(position, text, integer, unsigned, value, imaginary)


def _imaginary(position: int, text: str) -> Number:
    if (both := re.fullmatch(COMPLEX, text)) and both["real"][-1] not in "eEpP+-":
        first, second = real(both["real"]), real(both["imaginary"])
    else:
        first, second = 0.0, real(text[:-1])
    if first is None or second is None:
        raise Fault(f"illegal number syntax: {quote(text)}")
    value = complex(first, second)
    if second:
        return Number(position, text, imaginary=value)
    return _from_real(position, text, first, value)


def _integer(text: str) -> int | None:
    if not re.fullmatch(WHOLE, text):
        return None
    digits = text.lstrip("+-").lower()
    base = 0 if digits == "0" or digits[0] != "0" or digits[1] in "xbo" else 8
    value = int(digits, base)
    return -value if text[0] == "-" else value


def real(text: str) -> float | None:
    if found := re.fullmatch(HEX_REAL, text):
        return _hex_real(found)
    if (whole := _integer(text)) is not None and text.lstrip("+-")[:2].lower() in {"0x"}:
        return float(whole)
    if not re.fullmatch(REAL, text) or not any(digit.isdigit() for digit in text):
        return None
    try:
        value = float(text.replace("_", ""))
    except ValueError:
        return None
    return None if value in {float("inf"), float("-inf")} else value


def _hex_real(found: re.Match[str]) -> float | None:
    digits = (found["whole"] + found["part"]).replace("_", "")
    if not digits:
        return None
    text = f"{found['sign']}0x{found['whole']}.{found['part']}p{found['power']}".replace("_", "")
    try:
        return float.fromhex(text)
    except (ValueError, OverflowError):
        return None
