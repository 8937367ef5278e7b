import time
import uuid
from itertools import pairwise

from bootstrapper.ids import new_id


def moment_of(made: str) -> int:
    """Milliseconds of Unix time."""
    return uuid.UUID(made).int >> 80


def test_an_id_is_a_uuid_of_version_7() -> None:
    for made in (uuid.UUID(new_id()) for _ in range(1000)):
        assert (made.version, made.variant) == (7, uuid.RFC_4122)


def test_an_id_begins_with_its_time() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id()
    after = time.time_ns() // 1_000_000

    assert before <= moment_of(made) <= after


def test_a_newer_id_sorts_after_an_older_one() -> None:
    ids = [new_id() for _ in range(5000)]

    for older, newer in pairwise(ids):
        assert moment_of(older) <= moment_of(newer)
        assert older < newer or moment_of(older) == moment_of(newer)


def test_no_id_is_made_twice() -> None:
    ids = [new_id() for _ in range(20_000)]

    assert len(set(ids)) == len(ids)
