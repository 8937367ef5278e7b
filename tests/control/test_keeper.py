"""The keeper's history, by age and by count, with what is open kept whatever; and its content."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bootstrapper.control.keeper import Keeper
from bootstrapper.control.parts import Parts, make_parts
from bootstrapper.errors import Unknown
from bootstrapper.jobs.states import State
from bootstrapper.settings import Jobs, Redis, Settings
from support.redis import RedisServer
from support.specs import submitted

DAY = 1 / 86_400  # a second, in days


@contextmanager
def kept(redis_server: RedisServer, prefix: str, state: Path, **limits: Any) -> Iterator[Parts]:
    settings = Settings(
        state=str(state), redis=Redis(url=redis_server.url, prefix=prefix), jobs=Jobs(**limits)
    )
    parts = make_parts(settings)
    yield parts
    parts.redis.close()


def ended(parts: Parts, folder: Path) -> str:
    """The id of a job that ran, was successful, and left a file."""
    job_id = submitted(parts.jobs)
    parts.jobs.claim(job_id, "worker", job_id, 1)
    parts.artifacts.keep(job_id, folder)
    parts.jobs.finish(parts.jobs.get(job_id), State.SUCCESSFUL, "done")
    return job_id


@pytest.fixture
def left(tmp_path: Path) -> Path:
    folder = tmp_path / "artifacts"
    folder.mkdir()
    (folder / "report").write_text("fine")
    return folder


def test_the_oldest_beyond_the_count_are_forgotten_whole(
    redis_server: RedisServer, prefix: str, tmp_path: Path, left: Path
) -> None:
    with kept(redis_server, prefix, tmp_path / "state", keep_count=2) as parts:
        waiting = submitted(parts.jobs)
        ids = [ended(parts, left) for _ in range(4)]

        Keeper(parts, "worker", 1).turn()

        assert parts.jobs.newest() == [*reversed(ids[2:]), waiting]
        assert parts.artifacts.sizes(ids[3]) == {"report": 4}
        for gone in ids[:2]:
            with pytest.raises(Unknown):
                parts.jobs.get(gone)
            assert parts.jobs.journal(gone) == []
            assert list(parts.redis.scan_iter(f"{prefix}*{gone}*")) == []
        assert parts.jobs.get(waiting).state is State.PENDING


def test_what_ended_too_long_ago_is_forgotten(
    redis_server: RedisServer, prefix: str, tmp_path: Path, left: Path
) -> None:
    with kept(redis_server, prefix, tmp_path / "state", keep_days=1e-12) as parts:
        old, waiting = ended(parts, left), submitted(parts.jobs)

        Keeper(parts, "worker", 1).turn()

        assert parts.jobs.newest() == [waiting]
        assert list(parts.redis.scan_iter(f"{prefix}*{old}*")) == []


def test_what_is_within_both_stays(
    redis_server: RedisServer, prefix: str, tmp_path: Path, left: Path
) -> None:
    limits = {"keep_days": 60 * DAY, "keep_count": 3}
    with kept(redis_server, prefix, tmp_path / "state", **limits) as parts:
        ids = [ended(parts, left) for _ in range(3)]

        Keeper(parts, "worker", 1).turn()

        assert parts.jobs.newest() == ids[::-1]


def test_only_who_leads_forgets(
    redis_server: RedisServer, prefix: str, tmp_path: Path, left: Path
) -> None:
    with kept(redis_server, prefix, tmp_path / "state", keep_count=1) as parts:
        Keeper(parts, "leader", 1).turn()
        ids = [ended(parts, left) for _ in range(2)]

        Keeper(parts, "other", 1).turn()

        assert len(parts.jobs.newest()) == len(ids)
        assert parts.signs.workers().keys() == {"leader", "other"}
