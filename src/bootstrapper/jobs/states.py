"""The states of a job, named as AWX names them, and the one table of what may follow what."""

from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    PENDING = "pending"  # a worker may take it
    WAITING = "waiting"  # for a lock, an approval or a time; `reason` says which
    RUNNING = "running"
    SUCCESSFUL = "successful"
    FAILED = "failed"  # Ansible ran and a host failed
    ERROR = "error"  # it could not be run, or ran out of time
    CANCELED = "canceled"
    LOST = "lost"  # its worker died


FINAL = frozenset({State.SUCCESSFUL, State.FAILED, State.ERROR, State.CANCELED, State.LOST})
OPEN = frozenset(State) - FINAL

LEGAL = MappingProxyType(
    {
        State.PENDING: frozenset({State.WAITING, State.RUNNING, State.ERROR, State.CANCELED}),
        State.WAITING: frozenset({State.PENDING, State.RUNNING, State.ERROR, State.CANCELED}),
        # back to pending: its worker died, and the action may be repeated
        State.RUNNING: FINAL | {State.PENDING},
        **{state: frozenset[State]() for state in FINAL},
    }
)


def before(state: State) -> frozenset[State]:
    """The states from which `state` may be entered."""
    return frozenset(each for each, after in LEGAL.items() if state in after)
