"""A config file that followed the keys, and which places came and went by it."""

import re
from dataclasses import dataclass

PLACE = re.compile(r"(?<![\w.:])(\[[0-9a-fA-F:.]+\]|[\w.-]+):(\d{1,5})(?!\w)")


@dataclass(frozen=True, slots=True)
class Followed:
    """A file that now is other than before. `how`: at run time, or with a reload. `at`: Unix."""

    file: str
    how: str
    difference: str
    at: float


def moved(difference: str) -> tuple[frozenset[str], frozenset[str]]:
    """The places (`address:port`) that a unified diff brings, and those that it takes. Pure."""
    put: set[str] = set()
    gone: set[str] = set()
    for line in difference.splitlines():
        if line.startswith(("+++", "---")):
            continue
        places = {found[0] for found in PLACE.finditer(line[1:])}
        if line.startswith("+"):
            put |= places
        elif line.startswith("-"):
            gone |= places
    return frozenset(put - gone), frozenset(gone - put)
