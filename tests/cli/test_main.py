"""Whole commands, from the words to the exit code, against a server that answers as told."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bootstrapper.cli.main import main
from bootstrapper.policy.passwords import verify_password
from cli.scripted_api import JOB, JOB_ID, Api
from support.services import free_port

FREEZE = {"id": "f1", "env": "prod", "reason": "xmas", "since": "2026-01-05T12:00:00Z"}
PLAN = {
    "action": "apply-roles", "hosts": ["web-1"], "count": 1, "env": "prod", "risk": "change",
    "verdict": {"effect": "allow", "rule": "ops", "reason": "a rule allows it", "text": "fine"},
}  # fmt: skip


def run(api: Api, line: str) -> int:
    try:
        return main(["--url", api.url, *line.split()])
    except SystemExit as ended:
        return int(str(ended.code or 0))


@pytest.mark.parametrize(
    ("state", "code"),
    [("successful", 0), ("failed", 1), ("error", 1), ("canceled", 1), ("lost", 1)],
)
def test_a_launch_ends_as_its_job_does(
    api: Api, capsys: pytest.CaptureFixture[str], state: str, code: int
) -> None:
    api.launches({"type": "said", "text": "hello"}, state=state)

    assert run(api, "role nginx web-1") == code

    assert capsys.readouterr().out.splitlines()[0] == "hello"


def test_a_cut_connection_shows_nothing_twice(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    api.launches(*({"type": "said", "text": f"line {n}"} for n in range(5)))
    api.cuts = [2, 1]

    assert run(api, "sync") == 0

    out, err = capsys.readouterr()
    assert out.splitlines() == [*(f"line {n}" for n in range(5)), "successful"]
    assert "connection lost" in err


def test_where_nothing_listens_on_this_machine_the_way_to_start_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--url", f"http://127.0.0.1:{free_port()}", "jobs"]) == 75

    assert "Connection refused: is it running? `bootstrapper up` starts it" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("rules", "warns"),
    [("", True), ('[[rule]]\nname = "a"\nverdict = "allow"\nactors = ["*"]\n', False)],
)
def test_a_policy_that_lets_nobody_do_anything_is_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rules: str, warns: bool
) -> None:
    (tmp_path / "policy.toml").write_text(rules)

    assert main(["policy", "check", str(tmp_path / "policy.toml")]) == 0

    assert ("nobody may do anything" in capsys.readouterr().err) is warns


def test_detached_it_prints_the_id_alone(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    api.launches()

    assert run(api, "role nginx web-1 --detach --idempotency-key k1") == 0

    assert capsys.readouterr().out == f"{JOB_ID}\n"
    assert api.last.headers["Idempotency-Key"] == "k1"


def test_json_is_the_events_and_then_the_job(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    api.launches({"type": "said", "text": "hello"}, state="failed")

    assert run(api, "role nginx web-1 --json") == 1

    said, ended, job = map(json.loads, capsys.readouterr().out.splitlines())
    assert said == {"seq": 1, "at": "2026-01-05T12:00:01.000Z", "type": "said", "text": "hello"}
    assert ended["type"] == "job_ended"
    assert (job["id"], job["state"]) == (JOB_ID, "failed")


@pytest.mark.parametrize(("effect", "code"), [("allow", 0), ("approve", 0), ("deny", 2)])
def test_a_plan_does_nothing(
    api: Api, capsys: pytest.CaptureFixture[str], effect: str, code: int
) -> None:
    verdict = {"effect": effect, "rule": "ops", "text": "because"}
    api.answers["POST /actions/apply-roles"] = 200, PLAN | {"verdict": verdict}

    assert run(api, "role nginx web-1 --plan") == code

    assert api.last.query == {"plan": ["1"]}
    assert f"{effect} by rule 'ops': because" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("status", "problem", "code", "says"),
    [
        (422, {"detail": "no role 'x'", "field": "roles[0]"}, 2, "roles[0]: no role 'x'"),
        (403, {"detail": "not now", "rule": "nights"}, 2, "not now (rule 'nights')"),
        (403, {"detail": "rule 'nights' says so", "rule": "nights"}, 2, "rule 'nights' says so"),
        (404, {"detail": "no such"}, 2, "no such"),
        (503, {"detail": "Redis is away"}, 75, "Redis is away"),
        (502, {"detail": "git says no"}, 1, "git says no"),
        (500, {}, 1, "the server answered 500"),
    ],
)
def test_an_error_is_a_sentence_and_a_code(
    api: Api, capsys: pytest.CaptureFixture[str], status: int, problem: Any, code: int, says: str
) -> None:
    api.answers["GET /whoami"] = status, problem

    assert run(api, "whoami") == code
    assert capsys.readouterr().err == f"bootstrapper: {says}\n"


def test_nobody_at_home_is_try_again() -> None:
    assert main(["--url", "http://127.0.0.1:1", "jobs"]) == 75


@pytest.mark.parametrize("words", [[], ["policy"], ["jbos"], ["jobs", "--limit", "x"]], ids=str)
def test_what_cannot_be_read_is_a_mistake(api: Api, words: list[str]) -> None:
    assert run(api, " ".join(words)) == 2


@pytest.mark.parametrize(
    ("line", "request_", "answer", "body"),
    [
        ("cancel last", "POST /jobs/last/cancel", JOB, None),
        ("reject x --reason no", "POST /jobs/x/reject", JOB, {"reason": "no"}),
        ("lock prod --reason r", "PUT /locks/env:prod", {}, {"reason": "r"}),
        ("lock host:web-1 --reason r", "PUT /locks/host:web-1", {}, {"reason": "r"}),
        ("unlock name:x", "DELETE /locks/name:x", {}, None),
        ("freeze prod --reason r", "POST /freezes", FREEZE, {"env": "prod", "reason": "r"}),
        ("freeze --reason r", "POST /freezes", FREEZE, {"env": "*", "reason": "r"}),
        ("token revoke ci", "DELETE /tokens/ci", {}, None),
        (
            "schedule set nightly --cron 0_3_*_*_* role nginx web-1 --retries 2",
            "PUT /schedules/nightly",
            {},
            {
                "cron": "0_3_*_*_*",
                "action": "apply-roles",
                "request": {"roles": ["nginx"], "hosts": ["web-1"]},
                "options": {"retries": 2},
            },
        ),
        ("schedule remove nightly", "DELETE /schedules/nightly", {}, None),
        (
            "policy explain --actor user:bob adhoc web-1 -m ping",
            "POST /policy/explain",
            {"effect": "deny", "trace": []},
            {
                "action": "run-module",
                "request": {"hosts": ["web-1"], "module": "ping"},
                "actor": "user:bob",
            },
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_command_asks_the_server(
    api: Api, line: str, request_: str, answer: Any, body: Any
) -> None:
    api.answers[request_] = 200, answer

    assert run(api, line) == 0

    assert (f"{api.last.method} {api.last.path}", api.last.body) == (request_, body)


def test_a_yes_is_to_the_plan_that_was_seen(api: Api) -> None:
    waits = {"count": 1, "group": "oncall", "digest": "d1"}
    api.answers["GET /jobs/last"] = 200, JOB | {"approvals": waits}
    api.answers[f"POST /jobs/{JOB_ID}/approve"] = 200, JOB

    assert run(api, "approve last") == 0

    assert api.last.body == {"digest": "d1"}


@pytest.mark.parametrize("word", ["f1", "prod"])
def test_a_freeze_is_ended_by_its_id_or_env(api: Api, word: str) -> None:
    api.answers["GET /freezes"] = 200, {"freezes": [FREEZE]}
    api.answers["DELETE /freezes/f1"] = 204, b""

    assert run(api, f"unfreeze {word}") == 0


def test_all_jobs_are_read_page_by_page(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["GET /jobs"] = 200, {"jobs": [JOB, JOB], "next": None}

    assert run(api, "jobs --json --all --state failed") == 0

    assert len(json.loads(capsys.readouterr().out)) == 2
    assert api.last.query == {"limit": ["200"], "state": ["failed"]}


def test_a_token_is_alone_on_stdout(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    token = {"token": "bst_1", "id": "1", "name": "ci", "actor": "token:ci"}
    api.answers["POST /tokens"] = 201, token

    assert run(api, "token create ci") == 0
    assert capsys.readouterr().out == "bst_1\n"


def test_an_artifact_goes_to_a_file(api: Api, tmp_path: Path) -> None:
    api.answers["GET /jobs/last/artifacts/report.bin"] = 200, b"\x00\xff"

    assert run(api, f"artifacts last report.bin -o {tmp_path / 'x'}") == 0
    assert (tmp_path / "x").read_bytes() == b"\x00\xff"


@pytest.mark.parametrize(
    ("check", "code"),
    [
        ({"ok": True, "entries": 3, "head": "h"}, 0),
        ({"ok": False, "broken": {"number": 2, "what": "changed"}}, 1),
    ],
)
def test_a_broken_audit_is_a_failure(api: Api, check: Any, code: int) -> None:
    api.answers["GET /audit/verify"] = 200, check

    assert run(api, "audit verify --expect h") == code
    assert api.last.query == {"expect": ["h"]}


def test_settings_are_shown_without_passwords(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOTSTRAPPER_REDIS_URL", "redis://u:hunter2@db:6379/0")

    assert main(["settings", "show"]) == 0

    out = capsys.readouterr().out
    assert "redis://***@db:6379/0" in out
    assert "hunter2" not in out


def test_settings_check_lists_all_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "s.toml"
    file.write_text('[api]\nbnid = "x"\n[jobs]\nslots = -1\n')

    assert main(["settings", "check", "--settings", str(file)]) == 2

    err = capsys.readouterr().err
    assert "api.bnid" in err
    assert "jobs.slots" in err


POLICY = """
[[rule]]
name = "ops"
verdict = "allow"
actors = ["user:alice"]

