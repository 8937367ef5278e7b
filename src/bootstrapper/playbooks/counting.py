"""How many tasks a play has, from what Ansible has read of it: a walk, and no more than that.

Which of them tags choose is not asked: that costs Ansible a tenth of a millisecond for each.
"""

from collections.abc import Iterable
from typing import Any

_NO_TASK = frozenset({"meta", "ansible.builtin.meta", "ansible.legacy.meta"})


def count_tasks(play: Any, gathering: str) -> int:
    """Without handlers and what only a rescue runs; 0 where tags choose. `gathering` as Ansible's
    setting DEFAULT_GATHERING has it."""
    if set(play.only_tags) != {"all"} or play.skip_tags:
        return 0
    blocks = [*play.pre_tasks, *_role_blocks(play.roles), *play.tasks, *play.post_tasks]
    return _gathers(play.gather_facts, gathering) + sum(map(_tasks, blocks))


def _gathers(asked: Any, gathering: str) -> bool:
    return bool(asked) if asked is not None else gathering != "explicit"


def _role_blocks(roles: Iterable[Any]) -> Iterable[Any]:
    """Of a role that several depend on once, as Ansible runs it."""
    seen: set[str] = set()
    for role in roles:
        if role.from_include:
            continue
        for each in (*role.get_all_dependencies(), role):
            name = each.get_name()
            if name not in seen:
                seen.add(name)
                yield from each.get_task_blocks()


def _tasks(each: Any) -> int:
    if hasattr(each, "block"):
        return sum(map(_tasks, (*each.block, *each.always)))
    return each.action not in _NO_TASK
