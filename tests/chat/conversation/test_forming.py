"""Forms that were opened elsewhere, by others, or by nobody."""

import msgspec
import pytest

from bootstrapper.chat.conversation.callers import caller_of
from bootstrapper.chat.conversation.forming import check_form, placed
from bootstrapper.chat.conversation.hooks import suggestions
from bootstrapper.chat.heard import Place, Submitted
from bootstrapper.chat.typed import Typed
from bootstrapper.errors import Mistake
from bootstrapper.ids import new_id
from bootstrapper.policy.rulebook import Policy, User
from support.conversation import Talk


def carried(channel: str) -> str:
    return msgspec.json.encode(Place(channel=channel)).decode()


def sent(talk: Talk, form: str, where: str, user: str = "", **values: object) -> Submitted:
    return Submitted(
        id=new_id(), user=user or talk.ann, place=Place(channel=""), form=form, carried=where,
        values=values,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("slack", "place", "name", "groups", "channel"),
    [
        ("U1", Place(channel="C1"), "user:ann", {"ops"}, "C1"),
        ("U2", Place(channel="D9", direct=True), "user:bob", set(), "direct"),
        ("ann", Place(channel="C1"), "slack:ann", set(), "C1"),
    ],
)
def test_who_speaks(slack: str, place: Place, name: str, groups: set[str], channel: str) -> None:
    policy = Policy(
        groups={"ops": ("user:ann", "slack:*")},
        users={"ann": User(slack=("U1",)), "bob": User(slack=("U2",))},
    )
    caller = caller_of(policy, slack, place)

    actor = caller.actor
    assert (actor.name, set(actor.groups), actor.via, actor.channel) == (
        name, groups, "chat", channel,
    )  # fmt: skip
    assert caller.known == name.startswith("user:")


def test_what_carries_no_place_is_no_form_of_ours(talk: Talk) -> None:
    for odd in ("", "{}", "[]", '{"channel": 1}'):
        with pytest.raises(Mistake, match="not one of mine"):
            placed(sent(talk, "run:update-code", odd))


def test_a_form_is_judged_where_it_was_opened(talk: Talk) -> None:
    before = len(talk.jobs())
    talk.answerer.answer(
        sent(talk, "run:update-code", carried(talk.lobby), tags="v1", env="staging")
    )

    assert "no rule allows user:ann update-code" in talk.whisper(talk.ann)
    assert len(talk.jobs()) == before


def test_a_form_is_launched_as_who_sent_it(talk: Talk) -> None:
    form = sent(talk, "run:apply-roles", carried(talk.ops), talk.bob, roles="hello", hosts="web-1")
    talk.answerer.answer(form)

    assert "no rule allows user:bob apply-roles" in talk.whisper(talk.bob)


def test_a_form_of_an_action_that_is_gone(talk: Talk) -> None:
    talk.answerer.answer(sent(talk, "run:gone", carried(talk.ops)))

    assert "I no longer know the form" in talk.whisper(talk.ann)


def test_what_is_wrong_with_a_form_by_its_values_alone(talk: Talk) -> None:
    assert check_form(sent(talk, "run:update-code", "", tags="v1")) == {}
    assert list(check_form(sent(talk, "run:update-code", ""))) == ["tags"]
    assert check_form(sent(talk, "another", "")) == {}


@pytest.mark.parametrize(
    ("who", "typed", "found"),
    [
        ("ann", "stage", ["stage-1", "stage-2"]),
        ("ann", "web-1", []),
        ("bob", "stage", []),
        ("carl", "stage", []),
    ],
)
def test_what_is_suggested_is_what_they_may_choose_there(
    talk: Talk, who: str, typed: str, found: list[str]
) -> None:
    asked = Typed(
        user=getattr(talk, who), place=Place(channel=""), block="hosts", text=typed,
        form="run:run-module", carried=carried(talk.ops),
    )  # fmt: skip

    assert [value for _, value in suggestions(talk.parts, asked)] == found
