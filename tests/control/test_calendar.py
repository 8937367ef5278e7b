"""Whose authority a schedule has is looked at each time: nobody's when its maker is gone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bootstrapper.clock import utc_now
from bootstrapper.control.calendar import follow
from bootstrapper.control.parts import Parts, make_parts
from bootstrapper.control.schedules import Schedule
from bootstrapper.settings import Policy, Redis, Settings
from support.redis import RedisServer

RULES = """
[users.ada]

[networks]
office = ["10.0.0.0/8"]

[[rule]]
name = "all"
verdict = "allow"
actors = ["*"]
"""
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def parts(redis_server: RedisServer, prefix: str, tmp_path: Path) -> Iterator[Parts]:
    file = tmp_path / "policy.toml"
    file.write_text(RULES)
    settings = Settings(
        state=str(tmp_path / "state"),
        redis=Redis(url=redis_server.url, prefix=prefix),
        policy=Policy(file=str(file)),
    )
    made = make_parts(settings)
    yield made
    made.redis.close()


def went(parts: Parts, by: str) -> Schedule:
    """A schedule of this maker after its time has come once."""
    schedule = Schedule(name="s", cron="* * * * *", action="sync-content", request={}, by=by)
    parts.schedules.put(schedule, LONG_AGO)
    follow(parts, LONG_AGO + timedelta(minutes=5))
    [kept] = parts.schedules.all()
    assert kept.last
    return kept


@pytest.mark.parametrize("by", ["user:ada", "network:office", "system:owner", "token:robot"])
def test_who_is_still_there_has_it_done(parts: Parts, by: str) -> None:
    parts.tokens.create("robot", now=utc_now())

    assert went(parts, by).fault == ""
    assert len(parts.jobs.newest()) == 1


@pytest.mark.parametrize("by", ["user:bob", "network:lab", "token:robot"])
def test_who_is_gone_has_nothing_done_and_the_schedule_says_so(parts: Parts, by: str) -> None:
    assert went(parts, by).fault == f"its maker {by} is gone: set it anew, or remove it"

    assert parts.jobs.newest() == []
    [entry] = parts.audit.entries()
    assert (entry.actor, entry.effect, entry.reason) == (by, "deny", "who asked for it is gone")


def test_a_token_that_is_revoked_takes_its_schedules_with_it(parts: Parts) -> None:
    parts.tokens.create("robot", now=utc_now())
    assert went(parts, "token:robot").fault == ""

    parts.tokens.revoke("robot")

    assert went(parts, "token:robot").fault
    assert len(parts.jobs.newest()) == 1


def test_a_token_that_has_expired_does_too(parts: Parts) -> None:
    parts.tokens.create("robot", now=LONG_AGO, expires=LONG_AGO + timedelta(minutes=1))

    assert went(parts, "token:robot").fault


def test_a_user_whom_only_a_token_stands_for_is_there_with_it(parts: Parts) -> None:
    parts.tokens.create("robot", actor="user:bob", now=utc_now())

    assert went(parts, "user:bob").fault == ""


def test_what_the_policy_denies_is_said_on_the_schedule(parts: Parts) -> None:
    Path(parts.settings.policy.file).write_text(RULES.replace('"allow"', '"deny"') + "\n")

    assert went(parts, "user:ada").fault == "rule 'all' denies it"
