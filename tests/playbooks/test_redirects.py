"""A module's other names, of Ansible's own table and of collections' runtime files."""

from pathlib import Path

import pytest

from bootstrapper.playbooks.redirects import (
    built_in_redirects,
    collection_redirects,
    other_names,
)
from playbooks.repository import write

MOVED = {"mount": "ansible.posix.mount", "b.c.mount": "ansible.posix.mount", "a": "b", "b": "a"}


@pytest.mark.parametrize(
    ("module", "others"),
    [
        ("mount", ("ansible.posix.mount", "b.c.mount")),
        ("ansible.builtin.mount", ("ansible.posix.mount", "b.c.mount")),
        ("ansible.legacy.mount", ("ansible.posix.mount", "b.c.mount")),
        ("ansible.posix.mount", ("b.c.mount", "mount")),
        ("b.c.mount", ("ansible.posix.mount", "mount")),
        ("ping", ()),
        ("ansible.builtin.ping", ()),
        ("x.y.mount", ()),
        ("a", ("b",)),
        ("b", ("a",)),
    ],
)
def test_all_that_leads_to_one_module(module: str, others: tuple[str, ...]) -> None:
    assert other_names(module, MOVED) == others


def test_a_chain_is_followed_over_both_tables() -> None:
    built_in = {"docker_container": "community.general.docker_container"}
    collections = {"community.general.docker_container": "community.docker.docker_container"}

    assert other_names("docker_container", built_in, collections) == (
        "community.docker.docker_container", "community.general.docker_container",
    )  # fmt: skip


def test_ansible_has_moved_modules() -> None:
    assert built_in_redirects()["synchronize"] == "ansible.posix.synchronize"


def test_a_collection_says_where_its_modules_went(tmp_path: Path) -> None:
    below = "collections/ansible_collections/our"
    write(
        tmp_path,
        {
            f"{below}/old/meta/runtime.yml": (
                "plugin_routing:\n"
                "  action:\n    wipe: {redirect: our.new.act}\n    look: {redirect: our.new.look}\n"
                "  modules:\n    wipe: {redirect: our.new.wipe}\n    gone: {tombstone: {}}\n"
            ),
            f"{below}/broken/meta/runtime.yml": "plugin_routing: [",
            f"{below}/empty/meta/runtime.yml": "requires_ansible: '>=2.15'\n",
        },
    )

    found = collection_redirects(tmp_path)

    assert {name: to for name, to in found.items() if name.startswith("our.")} == {
        "our.old.wipe": "our.new.wipe", "our.old.look": "our.new.look",
    }  # fmt: skip
