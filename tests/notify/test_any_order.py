"""Whatever comes in whatever order, however sends go: each notice is told once; none is lost."""

from collections import Counter

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from bootstrapper.errors import Error, Refused, Unavailable
from bootstrapper.notify.gathering import gather
from bootstrapper.notify.group import Group, Groups, Why
from bootstrapper.notify.grouping import send, tidy
from bootstrapper.notify.health import Health, Outcome, after, next_for
from bootstrapper.notify.notice import Notice
from support.notices import NOON, a_fact, a_notice, a_rule, an_end, by_name

RULE = a_rule(group_wait=10.0, group_interval=60.0, repeat=500.0, group_by=("type",))
RULES = by_name(RULE)
MINUTE = 60.0
SUBJECTS = ("a", "b")

Step = tuple[str, str]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["fails", "ends", "fact", "wait", "long wait", "away", "no", "taken",
                         "restart"]),
        st.sampled_from(SUBJECTS),
    ),
    max_size=60,
)  # fmt: skip


class World:
    """A receiver that remembers what it was sent, by the message's id."""

    def __init__(self) -> None:
        self.groups: Groups = {}
        self.health = Health()
        self.now = NOON
        self.came: list[Notice] = []
        self.over: set[str] = set()
        self.got: dict[str, tuple[list[str], list[str], Why]] = {}

    def hear(self, notice: Notice) -> None:
        for known in self.came:
            if known.lasts and known.type in notice.ends and known.subject == notice.subject:
                self.over.add(known.id)
        self.came.append(notice)
        self.groups = gather(self.groups, [notice], (RULE,), self.now)

    def turn(self, error: Error | None = None, *, unrecorded: bool = False) -> None:
        groups, _ = send(tidy(self.groups, RULES, self.now, 10**9), RULES, self.now)
        healths = {"ops": self.health}
        for sending in next_for(["ops"], groups.values(), healths, self.now).values():
            if error is None:
                opened = [each.id for each in sending.opened]
                ended = [each.notice.id for each in sending.ended]
                again = self.got.setdefault(sending.id, (opened, ended, sending.why))
                assert again[:2] == (opened, ended), "another message under the same id"
            if unrecorded:
                continue  # killed before it was written down
            outcome = Outcome(sending=sending, at=self.now, error=error)
            group, self.health, _ = after(groups[outcome.group], self.health, outcome)
            groups[outcome.group] = group
        self.groups = groups

    def restart(self) -> None:
        text = msgspec.json.encode(self.groups)
        self.groups = msgspec.json.decode(text, type=dict[str, Group])

    def settle(self) -> None:
        for _ in range(60):
            self.now += MINUTE
            self.turn()


def play(world: World, steps: list[Step]) -> None:
    for what, subject in steps:
        match what:
            case "fails":
                world.hear(a_notice(subject=subject, fields={"job": str(len(world.came))}))
            case "ends":
                world.hear(an_end(a_notice(subject=subject)))
            case "fact":
                world.hear(a_fact(subject=subject))
            case "restart":
                world.turn(unrecorded=True)
                world.restart()
            case "away":
                world.turn(Unavailable("away"))
            case "no":
                world.turn(Refused("not now"))
            case "taken":
                world.turn()
            case _:
                world.now += 5.0 if what == "wait" else 120.0


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_none_is_lost_and_none_is_told_twice(steps: list[Step]) -> None:
    world = World()
    play(world, steps)
    world.settle()

    opened = Counter(n for got in world.got.values() if got[2] is not Why.REPEAT for n in got[0])
    ended = Counter(n for got in world.got.values() for n in got[1])
    assert not [n for n, count in opened.items() if count > 1], "opened twice"
    assert not [n for n, count in ended.items() if count > 1], "ended twice"
    for notice in world.came:
        if notice.lasts or not notice.ends:
            assert notice.id in opened or notice.id in ended, f"{notice.type} is lost"


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_what_holds_in_the_end_is_what_nobody_ended(steps: list[Step]) -> None:
    world = World()
    play(world, steps)
    world.settle()

    held = {item.notice.id for group in world.groups.values() for item in group.items}
    newest = {each.subject: each.id for each in world.came if each.lasts}
    assert {n for n in newest.values() if n not in world.over} <= held
    assert not held & world.over
