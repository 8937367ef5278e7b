"""What serf's agent on this node says of the members, kept for whoever asks."""

import threading
from collections.abc import Mapping
from types import MappingProxyType

from bootstrapper.errors import Error
from bootstrapper.fleet.serf.members import Member, Members


class Membership:
    """Written by one loop (`serf.follow`), read by many threads."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._members: Mapping[str, Member] | None = None
        self._states: Mapping[str, str] | None = None

    def tell(self, members: Members) -> None:
        states = {name: member.status.value for name, member in members.items()}
        with self._turn:
            self._members = MappingProxyType(dict(members))
            self._states = MappingProxyType(states)

    def cut_off(self, error: Error) -> None:
        """An agent that does not answer is no witness."""
        with self._turn:
            self._members = self._states = None

    def members(self) -> Mapping[str, Member] | None:
        with self._turn:
            return self._members

    def states(self) -> Mapping[str, str] | None:
        """Name → alive, leaving, left or failed; None while the agent is not heard."""
        with self._turn:
            return self._states
