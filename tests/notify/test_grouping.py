"""When a group is told, and what of it."""

from collections.abc import Sequence
from time import process_time
from typing import Any

import pytest

from bootstrapper.notify.gathering import gather
from bootstrapper.notify.group import MOST, Groups, Sending, Why
from bootstrapper.notify.grouping import send, sent, tidy
from bootstrapper.notify.notice import Notice
from bootstrapper.settings.notify import NotifyRule, QuietHours
from support.notices import NOON, a_fact, a_notice, a_rule, an_end, by_name

NIGHT = QuietHours(start="22:00", end="07:00")
TEN_PM, SEVEN_AM = NOON + 10 * 3600, NOON + 19 * 3600


class Story:
    """One rule and one receiver that takes everything at once. Times are seconds after noon."""

    def __init__(self, **rule: Any) -> None:
        self.rules = (a_rule(**rule),)
        self.groups: Groups = {}
        self.now = NOON

    def hear(self, *notices: Notice) -> None:
        self.groups = gather(self.groups, notices, self.rules, self.now)

    def at(self, seconds: float) -> list[Sending]:
        """What goes out at this time, and nothing in between."""
        self.now = NOON + seconds
        rules = by_name(*self.rules)
        groups, made = send(tidy(self.groups, rules, self.now, 86_400), rules, self.now)
        done = (sent(group, self.now) if group.sending else group for group in groups.values())
        self.groups = {group.id: group for group in done}
        return list(made)


def opened(sendings: Sequence[Sending]) -> list[str]:
    return [notice.id for each in sendings for notice in each.opened]


def ended(sendings: Sequence[Sending]) -> list[str]:
    return [each.notice.id for sending in sendings for each in sending.ended]


def test_the_first_message_waits_for_others_like_it() -> None:
    story, first, second = Story(), a_notice(subject="job:a"), a_notice(subject="job:b")
    story.hear(first)
    assert story.at(29) == []
    story.hear(second)

    made = story.at(30)

    assert opened(made) == [first.id, second.id]
    assert [each.why for each in made] == [Why.FIRST]


def test_news_waits_for_the_interval() -> None:
    story, first, second = Story(), a_notice(subject="job:a"), a_notice(subject="job:b")
    story.hear(first)
    story.at(30)
    story.hear(second)

    assert story.at(329) == []
    made = story.at(330)

    assert opened(made) == [second.id]
    assert made[0].why is Why.NEWS


def test_what_holds_is_told_again_without_news() -> None:
    story, first = Story(repeat=3600.0), a_notice()
    story.hear(first)
    story.at(30)

    assert story.at(3629) == []
    again = story.at(3630)

    assert opened(again) == [first.id]
    assert again[0].why is Why.REPEAT
    assert opened(story.at(7230)) == [first.id]


def test_repeats_have_other_ids_than_the_first_message() -> None:
    story = Story(repeat=3600.0)
    story.hear(a_notice())

    ids = {each.id for seconds in (30, 3630, 7230) for each in story.at(seconds)}

    assert len(ids) == 3


def test_never_again_where_the_rule_says_so() -> None:
    story = Story(repeat=0.0)
    story.hear(a_notice())
    story.at(30)

    assert story.at(80_000) == []


def test_what_is_over_is_told_once() -> None:
    story, first = Story(), a_notice()
    story.hear(first)
    story.at(30)
    story.hear(an_end(first))

    made = story.at(330)

    assert (opened(made), ended(made)) == ([], [first.id])
    assert story.at(80_000) == []


def test_what_is_over_before_it_was_told_is_told_as_over() -> None:
    story, first = Story(), a_notice()
    story.hear(first)
    story.hear(an_end(first))

    made = story.at(30)

    assert (opened(made), ended(made)) == ([], [first.id])


def test_an_end_is_not_told_beside_what_it_ends() -> None:
    story, first = Story(), a_notice()
    story.hear(first)
    story.at(30)
    story.hear(an_end(first))

    assert len(story.at(330)) == 1
    assert story.at(700) == []


def test_an_end_of_nothing_is_a_notice_of_its_own() -> None:
    story, end = Story(), an_end(a_notice())
    story.hear(end)

    assert opened(story.at(30)) == [end.id]


def test_no_ends_where_the_rule_wants_none() -> None:
    story, first = Story(resolved=False), a_notice()
    story.hear(first)
    story.at(30)
    story.hear(an_end(first))

    assert story.at(20_000) == []


def test_what_came_and_went_is_still_told_where_ends_are_not() -> None:
    story, first = Story(resolved=False), a_notice()
    story.hear(first)
    story.hear(an_end(first))

    assert opened(story.at(30)) == [first.id]
    assert story.at(20_000) == []


def test_a_fact_is_told_once_and_goes() -> None:
    story, fact = Story(), a_fact()
    story.hear(fact)

    assert opened(story.at(30)) == [fact.id]
    assert story.at(20_000) == []
    assert story.groups == {}


def test_the_same_again_is_no_news() -> None:
    story = Story()
    story.hear(a_notice(text="none left", fields={}))
    story.at(30)
    story.hear(a_notice(text="none left", fields={}))

    assert story.at(400) == []


