"""Where roles are found, and which of them may share a play."""

from pathlib import Path

import pytest

from bootstrapper.playbooks.roles import read_config, read_roles
from playbooks.repository import write

COLLECTION = "collections/ansible_collections/acme/tools/roles"


def test_where_roles_are_looked_for(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "project/ansible.cfg": "[defaults]\nroles_path = more:../outside:roles\n",
            "project/roles/own/tasks/main.yml": "[]",
            "project/roles/.hidden": "",
            "project/roles/notes/README.md": "no role",
            "project/more/own/meta/main.yml": "galaxy_info: {description: hidden by the first}",
            "project/more/extra/meta/main.yml": "galaxy_info: {description: Of roles_path}",
            f"project/{COLLECTION}/theirs/tasks/main.yml": "[]",
            "outside/secret/tasks/main.yml": "[]",
        },
    )
    project = tmp_path / "project"

    found = read_roles(project, read_config(project))

    assert {name: role.summary for name, role in found.items()} == {
        "own": "", "extra": "Of roles_path", "acme.tools.theirs": "",
    }  # fmt: skip


@pytest.mark.parametrize("meta", ["[", "- a", "", "galaxy_info: text", "galaxy_info: {a: 1}"])
def test_a_role_may_say_nothing_of_itself(tmp_path: Path, meta: str) -> None:
    write(tmp_path, {"roles/it/meta/main.yml": meta})

    assert read_roles(tmp_path, read_config(tmp_path))["it"].summary == ""


HARMLESS = "debug:"
UNKNOWN = "it takes in a role that is not known"


@pytest.mark.parametrize(
    ("tasks", "meta", "why"),
    [
        pytest.param(HARMLESS, "{}", "", id="nothing special"),
        pytest.param("debug:\n  max_fail_percentage: 3", "{}", "it uses max", id="a percentage"),
        pytest.param("meta: end_batch", "{}", "it uses end_batch", id="an end"),
        pytest.param(HARMLESS, "dependencies: [other]", "other uses end_play", id="by name"),
        pytest.param(HARMLESS, "dependencies: [{role: other}]", "other uses", id="as role"),
        pytest.param(HARMLESS, "dependencies: [{name: other}]", "other uses", id="as name"),
        pytest.param(HARMLESS, "dependencies: [good]", "", id="on a harmless one"),
        pytest.param(HARMLESS, "dependencies: [theirs]", UNKNOWN, id="on an unknown one"),
        pytest.param(HARMLESS, "dependencies: [it]", "", id="on itself"),
        pytest.param("include_role: {name: middle}", "{}", "other uses", id="two steps away"),
        pytest.param("include_role: {name: '{{ x }}'}", "{}", UNKNOWN, id="by a variable"),
        pytest.param(
            "include_role:\n    name: acme.tools.odd", "{}", "acme.tools.odd uses play_hosts",
            id="of a collection",
        ),
        pytest.param(
            "include_role:\n    tasks_from: x\n    name: other", "{}", UNKNOWN, id="named second"
        ),
        pytest.param("import_role: name=other", "{}", UNKNOWN, id="in the old manner"),
        pytest.param("import_role: {tasks_from: x, name: other}", "{}", UNKNOWN, id="in one line"),
        pytest.param(
            "ansible.builtin.import_role:\n    name: other", "{}", "other uses", id="in full"
        ),
    ],
)  # fmt: skip
def test_why_a_role_plays_alone(tmp_path: Path, tasks: str, meta: str, why: str) -> None:
    write(
        tmp_path,
        {
            "roles/it/tasks/main.yml": f"- name: Task\n  {tasks}\n",
            "roles/it/meta/main.yml": meta,
            "roles/other/handlers/main.yml": "- meta: end_play",
            "roles/other/tasks/main.yml": "[]",
            "roles/middle/tasks/main.yml": "- import_role: {name: other}\n",
            "roles/good/tasks/main.yml": "- debug:\n",
            f"{COLLECTION}/odd/tasks/main.yml": "- debug: {msg: '{{ play_hosts }}'}\n",
        },
    )

    alone = read_roles(tmp_path, read_config(tmp_path))["it"].alone

    assert alone.startswith(why)
    assert bool(alone) == bool(why)
