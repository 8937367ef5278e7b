"""The records of jobs and their journals in Redis, for who reads them.

<prefix>job:<id>      hash: the spec, the state and what changes with it
<prefix>journal:<id>  stream: entry <seq>-0 is the journal's line <seq>
<prefix>ends          stream: each job that ended, and how; the last 10,000
<prefix>jobs, open, ended, beats, lock:*, queue:*, batch:*, idem:*, budget:*: indexes over them
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from bootstrapper.clock import utc_now
from bootstrapper.errors import Conflict, Unknown
from bootstrapper.events import AnyEvent, Counts, Entry
from bootstrapper.jobs.job import Job, Spec
from bootstrapper.jobs.states import State
from bootstrapper.redis_link import Client, translated

RECENT = 2000  # jobs among which a shortened id is looked for
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PART = re.compile(r"[0-9a-f-]{6,35}")
_event_decoder = msgspec.json.Decoder(AnyEvent)
_spec_decoder = msgspec.json.Decoder(Spec)
_stats_decoder = msgspec.json.Decoder(dict[str, Counts])
_names_decoder = msgspec.json.Decoder(tuple[str, ...])


class Idempotency(msgspec.Struct, frozen=True):
    """`key` is the caller's, made unique by actor; `digest` is of the whole request."""

    key: str
    digest: str


class Budget(msgspec.Struct, frozen=True):
    """At most `cap` jobs within `window` seconds, counted below `key`."""

    key: str
    cap: int
    window: float


class Records:
    def __init__(self, client: Client, prefix: str) -> None:
        self._redis = client
        self._prefix = prefix

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

    def mates(self, job: Job) -> list[str]:
        """The jobs that may share its run, if it is claimed now; it is not among them."""
        if not job.spec.batch:
            return []
        with translated("looking for jobs to share a run"):
            ids = self._redis.smembers(f"{self._prefix}batch:{job.spec.batch}")
        return sorted({each.decode() for each in ids} - {job.id})

    def journal(self, job_id: str, after: int = 0, count: int = 1000) -> list[Entry]:
        """The lines after number `after`, in order."""
        with translated("reading a journal"):
            lines = self._redis.xrange(
                f"{self._prefix}journal:{job_id}", f"({after}-0" if after else "-", "+", count
            )
        return [_entry(line) for line in lines]

    def journals(self, after: Mapping[str, int], count: int = 100) -> dict[str, list[Entry]]:
        """Of many jobs in one round trip: `count` lines each after the number that is given."""
        with translated("reading journals"), self._redis.pipeline(transaction=False) as pipe:
            for job_id, number in after.items():
                start = f"({number}-0" if number else "-"
                pipe.xrange(f"{self._prefix}journal:{job_id}", start, "+", count)
            answers = pipe.execute()
        return {
            job_id: [_entry(line) for line in lines]
            for job_id, lines in zip(after, answers, strict=True)
        }

    def waiting_for_approval(self, ids: Sequence[str]) -> list[str]:
        with translated("looking for approvals"), self._redis.pipeline(transaction=False) as pipe:
            for job_id in ids:
                pipe.hmget(f"{self._prefix}job:{job_id}", "state", "waits_for")
            answers = pipe.execute()
        asked = [State.WAITING.encode(), b"approval"]
        return [job_id for job_id, answer in zip(ids, answers, strict=True) if answer == asked]

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

    def cancel_asked(self, ids: Sequence[str]) -> dict[str, str]:
        """Of these jobs, those to be canceled, and by whom."""
        with translated("looking for cancels"), self._redis.pipeline(transaction=False) as pipe:
            for job_id in ids:
                pipe.hget(f"{self._prefix}job:{job_id}", "cancel_by")
            answers = pipe.execute()
        return {job_id: by.decode() for job_id, by in zip(ids, answers, strict=True) if by}


def _is_part(word: str, job_id: str) -> bool:
    return job_id.startswith(word) or job_id.endswith(word)


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
