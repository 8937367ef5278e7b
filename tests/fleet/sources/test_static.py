"""Services of the settings as offers: what is filled in, and what is refused."""

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.fleet.sources.static import static_offers, unit_offers
from bootstrapper.fleet.values import Check, Node, Offer
from bootstrapper.settings import StaticService

NODE = Node(name="n1", address="10.0.0.7", since=0.0, cluster="red")


def test_the_node_fills_in_what_is_not_said() -> None:
    assert static_offers([StaticService(service="web", port=80)], NODE) == {
        "n1:web:80": Offer(
            service="web", id="n1:web:80", address="10.0.0.7", port=80, host="n1", cluster="red"
        )
    }


def test_what_is_said_stays() -> None:
    said = StaticService(
        service="web", port=80, id="w1", address="192.0.2.1", tags=("a", "b"), weight=7,
        cluster="blue", check_http="/up", check_tcp=True, check_command=("probe", "-v"),
        interval=2.0, timeout=3.0, rise=4, fall=5, grace=6.0,
    )  # fmt: skip
    pace = {"interval": 2.0, "timeout": 3.0, "rise": 4, "fall": 5, "grace": 6.0}
    assert static_offers([said], NODE)["w1"] == Offer(
        service="web", id="w1", address="192.0.2.1", port=80, host="n1", cluster="blue",
        tags=("a", "b"), weight=7,
        checks=(
            Check(kind="http", target="/up", **pace),  # type: ignore[arg-type]
            Check(kind="tcp", **pace),  # type: ignore[arg-type]
            Check(kind="command", target=("probe", "-v"), **pace),  # type: ignore[arg-type]
        ),
    )  # fmt: skip


def test_those_of_a_unit_are_apart() -> None:
    services = [
        StaticService(service="web", port=80, unit="nginx"),
        StaticService(service="tls", port=443, unit="nginx"),
        StaticService(service="ssh", port=22),
    ]
    assert list(static_offers(services, NODE)) == ["n1:ssh:22"]
    found = unit_offers(services, NODE)
    assert [each.id for each in found["nginx"]] == ["n1:web:80", "n1:tls:443"]
    assert {each.source for each in found["nginx"]} == {"systemd"}


@pytest.mark.parametrize(
    ("services", "field"),
    [
        ([StaticService(service="web", port=80), StaticService(service="web", port=80, unit="a")],
         "fleet.services[1]"),
        ([StaticService(service="a/b", port=80, id="x")], "fleet.services[0].service"),
        ([StaticService(service="web", port=80, id="a b")], "fleet.services[0].id"),
    ],
)  # fmt: skip
def test_ids_are_one_for_each_and_parts_of_keys(services: list[StaticService], field: str) -> None:
    with pytest.raises(Mistake) as raised:
        static_offers(services, NODE)
    assert raised.value.field == field
