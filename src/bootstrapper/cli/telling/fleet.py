"""Nodes, services, held removals and chains as tables and lines. Pure: `now` is an argument."""

from collections.abc import Callable, Iterable
from datetime import datetime

from bootstrapper.cli.telling.lines import Line, Tone, indented, one_line, table
from bootstrapper.cli.telling.times import duration, when
from bootstrapper.client.fleet_views import Chain, Fleet, FleetEvent, FleetNode, Held, Instance
from bootstrapper.clock import from_text

TONES = {
    "node_failed": Tone.BAD, "node_suspected": Tone.CHANGED, "node_left": Tone.CHANGED,
    "node_removed": Tone.BAD, "node_kept_out": Tone.CHANGED, "node_joined": Tone.GOOD,
    "node_returned": Tone.GOOD, "node_released": Tone.GOOD, "instance_registered": Tone.GOOD,
    "instance_passing": Tone.GOOD, "instance_returned": Tone.GOOD, "instance_failing": Tone.BAD,
    "instance_draining": Tone.CHANGED, "instance_withdrawn": Tone.CHANGED,
    "instance_removed": Tone.BAD, "removal_held": Tone.WAITING, "node_held": Tone.WAITING,
}  # fmt: skip


def tell_fleet(now: datetime) -> Callable[[Fleet], tuple[Line, ...]]:
    def tell(fleet: Fleet) -> tuple[Line, ...]:
        parts = [
            tell_nodes(now)(fleet.nodes) if fleet.nodes else (Line("no nodes", Tone.DIM),),
            _instances(fleet.instances, now),
            _to_answer(fleet.held),
        ]
        return tuple(line for part in parts if part for line in (*part, Line("")))[:-1]

    return tell


def tell_nodes(now: datetime) -> Callable[[Iterable[FleetNode]], tuple[Line, ...]]:
    def tell(nodes: Iterable[FleetNode]) -> tuple[Line, ...]:
        return table(
            ("NODE", "STATE", "ADDRESS", "CLUSTER", "ROLE", "SINCE", "SOURCE", "WHY"),
            (
                (x.name, x.state, x.address, x.cluster, x.role, _age(x.since, now), x.source,
                 _why(x))
                for x in nodes
            ),
        )  # fmt: skip

    return tell


def tell_status(fleet: Fleet) -> tuple[Line, ...]:
    """Who leads, how many serve, and every removal that is held."""
    alive = sum(each.state == "alive" for each in fleet.nodes)
    serving = sum(each.serves for each in fleet.instances)
    leader = fleet.leader or "nobody: nothing is removed by guess"
    return (
        Line(one_line(f"reconciler  {leader}")),
        Line(f"nodes       {alive} of {len(fleet.nodes)} alive"),
        Line(f"instances   {serving} of {len(fleet.instances)} get traffic"),
        Line(f"held        {len(fleet.held)} removal{'s' * (len(fleet.held) != 1)}"),
        *((Line(""), *_held(fleet.held)) if fleet.held else ()),
    )


def tell_event(event: FleetEvent) -> Line:
    return Line(one_line(f"{when(event.at)}  {event.text}"), TONES.get(event.kind, Tone.PLAIN))


def tell_chain(chain: Chain) -> tuple[Line, ...]:
    """The verdict, then each step: when, and what."""
    first = Line(one_line(chain.verdict), Tone.GOOD if chain.well else Tone.BAD)
    rows = [(when(step.at) or "now", step) for step in chain.steps]
    width = max((len(at) for at, _ in rows), default=0)
    steps = (
        line
        for at, step in rows
        for line in indented(
            f"{at:<{width}}  {one_line(step.text)}", TONES.get(step.kind, Tone.PLAIN), "  "
        )
    )
    return (first, *steps)


def _instances(instances: Iterable[Instance], now: datetime) -> tuple[Line, ...]:
    rows = [
        (x.service, x.id, x.node, f"{x.address}:{x.port}", x.health, "yes" if x.serves else "no",
         _age(x.since, now), x.source, _why(x))
        for x in instances
    ]  # fmt: skip
    headings = ("SERVICE", "ID", "NODE", "ADDRESS", "HEALTH", "SERVES", "SINCE", "SOURCE", "WHY")
    return table(headings, rows) if rows else ()


def _held(held: Iterable[Held]) -> tuple[Line, ...]:
    return table(
        ("HELD", "RULE", "SINCE", "ANSWER", "SIGNAL", "REASON"),
        ((x.name, x.rule, when(x.since), _answer(x), x.signal, x.reason) for x in held),
    )


def _answer(held: Held) -> str:
    return f"{held.answer} by {held.by}" if held.answer else "none yet"


def _to_answer(held: Iterable[Held]) -> tuple[Line, ...]:
    return tuple(
        Line(
            one_line(f"held by {x.rule}: {x.name}: {x.reason}: fleet confirm, or refuse"),
            Tone.WAITING,
        )
        for x in held
        if not x.answer
    )


def _why(of: FleetNode | Instance) -> str:
    if of.held and not of.held.answer:
        return f"its removal is held by {of.held.rule}"
    if of.mark:
        return of.mark.reason or of.mark.signal
    if isinstance(of, Instance) and not of.serves and of.health == "failing":
        return "its check fails"
    return ""


def _age(since: str, now: datetime) -> str:
    return duration((now - from_text(since)).total_seconds()) if since else ""
