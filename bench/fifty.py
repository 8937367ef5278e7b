"""Fifty machines phone home within a second for a role of ten tasks and its facts, over ssh.

The peer: one `ansible-playbook` for each, four at a time, on twelve of them (its rate is what
counts).
"""

import time
from concurrent.futures import ThreadPoolExecutor

from bench.measure import Figure, keep
from bench.stage import Stage, stage

HOSTS, PEER_HOSTS = 50, 12
LIMITS = {"linear": 1.5, "mitogen": 5.0}


def main() -> None:
    figures: list[Figure] = []
    for strategy, limit in LIMITS.items():
        with stage(HOSTS, {"ansible": {"strategy": strategy}}) as scene:
            before = peer(scene, scene.hosts[:PEER_HOSTS])
            rate = ours(scene)
            after = peer(scene, scene.hosts[-PEER_HOSTS:])
        other = (before + after) / 2
        figures.append(
            Figure(
                what=f"50 machines phone home, {strategy}",
                value=rate / other,
                unit="× the peer's hosts per second",
                limit=limit,
                at_least=True,
                ours=rate,
                peer=other,
                note="the peer ran before and after; the mean of the two counts",
            )
        )
    keep("fifty", *figures)


def ours(scene: Stage) -> float:
    client = scene.plane.owner

    def post(host: str) -> str:
        return client.launch("apply-roles", {"roles": ["ten"], "hosts": [host]}).id

    began = time.perf_counter()
    with ThreadPoolExecutor(25) as pool:
        ids = list(pool.map(post, scene.hosts))
    for job_id in ids:
        while not (job := client.job(job_id, wait=60)).final:
            pass
        assert job.state == "successful", job.reason
    return HOSTS / (time.perf_counter() - began)


def peer(scene: Stage, hosts: list[str]) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda host: scene.run_peer("ansible-playbook", "facts.yml", "-l", host), hosts
            )
        )
    return len(hosts) / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
