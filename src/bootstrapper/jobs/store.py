"""The records of jobs and their journals, in Redis. Each change is one atomic script.

<prefix>job:<id>      hash: the spec, the state and what changes with it
<prefix>journal:<id>  stream: entry <seq>-0 is the journal's line <seq>
<prefix>jobs, open, ended, due, beats, lock:*, queue:*, batch:*: indexes over them
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from bootstrapper.clock import from_text, to_text, utc_now
from bootstrapper.errors import Conflict, Unknown
from bootstrapper.events import (
    AnyEvent,
    CancelAsked,
    Counts,
    Entry,
    Event,
    JobApproved,
    JobEnded,
    JobRepeated,
    JobStarted,
)
from bootstrapper.jobs.job import Job, Priority, Spec
from bootstrapper.jobs.scripts import Scripts
from bootstrapper.jobs.states import OPEN, State, before
from bootstrapper.redis_link import Client, translated

IDEMPOTENCY_SECONDS = 24 * 3600
CLAIMABLE = sorted(before(State.RUNNING))
_RANK = {Priority.HIGH: 0, Priority.NORMAL: 1, Priority.LOW: 2}
WORKER_SECONDS = 5
RECENT = 2000  # jobs among which a shortened id is looked for
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PART = re.compile(r"[0-9a-f-]{6,35}")
_event_decoder = msgspec.json.Decoder(AnyEvent)
_spec_decoder = msgspec.json.Decoder(Spec)
_stats_decoder = msgspec.json.Decoder(dict[str, Counts])
_names_decoder = msgspec.json.Decoder(tuple[str, ...])

Accepted = Literal["accepted", "same", "conflict", "spent"]


class Idempotency(msgspec.Struct, frozen=True):
    """`key` is the caller's, made unique by actor; `digest` is of the whole request."""

    key: str
    digest: str


class Budget(msgspec.Struct, frozen=True):
    """At most `cap` jobs within `window` seconds, counted below `key`."""

    key: str
    cap: int
    window: float


class Taken(msgspec.Struct, frozen=True):
    """The jobs a worker now runs together; none when there was nothing to take."""

    ids: tuple[str, ...] = ()
    waits_for: str = ""


