"""Catalogues of real folders, whose inventories Ansible itself reads."""

from pathlib import Path

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.playbooks.catalogue import Catalogue
from bootstrapper.playbooks.content import Checkout
from bootstrapper.playbooks.read_content import read_content
from bootstrapper.settings import Content
from playbooks.repository import write
from support.content import FILES

SITE = "- {name: All of it, hosts: web}\n"
FLAT = """
[web]
w1 ansible_host=10.0.0.1
s1
[prod]
w1
[staging]
s1
"""


def catalogue(root: Path, files: dict[str, str], content: Content | None = None) -> Catalogue:
    write(root / "project", files)
    return read_content(Checkout("c", root), content or Content(), {})


def role(text: str) -> str:
    return f"- name: Task\n  {text}\n"


# — envs and hosts —


def test_folders_of_inventories_are_envs(tmp_path: Path) -> None:
    found = catalogue(
        tmp_path,
        {
            "inventories/prod/hosts": "[web]\nw1 ansible_host=10.0.0.1 ansible_port=2200\n",
            "inventories/prod/group_vars/all.yml": "x: 1\n",
            "inventories/staging/hosts": "[web]\ns1\n",
            "inventories/group_vars/all.yml": "x: 1\n",
            "site.yml": SITE,
        },
    )

    assert found.env_names == ("prod", "staging")
    assert found.envs["prod"].hosts["w1"].lock == "host:10.0.0.1:2200"
    assert found.playbooks["site.yml"].summary == "All of it"
    assert found.playbooks["site.yml"].hosts == {"prod": ("w1",), "staging": ("s1",)}


def test_customary_groups_of_a_flat_inventory_are_envs(tmp_path: Path) -> None:
    found = catalogue(tmp_path, {"inventory.ini": FLAT, "site.yml": SITE})

    assert found.env_names == ("prod", "staging")
    assert found.envs["staging"].hosts.keys() == {"s1"}
    assert found.envs["staging"].groups["web"] == ("s1",)
    assert found.playbooks["site.yml"].hosts["staging"] == ("s1",)
    assert set(found.playbooks["site.yml"].hosts[""]) == {"w1", "s1"}


def test_the_contents_own_file_names_other_groups(tmp_path: Path) -> None:
    files = {"inventory.ini": "[blue]\nb1\n[green]\ng1\n", "bootstrapper.toml": 'envs = ["blue"]'}

    assert catalogue(tmp_path, files).env_names == ("blue",)


def test_the_settings_say_where_inventories_are(tmp_path: Path) -> None:
    files = {"hosts/eu.ini": "a\n", "hosts/us.ini": "b\n"}

    found = catalogue(tmp_path, files, Content(inventory=("hosts/{env}.ini",)))

    assert {env: set(found.envs[env].hosts) for env in found.envs} == {"eu": {"a"}, "us": {"b"}}


@pytest.mark.parametrize(
    ("files", "words"),
    [
        pytest.param({"bootstrapper.toml": 'envs = ["x"]'}, "env 'x' is no group", id="env"),
        pytest.param({"bootstrapper.toml": 'evns = ["x"]'}, "evns", id="misspelt"),
        pytest.param({"bootstrapper.toml": "="}, "bootstrapper.toml", id="no TOML"),
        pytest.param({"ansible.cfg": "x"}, "ansible.cfg", id="no ini"),
    ],
)
def test_what_the_content_says_wrong_is_told(
    tmp_path: Path, files: dict[str, str], words: str
) -> None:
    with pytest.raises(Mistake, match=words):
        catalogue(tmp_path, {"inventory.ini": "a\n", **files})


def test_an_inventory_that_breaks_is_refused_in_ansibles_words(tmp_path: Path) -> None:
    files = {"inventory.yml": "all: {hosts: {a: {ansible_host: !vault 'x'}}, vars: [\n"}

    found = catalogue(tmp_path, files)

    assert not found.envs[""].hosts
    assert any("inventory.yml" in note for note in found.notes)


# — playbooks and roles —


def test_the_playbook_that_updates_code(tmp_path: Path) -> None:
    files = {"inventory.ini": "[web]\na\n", "site.yml": SITE, "update_code.yml": SITE}
    named = {**files, "bootstrapper.toml": 'update_code = "site.yml"'}

    assert catalogue(tmp_path / "a", files).update_code == "update_code.yml"
    assert catalogue(tmp_path / "b", named).update_code == "site.yml"
    with pytest.raises(Mistake, match=r"no playbook 'x\.yml'"):
        catalogue(tmp_path / "c", files, Content(update_code="x.yml"))


def test_only_playbooks_are_playbooks(tmp_path: Path) -> None:
    found = catalogue(
        tmp_path,
        {
            "inventory.ini": "[web]\na\n",
            "site.yml": SITE,
            "playbooks/db.yaml": "- {hosts: [web]}\n",
            "all.yml": "- import_playbook: site.yml\n",
            "vars.yml": "a: 1\n",
            "tasks.yml": "- debug:\n",
            "broken.yml": "{",
            "outside.yml": "- import_playbook: ../../secret.yml\n",
        },
    )

    assert set(found.playbooks) == {"site.yml", "playbooks/db.yaml", "all.yml"}
    assert found.playbooks["all.yml"].hosts == {"": ("a",)}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("debug:", "", id="nothing special"),
        pytest.param("debug:\n  run_once: true", "it uses run_once", id="run_once"),
        pytest.param(
            "debug: {msg: '{{ ansible_play_hosts }}'}", "it uses ansible_play_hosts",
            id="neighbours",
        ),
        pytest.param("import_role: {name: other}", "other uses end_play", id="of another role"),
        pytest.param(
            "include_role:\n    name: '{{ x }}'", "it takes in a role that is not known",
            id="of any role",
        ),
        pytest.param("import_role: {name: good}", "", id="of a harmless role"),
    ],
)  # fmt: skip
def test_why_a_role_plays_alone(tmp_path: Path, text: str, why: str) -> None:
    found = catalogue(
        tmp_path,
        {
            "roles/it/tasks/main.yml": role(text),
            "roles/other/tasks/main.yml": role("meta: end_play"),
            "roles/good/tasks/main.yml": role("debug:"),
        },
    )

    assert found.roles["it"].alone.startswith(why)
    assert bool(found.roles["it"].alone) == bool(why)


def test_the_tests_own_content(tmp_path: Path) -> None:
    files = {str(f.relative_to(FILES)): f.read_text() for f in FILES.rglob("*") if f.is_file()}

    found = catalogue(tmp_path, {**files, "inventory.ini": "[web]\na\n"})

    assert found.roles["hello"].summary == "Writes a greeting"
    assert {name for name, each in found.roles.items() if each.alone} == {
        "together", "needs_together", "unknowable",
    }  # fmt: skip
    assert [note for note in found.notes if "honoured" in note] == [
        "ansible.cfg: defaults.library is not honoured",
        "ansible.cfg: ssh_connection.ssh_args is not honoured",
    ]
