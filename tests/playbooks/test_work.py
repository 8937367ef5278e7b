import pytest

from bootstrapper.events import Counts
from bootstrapper.jobs.states import State
from bootstrapper.playbooks.work import outcome_of

GOOD: Counts = {"ok": 2, "failures": 0, "unreachable": 0}
BAD: Counts = {"ok": 1, "failures": 1, "unreachable": 0}
AWAY: Counts = {"ok": 0, "failures": 0, "unreachable": 1}


@pytest.mark.parametrize(
    ("stats", "state", "reason"),
    [
        pytest.param({"a": GOOD, "b": GOOD}, State.SUCCESSFUL, "2 of 2 hosts done", id="all"),
        pytest.param({"a": GOOD, "b": BAD}, State.FAILED, "1 of 2 hosts failed: b", id="failed"),
        pytest.param({"a": AWAY, "b": GOOD}, State.FAILED, "1 of 2 hosts failed: a", id="away"),
        pytest.param(
            {"a": GOOD}, State.FAILED, "1 of 2 hosts never reached by the play: b", id="missed"
        ),
        pytest.param({}, State.FAILED, "the play touched none of its hosts", id="nobody"),
        pytest.param(
            {"a": GOOD, "b": GOOD, "c": BAD}, State.SUCCESSFUL, "2 of 2 hosts done",
            id="a neighbour failed",
        ),
    ],
)  # fmt: skip
def test_how_a_job_ended(stats: dict[str, Counts], state: State, reason: str) -> None:
    outcome = outcome_of(stats, ("a", "b"))

    assert (outcome.state, outcome.reason) == (state, reason)
    assert outcome.stats.keys() == stats.keys() & {"a", "b"}


def test_many_failed_hosts_are_counted_and_some_named() -> None:
    hosts = tuple("abcde")

    assert outcome_of(dict.fromkeys(hosts, BAD), hosts).reason == (
        "5 of 5 hosts failed: a, b, c, …"
    )
