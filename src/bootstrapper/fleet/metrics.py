"""The fleet in numbers, counted when somebody asks for them."""

from collections import Counter
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from bootstrapper.fleet.reconcile import Counts
from bootstrapper.fleet.values import Fleet


def registry_of(fleet: Callable[[], Fleet], counts: Callable[[], Counts]) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(FleetNumbers(fleet, counts))
    return registry


class FleetNumbers(Collector):
    """`fleet` as this node's mirror has it; `counts` are this process' own."""

    def __init__(self, fleet: Callable[[], Fleet], counts: Callable[[], Counts]) -> None:
        self._fleet = fleet
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        fleet, counts = self._fleet(), self._counts()
        alive = sum(name in fleet.alive for name in fleet.nodes)
        yield _by("bootstrapper_fleet_nodes", "Registered nodes", "lease", {
            "kept": alive, "gone": len(fleet.nodes) - alive,
        })  # fmt: skip
        yield _instances(fleet)
        yield _by("bootstrapper_fleet_held", "Removals that a brake holds", "rule",
                  Counter(each.rule for each in fleet.held.values()))  # fmt: skip
        yield GaugeMetricFamily(
            "bootstrapper_fleet_marks", "Nodes and instances marked down", value=len(fleet.marks)
        )
        yield GaugeMetricFamily(
            "bootstrapper_reconciler_leader", "1 while this node reconciles", value=counts.leader
        )
        yield GaugeMetricFamily(
            "bootstrapper_reconciler_turn_seconds", "Processor time of the last turn",
            value=counts.seconds,
        )  # fmt: skip
        for name, what, value in (
            ("turns", "Looks at the whole fleet", counts.turns),
            ("verdicts", "Verdicts carried out", counts.verdicts),
            ("guessed", "Instances taken out by guess", counts.guessed),
            ("asked", "Silent nodes whose ports were asked", counts.asked),
        ):
            yield CounterMetricFamily(f"bootstrapper_reconciler_{name}", what, value=value)


def _instances(fleet: Fleet) -> Metric:
    found = GaugeMetricFamily(
        "bootstrapper_fleet_instances", "Instances by whether they get traffic, and their health",
        labels=("service", "health", "traffic"),
    )  # fmt: skip
    counted = Counter(
        (each.service, each.health.value, "yes" if fleet.serves(each) else "no")
        for each in fleet.instances.values()
    )
    for labels, number in sorted(counted.items()):
        found.add_metric(labels, number)
    return found


def _by(name: str, what: str, label: str, numbers: dict[str, int]) -> Metric:
    found = GaugeMetricFamily(name, what, labels=(label,))
    for value, number in sorted(numbers.items()):
        found.add_metric((value,), number)
    return found
