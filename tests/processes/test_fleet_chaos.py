"""Whoever of a fleet is killed whenever, under load: the keys become what is true."""

import random

import pytest

from support.mayhem import VICTIMS, Mayhem, mayhem

TRUE = 15.0
"""Seconds until the keys are true; the benchmark `chaos` measures how long it takes."""


@pytest.mark.timeout(240)
def test_a_few_rounds() -> None:
    with mayhem(seed=2015) as begun:
        survive(begun, rounds=4)


@pytest.mark.long
@pytest.mark.timeout(100 * 30)
def test_many_rounds() -> None:
    seed = random.randrange(10**6)
    print("seed", seed)  # noqa: T201 (shown when it fails)
    with mayhem(seed) as begun:
        survive(begun, rounds=100)
        assert {each for one in begun.rounds for each in one.killed} == set(VICTIMS)


def survive(begun: Mayhem, rounds: int) -> None:
    with begun.stage.load(rate=200.0) as load:
        for _ in range(rounds):
            begun.round(within=TRUE)
        begun.stage.becomes(*begun.truth())
    requests = load.requests()
    assert len(load.failures()) < len(requests) / 50, load.failures()[:5]
