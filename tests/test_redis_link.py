"""The connection to Redis: its URLs, its password, Sentinel, and how its failures are told."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.redis_link import connect, translated
from bootstrapper.settings import Redis, Secret, Settings
from support.eventually import eventually
from support.redis import RedisServer
from support.services import free_port, need, short_folder

NAME = "fleet"


@pytest.fixture(scope="module")
def sentinel() -> Iterator[str]:
    """A master on TCP with a password, and the sentinel that knows where it is."""
    need("redis-server", "redis-sentinel")
    port, watch = free_port(), free_port()
    with short_folder("sentinel") as folder:
        password = folder / "password"
        password.write_text("open sesame\n")
        config = folder / "sentinel.conf"
        config.write_text(
            f"port {watch}\nbind 127.0.0.1\ndir {folder}\n"
            f"sentinel monitor {NAME} 127.0.0.1 {port} 1\n"
            f'sentinel auth-pass {NAME} "open sesame"\n'
        )
        master = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        commands = (
            [*master, "--requirepass", "open sesame", "--dir", str(folder)],
            ["redis-sentinel", str(config)],
        )
        quiet = subprocess.DEVNULL
        processes = [subprocess.Popen(each, stdout=quiet, stdin=quiet) for each in commands]
        try:
            yield f"sentinel://127.0.0.1:{watch}/{NAME}"
        finally:
            for process in processes:
                process.terminate()
                process.wait(10)


def settings(folder: Path, password: str) -> Settings:
    file = folder / "redis_password"
    file.write_text(password + "\n")
    return Settings(redis=Redis(password=Secret(file=str(file))))


def test_sentinel_leads_to_the_master(sentinel: str, tmp_path: Path) -> None:
    client = connect(settings(tmp_path, "open sesame"), sentinel)

    def answers() -> bool:
        try:
            return bool(client.set("found", "1"))
        except redis.RedisError:
            return False

    eventually(answers, within=20, what="the sentinel knows its master")
    assert client.get("found") == b"1"


def test_a_wrong_password_is_not_a_matter_of_waiting(sentinel: str, tmp_path: Path) -> None:
    client = connect(settings(tmp_path, "let me in"), sentinel)

    with pytest.raises(Refused, match="refused"), translated("reading"):
        client.get("found")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://:secret@127.0.0.1/0", "redis.password"),
        ("sentinel://127.0.0.1:1", "sentinel://host:port,host:port/name"),
        ("sentinel:///fleet", "sentinel://host:port,host:port/name"),
        ("sentinel://127.0.0.1:x/fleet", "x"),
        ("http://127.0.0.1", "redis://"),
    ],
)
def test_a_url_that_will_not_do_is_a_mistake(url: str, said: str) -> None:
    with pytest.raises(Mistake, match=said):
        connect(Settings(), url)


def test_nobody_there_is_unavailable() -> None:
    client = connect(Settings(), "redis://127.0.0.1:1/0", timeout=1.0)

    with pytest.raises(Unavailable, match="reading: Redis is away"), translated("reading"):
        client.get("x")


def test_sentinels_that_are_all_away_are_told_in_seconds() -> None:
    hosts = ",".join(f"127.0.0.1:{free_port()}" for _ in range(3))
    began = time.monotonic()

    with pytest.raises(Unavailable, match="Redis is away"), translated("looking"):
        connect(Settings(), f"sentinel://{hosts}/{NAME}").ping()

    assert time.monotonic() - began < 5


def test_a_script_that_a_restart_took_away_is_a_matter_of_waiting(
    redis_server: RedisServer,
) -> None:
    """redis-py loads it and calls it again; a Redis may be started anew in between."""
    client = redis_server.client()

    with pytest.raises(Unavailable), translated("accepting a job"):
        client.evalsha("0" * 40, 0)
