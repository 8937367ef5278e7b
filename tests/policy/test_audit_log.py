import multiprocessing
import threading
from datetime import UTC, datetime

import pytest
import redis

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.ids import new_id
from bootstrapper.policy.actors import Actor
from bootstrapper.policy.audit import START, Record, head_of, record, seal, verify
from bootstrapper.policy.audit_log import AuditLog
from bootstrapper.policy.decide import decide
from bootstrapper.policy.file import DEFAULT
from bootstrapper.policy.rules import Ask

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
ASK = Ask(actor=Actor(name="user:alice"), action="apply-roles")
PREFIX = "test:"
PROCESSES, THREADS, EACH = 4, 3, 25


def a_record() -> Record:
    verdict = decide(DEFAULT, ASK, now=NOON)
    return record(ASK, verdict, id=new_id(), at=NOON, policy=DEFAULT.digest)


def write_many(socket: str) -> None:
    log = AuditLog(redis.Redis(unix_socket_path=socket), PREFIX)
    writers = [
        threading.Thread(target=lambda: [log.append(a_record()) for _ in range(EACH)])
        for _ in range(THREADS)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()


def test_many_processes_and_threads_write_one_chain(redis_socket: str, client: redis.Redis) -> None:
    forks = multiprocessing.get_context("fork")
    writers = [forks.Process(target=write_many, args=(redis_socket,)) for _ in range(PROCESSES)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)

    entries = AuditLog(client, PREFIX).entries(count=10_000)
    total = PROCESSES * THREADS * EACH
    assert [writer.exitcode for writer in writers] == [0] * PROCESSES
    assert [entry.number for entry in entries] == list(range(1, total + 1))
    assert len({entry.id for entry in entries}) == total
    assert verify(entries, end=AuditLog(client, PREFIX).head()) is None


def test_entries_come_in_pages(client: redis.Redis) -> None:
    log = AuditLog(client, PREFIX)
    assert log.head() == START
    written = tuple(log.append(a_record()) for _ in range(5))

    assert log.entries() == written
    assert log.entries(after=2, count=2) == written[2:4]
    assert log.head() == head_of(written[-1])


def test_a_second_writer_goes_on_where_the_first_ended(client: redis.Redis) -> None:
    first, second = AuditLog(client, PREFIX), AuditLog(client, PREFIX)
    numbers = [log.append(a_record()).number for log in (first, second, second, first)]

    assert numbers == [1, 2, 3, 4]
    assert verify(first.entries()) is None


def test_a_lost_stream_begins_anew_and_does_not_hide_the_gap(client: redis.Redis) -> None:
    log = AuditLog(client, PREFIX)
    end = [log.append(a_record()) for _ in range(3)][-1]
    client.flushall()

    assert log.append(a_record()).number == 1
    assert verify(log.entries(), end=head_of(end)) is not None


def test_a_repeated_call_writes_nothing_twice(client: redis.Redis) -> None:
    log = AuditLog(client, PREFIX)
    entry = seal(START, a_record())

    assert log._offer(entry) is None
    log.append(a_record())
    assert log._offer(entry) is None
    assert len(log.entries()) == 2


def test_one_round_trip_when_nobody_else_writes(client: redis.Redis) -> None:
    log = AuditLog(client, PREFIX)
    log.append(a_record())
    before = calls(client)
    for _ in range(10):
        log.append(a_record())

    assert calls(client) - before == 10


def calls(client: redis.Redis) -> int:
    return int(client.info("commandstats")["cmdstat_evalsha"]["calls"])


def test_what_was_changed_in_redis_is_found(client: redis.Redis) -> None:
    log = AuditLog(client, PREFIX)
    for _ in range(5):
        log.append(a_record())
    client.xdel(f"{PREFIX}audit", "3-0")

    broken = verify(log.entries())

    assert broken is not None
    assert broken.number == 3


def test_an_entry_that_is_no_entry_is_refused(client: redis.Redis) -> None:
    client.xadd(f"{PREFIX}audit", {"entry": "{}"}, id="1-0")

    with pytest.raises(Refused, match="audit entry 1-0 cannot be read"):
        AuditLog(client, PREFIX).entries()


def test_without_redis_nothing_is_written_and_that_is_said(no_redis: redis.Redis) -> None:
    log = AuditLog(no_redis, PREFIX)

    for call in (log.head, log.entries, lambda: log.append(a_record())):
        with pytest.raises(Unavailable):
            call()