[[case]]
ask = { actor = "user:alice", action = "run-module" }
expect = "allow"

[[case]]
ask = { actor = "user:bob", action = "run-module" }
expect = "%s"
"""


@pytest.mark.parametrize(("expect", "code"), [("deny", 0), ("allow", 1)])
def test_a_policys_cases(tmp_path: Path, expect: str, code: int) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(POLICY % expect)

    assert main(["policy", "check", str(file)]) == 0
    assert main(["policy", "test", str(file)]) == code


def test_whoever_stops_reading_ends_it_quietly(api: Api) -> None:
    api.answers["GET /jobs"] = 200, {"jobs": [JOB] * 2000}
    command = [sys.executable, "-m", "bootstrapper", "jobs", "--all", "--url", api.url]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(20) == 141


HEAVY = ("redis", "rq", "starlette", "uvicorn", "ansible", "rich", "httpx", "yaml", "shtab")


@pytest.mark.parametrize("line", ["--help", "jobs", "role --help", "up --help"])
def test_a_command_loads_only_what_it_needs(api: Api, line: str) -> None:
    code = (
        "import sys\nfrom bootstrapper.cli.main import main\n"
        f"try: main({['--url', api.url, *line.split()]})\n"
        "except SystemExit: pass\n"
        f"found = [name for name in {HEAVY} if name in sys.modules]\n"
        "sys.exit(', '.join(found) or 0)"
    )
    api.answers["GET /jobs"] = 200, {"jobs": []}

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ),
        check=False, timeout=30,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")


def test_a_password_is_hashed_for_the_policy_file(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("open sesame\n"))

    assert run(api, "policy password") == 0

    assert verify_password("open sesame", capsys.readouterr().out.strip())


def test_each_fault_of_a_policy_file_names_its_place_once(
    api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('[[rule]]\nname = "a b"\nverdict = "alow"\n')

    assert run(api, f"policy check {file}") == 2

    told = capsys.readouterr().err
    assert told.count("rule[0].name: ") == 1
    assert "rule[0].verdict: Invalid enum value 'alow'; it is one of allow, deny, approve" in told
