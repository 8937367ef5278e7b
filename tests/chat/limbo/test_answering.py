"""The policy stands in front of each plugin; the audit tells of those that answered."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from bootstrapper.chat.heard import Place, Said
from bootstrapper.chat.limbo.answering import answers, help_for
from bootstrapper.chat.limbo.plugins import Plugins
from bootstrapper.control.parts import Parts, make_parts
from bootstrapper.errors import Denied
from bootstrapper.ids import new_id
from bootstrapper.policy.actors import Actor
from bootstrapper.settings import Settings
from support.redis import RedisServer

POLICY = """
[channels]
fun = ["C00000FUN"]

[[rule]]
name = "no-karma"
verdict = "deny"
reason = "it made quarrels"
actions = ["limbo:karma"]

[[rule]]
name = "no-swearing"
verdict = "deny"
actions = ["limbo:echo"]
args = ['!echo .*damn.*']

[[rule]]
name = "al-plays"
verdict = "allow"
actions = ["limbo:*"]
actors = ["user:al"]
channels = ["fun", "direct"]

[[rule]]
name = "bo-echoes"
verdict = "allow"
actions = ["limbo:echo", "limbo:manual"]
actors = ["user:bo"]
"""
Opener = Callable[..., Plugins]


@pytest.fixture
def parts(tmp_path: Path, redis_server: RedisServer) -> Iterator[Parts]:
    file = tmp_path / "policy.toml"
    file.write_text(POLICY)
    given = {
        "state": str(tmp_path / "state"),
        "redis": {"url": redis_server.url, "prefix": f"{new_id()}:"},
        "policy": {"file": str(file)},
    }
    made = make_parts(msgspec.convert(given, Settings))
    yield made
    made.redis.close()


def audited(parts: Parts) -> list[tuple[str, str, str]]:
    return [(each.actor, each.action, each.effect) for each in parts.audit.entries()]


def asked(parts: Parts, plugins: Plugins, who: str, text: str, channel: str = "C00000FUN") -> str:
    place = Place(channel=channel, direct=channel.startswith("D"))
    said = Said(id="1", user=f"U{who}", place=place, text=text, how="mention", ts="1.2")
    actor = Actor(name=f"user:{who}", via="chat", channel=place.judged)
    try:
        return answers(parts, plugins, actor, said) or ""
    except Denied as error:
        return f"denied: {error}"


@pytest.mark.parametrize(
    ("who", "text", "channel", "answer", "audit"),
    [
        ("al", "!echo hi", "C00000FUN", "hi", [("limbo:echo", "allow")]),
        ("al", "!echo hi", "D00000001", "hi", [("limbo:echo", "allow")]),
        ("bo", "!echo hi", "C0000ELSE", "hi", [("limbo:echo", "allow")]),
        ("al", "!who", "C00000FUN", "Ual al C00000FUN 1.2 no thread", [("limbo:who", "allow")]),
        ("al", "nothing for anybody", "C00000FUN", "", []),
        ("bo", "!who", "C00000FUN", "denied: no rule allows user:bo limbo:who; user:al could",
         [("limbo:who", "deny")]),
        ("al", "!echo hi", "C0000ELSE", "denied: no rule allows user:al limbo:echo",
         [("limbo:echo", "deny")]),
        ("al", "karma al", "C00000FUN", "denied: rule 'no-karma' denies it: it made quarrels",
         [("limbo:karma", "deny")]),
        ("al", "al++", "C00000FUN", "", []),
        ("al", "!echo oh damn", "C00000FUN", "denied: rule 'no-swearing' denies it",
         [("limbo:echo", "deny")]),
        ("zed", "hello", "C00000FUN", "", []),
        ("zed", "", "C00000FUN", "", []),
    ],
)  # fmt: skip
def test_only_those_answer_whom_the_caller_may_ask(
    parts: Parts, opened: Opener, who: str, text: str, channel: str, answer: str,
    audit: list[tuple[str, str]],
) -> None:  # fmt: skip
    got = asked(parts, opened("old"), who, text, channel)

    assert got.startswith(answer) if answer.startswith("denied") else got == answer
    assert audited(parts) == [(f"user:{who}", *each) for each in audit]


def test_several_that_answer_are_one_answer(parts: Parts, opened: Opener) -> None:
    assert asked(parts, opened("old"), "al", "!env HOME !echo b") == "b\nNone"


def test_a_refused_plugin_is_no_matter_where_another_answers(parts: Parts, opened: Opener) -> None:
    assert asked(parts, opened("old"), "bo", "who !echo hi") == "hi"
    assert audited(parts) == [
        ("user:bo", "limbo:echo", "allow"),
        ("user:bo", "limbo:who", "deny"),
    ]


def test_help_names_what_the_caller_may_ask(parts: Parts, opened: Opener) -> None:
    plugins = opened("old")
    bo = Actor(name="user:bo", via="chat", channel="C00000FUN")

    assert help_for(parts, plugins, bo).keys() == {"echo", "manual"}
    assert asked(parts, plugins, "bo", "!manual").splitlines() == [
        "!echo <words> says them again",
        "!manual [<plugin>] tells what there is",
    ]


def test_who_hangs_is_named(parts: Parts, opened: Opener, tmp_path: Path) -> None:
    plugins = opened("hostile", "hang", timeout=0.5)

    assert asked(parts, plugins, "al", f"!hang {tmp_path / 'child'}").startswith("`hang` took")
    assert audited(parts) == [("user:al", "limbo:hang", "allow")]
