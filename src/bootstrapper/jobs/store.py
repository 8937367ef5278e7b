"""The records of jobs, for who changes them. Each change is one atomic script (`lua/`)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from bootstrapper.clock import from_text, to_text, utc_now
from bootstrapper.errors import Conflict
from bootstrapper.events import (
    CancelAsked,
    Counts,
    Event,
    JobEnded,
    JobRepeated,
    JobStarted,
    JobWaiting,
)
from bootstrapper.jobs.job import Job, Priority, Spec
from bootstrapper.jobs.records import Budget, Idempotency, Records
from bootstrapper.jobs.scripts import Scripts
from bootstrapper.jobs.states import OPEN, State, before
from bootstrapper.redis_link import Client, translated

IDEMPOTENCY_SECONDS = 24 * 3600
CLAIMABLE = sorted(before(State.RUNNING))
_RANK = {Priority.HIGH: 0, Priority.NORMAL: 1, Priority.LOW: 2}

Accepted = Literal["accepted", "same", "conflict", "spent"]


class Lines(msgspec.Struct, frozen=True):
    """Entries of one writer for one job, numbered from `first` by that writer.

    `alive`: they are a sign of life too (a worker gives its own).
    """

    job: str
    at: str
    events: list[str]
    writer: str
    first: int
    attempt: int
    alive: bool = False


class Taken(msgspec.Struct, frozen=True):
    """The jobs a worker now runs together; none when there was nothing to take."""

    ids: tuple[str, ...] = ()
    waits_for: str = ""


class Jobs(Records):
    def __init__(self, client: Client, prefix: str) -> None:
        super().__init__(client, prefix)
        self._scripts = Scripts(client, prefix)

    def submit(
        self,
        spec: Spec,
        events: Sequence[Event],
        *,
        state: State = State.PENDING,
        reason: str = "",
        waits_for: str = "",
        worker: str = "",
        idempotency: Idempotency | None = None,
        budget: Budget | None = None,
    ) -> tuple[Accepted, str]:
        """Durable when it returns; ("same", id) for what was accepted before.

        `worker`: who runs it already, and will show signs of life; its state is `running` then.
        """
        now = utc_now()
        call: dict[str, Any] = {
            "id": spec.id,
            "at": to_text(now),
            "spec": _text(spec),
            "state": state,
            "reason": reason,
            "waits_for": waits_for,
            "locks": _text([[lock.resource, lock.mode] for lock in spec.locks]),
            "batch": spec.batch,
            "hosts": len(spec.hosts),
            "rank": _RANK[spec.options.priority] * 10**13 + int(now.timestamp() * 1000),
            "ready": int(state is State.PENDING),
            "worker": worker,
            "events": [_text(event) for event in events],
        }
        if idempotency:
            call["idempotency"] = {
                "key": idempotency.key,
                "digest": idempotency.digest,
                "seconds": IDEMPOTENCY_SECONDS,
            }
        if budget:
            call["budget"] = {
                "key": budget.key,
                "cap": budget.cap,
                "window": budget.window,
                "now": now.timestamp(),
            }
        with translated("accepting a job"):
            answer, job_id = self._scripts.run("submit", call)
        return answer.decode(), job_id.decode()

    def append(
        self,
        job_id: str,
        events: Sequence[Event],
        *,
        state: State | None = None,
        fields: Mapping[str, Any] | None = None,
    ) -> str:
        """Add events and perhaps enter a state that is not final: "written", "gone" or "not …"."""
        allowed = before(state) | {state} if state else OPEN
        fields = {**({"state": state} if state else {}), **(fields or {})}
        return self._append(job_id, events, allowed, fields)

    def _append(
        self,
        job_id: str,
        events: Sequence[Event],
        allowed: Iterable[State],
        fields: Mapping[str, Any],
        *,
        unqueue: bool = False,
    ) -> str:
        call = {
            "id": job_id,
            "at": to_text(utc_now()),
            "events": [_text(event) for event in events],
            "from": sorted(allowed),
            "fields": fields,
            "unqueue": unqueue,
        }
        with translated("writing to a journal"):
            return str(self._scripts.run("append", call).decode())

    def make_ready(self, job_id: str) -> bool:
        """A job that waited for people or for its time may be taken from now on."""
        fields = {"ready": 1, "waits_for": "", "reason": "", "state": State.PENDING}
        return self._append(job_id, [], [State.WAITING], fields) == "written"

    def hold(self, job_id: str, event: JobWaiting, **more: str) -> bool:
        """Nobody may take it until `make_ready`, and meanwhile it is in no other job's way."""
        fields = {
            "state": State.WAITING,
            "ready": 0,
            "reason": event.reason,
            "waits_for": event.for_,
            "held_by": "",
            **more,
        }
        begun = [State.PENDING, State.WAITING]
        return self._append(job_id, [event], begun, fields, unqueue=True) == "written"

    def ask_anew(self, spec: Spec, event: JobWaiting) -> bool:
        """For the approvals that `spec` now names; those that were given count no more."""
        with translated("asking for approvals"):
            self._redis.delete(f"{self._prefix}approvals:{spec.id}")
        return self.hold(spec.id, event, spec=_text(spec), approved_by="[]")

    def approve(self, job: Job, by: str, needed: int) -> tuple[str, ...]:
        """Everybody who has approved by now; Conflict when `by` has before."""
        call = {"id": job.id, "at": to_text(utc_now()), "by": by, "needed": needed}
        with translated("approving"):
            answer = [each.decode() for each in self._scripts.run("approve", call)]
        match answer:
            case ["written", *names]:
                return tuple(names)
            case ["again"]:
                raise Conflict("approved already")
            case _:
                now = answer[0].removeprefix("not ")
                raise Conflict(f"the job does not wait for approval any more: it is {now}")

    def ask_to_cancel(self, job: Job, by: str) -> bool:
        """Tell the worker of a running job; False when it is not running (any more)."""
        answer = self._append(job.id, [CancelAsked(by)], [State.RUNNING], {"cancel_by": by})
        return answer == "written"

    def write(self, lines: Sequence["Lines"]) -> list[str]:
        """A worker's own entries, for several jobs in one round trip; see `Lines`."""
        with translated("writing journals"), self._redis.pipeline(transaction=False) as pipe:
            for each in lines:
                call = {
                    "id": each.job,
                    "at": each.at,
                    "events": each.events,
                    "from": [State.RUNNING],
                    "writer": each.writer,
                    "first": each.first,
                    "attempt": each.attempt,
                    "alive": each.alive,
                }
                self._scripts.run("append", call, client=pipe)
            return [answer.decode() for answer in pipe.execute()]

    def claim(self, job_id: str, worker: str, nonce: str, most: int) -> Taken:
        """Take the job, its locks, and the jobs that may share its run (at most `most` hosts)."""
        call = {
            "id": job_id,
            "at": to_text(utc_now()),
            "worker": worker,
            "nonce": nonce,
            "most": most,
            "from": CLAIMABLE,
            "started": msgspec.to_builtins(JobStarted(worker=worker, attempt=0)),
        }
        with translated("taking a job"):
            answer = [each.decode() for each in self._scripts.run("claim", call)]
        match answer:
            case ["taken", *ids]:
                return Taken(tuple(ids))
            case ["waits", resource, _]:
                return Taken((), resource)
            case _:
                return Taken()

    def finish(
        self,
        job: Job,
        state: State,
        reason: str,
        *,
        events: Sequence[Event] = (),
        stats: Mapping[str, Counts] | None = None,
        only_from: Iterable[State] | None = None,
    ) -> list[str]:
        """End the job: answers the jobs that waited for its locks.

        Does nothing when the job has moved on without the caller (its attempt is another).
        """
        now = utc_now()
        fields: dict[str, Any] = {"reason": reason, "finished": to_text(now)}
        if stats is not None:
            fields["stats"] = _text(stats)
        ended = JobEnded(state=state, reason=reason)
        return self._leave(job, state, fields, (*events, ended), only_from, final=True)

    def repeat(self, job: Job, reason: str, events: Sequence[Event] = ()) -> list[str]:
        """Back to pending: its worker died or it failed, and its action may be repeated."""
        fields = {"reason": reason, "worker": "", "started": ""}
        event = JobRepeated(reason=reason, attempt=job.attempt + 1)
        return self._leave(
            job, State.PENDING, fields, (*events, event), [State.RUNNING], final=False
        )

    def _leave(
        self,
        job: Job,
        state: State,
        fields: Mapping[str, Any],
        events: Sequence[Event],
        only_from: Iterable[State] | None,
        *,
        final: bool,
    ) -> list[str]:
        now = utc_now()
        began = job.started or job.spec.created
        call = {
            "id": job.id,
            "at": to_text(now),
            "state": state,
            "from": sorted(only_from if only_from is not None else before(state)),
            "attempt": job.attempt,
            "fields": fields,
            "events": [_text(event) for event in events],
            "final": final,
            "ended": now.timestamp(),
            "seconds": max(0.0, (now - from_text(began)).total_seconds()),
            "action": job.spec.action,
        }
        with translated("ending a job"):
            answer = [each.decode() for each in self._scripts.run("finish", call)]
        return answer[1:] if answer[0] == "ended" else []

    def forget(self, before: datetime, most: int) -> int:
        """Remove ended jobs that ended before then, and the oldest beyond `most` of them."""
        key = f"{self._prefix}ended"
        with translated("forgetting history"):
            old = set(self._redis.zrangebyscore(key, "-inf", f"({before.timestamp()}"))
            old |= set(self._redis.zrange(key, 0, -most - 1))
            for job_id in old:
                with self._redis.pipeline() as pipe:
                    for kind in ("job", "journal", "artifacts", "approvals"):
                        pipe.delete(f"{self._prefix}{kind}:{job_id.decode()}")
                    pipe.zrem(f"{self._prefix}jobs", job_id)
                    pipe.zrem(key, job_id)
                    pipe.execute()
        return len(old)


def encode(event: Event) -> str:
    return _text(event)


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
