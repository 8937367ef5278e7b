"""Prometheus metrics of the template loop; served only where an address is given."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bootstrapper.exposition import expose
from bootstrapper.templates.report import Outcome, Report

BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._renders = Counter(
            "bootstrapper_template_renders", "Turns of a template",
            ("template", "outcome"), registry=self.registry,
        )  # fmt: skip
        self._reloads = Counter(
            "bootstrapper_template_reloads", "Reloads after a template's change",
            ("template",), registry=self.registry,
        )  # fmt: skip
        self._held = Gauge(
            "bootstrapper_template_held", "1 while the guard holds a render",
            ("template",), registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "bootstrapper_template_live_seconds", "From a change to its being live",
            ("template",), buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        self._success = Gauge(
            "bootstrapper_template_last_success_timestamp_seconds",
            "When the file was last true to its keys", ("template",), registry=self.registry,
        )  # fmt: skip

    def count(self, reports: Sequence[Report]) -> None:
        for each in reports:
            self._renders.labels(each.name, each.outcome.value).inc()
            self._held.labels(each.name).set(each.outcome is Outcome.HELD)
            if each.reloaded:
                self._reloads.labels(each.name).inc()
            if each.outcome in (Outcome.INSTALLED, Outcome.LIVE):
                self._seconds.labels(each.name).observe(each.seconds)
            if each.outcome.good:
                self._success.labels(each.name).set_to_current_time()

    def serve(self, address: str) -> None:
        expose(self.registry, address, field="templates.metrics")
