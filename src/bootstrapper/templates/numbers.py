"""Arithmetic on Go's int, which wraps at 64 bits and divides towards zero; and strconv."""

import re

from bootstrapper.templates.gotemplate import Fault, quote

HALF = 2**63
INTEGER = r"[+-]?[0-9]+"
TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})


def wrapped(value: int) -> int:
    return (value + HALF) % (2 * HALF) - HALF


def add(one: int, other: int) -> int:
    return wrapped(one + other)


def sub(one: int, other: int) -> int:
    return wrapped(one - other)


def mul(one: int, other: int) -> int:
    return wrapped(one * other)


def div(one: int, other: int) -> int:
    quotient = abs(one) // _divisor(other)
    return wrapped(quotient if (one < 0) == (other < 0) else -quotient)


def mod(one: int, other: int) -> int:
    rest = abs(one) % _divisor(other)
    return -rest if one < 0 else rest


def _divisor(value: int) -> int:
    if value == 0:
        raise Fault("runtime error: integer divide by zero")
    return abs(value)


def atoi(text: str) -> int:
    if not re.fullmatch(INTEGER, text):
        raise Fault(f"strconv.Atoi: parsing {quote(text)}: invalid syntax")
    value = int(text)
    if value != wrapped(value):
        raise Fault(f"strconv.Atoi: parsing {quote(text)}: value out of range")
    return value


def parse_bool(text: str) -> bool:
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    raise Fault(f"strconv.ParseBool: parsing {quote(text)}: invalid syntax")
