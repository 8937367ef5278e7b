"""The loop that tells, on a real Redis, to a real webhook."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bootstrapper.control import notices
from bootstrapper.control.notices import Raised
from bootstrapper.control.parts import Parts, make_parts
from bootstrapper.errors import Unavailable
from bootstrapper.fleet.values import Signal
from bootstrapper.ids import new_id
from bootstrapper.jobs.states import State
from bootstrapper.lifecycle import Stop
from bootstrapper.notify.fleet_news import FleetNews
from bootstrapper.notify.memory import Overtaken, load
from bootstrapper.notify.receivers import receivers_of
from bootstrapper.notify.run import Notifier
from bootstrapper.settings import Notify, NotifyReceiver, NotifyRule, Redis, Secret, Settings
from support.eventually import eventually
from support.fleet_records import Records
from support.http_server import Answer
from support.notices import NOON
from support.redis import RedisServer
from support.services import short_folder
from support.specs import submitted
from support.webhooks import Hook

AWAY = "http://127.0.0.1:9/"
"""Where nobody listens."""
Turns = Callable[[Callable[[], Any]], Any]


def notify_of(hook: Hook) -> Notify:
    secret = Secret(env="HOOK_SECRET")
    return Notify(
        receivers=(
            NotifyReceiver(name="ops", webhook=hook.url, secret=secret),
            NotifyReceiver(name="away", webhook=AWAY),
        ),
        rules=(
            NotifyRule(
                name="quick", receivers=("away", "ops"), group_wait=0.0, group_interval=0.0,
                group_by=("subject",),
            ),
        ),
    )  # fmt: skip


@pytest.fixture
def parts(redis_server: RedisServer, prefix: str, tmp_path: Path, hook: Hook) -> Iterator[Parts]:
    redis = Redis(url=redis_server.url, prefix=prefix)
    made = make_parts(Settings(state=str(tmp_path), redis=redis, notify=notify_of(hook)))
    yield made
    made.redis.close()


class Told:
    """A notifier whose turns a test takes itself."""

    def __init__(self, parts: Parts) -> None:
        self.news = FleetNews(parts.fleet)
        self.notifier = Notifier(parts, receivers_of(parts.settings.notify), self.news)
        self.memory = self.notifier.begin()

    def until(self, condition: Callable[[], Any]) -> None:
        def turned() -> Any:
            self.notifier.turn()
            return condition()

        eventually(turned, within=10)


@pytest.fixture
def told(parts: Parts) -> Iterator[Told]:
    made = Told(parts)
    yield made
    made.notifier.close()


def ends(parts: Parts, state: State, **spec: Any) -> str:
    job_id = submitted(parts.jobs, **({"hosts": ("web1",), "env": "prod"} | spec))
    parts.jobs.claim(job_id, "worker", job_id, 1)
    parts.jobs.finish(parts.jobs.get(job_id), state, "so it was")
    return job_id


def raise_one(parts: Parts, subject: str, kind: str = "disk_full", **fields: Any) -> None:
    raised = Raised(id=new_id(), at=NOON, by="token:x", type=kind, subject=subject, **fields)
    notices.keep(parts, raised)


def waits(parts: Parts, receiver: str = "ops") -> int:
    """Messages under way to it, as they are remembered."""
    groups = load(parts).groups.values()
    return sum(bool(group.sending) for group in groups if group.receiver == receiver)


def test_a_job_that_failed_is_told_and_its_success_ends_it(
    parts: Parts, told: Told, hook: Hook
) -> None:
    job_id = ends(parts, State.FAILED)
    told.until(hook.opened)
    [payload] = hook.got.values()
    assert payload["opened"][0]["fields"]["job"] == job_id
    assert payload["opened"][0]["env"] == "prod"
    assert hook.opened() == ["job:apply-roles prod web1"]

    ends(parts, State.SUCCESSFUL)
    told.until(hook.ended)

    assert hook.ended() == ["job:apply-roles prod web1"]
    assert len(hook.got) == 2


def test_a_job_whose_record_is_gone_is_told_all_the_same(
    parts: Parts, told: Told, hook: Hook
) -> None:
    job_id = ends(parts, State.LOST)
    parts.redis.delete(f"{parts.settings.redis.prefix}job:{job_id}")

    told.until(hook.opened)

    assert hook.opened() == [f"job:{job_id}"]


def test_what_happened_before_anybody_was_to_be_told_is_not_told(parts: Parts, hook: Hook) -> None:
    ends(parts, State.FAILED)
    raise_one(parts, "disk:old")
    told = Told(parts)
    raise_one(parts, "disk:new")

    told.until(hook.opened)
    told.notifier.close()

    assert hook.opened() == ["disk:new"]


def test_the_fleets_events_are_told_with_their_cluster(
    parts: Parts, told: Told, hook: Hook
) -> None:
    records, stop = Records(parts.fleet.store), Stop()
    records.node("web-1", "10.0.0.1", cluster="web")
    records.event("node_joined", "web-0")  # before anybody was to be told
    follower = threading.Thread(target=told.news.follow, args=(-1, stop))
    follower.start()
    told.until(lambda: load(parts).cursors.fleet >= 0)
    records.event("node_failed", "web-1", signal=Signal.SERF_FAILED, put=("/services/web/1",))
    told.until(lambda: len(hook.opened()) == 2)
    records.event("node_returned", "web-1", signal=Signal.RETURNED)
    told.until(hook.ended)
    stop.set()
    follower.join()

    assert set(hook.opened()) == {"node:web-1", "key:/services/web/1"}
    assert hook.ended() == ["node:web-1"]
    clusters = {each["cluster"] for payload in hook.got.values() for each in payload["opened"]}
    assert clusters == {"web"}


def test_a_receiver_that_is_away_holds_up_no_other(parts: Parts, told: Told, hook: Hook) -> None:
    raise_one(parts, "disk:/var")
    raise_one(parts, "disk:/tmp")

    told.until(lambda: len(hook.opened()) == 2 and load(parts).healths.get("away"))

    assert waits(parts, "away") == 2
    assert load(parts).healths["away"].fails >= 1


def test_a_receiver_that_comes_back_gets_it(parts: Parts, told: Told, hook: Hook) -> None:
    hook.answers = [Answer(503, {})]
    raise_one(parts, "disk:/var")

    told.until(hook.opened)

    assert len(set(hook.tries)) == 1
    assert len(hook.tries) == 2


def test_a_restart_repeats_nothing_and_loses_nothing(parts: Parts, hook: Hook) -> None:
    first = Told(parts)
    raise_one(parts, "disk:/var", lasts=True)
    first.until(lambda: hook.opened() and not waits(parts))
    first.notifier.close()
    raise_one(parts, "disk:/tmp")

    second = Told(parts)
    second.until(lambda: len(hook.opened()) == 2 and not waits(parts))
    second.notifier.close()

    assert hook.opened() == ["disk:/var", "disk:/tmp"]
    assert len(hook.tries) == 2


def test_a_message_under_way_at_a_restart_keeps_its_id(parts: Parts, hook: Hook) -> None:
    hook.answers = [Answer(503, {})]
    first = Told(parts)
    raise_one(parts, "disk:/var")
    first.until(lambda: hook.tries)
    first.notifier.close()

    second = Told(parts)
    second.until(hook.opened)
    second.notifier.close()

    assert len(set(hook.tries)) == 1


def test_an_end_is_written_down_when_it_stops(parts: Parts, hook: Hook) -> None:
    told = Told(parts)
    raise_one(parts, "disk:/var")
    told.until(lambda: told.notifier.busy)
    told.notifier.close()

    assert hook.opened() == ["disk:/var"]
    assert waits(parts) == 0


def test_what_came_of_a_message_is_kept_while_redis_is_away(hook: Hook, tmp_path: Path) -> None:
    with short_folder("redis") as folder:
        server = RedisServer(folder).start()
        part = Settings(state=str(tmp_path), redis=Redis(url=server.url), notify=notify_of(hook))
        own = make_parts(part)
        told = Told(own)
        raise_one(own, "disk:/var")
        told.until(lambda: told.notifier.busy)
        server.kill()
        eventually(hook.opened)
        with pytest.raises(Unavailable):
            told.notifier.turn()

        server.restart()
        told.until(lambda: not waits(own))
        told.notifier.close()
        own.redis.close()
        server.stop()

    assert len(hook.tries) == 1


def test_of_two_at_once_only_one_writes(parts: Parts, hook: Hook) -> None:
    one, other = Told(parts), Told(parts)
    raise_one(parts, "disk:/var")
    one.notifier.turn()

    with pytest.raises(Overtaken):
        other.notifier.turn()
    one.until(hook.opened)
    for each in (one, other):
        each.notifier.close()

    assert len(hook.got) == 1


def test_the_same_notice_written_twice_is_told_once(parts: Parts, told: Told, hook: Hook) -> None:
    raised = Raised(id=new_id(), at=NOON, by="x", type="disk_full", subject="disk:/var")
    notices.keep(parts, raised)
    notices.keep(parts, raised)

    told.until(lambda: hook.opened() and not waits(parts))

    assert hook.opened() == ["disk:/var"]


def test_what_went_is_counted(parts: Parts, told: Told, hook: Hook) -> None:
    raise_one(parts, "disk:/var")
    told.until(lambda: hook.opened() and not waits(parts))

    counted = parts.redis.hget(f"{parts.settings.redis.prefix}metrics", "notified|ops|sent")

    assert counted == b"1"
