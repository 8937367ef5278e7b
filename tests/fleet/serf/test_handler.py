"""The two handlers: as Serf runs them, quick, and with what they were told handed over."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from urllib.parse import parse_qs

import pytest

from bootstrapper.fleet.serf.script import script
from support.eventually import eventually
from support.http_server import Answer, HttpServer, Request
from support.services import free_port, need

MEMBERS = b"web1\t10.0.0.1\tweb\trole=web,motd=two\nlines, say=1\ncaf\xe9\t10.0.0.2\t\t\n"
OUTCOME = [200]


@pytest.fixture
def server() -> Iterator[HttpServer]:
    OUTCOME[:] = [200]
    made = HttpServer(lambda asked: Answer(OUTCOME.pop() if len(OUTCOME) > 1 else OUTCOME[0], {}))
    yield made.start()
    made.stop()


@pytest.fixture
def token(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text("bst_secret")
    return file


def environment(url: str, token: Path | None, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    own = {"SERF_EVENT": "member-failed", "SERF_SELF_NAME": "lb 1", "SERF_SELF_ROLE": "lb"}
    named = {"BOOTSTRAPPER_TOKEN_FILE": str(token)} if token else {}
    return {**kept, **own, "BOOTSTRAPPER_URL": url, "SERF_TAG_ROLE": "lb", **named, **more}


OURS = (sys.executable, "-m", "bootstrapper", "serf-handler")


def run(
    words: tuple[str, ...], environ: dict[str, str], stdin: bytes = MEMBERS
) -> tuple[float, subprocess.CompletedProcess[bytes]]:
    """Its seconds as the agent counts them: until its pipes are closed, too."""
    began = time.monotonic()
    done = subprocess.run(words, input=stdin, env=environ, capture_output=True, check=False)
    return time.monotonic() - began, done


@pytest.fixture(params=["dash", "bash", "busybox"])
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, ...]:
    name = str(request.param)
    need("curl")
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")  # one shell is enough, and there is always one
    file = tmp_path / "handler.sh"
    file.write_text(script())
    return (*((name, "sh") if name == "busybox" else (name,)), str(file))


def asked(server: HttpServer, times: int = 1, within: float = 5.0) -> Request:
    eventually(lambda: len(server.asked) >= times, within=within, what=f"asked {times} times")
    return server.asked[-1]


def test_ours_hands_over_what_it_was_told(server: HttpServer, token: Path) -> None:
    _, done = run(OURS, environment(server.url, token))
    request = asked(server)
    handed = json.loads(request.body)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (request.method, request.path) == ("POST", "/api/v1/fleet/serf-events")
    assert request.headers["Authorization"] == "Bearer bst_secret"
    assert (handed["event"], handed["by"]) == ("member-failed", "lb 1")
    assert [member["name"] for member in handed["members"]] == ["web1", "caf\\xe9"]
    assert handed["members"][0]["tags"] == {"role": "web", "motd": "two\nlines, say=1"}
    assert 0 < handed["age"] < 5


def test_the_script_hands_over_what_it_was_told(
    server: HttpServer, token: Path, shell: tuple[str, ...]
) -> None:
    _, done = run(shell, environment(server.url + "/", token))
    request = asked(server)
    form = parse_qs(request.body.decode(), encoding="latin-1")

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (request.method, request.path) == ("POST", "/api/v1/fleet/serf-events")
    assert request.headers["Authorization"] == "Bearer bst_secret"
    assert form == {
        "event": ["member-failed"],
        "by": ["lb 1"],
        "age": ["0"],
        "members": [MEMBERS.decode("latin-1")],
    }


@pytest.mark.parametrize("where", ["a server", "nobody", "a server that hangs"])
def test_serf_waits_for_little_work_and_for_no_answer(
    server: HttpServer, token: Path, where: str, tmp_path: Path
) -> None:
    """The seconds of the clock are counted in tests/processes, where nothing else runs."""
    (tmp_path / "handler.sh").write_text(script())
    urls = {
        "a server": server.url,
        "nobody": f"http://127.0.0.1:{free_port()}",
        "a server that hangs": "http://192.0.2.1:9",
    }
    environ = environment(urls[where], token)
    for words in (OURS, ("sh", str(tmp_path / "handler.sh"))):
        before = getrusage(RUSAGE_CHILDREN)
        seconds, _ = run(words, environ)
        after = getrusage(RUSAGE_CHILDREN)

        assert seconds < 2.0
        assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.1


def test_the_script_is_never_told_the_token_by_its_arguments(
    server: HttpServer, token: Path, tmp_path: Path
) -> None:
    """A curl of ours writes down what every user of the machine could read of the real one."""
    (tmp_path / "handler.sh").write_text(script())
    shown = tmp_path / "shown"
    curl = tmp_path / "bin" / "curl"
    curl.parent.mkdir()
    curl.write_text(
        f'#!/bin/sh\nenv >{shown}.env; echo "$@" >{shown}\nexec {shutil.which("curl")} "$@"\n'
    )
    curl.chmod(0o755)
    environ = environment(server.url, token)
    run(
        ("sh", str(tmp_path / "handler.sh")),
        {**environ, "PATH": f"{curl.parent}:{environ['PATH']}"},
    )
    asked(server)

    assert "member-failed" in shown.read_text()
    assert "bst_secret" not in shown.read_text()
    assert "bst_secret" not in Path(f"{shown}.env").read_text()


@pytest.mark.parametrize("who", ["ours", "the script"])
def test_a_server_that_was_away_is_tried_again(
    server: HttpServer, token: Path, who: str, tmp_path: Path
) -> None:
    OUTCOME[:] = [200, 503]  # the last one first
    (tmp_path / "handler.sh").write_text(script())
    run(
        OURS if who == "ours" else ("sh", str(tmp_path / "handler.sh")),
        environment(server.url, token),
    )
    body = asked(server, 2).body

    assert b"web1" in body
    assert (
        float(json.loads(body)["age"] if who == "ours" else parse_qs(body.decode())["age"][0]) >= 1
    )


@pytest.mark.parametrize("event", ["user", "query"])
def test_what_says_nothing_of_members_is_not_handed_over(
    server: HttpServer, token: Path, shell: tuple[str, ...], event: str
) -> None:
    environ = environment(server.url, token, SERF_EVENT=event, SERF_USER_EVENT="deploy")
    for words in (OURS, shell):
        _, done = run(words, environ, b"a payload\n")

        assert (done.returncode, done.stdout) == (0, b"")  # an output would answer a query
    assert server.asked == []


def test_a_setup_is_tried_out_in_the_foreground(server: HttpServer, token: Path) -> None:
    wait = (*OURS, "--wait", "--token-file", str(token), "--url")
    environ = environment("http://nowhere.invalid", None)

    assert run((*wait, server.url), environ)[1].returncode == 0
    assert asked(server).headers["Authorization"] == "Bearer bst_secret"
    OUTCOME[:] = [403]
    assert run((*wait, server.url), environ)[1].returncode == 2
    OUTCOME[:] = [503]
    _, refused = run((*wait, server.url), environ)
    assert refused.returncode == 75
    assert b"bootstrapper: " in refused.stderr


def test_who_is_not_run_by_serf_is_told_how_to_be() -> None:
    environ = environment("http://127.0.0.1:1", None)
    del environ["SERF_EVENT"]
    _, done = run(OURS, environ)

    assert done.returncode == 2
    assert b"SERF_EVENT" in done.stderr


def test_settings_of_the_script_may_be_in_a_file(server: HttpServer, tmp_path: Path) -> None:
    (tmp_path / "handler.sh").write_text(script())
    conf = tmp_path / "conf"
    conf.write_text(f"BOOTSTRAPPER_URL={server.url}\nBOOTSTRAPPER_TOKEN=bst_other\n")
    environ = environment("", None, BOOTSTRAPPER_SERF_CONF=str(conf))
    run(("sh", str(tmp_path / "handler.sh")), environ)

    assert asked(server).headers["Authorization"] == "Bearer bst_other"


def test_a_script_without_a_server_says_so(tmp_path: Path) -> None:
    (tmp_path / "handler.sh").write_text(script())
    _, done = run(("sh", str(tmp_path / "handler.sh")), environment("", None))

    assert done.returncode == 2
    assert b"BOOTSTRAPPER_URL" in done.stderr
