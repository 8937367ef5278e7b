"""What Ansible itself finds out about hosts: variables, vaults and scripts. Real processes."""

from pathlib import Path

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from bootstrapper.errors import Refused
from bootstrapper.playbooks.catalogue import Catalogue, Host
from bootstrapper.playbooks.content import Checkout
from bootstrapper.playbooks.hosts import resolve
from bootstrapper.playbooks.read_content import read_content
from bootstrapper.settings import Content
from playbooks.repository import write

SCRIPT = """#!/bin/sh
echo '{"web": {"hosts": ["w1"]}, "_meta": {"hostvars": {"w1": {"ansible_host": "10.0.0.1"}}}}'
"""
PASSWORD = "of the vault"


def sealed(text: str) -> str:
    lock = VaultLib([("default", VaultSecret(PASSWORD.encode()))])
    return str(lock.encrypt(text).decode())


def catalogue(
    root: Path,
    files: dict[str, str],
    vault: dict[str, str] | None = None,
    content: Content | None = None,
) -> Catalogue:
    write(root / "project", files)
    return read_content(Checkout("c", root), content or Content(), vault or {})


@pytest.mark.parametrize(
    ("name", "text", "host"),
    [
        pytest.param(
            "host_vars/w1.yml", "ansible_host: 10.0.0.1", Host("w1", "10.0.0.1"), id="host"
        ),
        pytest.param("group_vars/web.yml", "ansible_port: 2200", Host("w1", "", 2200), id="group"),
        pytest.param("group_vars/all/a.yml", "ansible_port: '22'", Host("w1", "", 22), id="all"),
        pytest.param(
            "host_vars/w1.yml", "ansible_host: '{{ lookup(\"pipe\", \"id\") }}'", Host("w1"),
            id="a template is nobody's address",
        ),
        pytest.param("host_vars/w1.yml", "ansible_port: '{{ p }}'", Host("w1"), id="nor a port"),
    ],
)  # fmt: skip
def test_variables_beside_the_inventory_say_where_a_host_is(
    tmp_path: Path, name: str, text: str, host: Host
) -> None:
    files = {"inventories/prod/hosts": "[web]\nw1\n", f"inventories/prod/{name}": text + "\n"}

    assert catalogue(tmp_path, files).envs["prod"].hosts == {"w1": host}


def test_an_address_of_host_vars_is_its_host(tmp_path: Path) -> None:
    found = catalogue(
        tmp_path,
        {
            "inventories/prod/hosts": "w1\n",
            "inventories/prod/host_vars/w1.yml": "ansible_host: 10.0.0.1\n",
        },
    )

    assert resolve(["10.0.0.1"], "", found, field="hosts").names == ("w1",)


@pytest.mark.parametrize(
    ("vault", "host", "told"),
    [
        pytest.param({"main": PASSWORD}, Host("w1", "10.0.0.1"), False, id="with its password"),
        pytest.param({"main": "another"}, Host("w1"), True, id="with a wrong one"),
        pytest.param({}, Host("w1"), True, id="without"),
    ],
)
def test_vaulted_variables(tmp_path: Path, vault: dict[str, str], host: Host, told: bool) -> None:
    files = {
        "inventories/prod/hosts": "[web]\nw1\n",
        "inventories/prod/group_vars/web.yml": sealed("ansible_host: 10.0.0.1\n"),
    }

    found = catalogue(tmp_path, files, vault)

    assert found.envs["prod"].hosts == {"w1": host}
    assert any("variables of w1 could not be read" in note for note in found.notes) is told
    assert not any(PASSWORD in note for note in found.notes)


@pytest.mark.parametrize("content", [Content(), Content(inventory=("inventory",))])
def test_a_script_is_asked(tmp_path: Path, content: Content) -> None:
    write(tmp_path / "project", {"inventory": SCRIPT})
    (tmp_path / "project/inventory").chmod(0o755)

    found = catalogue(tmp_path, {}, content=content)

    assert found.envs[""].hosts == {"w1": Host("w1", "10.0.0.1")}
    assert found.envs[""].groups == {"web": ("w1",)}


def test_a_script_that_breaks_is_told(tmp_path: Path) -> None:
    write(tmp_path / "project", {"inventory": "#!/bin/sh\necho it broke >&2\nexit 3\n"})
    (tmp_path / "project/inventory").chmod(0o755)

    found = catalogue(tmp_path, {})

    assert found.envs[""].hosts == {}
    assert any("inventory" in note for note in found.notes)


@pytest.mark.parametrize("name", ["ANSIBLE_INVENTORY_ENABLED", "ANSIBLE_CONFIG"])
def test_the_callers_environment_decides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "nothing.at.all")

    assert catalogue(tmp_path, {"hosts": "w1\n"}).envs[""].hosts == {"w1": Host("w1")}


def test_each_playbook_has_its_hosts_in_each_env(tmp_path: Path) -> None:
    found = catalogue(
        tmp_path,
        {
            "inventories/prod/hosts": "[web]\nw1\nw2\n[db]\nd1\n",
            "inventories/staging/hosts": "[web]\ns1\n",
            "web.yml": "- hosts: web:!w2\n",
            "both.yml": "- hosts: [db]\n- hosts: web\n",
            "late.yml": "- hosts: '{{ target }}'\n",
            "here.yml": "- hosts: localhost\n",
        },
    )

    assert {name: book.hosts for name, book in found.playbooks.items()} == {
        "web.yml": {"prod": ("w1",), "staging": ("s1",)},
        "both.yml": {"prod": ("d1", "w1", "w2"), "staging": ("s1",)},
        "late.yml": {"prod": ("w1", "w2", "d1"), "staging": ("s1",)},
        "here.yml": {"prod": (), "staging": ()},
    }


def test_a_play_whose_hosts_ansible_cannot_read_is_refused(tmp_path: Path) -> None:
    files = {"hosts": "[web]\nw1\n", "site.yml": "- hosts: web[a:b]\n- hosts: ~(\n"}

    with pytest.raises(Refused, match="the inventory cannot be read"):
        catalogue(tmp_path, files)