def test_another_failure_of_the_same_is_news_and_stands_for_the_first() -> None:
    story = Story(repeat=3600.0)
    first, second = a_notice(fields={"job": "1"}), a_notice(fields={"job": "2"})
    story.hear(first)
    story.at(30)
    story.hear(second)

    assert opened(story.at(330)) == [second.id]
    assert opened(story.at(4000)) == [second.id]


def test_what_nobody_ended_in_a_day_is_repeated_no_more() -> None:
    story = Story(repeat=3600.0)
    story.hear(a_notice())
    story.at(30)

    assert story.at(86_400) == []


def test_groups_are_of_what_is_alike() -> None:
    story = Story(group_by=("env",))
    story.hear(a_notice(env="prod"), a_notice(subject="job:b", env="prod"), a_notice(env="test"))

    made = story.at(30)

    assert sorted(len(each.opened) for each in made) == [1, 2]
    assert {each.labels for each in made} == {(("env", "prod"),), (("env", "test"),)}


def test_each_receiver_is_told() -> None:
    story = Story(receivers=("ops", "mail"))
    story.hear(a_notice())

    assert sorted(each.receiver for each in story.at(30)) == ["mail", "ops"]


def test_nothing_goes_in_quiet_hours() -> None:
    story, first = Story(quiet=(NIGHT,)), a_notice()
    story.now = TEN_PM
    story.hear(first)

    assert story.at(TEN_PM - NOON + 60) == []
    assert opened(story.at(SEVEN_AM - NOON)) == [first.id]


def test_what_is_critical_goes_in_quiet_hours_too() -> None:
    story = Story(quiet=(NIGHT,), group_by=())
    plain, critical = a_notice(), a_notice(subject="job:b", severity="critical")
    story.now = TEN_PM
    story.hear(plain, critical)

    assert opened(story.at(TEN_PM - NOON + 60)) == [critical.id]
    assert opened(story.at(SEVEN_AM - NOON)) == [plain.id]


def test_unless_the_rule_says_otherwise() -> None:
    story = Story(quiet=(NIGHT,), critical_passes=False)
    story.now = TEN_PM
    story.hear(a_notice(severity="critical"))

    assert story.at(TEN_PM - NOON + 60) == []


def test_a_flood_is_counted_and_bounded() -> None:
    story = Story()
    story.hear(*(a_fact(subject=f"node:{n}") for n in range(MOST + 5)))

    [made] = story.at(30)

    assert (len(made.opened), made.more, made.count) == (MOST, {"node_joined": 5}, MOST + 5)
    assert story.at(400) == []


def test_a_thousand_ends_among_five_thousand_groups_are_found_at_once() -> None:
    """In far less than the seconds for which a process may lead without a word."""
    rules = (a_rule(group_by=("subject",)),)
    notices = [a_notice(subject=f"job:{n}") for n in range(5000)]
    groups = gather({}, notices, rules, NOON)
    ends = [an_end(each) for each in notices[:1000]]
    before = process_time()

    groups = gather(groups, ends, rules, NOON + 1)

    assert process_time() - before < 1
    assert sum(item.ended_by is not None for g in groups.values() for item in g.items) == 1000


def test_news_that_comes_while_a_message_is_under_way_is_kept() -> None:
    rules, first, second = (a_rule(),), a_notice(subject="job:a"), a_notice(subject="job:b")
    groups, made = send(gather({}, [first], rules, NOON), by_name(*rules), NOON + 30)
    groups = gather(groups, [second, an_end(first)], rules, NOON + 31)
    assert send(groups, by_name(*rules), NOON + 9000)[1] == ()

    done = {key: sent(group, NOON + 40) for key, group in groups.items()}
    _, later = send(done, by_name(*rules), NOON + 9000)

    assert (opened(made), opened(later), ended(later)) == ([first.id], [second.id], [first.id])


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (a_rule(), True),
        (a_rule(types=("job_*",)), True),
        (a_rule(types=("node_*", "key_added")), False),
        (a_rule(envs=("prod",)), True),
        (a_rule(envs=("stag*",)), False),
        (a_rule(clusters=("?*",)), False),
        (a_rule(clusters=("*",)), True),
        (a_rule(least="error"), True),
        (a_rule(least="critical"), False),
    ],
)
def test_filters(rule: NotifyRule, fits: bool) -> None:
    groups = gather({}, [a_notice(env="prod", severity="error")], (rule,), NOON)

    assert bool(groups) is fits


def test_the_first_rule_takes_it_unless_it_goes_on() -> None:
    def told(*rules: NotifyRule) -> list[str]:
        return [group.rule for group in gather({}, [a_notice()], rules, NOON).values()]

    assert told(a_rule("a"), a_rule("b")) == ["a"]
    assert told(a_rule("a", go_on=True), a_rule("b"), a_rule("c")) == ["a", "b"]


def test_a_rule_that_is_gone_takes_its_groups_along() -> None:
    groups = gather({}, [a_notice()], (a_rule(),), NOON)

    assert tidy(groups, by_name(a_rule("other")), NOON, 60) == {}
    assert tidy(groups, by_name(a_rule(receivers=("mail",))), NOON, 60) == {}
