"""Plugins in limbo's style run as they are; whoever misbehaves costs nobody else their answer."""

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bootstrapper.chat.limbo.host import LETTERS
from bootstrapper.chat.limbo.plugins import Message, Plugins, Reply
from bootstrapper.chat.limbo.process import LINES
from bootstrapper.errors import Mistake, Unavailable
from support.eventually import eventually

Opener = Callable[..., Plugins]
OLD = ("echo", "karma", "manual", "poster", "surroundings", "who")


def said(text: str, **more: str) -> Message:
    return Message(**({"text": text, "user": "U1", "channel": "C1", "ts": "1.2"} | more))


def replies(plugins: Plugins, text: str, **more: str) -> dict[str, str]:
    return {each.plugin: each.text for each in plugins.ask(plugins.names(), said(text, **more))}


def is_alive(pid: int) -> bool:
    try:
        return b") Z " not in Path(f"/proc/{pid}/stat").read_bytes()
    except FileNotFoundError:
        return False


def test_every_file_with_on_message_is_a_plugin(opened: Opener) -> None:
    plugins = opened("old")

    assert plugins.names() == OLD
    assert plugins.help()["echo"] == "!echo <words> says them again\n\nAnd nothing else."


def test_only_the_wanted_are_loaded(opened: Opener) -> None:
    assert opened("old", "echo", "who", "nobody").names() == ("echo", "who")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!echo a &amp; b", {"echo": "a &amp; b"}),
        ("nothing for anybody", {}),
        ("!echo bob++", {"echo": "bob++"}),
        ("!who", {"who": "U1 alice C1 1.2 no thread"}),
        ("!post C1", {"poster": "posted"}),
        ("!post C2", {}),
        ("!api", {}),
        ("!manual echo", {"manual": "!echo <words> says them again\n\nAnd nothing else."}),
        ("!env PATH", {"surroundings": "None"}),
        ("\x00\u2028 \U0001f600 !echo \U0001f600", {"echo": "\U0001f600"}),
        ("!echo " + "long " * 50_000, {"echo": ("long " * 50_000)[: LETTERS - 1] + "…"}),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_plugin_answers_what_it_knows(
    opened: Opener, text: str, expected: dict[str, str]
) -> None:
    assert replies(opened("old"), text, name="alice") == expected


def test_a_thread_is_told_to_plugins(opened: Opener) -> None:
    assert replies(opened("old"), "!who", name="al", thread="9.1")["who"] == "U1 al C1 1.2 9.1"


def test_what_a_plugin_keeps_in_the_database_outlives_its_process(
    opened: Opener, tmp_path: Path
) -> None:
    first = opened("old")
    replies(first, "bob++ and bob++")
    first.close()

    assert replies(opened("old"), "!karma bob") == {"karma": "bob: 2"}
    assert (tmp_path / "work" / "limbo.sqlite3").exists()


def test_a_plugin_sees_neither_messages_nor_help_that_are_not_the_callers(opened: Opener) -> None:
    plugins = opened("old")

    assert plugins.ask({"manual", "who"}, said("!echo a")) == ()
    [reply] = plugins.ask({"manual", "who"}, said("!manual"))
    assert reply.text == (
        "!manual [<plugin>] tells what there is\n!who says who you are, where, and what the bot "
        "is called"
    )


