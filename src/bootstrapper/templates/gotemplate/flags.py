"""What stands between a `%` and its verb, and the padding that follows from it."""

from typing import NamedTuple


class Flags(NamedTuple):
    sharp: bool = False
    zero: bool = False
    plus: bool = False
    minus: bool = False
    space: bool = False
    width: int = 0
    precision: int | None = None
    go_syntax: bool = False  # %#v
    names: bool = False  # %+v
    erring: bool = False  # within a note on a verb that does not fit

    def pad(self, text: str) -> str:
        missing = self.width - len(text)
        if missing <= 0:
            return text
        if self.minus:
            return text + " " * missing
        return ("0" if self.zero else " ") * missing + text
