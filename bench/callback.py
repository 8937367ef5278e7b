"""A play of fifty tasks over ssh: what the callback plugin adds, with a server and without one.

The peer is the same `ansible-playbook` without the plugin, in turn with it.
"""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import bootstrapper
from bench.measure import Figure, in_turn, keep, seconds
from bench.stage import Stage, stage
from support.services import free_port

TASKS, ROUNDS, LIMIT = 50, 3, 1.02
PLUGINS = Path(bootstrapper.__file__).parent / "ansible_plugins" / "callback"


def main() -> None:
    figures: list[Figure] = []
    with stage(1) as scene:
        write_play(scene)
        away = f"http://127.0.0.1:{free_port()}"
        for what, url in (("server up", scene.plane.url), ("server away", away)):
            told = len(reported(scene))
            pairs = in_turn(timed(scene, url), timed(scene, ""), ROUNDS)
            figures.append(pairs.figure(f"a play of {TASKS} tasks, reported, {what}", LIMIT))
            arrived = len(reported(scene)) - told
            assert arrived == (0 if url == away else ROUNDS + 1), f"{arrived} runs were reported"
    keep("callback", *figures)


def write_play(scene: Stage) -> None:
    steps = "".join(f"    - name: task {n}\n      command: 'true'\n" for n in range(TASKS))
    head = "- hosts: all\n  gather_facts: false\n  tasks:\n"
    (scene.content / "fifty.yml").write_text(head + steps)


def reported(scene: Stage) -> list[str]:
    jobs = scene.plane.owner.jobs(action="ansible-playbook", state="successful", limit=1000).jobs
    return [job.id for job in jobs]


def timed(scene: Stage, url: str) -> Callable[[], float]:
    """`url`: of the server that is told; none: the plugin is not there."""
    plugin = {
        "ANSIBLE_CALLBACK_PLUGINS": str(PLUGINS),
        "ANSIBLE_CALLBACKS_ENABLED": "bootstrapper",
        "BOOTSTRAPPER_URL": url,
        "BOOTSTRAPPER_TOKEN": scene.plane.owner_token,
    }
    return partial(seconds, partial(run, scene, plugin if url else {}))


def run(scene: Stage, environ: dict[str, str]) -> None:
    os.environ.update(environ)  # which the peer hands on
    try:
        scene.run_peer("ansible-playbook", "fifty.yml")
    finally:
        for name in environ:
            del os.environ[name]


if __name__ == "__main__":
    main()
