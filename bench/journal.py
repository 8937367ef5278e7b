"""A play of 2,000 task results: what the journal adds to its time, against ansible-runner's files.

Ours: the job's own engine and callback in a fork, once writing the journal to Redis, once writing
nothing. The peer: ansible-runner with its event files, against plain `ansible-playbook`.
"""

import os
import subprocess
import tempfile
import time
from pathlib import Path

import ansible_runner

from bench.measure import Figure, keep
from bench.stage import BIN
from bootstrapper import settings as settings_file
from bootstrapper.clock import to_text, utc_now
from bootstrapper.control.parts import Parts, make_parts
from bootstrapper.events import JobQueued
from bootstrapper.ids import new_id
from bootstrapper.jobs.job import Spec
from bootstrapper.jobs.journal import Pen
from bootstrapper.playbooks.ansible_environment import ansible_environment
from bootstrapper.playbooks.work import Book, Work
from support.control import ControlPlane
from support.services import short_folder

HOSTS, TASKS, ROUNDS = 20, 100, 3


def main() -> None:
    with short_folder("bench") as folder:
        content = write_content(folder / "content")
        plane = ControlPlane(folder / "plane", {"content": {"path": str(content)}})
        plane.redis.start()
        os.environ.update(plane.environment)
        settings = settings_file.load()
        os.environ.update(ansible_environment(settings))
        from bootstrapper.playbooks import engine  # noqa: PLC0415 (reads the environment)

        engine.warm()
        parts = make_parts(settings)
        pairs = [
            (fork(lambda: play(parts, content, True)), fork(lambda: play(parts, content, False)))
            for _ in range(ROUNDS)
        ]
        others = [(runner(content), plain(content)) for _ in range(ROUNDS)]
        plane.redis.stop()
    ours, peer = overhead(pairs), overhead(others)
    figure = Figure(
        what="2,000 task results: what the journal adds",
        value=ours,
        unit="% of the play's time",
        limit=3.0,
        ours=ours,
        peer=peer,
        note="peer: what ansible-runner adds to `ansible-playbook`, in the same per cent",
    )
    keep("journal", figure)


def overhead(pairs: list[tuple[float, float]]) -> float:
    """In per cent, of the best of each: noise only ever adds."""
    return (min(one for one, _ in pairs) / min(other for _, other in pairs) - 1) * 100


def write_content(folder: Path) -> Path:
    folder.mkdir(parents=True)
    steps = "".join(
        f"    - name: task {n}\n      debug:\n        msg: text {n}\n" for n in range(TASKS)
    )
    head = "- hosts: all\n  gather_facts: false\n  tasks:\n"
    (folder / "many.yml").write_text(head + steps)
    lines = (f"h{n} ansible_connection=local\n" for n in range(HOSTS))
    (folder / "inventory").write_text("".join(lines))
    return folder


def fork(step: object) -> float:
    """In a process of its own, as every job is."""
    assert callable(step)
    began = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os._exit(0 if step() else 1)
    _, status = os.waitpid(pid, 0)
    assert status == 0
    return time.perf_counter() - began


def play(parts: Parts, content: Path, writing: bool) -> bool:
    from bootstrapper.playbooks import engine  # noqa: PLC0415
    from bootstrapper.playbooks.callback import JournalCallback  # noqa: PLC0415
    from bootstrapper.playbooks.place import Place  # noqa: PLC0415
    from bootstrapper.playbooks.scrub import Scrubber  # noqa: PLC0415

    parts = make_parts(parts.settings)
    hosts = tuple(f"h{n}" for n in range(HOSTS))
    spec = Spec(
        id=new_id(), action="run-playbook", request={}, actor="system:owner", via="cli",
        rule="owner", risk="change", created=to_text(utc_now()), hosts=hosts,
    )  # fmt: skip
    parts.jobs.submit(spec, [JobQueued("system:owner", "cli", "owner")])
    parts.jobs.claim(spec.id, "bench", new_id(), 1)
    job = parts.jobs.get(spec.id)
    pen = Pen(parts.jobs, [job], lambda why: os._exit(3))
    emit = (lambda event, host: pen.emit(event)) if writing else (lambda event, host: None)
    tmp = Path(tempfile.mkdtemp())
    place = Place(project=content, tmp=tmp, sources=(content / "inventory",))
    engine.configure(place)
    callback = JournalCallback(emit, Scrubber([]), facts=False)
    stats = engine.perform(Work(what=Book("many.yml"), hosts=hosts), place, hosts, callback)
    pen.close()
    if writing:
        assert parts.jobs.get(spec.id).seq > HOSTS * TASKS
    return all(counts["ok"] == TASKS for counts in stats.values())


def runner(content: Path) -> float:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        done = ansible_runner.run(
            private_data_dir=folder, playbook=str(content / "many.yml"),
            inventory=str(content / "inventory"), quiet=True, forks=10,
        )  # fmt: skip
        taken = time.perf_counter() - began
        assert done.rc == 0
        return taken


def plain(content: Path) -> float:
    began = time.perf_counter()
    subprocess.run(
        [BIN / "ansible-playbook", "-i", "inventory", "-f", "10", "many.yml"], cwd=content,
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
