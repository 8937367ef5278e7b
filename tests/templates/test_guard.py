"""The empty-set guard: what is held, until when, and what is remembered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.templates.guard import Limits, Memory, judge

TEN = [f"/web/{number}" for number in range(10)]


def after(keys: list[str]) -> Memory:
    return judge(Limits(), Memory(), keys, 0.0).memory


@pytest.mark.parametrize(
    ("limits", "before", "now", "reason"),
    [
        (Limits(), TEN, [], ""),
        (Limits(min_keys=1), TEN, TEN[:1], ""),
        (Limits(min_keys=1), TEN, [], "0 keys are left, fewer than min_keys = 1"),
        (Limits(max_removed=0.2), TEN, TEN[2:], ""),
        (
            Limits(max_removed=0.2),
            TEN,
            TEN[3:],
            "3 of 10 keys went within 60 s, more than max_removed = 0.2",
        ),
        (Limits(max_removed=0.0), TEN, [*TEN, "/web/new"], ""),
        (
            Limits(max_removed=0.0),
            TEN,
            TEN[1:],
            "1 of 10 keys went within 60 s, more than max_removed = 0",
        ),
    ],
)
def test_a_render_that_loses_too_much_is_held_with_its_reason(
    limits: Limits, before: list[str], now: list[str], reason: str
) -> None:
    verdict = judge(limits, after(before), now, 1.0)

    assert (verdict.held, verdict.reason) == (bool(reason), reason)


def test_small_losses_add_up_within_the_window() -> None:
    limits = Limits(max_removed=0.2, window=60)
    first = judge(limits, after(TEN), TEN[1:], 10.0)
    second = judge(limits, first.memory, TEN[2:], 20.0)
    third = judge(limits, second.memory, TEN[3:], 30.0)

    assert [first.held, second.held, third.held] == [False, False, True]


def test_losses_are_forgotten_after_the_window() -> None:
    limits = Limits(max_removed=0.2, window=60)
    second = judge(limits, judge(limits, after(TEN), TEN[1:], 0.0).memory, TEN[2:], 1.0)

    assert not judge(limits, second.memory, TEN[3:], 62.0).held


def test_keys_that_come_back_were_never_lost() -> None:
    limits = Limits(max_removed=0.2)
    memory = judge(limits, after(TEN), TEN[2:], 0.0).memory
    memory = judge(limits, memory, TEN, 1.0).memory

    assert not judge(limits, memory, TEN[:8], 2.0).held


def test_what_is_held_stays_held_however_long_it_lasts() -> None:
    limits = Limits(max_removed=0.2, window=60)
    memory = after(TEN)

    assert all(judge(limits, memory, [], now).held for now in (0.0, 59.0, 61.0, 1e6))


@given(st.sets(st.sampled_from(TEN)), st.sets(st.sampled_from(TEN)), st.floats(0, 1))
def test_a_render_that_only_adds_is_never_held(
    before: set[str], more: set[str], share: float
) -> None:
    verdict = judge(Limits(max_removed=share), after(sorted(before)), before | more, 1.0)

    assert not verdict.held