class Jobs:
    def __init__(self, client: Client, prefix: str) -> None:
        self._redis = client
        self._prefix = prefix
        self._scripts = Scripts(client, prefix)

    # — accept —

    def submit(
        self,
        spec: Spec,
        events: Sequence[Event],
        *,
        state: State = State.PENDING,
        reason: str = "",
        waits_for: str = "",
        idempotency: Idempotency | None = None,
        budget: Budget | None = None,
    ) -> tuple[Accepted, str]:
        """Durable when it returns; ("same", id) for what was accepted before."""
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

    def known(self, idempotency: Idempotency) -> str:
        """The id that this request was accepted under before; Conflict if it was another one."""
        with translated("looking an Idempotency-Key up"):
            found = self._redis.hmget(f"{self._prefix}idem:{idempotency.key}", "id", "digest")
        if found[0] is None:
            return ""
        if found[1].decode() != idempotency.digest:
            raise Conflict("this Idempotency-Key was used for another request")
        return str(found[0].decode())

    def spent(self, budget: Budget) -> int:
        """How many jobs the budget's window already holds."""
        since = utc_now().timestamp() - budget.window
        with translated("reading a budget"):
            return int(self._redis.zcount(f"{self._prefix}budget:{budget.key}", since, "+inf"))

    # — read —

    def get(self, job_id: str) -> Job:
        found = next(self.many([job_id]), None)
        if found is None:
            raise Unknown(f"no job {job_id!r}")
        return found

    def many(self, ids: Iterable[str]) -> Iterator[Job]:
        """Those that exist, in the order asked for."""
        with translated("reading jobs"), self._redis.pipeline(transaction=False) as pipe:
            for job_id in ids:
                pipe.hgetall(f"{self._prefix}job:{job_id}")
            for record in pipe.execute():
                if record:
                    yield _job(record)

    def find(self, word: str) -> str:
        """The whole id: of `last`, or of the start or end (6 characters or more) of just one."""
        if _ID.fullmatch(word):
            return word
        if word == "last":
            ids = self.newest(count=1)
        elif _PART.fullmatch(word):
            ids = [each for each in self.newest(count=RECENT) if _is_part(word, each)]
        else:
            ids = []
        if len(ids) != 1:
            raise Unknown(f"{word!r} is the id of {len(ids) or 'no'} job{'s'[: len(ids)]}")
        return ids[0]

    def newest(self, before_id: str = "", count: int = 100) -> list[str]:
        """Ids, newest first, those older than `before_id`."""
        top = f"({before_id}" if before_id else "+"
        with translated("listing jobs"):
            ids = self._redis.zrevrangebylex(f"{self._prefix}jobs", top, "-", 0, count)
        return [each.decode() for each in ids]

    def open_ids(self) -> list[str]:
        with translated("listing open jobs"):
            return sorted(each.decode() for each in self._redis.smembers(f"{self._prefix}open"))

    def journal(self, job_id: str, after: int = 0, count: int = 1000) -> list[Entry]:
        """The lines after number `after`, in order."""
        with translated("reading a journal"):
            lines = self._redis.xrange(
                f"{self._prefix}journal:{job_id}", f"({after}-0" if after else "-", "+", count
            )
        return [_entry(line) for line in lines]

    # — change —

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
    ) -> str:
        call = {
            "id": job_id,
            "at": to_text(utc_now()),
            "events": [_text(event) for event in events],
            "from": sorted(allowed),
            "fields": fields,
        }
        with translated("writing to a journal"):
            return str(self._scripts.run("append", call).decode())

    def make_ready(self, job_id: str) -> bool:
        """A job that waited for people or for its time may be taken from now on."""
        fields = {"ready": 1, "waits_for": "", "reason": "", "state": State.PENDING}
        return self._append(job_id, [], [State.WAITING], fields) == "written"

    def approve(self, job: Job, by: str, needed: int) -> tuple[str, ...]:
        """Everybody who has approved by now; Conflict when `by` has before."""
        key = f"{self._prefix}approvals:{job.id}"
        with translated("approving"):
            first = self._redis.sadd(key, by)
            names = tuple(sorted(name.decode() for name in self._redis.smembers(key)))
        event = JobApproved(by, max(0, needed - len(names)))
        fields = {"approved_by": _text(names)}
        written = self._append(job.id, [event] if first else [], [State.WAITING], fields)
        if written != "written" or not first:
            raise Conflict("approved already" if not first else f"the job is {written}")
        return names

    def ask_to_cancel(self, job: Job, by: str) -> bool:
        """Tell the worker of a running job; False when it is not running (any more)."""
        answer = self._append(job.id, [CancelAsked(by)], [State.RUNNING], {"cancel_by": by})
        return answer == "written"

    def cancel_asked(self, ids: Sequence[str]) -> dict[str, str]:
        """Of these jobs, those to be canceled, and by whom."""
        with translated("looking for cancels"), self._redis.pipeline(transaction=False) as pipe:
            for job_id in ids:
                pipe.hget(f"{self._prefix}job:{job_id}", "cancel_by")
            answers = pipe.execute()
        return {job_id: by.decode() for job_id, by in zip(ids, answers, strict=True) if by}

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

    # — signs of life —

    def beat(self, ids: Iterable[str]) -> None:
        with translated("showing a sign of life"):
            self._redis.hset(f"{self._prefix}beats", mapping=dict.fromkeys(ids, to_text(utc_now())))

    def worker_lives(self, name: str, slots: int) -> None:
        with translated("showing a sign of life"):
            self._redis.set(f"{self._prefix}worker:{name}", slots, ex=WORKER_SECONDS)

    def workers(self) -> dict[str, int]:
        """The workers alive: name → slots."""
        with translated("looking for workers"):
            keys = list(self._redis.scan_iter(f"{self._prefix}worker:*", count=1000))
            slots = self._redis.mget(keys) if keys else []
        start = len(f"{self._prefix}worker:")
        return {
            key.decode()[start:]: int(count)
            for key, count in zip(keys, slots, strict=True)
            if count is not None
        }

    def beats(self) -> dict[str, str]:
        with translated("looking for signs of life"):
            found = self._redis.hgetall(f"{self._prefix}beats")
        return {key.decode(): value.decode() for key, value in found.items()}


class Lines(msgspec.Struct, frozen=True):
    """Entries of one writer for one job, numbered from `first` by that writer."""

    job: str
    at: str
    events: list[str]
    writer: str
    first: int
    attempt: int


def _is_part(word: str, job_id: str) -> bool:
    return job_id.startswith(word) or job_id.endswith(word)


def encode(event: Event) -> str:
    return _text(event)


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _entry(line: tuple[bytes, dict[bytes, bytes]]) -> Entry:
    number, fields = line
    return Entry(
        seq=int(number.split(b"-")[0]),
        at=fields[b"at"].decode(),
        event=_event_decoder.decode(fields[b"event"]),
    )


def _job(record: Mapping[bytes, bytes]) -> Job:
    def text(name: bytes) -> str:
        return record.get(name, b"").decode()

    return Job(
        spec=_spec_decoder.decode(record[b"spec"]),
        state=State(text(b"state")),
        reason=text(b"reason"),
        seq=int(text(b"seq") or 0),
        updated=text(b"updated"),
        started=text(b"started"),
        finished=text(b"finished"),
        attempt=int(text(b"attempt") or 0),
        worker=text(b"worker"),
        waits_for=text(b"waits_for"),
        held_by=text(b"held_by"),
        cancel_by=text(b"cancel_by"),
        approved_by=_names_decoder.decode(record.get(b"approved_by", b"[]")),
        stats=_stats_decoder.decode(record.get(b"stats", b"{}")),
    )
