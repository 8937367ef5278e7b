"""What a signal means to a container that gets it. Pure."""

import signal
from enum import Enum


class Ends(Enum):
    NOW = "nothing survives SIGKILL"
    SOON = "it was asked to stop"


def ends(sent: str, stop_signal: str) -> Ends | None:
    """`sent`: the number in Docker's event; `stop_signal`: the image's word, or "" (SIGTERM).

    None: it is for the program (SIGHUP, SIGUSR1 …).
    """
    number = number_of(sent)
    if number == signal.SIGKILL:
        return Ends.NOW
    if number is not None and number in (signal.SIGTERM, number_of(stop_signal)):
        return Ends.SOON
    return None


def number_of(name: str) -> int | None:
    """Of `15`, `SIGTERM`, `term`, `SIGRTMIN+3`."""
    name = name.strip().upper().removeprefix("SIG")
    if name.isascii() and name.isdigit():
        return int(name)
    base, plus, more = name.partition("+")
    found = signal.Signals.__members__.get(f"SIG{base}")
    if found is None or (plus and not more.isdigit()):
        return None
    return int(found) + (int(more) if plus else 0)
