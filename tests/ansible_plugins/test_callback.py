"""Ansible's callback plugin, in real runs of `ansible-playbook`, before a real control plane."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bootstrapper import ansible_plugins
from bootstrapper.client import Job
from bootstrapper.control.keeper import Keeper
from bootstrapper.control.parts import make_parts
from bootstrapper.errors import Conflict, Mistake
from bootstrapper.events import HostResult, JobStarted, PlayStarted, Recap, Said, TaskStarted
from bootstrapper.ids import new_id
from bootstrapper.jobs.states import State
from bootstrapper.settings import load
from support.control import ControlPlane, api_alone
from support.eventually import eventually
from support.services import free_port
from support.sshd import SYSTEM

PLUGINS = Path(ansible_plugins.__file__).parent / "callback"
HEAD = "- hosts: all\n  gather_facts: false\n  tasks:\n"
GATE = """\
    - name: the gate
      raw: timeout 30 sh -c 'until [ -e "{{ playbook_dir }}/open" ]; do sleep 0.05; done'
      run_once: true
"""


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    """No worker, and so no keeper: the test of silence brings one."""
    with api_alone({"jobs": {"unheard_after": 2.0}}) as made:
        yield made


class Laptop:
    """Somebody's own machine: a playbook of a name of its own, an inventory, and the plugin."""

    def __init__(self, folder: Path, plane: ControlPlane) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.book = f"{new_id()}.yml"
        self._plane = plane
        hosts = "".join(f"{name} ansible_connection=local\n" for name in ("one", "two"))
        variables = f"[all:vars]\nansible_python_interpreter={SYSTEM}\n"
        (folder / "hosts").write_text(hosts + variables)

    def start(self, tasks: str, *words: str, **more: str) -> "subprocess.Popen[str]":
        (self.folder / self.book).write_text(HEAD + tasks)
        environ = {
            **os.environ,
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_CALLBACK_PLUGINS": str(PLUGINS),
            "ANSIBLE_CALLBACKS_ENABLED": "bootstrapper",
            "ANSIBLE_PIPELINING": "1",
            "BOOTSTRAPPER_URL": self._plane.url,
            "BOOTSTRAPPER_TOKEN": self._plane.owner_token,
            "BOOTSTRAPPER_ENV": "home",
            **more,
        }
        return subprocess.Popen(
            [Path(sys.executable).parent / "ansible-playbook", "-i", "hosts", *words, self.book],
            env=environ, cwd=self.folder, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def run(self, tasks: str, *words: str, **more: str) -> tuple[int, str, str]:
        return said(self.start(tasks, *words, **more))

    def job(self) -> Job:
        """The one that came by the last run."""
        job = eventually(self._newest, within=20, what="its job is there")
        assert job is not None
        return job

    def open_the_gate(self) -> None:
        (self.folder / "open").touch()

    def _newest(self) -> Job | None:
        every = self._plane.owner.jobs(limit=1000).jobs
        jobs = [each for each in every if each.request.get("playbook") == self.book]
        assert len(jobs) < 2, "one run is one job"
        return jobs[0] if jobs else None


@pytest.fixture
def laptop(tmp_path: Path, plane: ControlPlane) -> Laptop:
    return Laptop(tmp_path, plane)


@pytest.fixture
def other(tmp_path: Path, plane: ControlPlane) -> Laptop:
    """Its run goes on beside the first one's: a start of Ansible takes seconds."""
    return Laptop(tmp_path / "other", plane)


def said(run: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = run.communicate(timeout=60)
    return run.returncode, out, err


def at_the_gate(plane: ControlPlane, job: Job) -> Callable[[], bool]:
    gate = "the gate"
    return lambda: any(
        isinstance(event, TaskStarted) and event.task == gate for event in plane.events(job.id)
    )


def results(plane: ControlPlane, job: Job) -> list[HostResult]:
    return [event for event in plane.events(job.id) if isinstance(event, HostResult)]


VAULT_PASSWORD = "vaultpw"
VAULTED = """\
ordinary_name: !vault |
  $ANSIBLE_VAULT;1.1;AES256
  65343737353537613630346635376331383830393964383730643330623232656535636536663366
  3465613366386333396437656163643836313863363263390a386230303964663633393835643837
  63633131303830333735386537633835626333623964666135363239343061336439366363393137
  3862643665636564350a656634333464373137333566633439353561383234613039386261663461
  3735
"""
"""`vaultedsecret1`."""
SECRETS = {
    "db_password": 'quo"ted ünd\n-second line of it',
    "a_token": 12345678,
    "short_secret": "hunter",
    "long_secret": "hunter22",
}
ALL_SORTS = """\
    - name: loop
      raw: echo {{ item }}
      loop: [red, blue]
    - name: hidden
      raw: echo nobody-may-see
      no_log: true
    - name: file
      lineinfile:
        { line: new line, path: "{{ playbook_dir }}/{{ inventory_hostname }}", create: true }
    - name: fails
      command: "false"
      ignore_errors: true
    - name: password
      debug: { msg: "it is {{ long_secret }} and {{ a_token }} and {{ ordinary_name }}" }
    - name: in a table
      debug: { msg: { word: "{{ db_password }}", number: "{{ a_token }}" } }
    - name: in a diff
      copy: { content: "{{ db_password }}", dest: "{{ playbook_dir }}/secret", mode: "600" }
      run_once: true
    - name: skipped
      debug:
      when: false
"""


def test_a_run_is_a_job_with_live_events(laptop: Laptop, plane: ControlPlane) -> None:
    for name, text in (("s.json", json.dumps(SECRETS)), ("v.yml", VAULTED), ("vp", VAULT_PASSWORD)):
        (laptop.folder / name).write_text(text)
    secrets = ("--vault-password-file", "vp", "-e", "@s.json", "-e", "@v.yml")
    run = laptop.start(ALL_SORTS + GATE, "--diff", *secrets)
    job = laptop.job()
    eventually(at_the_gate(plane, job), within=20)
    assert plane.owner.job(job.id).state is State.RUNNING
    laptop.open_the_gate()
    out, err = run.communicate(timeout=30)
    assert run.returncode == 0, out + err

    job = plane.owner.job(job.id)
    assert (job.state, job.reason) == (State.SUCCESSFUL, "2 of 2 hosts done")
    assert (job.action, job.via, job.actor) == ("ansible-playbook", "callback", "system:owner")
    assert (job.env, job.hosts, job.request["playbook"]) == ("home", ("one", "two"), laptop.book)
    assert job.stats["one"]["ignored"] == job.stats["one"]["skipped"] == 1
    events = plane.events(job.id)
    assert next(each for each in events if isinstance(each, JobStarted)).worker == job.worker
    assert PlayStarted("all", 2) in events
    assert Recap(job.stats) in events
    found = {(each.task, each.host, each.item): each for each in results(plane, job)}
    assert found["loop", "one", "red"].stdout.strip() == "red"
    assert found["loop", "one", ""].status == "changed"
    assert "hidden" in found["hidden", "two", ""].message
    assert "+new line" in found["file", "one", ""].diff
    assert found["fails", "one", ""].status == "ignored"
    assert found["fails", "one", ""].data["rc"] == 1
    assert found["fails", "one", ""].seconds > 0
    assert found["password", "one", ""].message == "it is ******** and ******** and ********"
    assert json.loads(found["in a table", "one", ""].message)["word"] == "********"
    assert "********" in found["in a diff", "one", ""].diff
    assert found["skipped", "one", ""].status == "skipped"
    assert "nobody-may-see" not in plane.owner.log(job.id)
    lines = ("second line of it", "12345678", "ünd", "hunter", "vaultedsecret1")
    for secret in (plane.owner_token, "nobody-may-see", *lines):
        assert secret not in repr(events), secret
    assert plane.owner_token not in out + err


def test_ctrl_c_is_told_and_a_kill_is_noticed(
    laptop: Laptop, other: Laptop, plane: ControlPlane
) -> None:
    interrupted, killed = laptop.start(GATE), other.start(GATE)
    job, silent = laptop.job(), other.job()

    with pytest.raises(Conflict, match="end it there"):
        plane.owner.cancel(job.id)
    with pytest.raises(Mistake, match="run it there again"):
        plane.owner.rerun(job.id)

    eventually(at_the_gate(plane, job), within=20)
    os.killpg(interrupted.pid, signal.SIGINT)
    os.killpg(killed.pid, signal.SIGKILL)
    said(killed)
    said(interrupted)
    job = plane.owner.job(job.id, wait=10)
    assert (job.state, job.reason) == (State.CANCELED, "it ended before its recap")

    parts = make_parts(load(Path(plane.environment["BOOTSTRAPPER_SETTINGS"]), {}))
    keeper = Keeper(parts, "a keeper alone", 0)

    def lost() -> Job | None:
        keeper.turn()
        job = plane.owner.job(silent.id)
        return job if job.final else None

    found = eventually(lost, within=20)
    assert found is not None
    assert (found.state, found.reason) == (State.LOST, "nothing was heard of the run")


def test_the_run_goes_on_without_the_server(laptop: Laptop, other: Laptop) -> None:
    tasks = "    - debug:\n" * 3
    refused = laptop.start(tasks, BOOTSTRAPPER_TOKEN="bst_nobody")
    away = other.start(tasks, BOOTSTRAPPER_URL=f"http://127.0.0.1:{free_port()}")

    for run, why in ((refused, "(401)"), (away, "refused")):
        code, out, err = said(run)
        assert code == 0, out + err
        assert err.count("[WARNING]") == 1
        assert why in " ".join(err.split())
        assert "bst_nobody" not in out + err
        assert "ok=3" in out


def test_a_server_that_is_killed_and_back_has_it_all(laptop: Laptop, plane: ControlPlane) -> None:
    middle = "    - raw: echo while away {{ item }}\n      loop: [1, 2, 3]\n"
    run = laptop.start(GATE + middle + GATE.replace("/open", "/open-again"))
    job = laptop.job()
    eventually(at_the_gate(plane, job), within=20)
    plane.kill("serve")
    laptop.open_the_gate()
    plane.start("serve")
    eventually(plane.answers, within=20)
    (laptop.folder / "open-again").touch()
    out, err = run.communicate(timeout=30)

    job = plane.owner.job(job.id)
    assert job.state is State.SUCCESSFUL, out + err
    told = [(each.host, each.stdout.strip()) for each in results(plane, job) if each.item]
    away = [(host, f"while away {n}") for host in ("one", "two") for n in (1, 2, 3)]
    assert sorted(told) == away
    assert err.count("[WARNING]") <= 1


def test_what_does_not_fit_is_left_out_and_counted(laptop: Laptop, plane: ControlPlane) -> None:
    """How the run failed is told all the same."""
    many = "    - debug: { msg: '{{ item }}' }\n      loop: '{{ range(40) | list }}'\n"
    failing = "    - fail:\n      when: inventory_hostname == 'one'\n"

    code, out, err = laptop.run(many + failing, BOOTSTRAPPER_QUEUE_SIZE="5")

    job = laptop.job()
    assert code == 2, out + err
    assert (job.state, job.reason) == (State.FAILED, "1 of 2 hosts failed: one")
    texts = [event.text for event in plane.events(job.id) if isinstance(event, Said)]
    assert texts
    assert all(text.endswith(" events were not sent") for text in texts)
    left_out = sum(int(text.split()[0]) for text in texts)
    assert left_out + len(results(plane, job)) in range(82, 88)
