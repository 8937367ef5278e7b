"""What a Serf agent can be asked (RPC version 1, https://www.serf.io/docs/agent/rpc.html).

One `Rpc` is one connection of one thread. Every call ends within its time: Unavailable when the
agent is gone or silent, Refused in its own words when it says no, Mistake for what it would choke
on, before it is sent.
"""

from collections.abc import Generator, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, NamedTuple

from bootstrapper.errors import Mistake, Unavailable
from bootstrapper.fleet.serf import tags as tag
from bootstrapper.fleet.serf.calls import Calls, Record
from bootstrapper.fleet.serf.members import Member, read_member
from bootstrapper.fleet.serf.patterns import whole
from bootstrapper.fleet.serf.wire import fields, items, number, text

ANSWER = 3.0  # seconds
JOIN = 12.0
"""Seconds for each address: an agent waits 10 for one that does not answer, one after another."""
LEAVE = 20.0  # seconds: it tells all others first
SLACK = 2.0  # seconds that a query's end may come after its time
MEMBER_EVENTS = "member-join,member-leave,member-failed,member-update,member-reap"
NO_TAGS: Mapping[str, str] = {}


class Reply(NamedTuple):
    kind: Literal["ack", "response"]
    node: str
    payload: bytes


class Rpc:
    def __init__(self, address: str, key: str = "", *, timeout: float = ANSWER) -> None:
        """`address`: HOST:PORT. Mistake when the agent wants another key."""
        self._calls = Calls(address, key, timeout)

    def __enter__(self) -> "Rpc":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._calls.close()

    def members(self) -> dict[str, Member]:
        """By name; at once what the agent knows, where its events come seconds later."""
        return _members(self._calls.call("members", answers=True))

    def members_filtered(
        self, *, name: str = "", status: str = "", tags: Mapping[str, str] = NO_TAGS
    ) -> dict[str, Member]:
        """Patterns that must fit the whole text; "": any."""
        asked = {
            "Name": whole(name, "name"),
            "Status": whole(status, "status"),
            "Tags": {each: whole(pattern, f"tags.{each}") for each, pattern in tags.items()},
        }
        return _members(self._calls.call("members-filtered", asked, answers=True))

    def stream(self, events: str = "*") -> int:
        """Begin to hear of events: "*", or kinds with commas. `record` has them."""
        return self._calls.begin("stream", {"Type": events})

    def monitor(self, level: str = "INFO") -> int:
        """Begin to hear the agent's log, its last lines first."""
        return self._calls.begin("monitor", {"LogLevel": level})

    def record(self, within: float, stream: int | None = None) -> Record | None:
        """The next of one stream or of all; None when there is none within these seconds."""
        return self._calls.record(within, stream)

    def stop(self, stream: int) -> None:
        self._calls.drop(stream)
        self._calls.call("stop", {"Stop": stream})

    def event(self, name: str, payload: bytes = b"", *, coalesce: bool = False) -> None:
        """`coalesce`: of several with this name within a moment others get the last alone."""
        self._calls.call("event", {"Name": name, "Payload": payload, "Coalesce": coalesce})

    def query(
        self,
        name: str,
        payload: bytes = b"",
        *,
        timeout: float,
        nodes: Sequence[str] = (),
        tags: Mapping[str, str] = NO_TAGS,
        acks: bool = False,
    ) -> Generator[Reply, None, None]:
        """Replies as they come, for `timeout` seconds; who has enough may stop listening."""
        asked = {
            "Name": name,
            "Payload": payload,
            "FilterNodes": list(nodes),
            "FilterTags": {each: whole(pattern, f"tags.{each}") for each, pattern in tags.items()},
            "RequestAck": acks,
            "Timeout": int(timeout * 1e9),
        }
        return self._replies(self._calls.begin("query", asked), timeout + SLACK)

    def respond(self, query: int, payload: bytes) -> None:
        """`query`: the `ID` of a record of a query's event, as it came over this connection."""
        self._calls.call("respond", {"ID": query, "Payload": payload})

    def join(self, addresses: Sequence[str], *, replay: bool = False) -> int:
        """How many of them were joined: Refused when none was. `replay`: past events come too."""
        if not addresses:
            raise Mistake("nobody to join", field="addresses")
        body = {"Existing": list(addresses), "Replay": replay}
        within = JOIN * len(addresses)
        answer = self._calls.call("join", body, answers=True, within=within)
        return number(fields(answer).get("Num", 0))

    def leave(self) -> None:
        """The agent says goodbye and ends; it does not come back by itself."""
        self._calls.call("leave", within=LEAVE)

    def force_leave(self, node: str) -> None:
        """A failed one is taken for one that left. One that is alive comes back."""
        self._calls.call("force-leave", {"Node": node}, within=LEAVE)

    def stats(self) -> dict[str, dict[str, str]]:
        found = fields(self._calls.call("stats", answers=True))
        return {
            part: {name: text(value) for name, value in fields(table).items()}
            for part, table in found.items()
        }

    def own_name(self) -> str:
        return self.stats().get("agent", {}).get("name", "")

    def me(self) -> Member:
        name = self.own_name()
        if (member := self.members().get(name)) is None:
            raise Unavailable(f"the Serf agent is not yet a member of its own: {name!r}")
        return member

    def tags(self, put: Mapping[str, str], drop: Sequence[str] = ()) -> None:
        """Of the agent itself, beside those that it has. Mistake when they would be too many."""
        tag.check(tag.merged(self.me().tags, put, drop))
        self._calls.call("tags", {"Tags": dict(put), "DeleteTags": list(drop)})

    def _replies(self, seq: int, within: float) -> Generator[Reply, None, None]:
        try:
            while (record := self._calls.record(within, seq)) is not None:
                kind = text(record.body.get("Type", b""))
                if kind == "done":
                    return
                if kind in ("ack", "response"):
                    raw = record.body.get("Payload")
                    payload = raw if isinstance(raw, bytes) else b""
                    node = text(record.body.get("From", b""))
                    yield Reply("ack" if kind == "ack" else "response", node, payload)
        finally:
            self._calls.drop(seq)


def _members(answer: Any) -> dict[str, Member]:
    members = map(read_member, items(fields(answer).get("Members")))
    return {member.name: member for member in members}
