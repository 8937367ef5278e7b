"""The fleet on the command line and in Ansible's inventory, through a real API on a real store."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bootstrapper.cli.main import main
from bootstrapper.fleet.values import Signal
from bootstrapper.kv.open import open_store
from bootstrapper.settings import Kv, Settings
from support.control import ControlPlane, api_alone
from support.fleet_records import Records
from support.http_server import Answer, HttpServer

Captured = pytest.CaptureFixture[str]
Ansible = Callable[..., "subprocess.CompletedProcess[str]"]
POLICY = """
[[rule]]
name = "owner"
verdict = "allow"
actors = ["system:owner"]
"""


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with api_alone({}, POLICY) as made:
        yield made


@pytest.fixture
def records(plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> Records:
    """Two nodes alive and one not, each with one instance."""
    monkeypatch.setenv("BOOTSTRAPPER_URL", plane.url)
    monkeypatch.setenv("BOOTSTRAPPER_TOKEN", plane.owner_token)
    made = Records(open_store(Settings(kv=Kv(url=plane.redis.url))))
    made.clear()
    for number in (1, 2, 3):
        made.node(f"web-{number}", f"10.0.0.{number}", alive=number < 3, cluster="prod",
                  role="front", tags={"zone": "{{ 6 * 7 }}"})  # fmt: skip
        made.instance(f"web-{number}", f"w{number}", port=8080)
    return made


@pytest.mark.usefixtures("records")
def test_fleet_lists_nodes_and_services(capsys: Captured) -> None:
    assert main(["fleet"]) == 0

    told = capsys.readouterr().out
    assert [line.split()[:2] for line in told.splitlines()[1:4]] == [
        ["web-1", "alive"], ["web-2", "alive"], ["web-3", "silent"],
    ]  # fmt: skip
    assert "web      w1  web-1  10.0.0.1:8080  passing  yes" in told
    assert main(["fleet", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["nodes"]) == 3


def test_a_held_removal_is_seen_and_answered(records: Records, capsys: Captured) -> None:
    assert main(["fleet", "status"]) == 0
    records.held("web-3")

    assert main(["fleet", "status"]) == 1
    assert "web-3  brake" in capsys.readouterr().out
    assert main(["fleet", "confirm", "web-3"]) == 0
    assert main(["fleet", "status"]) == 0
    assert "confirmed by system:owner" in capsys.readouterr().out
    assert main(["fleet", "refuse", "web-9"]) == 2
    assert "did you mean 'web-3'?" in capsys.readouterr().err


def test_a_node_is_drained_and_released(records: Records, capsys: Captured) -> None:
    assert main(["fleet", "drain", "web-1", "--reason", "new disks"]) == 0
    assert records.value("/services/web/w1") is None
    assert main(["why", "web-1"]) == 1
    told = capsys.readouterr().out
    assert "web-1 is drained: new disks" in told
    assert "web-1 was taken out of rotation, by system:owner: new disks" in told
    assert main(["fleet", "release", "web-1"]) == 0
    assert records.value("/services/web/w1") == "10.0.0.1:8080"
    assert main(["why", "web-1"]) == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["prod", "--format", "plain"], "10.0.0.1\n10.0.0.2\n"),
        (["--all", "--format", "plain"], "10.0.0.1\n10.0.0.2\n10.0.0.3\n"),
        (["prod", "--format", "{name} {ip}:{port}"], "web-1 10.0.0.1:8080\nweb-2 10.0.0.1:8080\n"),
    ],
)
@pytest.mark.usefixtures("records")
def test_nodes_of_a_cluster(words: list[str], told: str, capsys: Captured) -> None:
    assert main(["nodes", *words]) == 0

    assert capsys.readouterr().out == told


@pytest.mark.usefixtures("records")
def test_a_script_registers_and_deregisters(records: Records, capsys: Captured) -> None:
    words = ["cache", "6379", "--node", "db-1", "--address", "10.0.0.9"]
    key = "/services/cache/db-1:cache:6379"

    assert main(["register", *words, "--tag", "a,b", "--ttl", "5m"]) == 0
    assert "no watch runs on db-1" in capsys.readouterr().err
    assert records.value(key) == "10.0.0.9:6379"
    assert main(["deregister", "cache", "6379", "--node", "db-1"]) == 0
    assert records.value(key) is None
    assert main(["deregister", "cache", "--id", "db-1:cache:6379"]) == 0
    assert main(["deregister", "cache"]) == 2


def test_a_script_registers_at_the_node_that_the_settings_name(
    records: Records, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("BOOTSTRAPPER_FLEET_NODE", "web-2")

    assert main(["register", "cache", "6379"]) == 0
    assert "cache web-2/web-2:cache:6379 is registered" in capsys.readouterr().out
    assert main(["deregister", "cache", "6379"]) == 0
    monkeypatch.setenv("BOOTSTRAPPER_FLEET_NODE", "web-9")
    assert main(["register", "cache", "6379"]) == 2
    assert "no watch has registered web-9: give an address" in capsys.readouterr().err
    assert records.value("/services/cache/web-2:cache:6379") is None


@pytest.mark.usefixtures("records")
def test_a_name_that_nobody_has_is_a_mistake_with_the_nearest(capsys: Captured) -> None:
    assert main(["why", "web-11"]) == 2
    assert "did you mean 'web-1'?" in capsys.readouterr().err


def test_watch_tells_each_event_as_a_line(records: Records) -> None:
    command = [sys.executable, "-m", "bootstrapper", "fleet", "--watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout
        try:
            assert watching.stdout.readline().startswith("NODE")
            records.event("node_failed", "web-2", by="web-1", signal=Signal.SERF_FAILED,
                          reason="no answer to 5 probes")  # fmt: skip
            lines = iter(watching.stdout.readline, "")
            assert (
                next(x for x in lines if "web-2 failed" in x)
                .rstrip()
                .endswith("web-2 failed, by web-1: serf says it failed: no answer to 5 probes")
            )
        finally:
            watching.terminate()


@pytest.mark.usefixtures("records")
def test_on_a_terminal_watch_draws_the_table_anew() -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "bootstrapper", "fleet", "-w"]
    with subprocess.Popen(
        command, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"}
    ) as watching:
        os.close(theirs)
        try:
            shown = b""
            while shown.count(b"\x1b[H") < 2:
                shown += os.read(ours, 65536)
        finally:
            watching.send_signal(signal.SIGINT)
        assert watching.wait(10) == 130
    os.close(ours)
    assert b"NODE" in shown
    assert b"web-3" in shown


# — Ansible's inventory —


@pytest.fixture
def ansible(records: Records, plane: ControlPlane, tmp_path: Path, capsys: Captured) -> Ansible:
    main(["inventory-path"])
    plugins = capsys.readouterr().out.strip()
    environ = {
        **os.environ, "ANSIBLE_INVENTORY_PLUGINS": plugins, "BOOTSTRAPPER_URL": plane.url,
        "ANSIBLE_HOME": str(tmp_path / "home"), "BOOTSTRAPPER_TOKEN": plane.owner_token,
        "ANSIBLE_INVENTORY_ENABLED": "bootstrapper",
    }  # fmt: skip

    def run(
        program: str, *words: str, file: str = "", **more: str
    ) -> "subprocess.CompletedProcess[str]":
        source = tmp_path / "bootstrapper.yml"
        source.write_text(f"plugin: bootstrapper\n{file}")
        given = ["-i", str(source)] if program != "ansible-doc" else []
        return subprocess.run(
            [Path(sys.executable).parent / program, *given, *words], env={**environ, **more},
            capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60,
        )  # fmt: skip

    return run


def test_the_living_are_ansibles_hosts_in_groups(ansible: Ansible) -> None:
    done = ansible(
        "ansible-inventory",
        "--list",
        file="keyed_groups:\n  - key: bootstrapper_role\n    prefix: r\n",
    )

    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert told["cluster_prod"]["hosts"] == told["service_web"]["hosts"] == ["web-1", "web-2"]
    assert told["role_front"]["hosts"] == told["r_front"]["hosts"] == ["web-1", "web-2"]
    one = told["_meta"]["hostvars"]["web-1"]
    assert (one["ansible_host"], one["bootstrapper_services"]) == ("10.0.0.1", ["web"])


def test_what_a_node_says_of_itself_is_no_template(ansible: Ansible) -> None:
    done = ansible(
        "ansible", "web-1", "-c", "local", "-m", "debug", "-a", "var=bootstrapper_tags.zone"
    )

    assert "{{ 6 * 7 }}" in done.stdout, done.stdout + done.stderr


def test_the_others_are_hosts_when_asked_for(ansible: Ansible, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(os.environ["BOOTSTRAPPER_TOKEN"] + "\n")
    file = f"all: true\nclusters: [prod]\ntoken_file: {token}\n"

    done = ansible("ansible-inventory", "--host", "web-3", file=file, BOOTSTRAPPER_TOKEN="")

    assert json.loads(done.stdout)["bootstrapper_state"] == "silent"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("clusters: [prodd]\n", "did you mean 'prod'?"),
        ("url: http://127.0.0.1:1\n", "http://127.0.0.1:1"),
    ],
)
def test_a_fault_is_told(ansible: Ansible, file: str, said: str) -> None:
    done = ansible("ansible-inventory", "--list", file=file)

    assert said in done.stderr


def test_the_token_follows_nobody_elsewhere(ansible: Ansible) -> None:
    other = HttpServer(lambda asked: Answer(200, {})).start()
    there = {"Location": f"{other.url}/api/v1/nodes"}
    server = HttpServer(lambda asked: Answer(302, {}, headers=there)).start()
    try:
        done = ansible("ansible-inventory", "--list", file=f"url: {server.url}\n")
    finally:
        server.stop()
        other.stop()

    assert "302" in done.stderr
    assert (len(server.asked), len(other.asked)) == (1, 0)


def test_ansible_doc_shows_it(ansible: Ansible) -> None:
    done = ansible("ansible-doc", "-t", "inventory", "bootstrapper")

    assert "which nodes are alive" in " ".join(done.stdout.split()), done.stderr


def test_what_others_say_stays_on_its_line(records: Records, capsys: Captured) -> None:
    records.mark("web-1", Signal.OPERATOR, "x\n\x1b[2Jweb-9  alive\u2028\u202e\x9b31m", by="n9")

    for words in (["fleet"], ["fleet", "status"], ["nodes"], ["why", "web-1"]):
        main(words)
        told = capsys.readouterr().out
        assert not [line for line in told.splitlines() if line.lstrip().startswith("web-9")]
        assert not set("\x1b\x9b\u2028\u202e") & set(told), words
