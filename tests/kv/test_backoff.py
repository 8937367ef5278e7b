"""Waiting longer each time, within bounds."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.kv.backoff import delay, delays


@pytest.mark.parametrize(
    ("attempt", "chance", "seconds"),
    [
        (0, 0, 0.05),
        (0, 1, 0.1),
        (1, 1, 0.2),
        (3, 0.5, 0.6),
        (5, 1, 2),
        (10**9, 1, 2),
        (10**9, 0, 1),
    ],
)
def test_it_doubles_up_to_its_cap(attempt: int, chance: float, seconds: float) -> None:
    assert delay(attempt, chance, first=0.1, cap=2.0) == pytest.approx(seconds)


@given(st.integers(0, 10**6), st.floats(0, 1))
def test_it_is_never_nothing_and_never_more_than_the_cap(attempt: int, chance: float) -> None:
    assert 0.05 <= delay(attempt, chance, first=0.1, cap=2.0) <= 2.0


def test_an_outage_of_eight_seconds_is_few_tries() -> None:
    waits = list(islice(delays(), 20))

    assert sum(waits) > 8
    assert all(0.05 <= wait <= 2.0 for wait in waits)
