"""What a try of a message changes."""

import pytest

from bootstrapper.errors import Error, Mistake, Refused, Unavailable
from bootstrapper.notify.gathering import gather
from bootstrapper.notify.group import Group, Sending
from bootstrapper.notify.grouping import send
from bootstrapper.notify.health import GIVE_UP, Health, Outcome, after, next_for
from bootstrapper.notify.receiver import Later
from support.notices import NOON, a_notice, a_rule, by_name


@pytest.fixture
def group() -> Group:
    """With a message under way."""
    rule = a_rule(group_wait=0.0)
    groups, _ = send(gather({}, [a_notice()], [rule], NOON), by_name(rule), NOON)
    [found] = groups.values()
    return found


def under_way(group: Group) -> Sending:
    assert group.sending is not None
    return group.sending


def tried(group: Group, health: Health, error: Error | None, at: float) -> tuple[Group, Health]:
    return after(group, health, Outcome(sending=under_way(group), at=at, error=error))[:2]


def test_a_receiver_that_is_away_is_asked_ever_less_often(group: Group) -> None:
    health, now, waits = Health(), NOON, []
    for _ in range(12):
        group, health = tried(group, health, Unavailable("away"), now)
        waits.append(health.again - now)
        now = health.again

    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == 300
    assert under_way(group).tries == 12


def test_it_is_never_given_up(group: Group) -> None:
    group, _ = tried(group, Health(), Unavailable("away"), NOON + 10**7)

    assert group.sending


def test_its_own_word_is_kept(group: Group) -> None:
    _, health = tried(group, Health(), Later("busy", 40.0), NOON)

    assert health.again == NOON + 40


def test_settings_that_are_wrong_are_waited_for(group: Group) -> None:
    group, health = tried(group, Health(), Mistake("no such variable"), NOON)

    assert (bool(group.sending), health.failure) == (True, "no such variable")


def test_a_refused_message_is_given_up_after_a_while(group: Group) -> None:
    group, health = tried(group, Health(), Refused("no"), NOON)
    assert group.sending
    assert health.again == 0.0  # it holds up no other message

    last = Outcome(sending=under_way(group), at=NOON + GIVE_UP, error=Refused("no"))
    group, health, result = after(group, health, last)

    assert (group.sending, result, health.failure) == (None, "given_up", "no")


def test_a_success_forgets_failures_in_a_row_and_remembers_the_last(group: Group) -> None:
    group, health = tried(group, Health(), Unavailable("away"), NOON)
    group, health = tried(group, health, None, NOON + 5)

    assert health == Health(sent=NOON + 5, failure="away", failed=NOON)
    assert group.sending is None


def test_the_oldest_goes_first_and_only_where_it_may() -> None:
    rule = a_rule(group_wait=0.0, group_by=("subject",), receivers=("ops", "mail", "gone"))
    groups = gather({}, [a_notice(subject="job:a")], [rule], NOON)
    groups, _ = send(groups, by_name(rule), NOON)
    groups = gather(groups, [a_notice(subject="job:b")], [rule], NOON + 1)
    groups, _ = send(groups, by_name(rule), NOON + 1)

    found = next_for(["ops", "mail"], groups.values(), {"mail": Health(again=NOON + 9)}, NOON + 2)

    assert {name: each.opened[0].subject for name, each in found.items()} == {"ops": "job:a"}
