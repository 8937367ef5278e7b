"""How much a rule lets through: the values, and how a person writes them."""

import re

import msgspec

from bootstrapper.errors import Mistake

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


class Budget(msgspec.Struct, frozen=True):
    """At most `cap` jobs of one actor under one rule within `window` seconds."""

    cap: int
    window: float

    def __str__(self) -> str:
        unit = next((name for name, length in SECONDS.items() if length == self.window), None)
        return f"{self.cap}/{unit or f'{self.window:g}s'}"


class Approvals(msgspec.Struct, frozen=True, kw_only=True):
    """`count` members of `group` must say yes within `expires` seconds."""

    count: int
    group: str
    expires: float


def budget_from(text: str) -> Budget:
    found = re.fullmatch(r"([0-9]{1,9}) ?/ ?(minute|hour|day)", text)
    if not found or not int(found[1]):
        raise Mistake(f"{text!r} is no budget: write 20/hour (or minute, day)")
    return Budget(int(found[1]), SECONDS[found[2]])


def seconds_from(text: str) -> float:
    """The length of `90s`, `30m`, `4h` or `2d`."""
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if not found or not int(found[1]):
        raise Mistake(f"{text!r} is no length of time: write 30m, 4h or 2d")
    unit = next(length for name, length in SECONDS.items() if name.startswith(found[2]))
    return float(int(found[1]) * unit)
