"""Is it alive, is it ready, and its numbers: for load balancers and Prometheus."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bootstrapper.api.route import Answer, Call, Route
from bootstrapper.api.views import View
from bootstrapper.clock import from_text, utc_now
from bootstrapper.control.parts import Parts
from bootstrapper.control.verdicts import authorize
from bootstrapper.errors import Error
from bootstrapper.jobs.states import State
from bootstrapper.redis_link import translated

MEDIA = "text/plain; version=0.0.4; charset=utf-8"


class Ready(View, frozen=True, kw_only=True):
    """`missing` names what is not there yet, each with what to do."""

    ready: bool
    missing: tuple[str, ...]


def routes() -> list[Route]:
    return [
        Route(
            method="GET", path="/readyz", name="ready", summary="Whether it can do its work",
            handler=_ready, answer=Ready, public=True, group="health",
        ),
        Route(
            method="GET", path="/metrics", name="metrics", summary="Numbers for Prometheus",
            handler=_metrics, media="text/plain", group="health",
        ),
    ]  # fmt: skip


def _ready(parts: Parts, call: Call) -> Answer:
    missing = tuple(_missing(parts))
    return Answer(body=Ready(ready=not missing, missing=missing), status=503 if missing else 200)


def _missing(parts: Parts) -> Iterator[str]:
    try:
        parts.rules.current()
    except Error as error:
        yield f"policy: {error}"
    if parts.rules.fault:
        yield f"policy: the changed file is not in force: {parts.rules.fault}"
    try:
        if not parts.signs.workers():
            yield "workers: none is alive: bootstrapper work"
        if not parts.library.synced():
            content = parts.settings.content
            yield (
                "content: not synced yet: bootstrapper sync"
                if content.path or content.git
                else "content: none is set: content.path or content.git"
            )
    except Error as error:
        yield f"redis: {error}"


def _metrics(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "metrics.read", "read")
    registry = CollectorRegistry()
    registry.register(_Numbers(parts))
    return Answer(body=generate_latest(registry), media=MEDIA)


class _Numbers(Collector):
    """Read from Redis at each scrape: every process gives the same answer."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def collect(self) -> Iterator[Metric]:
        yield from self._open_jobs()
        yield from self._counted()
        workers = self._parts.signs.workers()
        yield GaugeMetricFamily("bootstrapper_workers", "Workers alive.", len(workers))
        slots = GaugeMetricFamily("bootstrapper_slots", "Jobs that they can run at once.")
        slots.add_metric([], sum(workers.values()))
        yield slots

    def _open_jobs(self) -> Iterator[Metric]:
        depth = GaugeMetricFamily("bootstrapper_jobs_open", "Jobs not ended.", labels=["state"])
        waits = GaugeMetricFamily(
            "bootstrapper_jobs_waiting", "Jobs that wait, by what for.", labels=["for"]
        )
        jobs = list(self._parts.jobs.many(self._parts.jobs.open_ids()))
        for state in (State.PENDING, State.WAITING, State.RUNNING):
            depth.add_metric([state], sum(job.state is state for job in jobs))
        kinds = [job.waits_for.partition(":")[0] for job in jobs if job.state is State.WAITING]
        for kind in ("host", "env", "name", "approval", "time", "freeze"):
            waits.add_metric([kind], kinds.count(kind))
        queued = [from_text(job.spec.created) for job in jobs if job.state is State.PENDING]
        age = (utc_now() - min(queued)).total_seconds() if queued else 0.0
        oldest = GaugeMetricFamily(
            "bootstrapper_queue_age_seconds", "Age of the oldest job that may start.", age
        )
        tickets = GaugeMetricFamily("bootstrapper_queue_depth", "Tickets.", labels=["priority"])
        for priority, count in self._parts.tickets.depth().items():
            tickets.add_metric([priority], count)
        yield from (depth, waits, oldest, tickets)

    def _counted(self) -> Iterator[Metric]:
        ended = CounterMetricFamily(
            "bootstrapper_jobs_ended", "Jobs that ended.", labels=["action", "state"]
        )
        seconds = CounterMetricFamily(
            "bootstrapper_job_seconds", "Seconds that jobs ran.", labels=["action"]
        )
        denials = CounterMetricFamily(
            "bootstrapper_policy_denials", "Requests the policy refused.", labels=["rule"]
        )
        notified = CounterMetricFamily(
            "bootstrapper_notifications", "Messages, by how it went.", labels=["receiver", "result"]
        )
        with translated("reading the numbers"):
            key = f"{self._parts.settings.redis.prefix}metrics"
            found: dict[bytes, bytes] = self._parts.redis.hgetall(key)
        for name, value in sorted(found.items()):
            kind, *labels = name.decode().split("|")
            family = {
                "jobs": ended, "seconds": seconds, "denials": denials, "notified": notified,
            }.get(kind)  # fmt: skip
            if family is not None:
                family.add_metric(labels, float(value))
        yield from (ended, seconds, denials, notified)
