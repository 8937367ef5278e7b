from types import SimpleNamespace
from typing import Any

import pytest

from bootstrapper.playbooks.counting import count_tasks


def task(action: str = "copy") -> Any:
    return SimpleNamespace(action=action)


def block(*tasks: Any, always: tuple[Any, ...] = (), rescue: tuple[Any, ...] = ()) -> Any:
    return SimpleNamespace(block=list(tasks), always=list(always), rescue=list(rescue))


def role(name: str, *blocks: Any, needs: tuple[Any, ...] = (), included: bool = False) -> Any:
    return SimpleNamespace(
        from_include=included,
        get_name=lambda: name,
        get_all_dependencies=lambda: list(needs),
        get_task_blocks=lambda: list(blocks),
    )


BASE = role("base", block(task()))


@pytest.mark.parametrize(
    ("fields", "gathering", "tasks"),
    [
        ({}, "implicit", 0),
        ({"gather_facts": None}, "implicit", 1),
        ({"gather_facts": None}, "explicit", 0),
        ({"gather_facts": True}, "explicit", 1),
        ({"tasks": [block(task(), task("meta"))], "pre_tasks": [block(task())]}, "implicit", 2),
        ({"tasks": [block(block(task(), always=(task(),)), rescue=(task(),))]}, "implicit", 2),
        ({"post_tasks": [block(task())]}, "implicit", 1),
        (
            {"roles": [role("a", block(task()), needs=(BASE,)), role("b", needs=(BASE,))]},
            "implicit", 2,
        ),
        ({"roles": [role("a", block(task()), included=True)]}, "implicit", 0),
        ({"tasks": [block(task())], "only_tags": ["api"]}, "implicit", 0),
        ({"tasks": [block(task())], "skip_tags": ["slow"]}, "implicit", 0),
    ],
)  # fmt: skip
def test_the_tasks_of_a_play(fields: dict[str, Any], gathering: str, tasks: int) -> None:
    play: dict[str, Any] = {
        "only_tags": ["all"], "skip_tags": [], "gather_facts": False,
        "pre_tasks": [], "roles": [], "tasks": [], "post_tasks": [],
    }  # fmt: skip

    assert count_tasks(SimpleNamespace(**(play | fields)), gathering) == tasks
