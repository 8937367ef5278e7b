"""How long the command line takes as a whole process: help, and a list of jobs."""

import statistics
import subprocess

from bench.measure import Figure, keep, seconds
from bench.stage import BIN, stage

ROUNDS = 15


def main() -> None:
    with stage(1) as scene:
        for _ in range(5):
            scene.plane.owner.launch("run-playbook", {"playbook": "wait.yml"}, wait=30)
        environment = scene.plane.environment

        def call(*words: str) -> float:
            return seconds(
                lambda: subprocess.run(
                    [BIN / "bootstrapper", *words], env=environment, check=True,
                    stdout=subprocess.DEVNULL,
                )
            )  # fmt: skip

        for words in (("--help",), ("jobs",)):
            call(*words)
        found = {
            words: statistics.median(call(*words) for _ in range(ROUNDS))
            for words in (("--help",), ("jobs",))
        }
    keep(
        "cli",
        Figure(what="bootstrapper --help", value=found[("--help",)], unit="s", limit=0.2),
        Figure(what="bootstrapper jobs", value=found[("jobs",)], unit="s", limit=0.35),
    )


if __name__ == "__main__":
    main()
