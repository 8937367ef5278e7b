"""Calls and their answers over one connection, told apart by sequence numbers.

Who streams gets records in between the answers: they wait here until they are asked for. After a
call that got no answer, or one before which the agent wanted something else, the connection is
closed: what comes next could not be told apart.
"""

import time
from collections import deque
from typing import Any, NamedTuple

from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.fleet.serf.wire import Wire, fields, number, text

VERSION = 1
"""Of the RPC protocol. The agent's own version says nothing that could be relied on."""
BAD_KEY = "Invalid authentication token"
ASTRAY = ("Authentication required", "Handshake required", "Unsupported command")
"""The agent did not read what belongs to the command, and would take it for the next one."""


class Record(NamedTuple):
    """What came without being asked for: of the stream, monitor or query that call `seq` began."""

    seq: int
    body: dict[str, Any]


class _Head(NamedTuple):
    seq: int
    error: str


class Calls:
    """For one thread. The handshake is done, and the key was taken, when this is made."""

    def __init__(self, address: str, key: str, timeout: float) -> None:
        self.timeout = timeout
        self._wire = Wire(address, timeout)
        self._seq = 0
        self._streams: dict[int, bool] = {}  # seq → whether its records are wanted
        self._half: _Head | None = None  # of a record whose body is still to come
        self._records: deque[Record] = deque()
        try:
            self.call("handshake", {"Version": VERSION})
            if key:
                self.call("auth", {"AuthKey": key})
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._wire.close()

    def call(
        self, command: str, body: Any = None, *, answers: bool = False, within: float = 0.0
    ) -> Any:
        """The answer's body when there is one. Refused, in the agent's words, when it says no."""
        return self._ask(command, body, answers, within or self.timeout)[1]

    def begin(self, command: str, body: Any, *, within: float = 0.0) -> int:
        """The number of a stream whose records come from now on."""
        seq, _ = self._ask(command, body, False, within or self.timeout)
        self._streams[seq] = True
        return seq

    def drop(self, seq: int) -> None:
        """Nobody wants the records of this stream any more; some may still be on their way."""
        if seq in self._streams:
            self._streams[seq] = False
        self._records = deque(each for each in self._records if each.seq != seq)

    def record(self, within: float, seq: int | None = None) -> Record | None:
        """The next record (of one stream, or of any); None when there is none within this time."""
        for record in self._records:
            if seq is None or record.seq == seq:
                self._records.remove(record)
                return record
        deadline = time.monotonic() + within
        while True:
            try:
                taken = self._take(deadline)
            except TimeoutError:
                return None
            if isinstance(taken, Record):
                if seq is None or taken.seq == seq:
                    return taken
                self._records.append(taken)

    def _ask(self, command: str, body: Any, answers: bool, within: float) -> tuple[int, Any]:
        deadline = time.monotonic() + within
        self._seq += 1
        head = {"Command": command, "Seq": self._seq}
        self._wire.send((head,) if body is None else (head, body), within)
        try:
            answer = self._answer(self._seq, deadline)
            if answer.error:
                raise self._no(command, answer.error)
            return answer.seq, self._receive(deadline) if answers else None
        except TimeoutError as error:
            self.close()
            raise Unavailable(f"no answer to {command} within {within:g} s") from error

    def _answer(self, seq: int, deadline: float) -> _Head:
        while True:
            taken = self._take(deadline)
            if isinstance(taken, Record):
                self._records.append(taken)
            elif taken.seq == seq:
                return taken

    def _no(self, command: str, error: str) -> Exception:
        if error in ASTRAY:
            self.close()
        if error in (BAD_KEY, ASTRAY[0]):
            return Mistake(f"the Serf agent wants another key: {error}", field="fleet.serf.auth")
        return Refused(f"Serf says no to {command}: {error}")

    def _take(self, deadline: float) -> _Head | Record:
        """A body that nobody waits for is passed over: some answers have one on failure alone."""
        while True:
            found = fields(self._receive(deadline))
            if self._half is not None:
                seq, self._half = self._half.seq, None
                if self._streams.get(seq):
                    return Record(seq, found)
            elif "Seq" in found and "Error" in found:
                head = _Head(number(found["Seq"]), text(found["Error"]))
                if head.seq not in self._streams:
                    return head
                self._half = head

    def _receive(self, deadline: float) -> Any:
        return self._wire.receive(deadline - time.monotonic())
