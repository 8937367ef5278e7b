"""Wait for what must come: until it is there, and no longer than it may take."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LOOK = 0.02  # seconds


def eventually(condition: Callable[[], T], *, within: float = 5.0, what: str = "") -> T:
    """The first true answer of `condition`; an AssertionError when there is none in time.

    An AssertionError that `condition` raises means "not yet"; the last one is told.
    """
    deadline = time.monotonic() + within
    while True:
        told: object = what or getattr(condition, "__name__", "it")
        try:
            if answer := condition():
                return answer
        except AssertionError as error:
            told = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {told}")
        time.sleep(LOOK)
