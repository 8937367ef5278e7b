"""kill -9 of a process that tells, at the worst moment: sent, and not yet written down."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bootstrapper.control import notices
from bootstrapper.control.notices import Raised
from bootstrapper.control.parts import Parts, make_parts
from bootstrapper.ids import new_id
from bootstrapper.jobs.process_tree import die_with_parent
from bootstrapper.lifecycle import Stop
from bootstrapper.notify.memory import load as remembered
from bootstrapper.notify.receivers import receivers_of
from bootstrapper.notify.run import run
from bootstrapper.settings import load
from support.control import toml
from support.eventually import eventually
from support.redis import RedisServer
from support.webhooks import Hook


class Notifier:
    """Of one settings file, in a process of its own."""

    def __init__(self, file: Path) -> None:
        self._environ = {
            **os.environ,
            "BOOTSTRAPPER_SETTINGS": str(file),
            "PYTHONPATH": str(Path(__file__).parents[1]),
        }
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "support.notifier"], env=self._environ,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509
        )  # fmt: skip

    def kill(self) -> None:
        if self._child is not None:
            self._child.kill()

    def ended(self) -> int:
        assert self._child is not None
        return self._child.wait(10)

    def stop(self) -> int:
        if self._child is None or self._child.poll() is not None:
            return 0
        self._child.terminate()
        return self.ended()


@pytest.fixture
def file(redis_server: RedisServer, prefix: str, tmp_path: Path, hook: Hook) -> Path:
    found = tmp_path / "bootstrapper.toml"
    sections: dict[str, Any] = {
        "redis": {"url": redis_server.url, "prefix": prefix},
        "notify": {
            "receivers": [{"name": "ops", "webhook": hook.url, "secret": {"env": "HOOK_SECRET"}}],
            "rules": [{"name": "all", "receivers": ["ops"], "group_wait": 0, "group_interval": 0}],
        },
    }
    found.write_text(f'state = "{tmp_path}"\n{toml(sections)}')
    return found


@pytest.fixture
def parts(file: Path) -> Iterator[Parts]:
    made = make_parts(load(file, {}))
    yield made
    made.redis.close()


@pytest.fixture
def notifier(file: Path) -> Iterator[Notifier]:
    made = Notifier(file)
    yield made
    made.stop()


def raise_one(parts: Parts, subject: str) -> None:
    raised = Raised(id=new_id(), at=time.time(), by="x", type="disk_full", subject=subject)
    notices.keep(parts, raised)


@contextmanager
def telling(parts: Parts) -> Iterator[None]:
    """The next process, as a thread of this one: it starts at once."""
    stop = Stop()
    thread = Thread(target=run, args=(parts, receivers_of(parts.settings.notify), stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)


def test_a_kill_between_sending_and_writing_down_loses_and_repeats_nothing(
    parts: Parts, notifier: Notifier, hook: Hook
) -> None:
    hook.before_answer = notifier.kill
    notifier.start()
    eventually(lambda: remembered(parts).version, within=20)
    raise_one(parts, "disk:/var")
    assert notifier.ended() == -signal.SIGKILL
    assert hook.opened() == ["disk:/var"]  # it came, and nobody wrote that down

    hook.before_answer = lambda: None
    raise_one(parts, "disk:/tmp")
    with telling(parts):
        eventually(lambda: len(hook.opened()) == 2, within=20)

    assert hook.opened() == ["disk:/var", "disk:/tmp"]
    assert len(hook.tries) == 3
    assert hook.tries[0] == hook.tries[1] != hook.tries[2]
    assert all(group.sending is None for group in remembered(parts).groups.values())
