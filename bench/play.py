"""A play of ten tasks over ssh on one host, against `ansible-playbook`; then with Mitogen."""

from bench.measure import Figure, in_turn, keep, seconds
from bench.stage import Stage, stage

LIMITS = {"linear": 0.85, "mitogen": 0.35}


def main() -> None:
    figures: list[Figure] = []
    for strategy, limit in LIMITS.items():
        with stage(2, {"ansible": {"strategy": strategy}}) as scene:
            one, other = scene.hosts
            pairs = in_turn(
                lambda scene=scene, one=one: seconds(lambda: ours(scene, one)),  # type: ignore[misc]
                lambda scene=scene, other=other: seconds(  # type: ignore[misc]
                    lambda: scene.run_peer("ansible-playbook", "site.yml", "-l", other)
                ),
                7,
            )
            figures.append(pairs.figure(f"a play of 10 tasks, {strategy}", limit))
    keep("play", *figures)


def ours(scene: Stage, host: str) -> None:
    request = {"playbook": "site.yml", "limit": [host]}
    job = scene.plane.owner.launch("run-playbook", request, wait=60)
    assert job.state == "successful", job.reason


if __name__ == "__main__":
    main()
