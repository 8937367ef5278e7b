"""Ansible's callback plugin, in real runs of `ansible-playbook`, before a real control plane."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bootstrapper import ansible_plugins
from bootstrapper.client import Job
from bootstrapper.errors import Conflict, Mistake
from bootstrapper.events import HostResult, JobStarted, PlayStarted, Recap, Said, TaskStarted
from bootstrapper.jobs.states import State
from support.control import ControlPlane
from support.eventually import eventually
from support.services import free_port, short_folder
from support.sshd import SYSTEM

PLUGINS = Path(ansible_plugins.__file__).parent / "callback"
HEAD = "- hosts: all\n  gather_facts: false\n  tasks:\n"
GATE = """\
    - name: the gate
      wait_for: { path: "{{ playbook_dir }}/open", sleep: 1, timeout: 30 }
"""


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    """Its workers are there for their keeper, which loses a run after 7 s of silence."""
    with short_folder("report") as folder:
        made = ControlPlane(folder, {"jobs": {"unheard_after": 7.0, "slots": 1}})
        made.redis.start()
        made.start("serve")
        made.start("work")
        try:
            eventually(made.answers, within=30, what="it answers")
            yield made
        finally:
            made.down()


class Laptop:
    """Somebody's own machine: a playbook, an inventory, and the plugin."""

    def __init__(self, folder: Path, plane: ControlPlane) -> None:
        self.folder = folder
        self._plane = plane
        self._before = {job.id for job in plane.owner.jobs(limit=1000).jobs}
        hosts = "".join(f"{name} ansible_connection=local\n" for name in ("one", "two"))
        variables = f"[all:vars]\nansible_python_interpreter={SYSTEM}\n"
        (folder / "hosts").write_text(hosts + variables)

    def start(self, tasks: str, *words: str, **more: str) -> "subprocess.Popen[str]":
        (self.folder / "site.yml").write_text(HEAD + tasks)
        environ = {
            **os.environ,
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_CALLBACK_PLUGINS": str(PLUGINS),
            "ANSIBLE_CALLBACKS_ENABLED": "bootstrapper",
            "BOOTSTRAPPER_URL": self._plane.url,
            "BOOTSTRAPPER_TOKEN": self._plane.owner_token,
            "BOOTSTRAPPER_ENV": "home",
            **more,
        }
        return subprocess.Popen(
            [Path(sys.executable).parent / "ansible-playbook", "-i", "hosts", *words, "site.yml"],
            env=environ, cwd=self.folder, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def run(self, tasks: str, *words: str, **more: str) -> tuple[int, str, str]:
        run = self.start(tasks, *words, **more)
        out, err = run.communicate(timeout=60)
        return run.returncode, out, err

    def job(self) -> Job:
        """The one that came by the last run."""
        job = eventually(self._newest, within=20, what="its job is there")
        assert job is not None
        return job

    def open_the_gate(self) -> None:
        (self.folder / "open").touch()

    def _newest(self) -> Job | None:
        jobs = [each for each in self._plane.owner.jobs().jobs if each.id not in self._before]
        assert len(jobs) < 2, "one run is one job"
        return jobs[0] if jobs else None


@pytest.fixture
def laptop(tmp_path: Path, plane: ControlPlane) -> Laptop:
    return Laptop(tmp_path, plane)


def at_the_gate(plane: ControlPlane, job: Job) -> Callable[[], bool]:
    gate = "the gate"
    return lambda: any(
        isinstance(event, TaskStarted) and event.task == gate for event in plane.events(job.id)
    )


def results(plane: ControlPlane, job: Job) -> list[HostResult]:
    return [event for event in plane.events(job.id) if isinstance(event, HostResult)]


ALL_SORTS = """\
    - name: loop
      command: echo {{ item }}
      loop: [red, blue]
    - name: hidden
      command: echo nobody-may-see
      no_log: true
    - name: file
      copy: { content: "new line", dest: "{{ playbook_dir }}/{{ inventory_hostname }}" }
    - name: fails
      command: "false"
      ignore_errors: true
    - name: password
      debug: { msg: "it is {{ db_password }}" }
    - name: skipped
      debug:
      when: false
"""


def test_a_run_is_a_job_with_live_events(laptop: Laptop, plane: ControlPlane) -> None:
    run = laptop.start(ALL_SORTS + GATE, "--diff", "-e", "db_password=hunter22")
    job = laptop.job()
    eventually(at_the_gate(plane, job), within=20)
    assert plane.owner.job(job.id).state is State.RUNNING
    laptop.open_the_gate()
    out, err = run.communicate(timeout=30)
    assert run.returncode == 0, out + err

    job = plane.owner.job(job.id)
    assert (job.state, job.reason) == (State.SUCCESSFUL, "2 of 2 hosts done")
    assert (job.action, job.via, job.actor) == ("ansible-playbook", "callback", "system:owner")
    assert (job.env, job.hosts, job.request["playbook"]) == ("home", ("one", "two"), "site.yml")
    assert job.stats["one"]["ignored"] == job.stats["one"]["skipped"] == 1
    events = plane.events(job.id)
    assert next(each for each in events if isinstance(each, JobStarted)).worker == job.worker
    assert PlayStarted("all", 2) in events
    assert Recap(job.stats) in events
    found = {(each.task, each.host, each.item): each for each in results(plane, job)}
    assert found["loop", "one", "red"].stdout == "red"
    assert found["loop", "one", ""].status == "changed"
    assert "hidden" in found["hidden", "two", ""].message
    assert "+new line" in found["file", "one", ""].diff
    assert found["fails", "one", ""].status == "ignored"
    assert found["fails", "one", ""].data["rc"] == 1
    assert found["fails", "one", ""].seconds > 0
    assert found["password", "one", ""].message == "it is ********"
    assert found["skipped", "one", ""].status == "skipped"
    assert "nobody-may-see" not in plane.owner.log(job.id)
    for secret in (plane.owner_token, "hunter22", "nobody-may-see"):
        assert secret not in repr(events), secret
    assert plane.owner_token not in out + err


def test_a_failed_run_is_a_failed_job(laptop: Laptop, plane: ControlPlane) -> None:
    failing = "    - command: \"{{ (inventory_hostname == 'one') | ternary('false', 'true') }}\"\n"

    code, out, err = laptop.run(failing)

    job = laptop.job()
    assert code == 2, out + err
    assert (job.state, job.reason) == (State.FAILED, "1 of 2 hosts failed: one")


def test_nobody_here_can_stop_or_repeat_it(laptop: Laptop, plane: ControlPlane) -> None:
    run = laptop.start(GATE)
    job = laptop.job()

    with pytest.raises(Conflict, match="end it there"):
        plane.owner.cancel(job.id)
    with pytest.raises(Mistake, match="run it there again"):
        plane.owner.rerun(job.id)

    eventually(at_the_gate(plane, job), within=20)
    os.killpg(run.pid, signal.SIGINT)
    run.communicate(timeout=20)
    job = plane.owner.job(job.id, wait=10)
    assert (job.state, job.reason) == (State.CANCELED, "it ended before its recap")


def test_a_killed_run_is_lost(laptop: Laptop, plane: ControlPlane) -> None:
    run = laptop.start(GATE)
    job = laptop.job()
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()

    job = plane.owner.job(job.id, wait=15)

    assert (job.state, job.reason) == (State.LOST, "nothing was heard of the run")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"BOOTSTRAPPER_TOKEN": "bst_nobody"}, "(401)"),
        ({"BOOTSTRAPPER_URL": f"http://127.0.0.1:{free_port()}"}, "refused"),
    ],
    ids=["token refused", "server away"],
)
def test_the_run_goes_on_without_the_server(
    laptop: Laptop, given: dict[str, str], why: str
) -> None:
    code, out, err = laptop.run("    - debug:\n" * 3, **given)

    assert code == 0, out + err
    assert err.count("[WARNING]") == 1
    assert why in " ".join(err.split())
    assert "bst_nobody" not in out + err
    assert "ok=3" in out


