"""Job submitted → first task event in the journal; the peer: its command until its first task."""

from datetime import datetime

from bench.measure import Figure, in_turn, keep, seconds
from bench.stage import Stage, stage
from bootstrapper.events import TaskStarted


def main() -> None:
    with stage(1) as scene:
        pairs = in_turn(lambda: ours(scene), lambda: seconds(lambda: peer(scene)), 15)
    figure = pairs.figure("until the first task", 1.0)
    keep(
        "first_task",
        Figure(
            what="submitted → first task event, p50",
            value=figure.ours or 0.0,
            unit="s",
            limit=0.2,
            ours=figure.ours,
            peer=figure.peer,
            note="peer: `ansible-playbook` until it prints its first task",
        ),
    )


def ours(scene: Stage) -> float:
    job = scene.plane.owner.launch("run-playbook", {"playbook": "wait.yml"}, wait=30)
    entries = scene.plane.journal(job.id)
    first = next(entry for entry in entries if isinstance(entry.event, TaskStarted))
    began, then = (datetime.fromisoformat(each) for each in (job.created, first.at))
    return (then - began).total_seconds()


def peer(scene: Stage) -> None:
    process = scene.peer("ansible-playbook", "wait.yml")
    assert process.stdout is not None
    assert any(line.startswith("TASK") for line in process.stdout)
    process.stdout.close()
    process.kill()
    process.wait()


if __name__ == "__main__":
    main()
