"""Ctrl-C takes effect only while we wait for the server, so that no entry is half told."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """Inside `listening`, and only in `waiting`, Ctrl-C raises KeyboardInterrupt."""

    def __init__(self) -> None:
        self._asked = False
        self._waiting = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        before = signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        self._waiting = True
        try:
            if self._asked:
                self._raise()
            yield
        finally:
            self._waiting = False

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
        if self._waiting:
            self._raise()

    def _raise(self) -> None:
        self._asked = False
        raise KeyboardInterrupt
