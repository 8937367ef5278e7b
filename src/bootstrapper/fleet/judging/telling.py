"""A verdict as events: each with its signal and reason, and the event before it as its cause."""

from collections.abc import Callable, Iterable, Mapping

from bootstrapper.fleet.events import FleetEvent, Kind
from bootstrapper.fleet.judging.seen import Seen
from bootstrapper.fleet.judging.verdicts import (
    Admit,
    Hold,
    KeepOut,
    Lift,
    MarkDown,
    Release,
    Remove,
    Repair,
    Rule,
    Verdict,
)
from bootstrapper.fleet.values import Instance, Signal
from bootstrapper.kv.store import Delete, Put, Write

Keys = tuple[tuple[str, ...], tuple[str, ...]]
"""What was put and what was deleted for readers."""


class Teller:
    """`by`: the leader; `last`: node → its latest event; `new_id`: sorts by time."""

    def __init__(self, by: str, last: Mapping[str, str], new_id: Callable[[], str]) -> None:
        self.by = by
        self._last = last
        self.new_id = new_id

    def events(
        self, verdict: Verdict, seen: Seen, shown: Mapping[str, Write]
    ) -> tuple[FleetEvent, ...]:
        """`shown`: what it writes for readers."""
        name = verdict.node.name if isinstance(verdict, Admit) else verdict.name
        chain = _Chain(self, verdict, name, seen.now, shown, self._last)
        match verdict:
            case MarkDown() | Hold():
                chain.suspect(seen)
                _of_doubt(verdict, seen, chain)
            case KeepOut(rule=Rule.FLAPS):
                chain.add("node_kept_out", keys=chain.all_keys())
            case Lift():
                chain.add(
                    chain.of_name("node_returned", "instance_returned"), keys=chain.all_keys()
                )
            case Remove():
                _of_removal(verdict, seen, chain)
            case Release():
                chain.add("node_released")
            case Admit():
                chain.add("node_joined")
            case Repair():
                chain.add("instance_changed", keys=chain.all_keys())
        return tuple(chain.events)


class _Chain:
    def __init__(
        self,
        teller: Teller,
        verdict: Verdict,
        name: str,
        now: float,
        shown: Mapping[str, Write],
        last: Mapping[str, str],
    ) -> None:
        self.node, _, self.instance = name.partition("/")
        self.events: list[FleetEvent] = []
        self._teller = teller
        self._verdict = verdict
        self._now = now
        self.shown = dict(shown)
        self.cause = last.get(self.node, "")

    def of_name(self, of_node: Kind, of_instance: Kind) -> Kind:
        return of_instance if self.instance else of_node

    def suspect(self, seen: Seen) -> None:
        """By whom, unless that was told when it was held."""
        held = {self.node, f"{self.node}/{self.instance}"} & seen.fleet.held.keys()
        if held or self.instance:
            return
        self.cause = ""
        by = "serf" if self._verdict.signal is Signal.SERF_FAILED else "lease"
        self.add("node_suspected", by=by, reason=self._verdict.signal.value)

    def add(
        self,
        kind: Kind,
        *,
        by: str = "",
        reason: str = "",
        instance: Instance | None = None,
        keys: Keys = ((), ()),
        service: str = "",
        follows: bool = True,
    ) -> None:
        """`follows`: the next one is caused by this."""
        verdict = self._verdict
        event = FleetEvent(
            id=self._teller.new_id(), at=self._now, kind=kind, node=self.node,
            instance=instance.id if instance else self.instance,
            service=instance.service if instance else service,
            signal=verdict.signal, reason=reason or verdict.reason.value,
            by=by or self._teller.by, cause=self.cause, put=keys[0], deleted=keys[1],
        )  # fmt: skip
        self.events.append(event)
        if follows:
            self.cause = event.id

    def all_keys(self) -> Keys:
        return self.keys(self.shown)

    def keys(self, of: Iterable[str]) -> Keys:
        """Those among them that are written, each told once."""
        writes = [self.shown.pop(key) for key in sorted(of) if key in self.shown]
        put = tuple(each.key for each in writes if isinstance(each, Put))
        return put, tuple(each.key for each in writes if isinstance(each, Delete))


def _of_doubt(verdict: MarkDown | Hold, seen: Seen, chain: _Chain) -> None:
    if isinstance(verdict, Hold):
        chain.add("node_held" if verdict.rule is Rule.WITNESS else "removal_held")
        return
    if not chain.instance:
        chain.add("node_failed")
        if verdict.until and verdict.name not in seen.fleet.alive:
            chain.add("node_kept_out", reason="it came and went too often", follows=False)
    for service, target in verdict.takes:
        instance = seen.fleet.instances.get(target)
        keys: Iterable[str] = seen.index.shown[target][2] if instance else (target,)
        chain.add(
            "instance_withdrawn", instance=instance, service=service, follows=False,
            keys=chain.keys(keys),
        )  # fmt: skip


def _of_removal(verdict: Remove, seen: Seen, chain: _Chain) -> None:
    if chain.instance:
        instance = seen.fleet.instances.get(verdict.name)
        chain.add("instance_removed", instance=instance, keys=chain.all_keys())
        return
    known = chain.node in seen.fleet.nodes or seen.index.of_node.get(chain.node)
    if not known and not chain.shown:
        return  # of what serf said alone nothing is told
    if verdict.signal is Signal.LEFT:
        chain.add("node_left")
    instances = [
        (each, chain.keys((*shown[2], *shown[3])))
        for each in seen.index.of_node.get(chain.node, ())
        for shown in (seen.index.shown[each.key],)
    ]
    chain.add("node_removed", keys=chain.all_keys())
    for instance, keys in instances:
        chain.add("instance_removed", instance=instance, follows=False, keys=keys)
