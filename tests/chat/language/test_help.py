from datetime import UTC, datetime

import pytest

from bootstrapper.actions.registry import actions
from bootstrapper.chat.language.fixed import FIXED
from bootstrapper.chat.language.help import OPTIONS, help_for, lines, topics
from bootstrapper.chat.language.orders import Launch, read
from bootstrapper.errors import Unknown

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_the_list_has_only_what_its_reader_may_use() -> None:
    mine = {"update-code": actions()["update-code"]}

    assert lines(topics(mine, ["whoami", "jobs"])) == (
        "codeupdate <tags> [env] — update the code in an env: run the playbook that the content "
        "names for it",
        "jobs [state] [env] — the newest jobs",
        "whoami — who you are here, and in which groups",
    )


def test_one_word_is_told_with_its_fields_as_they_are_written() -> None:
    found = help_for("role", actions(), FIXED)

    assert found.topic.form == "role <roles> <hosts> [env]"
    assert found.more.startswith("Jobs that wait at the same time")
    assert [field.name for field in found.fields[:4]] == ["roles", "hosts", "env", "extra_vars"]
    assert [field.required for field in found.fields[:3]] == [True, True, False]
    assert all(field.description for field in found.fields)
    assert found.options == OPTIONS
    assert found.example == "role base,nginx web-1"


@pytest.mark.parametrize("name", sorted(actions()))
def test_every_example_can_be_said(name: str) -> None:
    example = help_for(name, actions(), ()).example

    assert read(example, actions(), now=NOON) == Launch(
        action=name, request=actions()[name].EXAMPLE
    )


@pytest.mark.parametrize("name", FIXED)
def test_every_order_has_its_help(name: str) -> None:
    topic = help_for(name.upper(), {}, FIXED).topic

    assert topic.form.split()[0] == topic.word == name
    assert topic.does


def test_what_one_may_not_use_is_unknown() -> None:
    with pytest.raises(Unknown, match="no command 'cancel'"):
        help_for("cancel", {}, ["whoami"])
