"""Rounds of `kill -9` of random processes under load: how long until the keys are the truth."""

import random

from bench.measure import Figure, keep, percentile
from support.mayhem import mayhem

ROUNDS = 100
RATE = 200.0  # requests a second
LIMIT = 5.0  # seconds
PATIENCE = 30.0


def main() -> None:
    seed = random.randrange(10**6)
    with mayhem(seed) as begun, begun.stage.load(RATE) as load:
        taken = [begun.round(within=PATIENCE).seconds for _ in range(ROUNDS)]
        requests, failures = len(load.requests()), len(load.failures())
    keep(
        "chaos",
        Figure(
            what=f"{ROUNDS} rounds of kill -9, keys true again, the longest",
            value=max(taken), unit="s", limit=LIMIT, ours=percentile(taken, 0.5),
            note=f"{failures} of {requests} requests failed: two servers at once; seed {seed}",
        ),
    )  # fmt: skip


if __name__ == "__main__":
    main()
