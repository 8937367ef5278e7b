"""The owner's token: each machine has its own, and keeps it."""

from pathlib import Path

from bootstrapper.clock import utc_now
from bootstrapper.control.parts import make_parts
from bootstrapper.processes.serve import keep_owner_token
from bootstrapper.settings import Redis, Settings
from support.redis import RedisServer


def test_two_machines_of_one_name_do_not_revoke_each_other(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    link = Redis(url=redis_server.url, prefix="owners:")
    machines = [make_parts(Settings(state=str(tmp_path / name), redis=link)) for name in "ab"]

    files = [keep_owner_token(each) for each in machines]

    for file in files:
        token = machines[0].tokens.verify(file.read_text().strip(), utc_now())
        assert token.actor == "system:owner"


def test_a_machine_that_lost_its_token_takes_the_old_one_back(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    link = Redis(url=redis_server.url, prefix="lost-owner:")
    parts = make_parts(Settings(state=str(tmp_path), redis=link))
    keep_owner_token(parts).unlink()

    keep_owner_token(parts)

    assert len(parts.tokens.list()) == 1