def test_a_server_that_is_killed_and_back_has_it_all(laptop: Laptop, plane: ControlPlane) -> None:
    """Its keeper is gone too: a machine that restarts is slower than this one's patience."""
    middle = "    - command: echo while away {{ item }}\n      loop: [1, 2, 3]\n"
    run = laptop.start(GATE + middle + GATE.replace("/open", "/open-again"))
    job = laptop.job()
    eventually(at_the_gate(plane, job), within=20)
    for name in ("work", "serve"):
        plane.kill(name)
    laptop.open_the_gate()
    plane.start("serve")
    eventually(plane.answers, within=20)
    (laptop.folder / "open-again").touch()
    out, err = run.communicate(timeout=30)
    plane.start("work")

    job = plane.owner.job(job.id)
    assert job.state is State.SUCCESSFUL, out + err
    told = [(each.host, each.stdout) for each in results(plane, job) if each.item]
    away = [(host, f"while away {n}") for host in ("one", "two") for n in (1, 2, 3)]
    assert sorted(told) == away
    assert err.count("[WARNING]") <= 1


def test_what_does_not_fit_is_left_out_and_counted(laptop: Laptop, plane: ControlPlane) -> None:
    many = "    - debug: { msg: '{{ item }}' }\n      loop: '{{ range(200) | list }}'\n"

    code, out, err = laptop.run(many, BOOTSTRAPPER_QUEUE_SIZE="5")

    job = laptop.job()
    assert code == 0, out + err
    assert job.state is State.SUCCESSFUL
    said = [event.text for event in plane.events(job.id) if isinstance(event, Said)]
    assert said
    assert all(text.endswith(" events were not sent") for text in said)
    left_out = sum(int(text.split()[0]) for text in said)
    assert left_out + len(results(plane, job)) in range(400, 405)
