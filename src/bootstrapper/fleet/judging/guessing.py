"""Verdicts that are guesses: only as many as the brakes let through, the others held visibly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bootstrapper.fleet.judging.brakes import Budget, Taken, has_quorum, too_many_failed
from bootstrapper.fleet.judging.damping import remembered, until
from bootstrapper.fleet.judging.seen import Seen
from bootstrapper.fleet.judging.settling import hold
from bootstrapper.fleet.judging.standing import Found, Standing
from bootstrapper.fleet.judging.traffic import taken_of
from bootstrapper.fleet.judging.verdicts import Hold, MarkDown, Reason, Rule, Verdict
from bootstrapper.fleet.values import Signal


@dataclass(frozen=True, slots=True)
class Guess:
    """`node` is `name`'s own, where that is an instance."""

    name: str
    node: str
    signal: Signal
    reason: Reason


def guess(found: Mapping[str, Found], seen: Seen, budget: Budget) -> Iterator[Verdict]:
    guesses = sorted(_guesses(found, seen), key=lambda each: _since(each, seen))
    if not guesses:
        return
    answering = [
        name for name, each in found.items()
        if each.standing is Standing.DOUBTED and each.reason is Reason.ANSWERS
    ]  # fmt: skip
    if not has_quorum(seen, answering):
        for each in guesses:
            yield from _hold(each, Rule.QUORUM, Reason.QUORUM, seen)
        return
    mass = too_many_failed(seen, (each.node for each in guesses if each.name == each.node))
    for each in guesses:
        node = seen.fleet.nodes.get(each.node)
        held = seen.fleet.held.get(each.name)
        kept = held is not None and held.rule == Rule.SELF_PRESERVATION.value
        if kept or (node.cluster if node else "") in mass:
            yield from _hold(each, Rule.SELF_PRESERVATION, Reason.MASS, seen)
        else:
            yield from _braked(each, seen, budget)


def _guesses(found: Mapping[str, Found], seen: Seen) -> Iterator[Guess]:
    fleet = seen.fleet
    for name, each in found.items():
        if each.standing is Standing.FAILED:
            if name not in fleet.marks and not _answered(name, seen):
                yield Guess(name, name, each.signal, each.reason)
        elif each.reason is Reason.ANSWERS and name not in fleet.marks:
            for instance in seen.index.of_node.get(name, ()):
                key = instance.key
                silent = seen.answers.get(key) is False and fleet.serves(instance)
                if silent and not _answered(key, seen):
                    yield Guess(key, name, Signal.UNREACHABLE, Reason.PART_SILENT)


def _answered(name: str, seen: Seen) -> bool:
    """An operator has spoken: a confirmed removal is carried out, a refused one is none."""
    held = seen.fleet.held.get(name)
    return held is not None and held.answer != ""


def _since(each: Guess, seen: Seen) -> tuple[float, str]:
    return seen.memory.gone.get(each.node, seen.moment), each.name


def _hold(each: Guess, rule: Rule, reason: Reason, seen: Seen) -> Iterator[Verdict]:
    return hold(each.name, Hold(each.name, each.signal, reason, rule), seen)


def _braked(each: Guess, seen: Seen, budget: Budget) -> Iterator[Verdict]:
    """All of it if the brakes let it; else what they let, one by one, and the rest is held."""
    if each.name == each.node:
        taken = taken_of(each.node, seen)
    else:
        taken = ((seen.fleet.instances[each.name].service, each.name),)
    refusal = budget.refusal(taken)
    if refusal is None:
        budget.spend(taken)
        yield _down(each, taken, seen)
        return
    if each.name == each.node:
        yield from _one_by_one(each, taken, seen, budget)
    yield from _hold(each, *refusal, seen)


def _one_by_one(each: Guess, taken: Taken, seen: Seen, budget: Budget) -> Iterator[Verdict]:
    if len(taken) < 2:  # noqa: PLR2004 (it was refused already)
        return
    for one in taken:
        if one[1] in seen.fleet.instances and budget.refusal((one,)) is None:
            budget.spend((one,))
            yield MarkDown(one[1], each.signal, each.reason, takes=(one,))


def _down(each: Guess, taken: Taken, seen: Seen) -> MarkDown:
    if each.name != each.node:
        return MarkDown(each.name, each.signal, each.reason, takes=taken)
    went = remembered(seen.fleet.flaps.get(each.node, ()), seen.now, seen.brakes)
    out_until = until(went, seen.brakes)
    if each.node in seen.fleet.alive:  # it would lift the mark itself, as it can write
        out_until = max(out_until, seen.now + seen.brakes.keep_out)
    return MarkDown(each.name, each.signal, each.reason, until=out_until, takes=taken)
