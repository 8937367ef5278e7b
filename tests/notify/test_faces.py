"""The API and the command line: raise, status, test."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bootstrapper.cli.main import main
from bootstrapper.control.parts import make_parts
from bootstrapper.errors import Denied, Mistake
from bootstrapper.notify.gathering import gather
from bootstrapper.notify.grouping import send, sent
from bootstrapper.notify.health import Health
from bootstrapper.notify.memory import Memory, save
from bootstrapper.settings import load
from support.control import ControlPlane, api_alone
from support.eventually import eventually
from support.http_server import Answer, HttpServer
from support.notices import a_fact, a_notice, by_name
from support.rules import policy
from support.services import free_port

Said = Callable[..., tuple[int, str, str]]
"""Runs a command: exit code, stdout, stderr."""
RULES = """
[[rule]]
name = "raisers"
verdict = "allow"
actors = ["token:raiser"]
actions = ["notices.raise"]
envs = ["staging"]
"""


@pytest.fixture(scope="module")
def server() -> Iterator[HttpServer]:
    made = HttpServer(lambda request: Answer(200, {})).start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def plane(server: HttpServer) -> Iterator[ControlPlane]:
    notify: dict[str, Any] = {
        "receivers": [
            {"name": "ops", "webhook": f"{server.url}/ops"},
            {"name": "away", "webhook": f"http://127.0.0.1:{free_port()}/secret-path"},
        ],
        "rules": [{"name": "all", "receivers": ["ops"]}],
    }
    with api_alone({"notify": notify}, policy() + RULES) as made:
        yield made


@pytest.fixture
def said(
    plane: ControlPlane, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Said:
    monkeypatch.setenv("BOOTSTRAPPER_SETTINGS", plane.environment["BOOTSTRAPPER_SETTINGS"])

    def run(*words: str) -> tuple[int, str, str]:
        code = main(words)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def raised(plane: ControlPlane) -> list[dict[str, Any]]:
    with plane.redis.client() as client:
        found: Any = client.xrange("bootstrapper:notices")
        return [json.loads(fields[b"notice"]) for _, fields in found]


def test_a_notice_is_raised_with_who_raised_it(plane: ControlPlane) -> None:
    client = plane.as_actor("raiser")

    made = client.raise_notice("no_free_address", "address:a", "all are taken", env="staging",
                               fields={"pool": "a"})  # fmt: skip

    found = next(each for each in raised(plane) if each["id"] == made)
    assert (found["by"], found["type"], found["fields"]) == (
        "token:raiser", "no_free_address", {"pool": "a"},
    )  # fmt: skip


def test_the_policy_judges_its_env(plane: ControlPlane) -> None:
    for env in ("prod", ""):
        with pytest.raises(Denied):
            plane.as_actor("raiser").raise_notice("disk_full", "disk:/", env=env)
    with pytest.raises(Denied):
        plane.as_actor("raiser").notifications()


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"type": "Disk Full", "subject": "a"}, "type"),
        ({"type": "disk_full", "subject": ""}, "subject"),
        ({"type": "disk_full", "subject": "a\nb"}, "subject"),
        ({"type": "disk_full", "subject": "a", "severity": "bad"}, "severity"),
        ({"type": "disk_full", "subject": "a", "txet": "b"}, ""),
        ({"type": "disk_full"}, "subject"),
    ],
)
def test_what_cannot_be_raised_is_told_by_its_field(
    plane: ControlPlane, fields: dict[str, str], place: str
) -> None:
    with plane.http() as http:
        answer = http.post("/api/v1/notices", json=fields)

    assert answer.status_code == 422
    assert place in answer.text


def test_the_command_line_raises_and_ends(plane: ControlPlane, said: Said) -> None:
    words = ("notify", "raise", "--type", "key_failed", "--subject", "key:/a", "--env", "prod")

    code, out, err = said(*words, "--text", "no room", "--field", "host=web1")
    over, _, _ = said(*words, "--resolved")

    assert (code, over, err) == (0, 0, "")
    assert out.startswith("key_failed of key:/a is raised: ")
    first, second = [each for each in raised(plane) if each["type"] == "key_failed"]
    assert (first["text"], first["fields"], first["resolved"]) == (
        "no room", {"host": "web1"}, False,
    )  # fmt: skip
    assert second["resolved"]


def test_a_test_says_of_each_receiver_whether_it_went(said: Said, server: HttpServer) -> None:
    code, out, _ = said("notify", "test")

    assert code == 1
    assert "ops (webhook): sent" in out
    assert "away (webhook): the webhook does not answer" in out
    assert "secret-path" not in out
    eventually(lambda: [each for each in server.asked if b"a test of the receiver" in each.body])


def test_a_test_of_one_receiver(said: Said) -> None:
    code, out, _ = said("notify", "test", "ops", "--json")

    assert code == 0
    assert json.loads(out) == [{"receiver": "ops", "kind": "webhook", "sent": True, "fault": ""}]


def test_a_receiver_that_is_misspelt(said: Said) -> None:
    code, _, err = said("notify", "test", "opps")

    assert code == Mistake.exit_code
    assert "no receiver 'opps'" in err
    assert "did you mean 'ops'?" in err


def remember(plane: ControlPlane) -> None:
    """One notice is told and holds, one waits, and a receiver was away."""
    settings = load(Path(plane.environment["BOOTSTRAPPER_SETTINGS"]), {})
    rules, now = settings.notify.rules, time.time()
    groups, _ = send(gather({}, [a_notice(env="prod")], rules, now - 60), by_name(*rules), now)
    groups = {name: sent(group, now) for name, group in groups.items()}
    groups = gather(groups, [a_fact()], rules, now)
    health = Health(fails=2, failure="no answer", failed=now, again=now + 4)
    save(make_parts(settings), Memory(), Memory(groups=groups, healths={"away": health}), Counter())


def test_the_status_shows_what_is_held_what_waits_and_who_is_away(
    plane: ControlPlane, said: Said
) -> None:
    remember(plane)

    found = plane.owner.notifications()
    code, out, _ = said("notify", "status")

    assert [(each.name, each.fails, each.failure) for each in found.receivers] == [
        ("ops", 0, ""), ("away", 2, "no answer"),
    ]  # fmt: skip
    held = [each for group in found.groups for each in group.holds]
    assert [(each.type, each.subject) for each in held] == [("job_failed", "job:web")]
    assert sum(group.waits for group in found.groups) == 1
    assert code == 0
    assert "no answer" in out
    assert "type=job_failed, env=prod" in out
