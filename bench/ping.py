"""An ad-hoc ping over ssh to loopback: submit → result, against `ansible -m ping`."""

from bench.measure import in_turn, keep, seconds
from bench.stage import Stage, stage


def main() -> None:
    with stage(2) as scene:
        one, other = scene.hosts
        pairs = in_turn(
            lambda: seconds(lambda: ours(scene, one)),
            lambda: seconds(lambda: scene.run_peer("ansible", other, "-m", "ping")),
            10,
        )
    keep("ping", pairs.figure("ad-hoc ping over ssh", 0.6, "both with a warm shared connection"))


def ours(scene: Stage, host: str) -> None:
    request = {"module": "ping", "hosts": [host]}
    job = scene.plane.owner.launch("run-module", request, wait=30)
    assert job.state == "successful", job.reason


if __name__ == "__main__":
    main()
