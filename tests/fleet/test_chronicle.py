from bootstrapper.fleet.chronicle import events_of, latest, over
from bootstrapper.fleet.events import FleetEvent
from bootstrapper.fleet.judging.memory import inherited
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.records import encode
from bootstrapper.fleet.values import Fleet, Signal
from bootstrapper.settings.fleet import Brakes

PATHS = Paths()


def event(number: int, node: str, **fields: object) -> FleetEvent:
    told = {"kind": "node_failed", "signal": Signal.LEASE_GONE, "at": float(number), **fields}
    return FleetEvent(id=f"{number:04}", node=node, reason="", by="me", **told)  # type: ignore[arg-type]


def test_events_are_read_in_order_and_what_is_none_is_passed_over() -> None:
    told = [event(2, "b"), event(1, "a"), event(3, "a")]
    values = {PATHS.event(each.id): encode(each) for each in told}
    values |= {PATHS.event("0002x"): "{", PATHS.leader: "me"}

    found = events_of(values, PATHS)

    assert [each.id for each in found] == ["0001", "0002", "0003"]
    assert latest(found) == {"a": "0003", "b": "0002"}


def test_what_was_removed_by_guess_within_the_window_is_inherited() -> None:
    told = (
        event(10, "a", kind="instance_withdrawn", instance="i", service="web"),
        event(50, "b", kind="instance_withdrawn", instance="i", service="web"),
        event(60, "s", kind="instance_withdrawn", service="app", deleted=("/services/app/s",)),
        event(60, "c", kind="instance_withdrawn", signal=Signal.OPERATOR, service="web"),
        event(60, "d"),
    )

    found = inherited(told, now=100.0, moment=1_000.0, window=60.0)

    assert [(each.at, each.service, each.name) for each in found] == [
        (950.0, "web", "b/i"),
        (960.0, "app", "/services/app/s"),
    ]


def test_old_events_and_calm_nodes_are_over() -> None:
    values = {PATHS.event(f"{number:04}"): "" for number in range(5)}
    fleet = Fleet(flaps={"calm": (1.0,), "wild": (990.0,)})

    found = over(values, fleet, PATHS, Brakes(), kept=3, now=1_000.0)

    assert found == [PATHS.event("0000"), PATHS.event("0001"), PATHS.flaps("calm")]
