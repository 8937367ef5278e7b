"""When a turn is due: at once after quiet, merged in a burst, never put off for long."""

import pytest

from bootstrapper.templates.pace import Burst, Pace, due, retry_after, seen

PACE = Pace(quiet=0.05, most=0.5, retry_most=60)


def test_the_first_change_after_quiet_goes_at_once() -> None:
    assert due(PACE, seen(None, 10.0), last_change=9.9) == 10.0


def test_the_first_change_of_all_goes_at_once() -> None:
    assert due(PACE, seen(None, 10.0), last_change=float("-inf")) == 10.0


def test_a_burst_is_waited_out() -> None:
    burst = seen(seen(None, 10.01), 10.04)

    assert due(PACE, burst, last_change=10.0) == pytest.approx(10.09)


def test_but_not_for_ever() -> None:
    assert due(PACE, Burst(first=10.01, last=10.5), last_change=10.0) == pytest.approx(10.51)


def test_tries_grow_apart_up_to_a_limit() -> None:
    waits = [retry_after(PACE, failures, 0.5) for failures in range(1, 12)]

    assert waits[:4] == [0.5, 1.0, 2.0, 4.0]
    assert waits[-1] == 60


def test_jitter_spreads_tries_by_a_quarter_both_ways() -> None:
    assert retry_after(PACE, 2, 0.0) == 0.75
    assert retry_after(PACE, 2, 0.999) == pytest.approx(1.25, abs=0.01)
