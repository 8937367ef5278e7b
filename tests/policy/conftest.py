"""A Redis of its own for this folder, on a Unix socket: absent on a laptop, skip; in CI, fail."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry


@pytest.fixture(scope="session")
def redis_socket() -> Iterator[str]:
    if not shutil.which("redis-server"):
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("redis-server is not installed")
    # Not pytest's folder: the path of a Unix socket has room for about 100 letters.
    with tempfile.TemporaryDirectory(prefix="policy-redis-") as folder:
        socket = Path(folder) / "redis.sock"
        command = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--dir", folder]
        quiet = ["--save", "", "--logfile", str(Path(folder) / "log")]
        with subprocess.Popen(command + quiet) as process:
            try:
                wait_until_up(str(socket))
                yield str(socket)
            finally:
                process.terminate()


@pytest.fixture
def client(redis_socket: str) -> Iterator[redis.Redis]:
    with redis.Redis(unix_socket_path=redis_socket) as client:
        client.flushall()
        yield client


@pytest.fixture
def no_redis(tmp_path: Path) -> redis.Redis:
    """A client of a server that is not there, and that says so at once."""
    return redis.Redis(unix_socket_path=str(tmp_path / "none"), retry=Retry(NoBackoff(), 0))


def wait_until_up(socket: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            redis.Redis(unix_socket_path=socket).ping()
            return
        except redis.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