def test_what_cannot_be_loaded_is_named_and_the_others_go_on(
    opened: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    plugins = opened("hostile", "broken", "missing", "sound", "leaver")

    assert plugins.names() == ("sound",)
    told = caplog.text
    assert "plugin broken is left out: SyntaxError" in told
    assert "plugin missing is left out: ModuleNotFoundError" in told
    assert "(missing.py, line 2)" in told
    assert "plugin leaver is left out: loading it ends the process" in told


def test_a_plugin_whose_loading_never_ends_is_left_out(
    opened: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    assert opened("hostile", "asleep", "sound", timeout=1.0).names() == ("sound",)
    assert "plugin asleep is left out: loading it takes too long" in caplog.text


@pytest.mark.parametrize("text", ["!raise", "!exit", "!crash"])
def test_who_fails_costs_only_its_own_answer(
    opened: Opener, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    plugins = opened("hostile", "raises", "crash", "sound")

    assert replies(plugins, text) == {"sound": "sound"}
    assert ("crash took" if text == "!crash" else "raises failed: ") in caplog.text
    assert replies(plugins, "!again") == {"sound": "sound"}


def test_who_hangs_is_stopped_with_all_that_it_started(opened: Opener, tmp_path: Path) -> None:
    plugins = opened("hostile", "hang", "sound", timeout=1.0)
    note = tmp_path / "child"

    answered = plugins.ask(plugins.names(), said(f"!hang {note}"))

    assert answered == (Reply("hang", "", late=True), Reply("sound", "sound"))
    eventually(lambda: not is_alive(int(note.read_text())))


def test_what_a_plugin_prints_is_no_answer_but_is_logged_for_a_while(
    opened: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    assert replies(opened("hostile", "chatty"), "!print") == {"chatty": "printed"}
    eventually(lambda: "plugins print too much" in caplog.text)
    assert caplog.text.count("from stdout") == LINES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!fork", {"chatty": "parent"}),
        ("!json", {"chatty": "{'not': 'text'}"}),
        ("!long", {"chatty": "x" * (LETTERS - 1) + "…"}),
        ("!greedy", {}),
    ],
)
def test_no_plugin_may_say_or_take_too_much(
    opened: Opener, text: str, expected: dict[str, str]
) -> None:
    plugins = opened("hostile", "chatty", "sound")

    assert replies(plugins, text) == expected | {"sound": "sound"}
    assert replies(plugins, "!json")["sound"] == "sound"


def test_a_process_that_was_killed_is_made_again(opened: Opener) -> None:
    plugins = opened("old")
    plugins.names()
    process = plugins._process
    assert process is not None
    os.kill(process._child.pid, 9)
    eventually(lambda: process.ended)

    assert replies(plugins, "!echo again") == {"echo": "again"}


def test_many_threads_get_each_their_own_answer(opened: Opener) -> None:
    plugins = opened("old")
    got: dict[int, dict[str, str]] = {}
    threads = [
        threading.Thread(target=lambda n=n: got.update({n: replies(plugins, f"!echo {n}")}))
        for n in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert got == {n: {"echo": str(n)} for n in range(8)}


def test_the_process_outlives_the_thread_that_asked_first(opened: Opener) -> None:
    plugins = opened("old")
    first = threading.Thread(target=plugins.names)
    first.start()
    first.join()

    process = plugins._process
    assert replies(plugins, "!echo still") == {"echo": "still"}
    assert plugins._process is process


def test_after_close_there_is_no_process_and_no_answer(opened: Opener) -> None:
    plugins = opened("old")
    plugins.names()
    assert plugins._process is not None
    pid = plugins._process._child.pid

    plugins.close()

    assert not is_alive(pid)
    with pytest.raises(Unavailable, match="stopped"):
        plugins.names()


def test_close_waits_for_nobody(opened: Opener, tmp_path: Path) -> None:
    plugins = opened("hostile", "hang", timeout=3600.0)
    note, told = tmp_path / "child", list[str]()

    def asking() -> None:
        try:
            replies(plugins, f"!hang {note}")
        except Unavailable as error:
            told.append(f"{error}")

    thread = threading.Thread(target=asking)
    thread.start()
    eventually(lambda: note.exists() and note.read_text())
    plugins.close()
    thread.join()

    assert told == ["the plugins are being stopped"]
    eventually(lambda: not is_alive(int(note.read_text())))


def test_a_folder_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(Mistake, match="no such folder") as caught:
        Plugins(tmp_path / "none", tmp_path, timeout=1.0, environment={})
    assert caught.value.field == "chat.plugins"
