"""Verdicts that no brake holds: returns, clean leaves, an operator's word, what is long down."""

from collections.abc import Iterator

from bootstrapper.fleet.judging.brakes import Budget
from bootstrapper.fleet.judging.damping import AHEAD, until
from bootstrapper.fleet.judging.seen import Seen
from bootstrapper.fleet.judging.standing import Found, Standing, serf_says
from bootstrapper.fleet.judging.traffic import services_of, taken_of
from bootstrapper.fleet.judging.verdicts import (
    Admit,
    Hold,
    KeepOut,
    Lift,
    Reason,
    Release,
    Remove,
    Rule,
    Verdict,
)
from bootstrapper.fleet.values import Mark, Node, Signal, is_name

REST = 10.0
"""Seconds until what is said of a held removal is said in other words."""
JUST_NOW = 5.0
"""Seconds after it registered anew; one that was let in by an operator later is let in."""
LEFT_TO_KEEP_OUT = 5.0
"""Seconds before its time is over in which a node that is still out of reach gets more."""


def settle(name: str, found: Found, seen: Seen, budget: Budget) -> Iterator[Verdict]:
    """Of one node, without guessing."""
    held = seen.fleet.held.get(name)
    if held is not None and held.answer == "confirmed" and found.standing is not Standing.LIVES:
        yield Remove(name, Signal.OPERATOR, Reason.CONFIRMED, Rule.OPERATOR)
        return
    match found.standing:
        case Standing.LIVES:
            yield from _of_living(name, seen, budget)
        case Standing.DOUBTED:
            yield from _of_doubted(name, found, seen)
        case Standing.DECLARED:
            yield Remove(name, found.signal, found.reason, Rule.CERTAIN)
        case Standing.FAILED:
            yield from _of_failed(name, found, seen)
        case Standing.UNKNOWN if name not in seen.fleet.nodes:
            yield from _of_nobody(name, seen)


def _of_living(name: str, seen: Seen, budget: Budget) -> Iterator[Verdict]:
    fleet = seen.fleet
    if name in fleet.held:
        yield Release(name, Reason.BACK)
    said, node = fleet.said.get(name), fleet.nodes.get(name)
    if said is not None and (node is None or _moved(node, said.address)):
        yield Admit(
            Node(
                name=name, address=said.address, since=seen.now, role=_word(said.role),
                cluster=_word(said.tags.get("cluster", "")), tags=said.tags, source="serf",
            )
        )  # fmt: skip
    mark, out_until = fleet.marks.get(name), _out_until(name, seen)
    if mark is None:
        taken, since = taken_of(name, seen), node.since if node else seen.now
        comes = fleet.flaps.get(name, (seen.now,))[-1] <= since > seen.now - JUST_NOW
        if comes and out_until > seen.now and budget.keeps_floor(taken):
            budget.spend(taken)
            yield KeepOut(name, Signal.FLAPPING, Reason.FLAPPED, out_until)
    elif _ours(mark):
        longest = seen.now + seen.brakes.keep_out_most + AHEAD
        if mark.signal is Signal.FLAPPING and mark.until <= longest:
            out_until = max(out_until, mark.until)
        if seen.now >= out_until:
            yield Lift(name, Signal.RETURNED, Reason.BACK)
        elif not budget.keeps_floor(of=services_of(name, seen)):
            yield Lift(name, Signal.RETURNED, Reason.FLOOR_LETS_IN, Rule.FLOOR)
        elif mark.signal is not Signal.FLAPPING:  # it is back: from now on this alone keeps it out
            yield KeepOut(name, Signal.FLAPPING, Reason.FLAPPED, out_until)


def _out_until(name: str, seen: Seen) -> float:
    return until(seen.fleet.flaps.get(name, ()), seen.brakes, seen.now)


def _of_doubted(name: str, found: Found, seen: Seen) -> Iterator[Verdict]:
    mark = seen.fleet.marks.get(name)
    if mark is None:
        yield from hold(name, Hold(name, found.signal, found.reason, Rule.WITNESS), seen)
        return
    over = seen.now >= _out_until(name, seen)
    if mark.signal.guess and over and found.reason is not Reason.NO_WITNESS:
        yield Lift(name, Signal.RETURNED, found.reason, Rule.WITNESS)


def _of_failed(name: str, found: Found, seen: Seen) -> Iterator[Verdict]:
    mark = seen.fleet.marks.get(name)
    if mark is None:
        return
    since = seen.now - mark.since
    if not _ours(mark):  # an operator's: it may have been up for most of that time
        since = seen.moment - seen.memory.gone.get(name, seen.moment)
    if name in seen.fleet.alive:
        if _ours(mark) and mark.until - seen.now < LEFT_TO_KEEP_OUT:
            longer = seen.now + seen.brakes.keep_out
            yield KeepOut(name, found.signal, found.reason, longer, Rule.WITNESS)
    elif since >= seen.brakes.down_for:
        yield Remove(name, found.signal, Reason.DOWN_FOR_LONG, Rule.DOWN_FOR)


def _of_nobody(name: str, seen: Seen) -> Iterator[Verdict]:
    if name in seen.fleet.held:
        yield Release(name, Reason.NOBODY, Signal.STALE)
    mark = seen.fleet.marks.get(name)
    if mark is not None and _ours(mark) and mark.until <= seen.now:
        yield Lift(name, Signal.STALE, Reason.NOBODY)
    said = seen.fleet.said.get(name)
    if said is not None and seen.now - said.at >= seen.brakes.down_for:
        yield Remove(name, Signal.STALE, Reason.NOBODY, Rule.DOWN_FOR)


def settle_instance(key: str, found: Found, seen: Seen) -> Iterator[Verdict]:
    """Of one instance that has a mark or is held by itself; `found` is its node's standing."""
    fleet = seen.fleet
    mark, held = fleet.marks.get(key), fleet.held.get(key)
    gone, lives = key not in fleet.instances, found.standing is Standing.LIVES
    back = lives or seen.answers.get(key) is True
    reason = Reason.NOBODY if gone else Reason.BACK
    if held is not None:
        if gone or back:
            yield Release(key, reason)
        elif held.answer == "confirmed":
            yield Remove(key, Signal.OPERATOR, Reason.CONFIRMED, Rule.OPERATOR)
            return
    if mark is not None and mark.signal.guess and (gone or back) and mark.until <= seen.now:
        yield Lift(key, Signal.STALE if gone else Signal.RETURNED, reason)


def hold(name: str, wanted: Hold, seen: Seen) -> Iterator[Hold]:
    """Said once: again only when it is held for something else now, and not in a hurry."""
    held = seen.fleet.held.get(name)
    if held is None:
        yield wanted
        return
    if held.rule == Rule.SELF_PRESERVATION.value and wanted.rule is not Rule.WITNESS:
        return  # it stays until it returns, or an operator answers
    ripe = wanted.rule is Rule.SELF_PRESERVATION or seen.now - held.since >= REST
    if held.rule != wanted.rule.value and not held.answer and ripe:
        yield wanted


def _ours(mark: Mark) -> bool:
    return mark.signal.guess or mark.signal is Signal.FLAPPING


def _moved(node: Node, address: str) -> bool:
    return node.source == "serf" and node.address != address


def admissible(name: str, seen: Seen) -> bool:
    """Whether it is to be looked at though no record is of it: serf knows it, or its keys stand."""
    return name in seen.fleet.said or (serf_says(name, seen) != "" and name in seen.index.foreign)


def _word(text: str) -> str:
    """Of a tag that anybody may have set: what cannot stand in a key is not taken."""
    return text if is_name(text) else ""
