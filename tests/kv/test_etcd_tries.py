"""How a question goes from one endpoint to the next."""

import pytest

from bootstrapper.errors import Unavailable
from bootstrapper.kv.etcd_tries import NotSent, Silent, Tries


def test_where_nobody_listens_it_ends_with_the_round() -> None:
    tries = Tries(0.5, 5)
    tries.failed(NotSent("a"))
    tries.failed(NotSent("b"))

    with pytest.raises(NotSent, match="b"):
        tries.next_round()


@pytest.mark.parametrize(
    ("error", "doubtful"),
    [(NotSent("a"), False), (Silent("a"), True), (Unavailable("no leader"), True)],
)
def test_what_may_have_been_heard_is_in_doubt(error: Unavailable, doubtful: bool) -> None:
    tries = Tries(0.5, 5)
    tries.failed(error)

    assert tries.doubtful is doubtful


@pytest.mark.parametrize(
    ("error", "seconds"),
    [(NotSent("a"), 0.25), (Silent("a"), 0.5), (Unavailable("reset"), 0.25)],
)
def test_somebody_dead_makes_them_short(error: Unavailable, seconds: float) -> None:
    tries = Tries(0.5, 5)
    tries.failed(error)

    assert tries.seconds() == seconds


def test_they_end_with_the_time_for_all() -> None:
    tries = Tries(0.5, 0)

    assert tries.seconds() < 0.01
    with pytest.raises(Silent):
        tries.failed(Silent("a"))
