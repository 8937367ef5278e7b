"""Why: each case is a fleet and what happened to it; the chain leads back to the first cause."""

from typing import Any, get_args

import pytest

from bootstrapper.errors import Unknown
from bootstrapper.fleet.chain import Chain, why
from bootstrapper.fleet.events import FleetEvent, Kind
from bootstrapper.fleet.telling import told
from bootstrapper.fleet.values import Fleet, Health, Held, Instance, Mark, Node, Signal

NOW = 1000.0
WEB = Instance(service="web", id="w1", node="n1", address="10.0.0.1", port=80, since=10.0,
               host="c1")  # fmt: skip
OTHER = Instance(service="web", id="w2", node="n2", address="10.0.0.2", port=80, since=10.0)


def fleet(**more: Any) -> Fleet:
    fields: dict[str, Any] = {
        "nodes": {n: Node(name=n, address="10.0.0.1", since=1.0) for n in ("n1", "n2")},
        "instances": {WEB.key: WEB, OTHER.key: OTHER},
        "alive": {"n1": "a", "n2": "a"},
    } | more
    return Fleet(**fields)


def event(number: int, kind: Kind, node: str = "n1", **more: Any) -> FleetEvent:
    fields: dict[str, Any] = {"signal": Signal.SERF_FAILED, "reason": "so", "by": node} | more
    return FleetEvent(id=f"e{number}", at=float(number), kind=kind, node=node, **fields)


def ids(chain: Chain) -> list[str]:
    return [step.event for step in chain.steps if step.event]


HISTORY = (
    event(1, "node_joined"),
    event(2, "instance_registered", instance="w1", service="web"),
    event(3, "node_suspected", by="n2"),
    event(4, "node_failed", by="n2", cause="e3", deleted=("/services/web/w1",)),
    event(5, "node_joined", "n2"),
)
MARKED = {"n1": Mark(signal=Signal.SERF_FAILED, reason="silent", since=4.0, by="n2")}


def test_one_that_gets_no_traffic_leads_back_to_when_it_was_well() -> None:
    chain = why("n1/w1", HISTORY, fleet(marks=MARKED), NOW)

    assert (chain.of, chain.well) == ("instance", False)
    assert chain.verdict == "web n1/w1 gets no traffic: silent"
    assert chain.steps[0].text == "n1 was marked by n2: serf says it failed: silent"
    assert ids(chain) == ["e4", "e3", "e2"]


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_event_has_its_sentence(kind: Kind) -> None:
    assert "n1" in told(event(3, kind, instance="w1", service="web"))


def test_a_doubt_takes_nobody_out_of_rotation_and_an_operator_does() -> None:
    doubt = event(
        3, "node_held", signal=Signal.LEASE_GONE, reason="its lease is gone, but it answers"
    )
    word = event(4, "node_held", signal=Signal.OPERATOR, reason="new disks")

    assert told(doubt) == "n1 is in doubt, and kept: its lease is gone, but it answers"
    assert told(word) == "n1 was taken out of rotation: new disks"


def test_a_container_is_found_by_its_name() -> None:
    of_docker = Instance(service="web", id="n1:shop:80", node="n1", address="10.0.0.1", port=80,
                         since=10.0, source="docker")  # fmt: skip

    chain = why("shop", (), fleet(instances={of_docker.key: of_docker}), NOW)

    assert (chain.of, chain.verdict[:14]) == ("instance", "web n1/n1:shop")
    died = event(3, "instance_removed", instance=of_docker.id, service="web",
                 signal=Signal.DOCKER_DIE, reason="")  # fmt: skip
    gone = why("shop", (died,), fleet(instances={}), NOW)
    assert gone.verdict.startswith("shop is not registered: web n1/n1:shop:80 was removed")


def test_one_that_serves_tells_what_made_it_well_and_what_went_before() -> None:
    back = event(6, "node_returned", signal=Signal.RETURNED)

    chain = why("n1", (*HISTORY, back), fleet(), NOW)

    assert (chain.well, chain.verdict) == (True, "n1 is alive")
    assert ids(chain) == ["e6", "e4", "e3", "e1"]


def test_a_cause_is_told_whatever_it_is_about_and_a_circle_ends() -> None:
    circle = (
        event(1, "node_failed", "n2", cause="e2"),
        event(2, "instance_withdrawn", instance="w1", cause="e1"),
    )

    assert ids(why("n1/w1", circle, fleet(marks=MARKED), NOW)) == ["e2", "e1"]


@pytest.mark.parametrize(
    ("name", "of", "verdict"),
    [
        ("n1", "node", "n1 is down: silent"),
        ("n2", "node", "n2 is alive"),
        ("w2", "instance", "web n2/w2 gets traffic: it passes, and nothing is marked"),
        ("c1", "instance", "web n1/w1 gets no traffic: silent"),
        (
            "web", "service",
            "1 of 2 instances of web get traffic: web n1/w1 gets no traffic: silent",
        ),
    ],
)  # fmt: skip
def test_a_name_is_a_nodes_an_instances_a_hosts_or_a_services(
    name: str, of: str, verdict: str
) -> None:
    chain = why(name, HISTORY, fleet(marks=MARKED), NOW)

    assert (chain.of, chain.verdict) == (of, verdict)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"alive": {}}, "its lease is gone"),
        ({"flaps": {"n1": (1.0, 2.0, 3.0)}}, "it went 3 times lately"),
        (
            {"held": {"n1": Held(name="n1", signal=Signal.LEASE_GONE, reason="silent",
                                 rule="floor", since=5.0)}},
            "its removal is held by floor: its lease is gone: silent; "
            "`bootstrapper fleet confirm n1`, or refuse",
        ),
        (
            {"marks": {"n1": Mark(signal=Signal.FLAPPING, reason="3 times", since=5.0, by="n2",
                                  until=1030.0)}},
            "n1 was marked by n2: it came and went too often: 3 times; it may come back in 30 s",
        ),
    ],
)  # fmt: skip
def test_what_is_so_now_comes_first(more: dict[str, Any], text: str) -> None:
    steps = why("n1", HISTORY, fleet(**more), NOW).steps

    assert text in [step.text for step in steps if not step.event]


def test_a_failing_check_is_the_reason_before_any_mark() -> None:
    failing = Instance(service="web", id="w1", node="n1", address="10.0.0.1", port=80, since=7.0,
                       health=Health.FAILING)  # fmt: skip
    told = event(7, "instance_failing", instance="w1", service="web", signal=Signal.CHECK,
                 reason="GET /health: 503")  # fmt: skip

    chain = why("w1", (*HISTORY[:2], told), fleet(instances={"n1/w1": failing}), NOW)

    assert chain.verdict == "web n1/w1 gets no traffic: it is failing"
    assert "web n1/w1 fails its check: GET /health: 503" in chain.steps[-2].text
    assert ids(chain) == ["e7", "e2"]


def test_what_is_gone_is_explained_by_its_last_event() -> None:
    gone = event(6, "node_removed", signal=Signal.OPERATOR, by="user:alice", reason="confirmed")
    left = Fleet(nodes={}, instances={})

    chain = why("n1", (*HISTORY, gone), left, NOW)

    assert chain.verdict.startswith("n1 is not registered: n1 was removed, by user:alice")


def test_what_nobody_knows_is_unknown_and_the_nearest_is_named() -> None:
    with pytest.raises(Unknown, match="did you mean 'web'"):
        why("wbe", HISTORY, fleet(), NOW)
