"""The inventory and the playbooks' hosts as Ansible itself reads them, printed as JSON.

Run as a process of its own (`python -m bootstrapper.playbooks.inventory`), so that neither the
API nor the worker's warm parent keeps what an inventory script or a plugin leaves behind.
Standard input: `Question`; standard output: `Answer`.
"""

import os
import sys
from typing import Any

import msgspec
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible.plugins.loader import init_plugin_loader
from ansible.vars.manager import VariableManager

from bootstrapper.playbooks.catalogue import Host, Inventory
from bootstrapper.playbooks.inventory_question import Answer, Question


def read(question: Question) -> Answer:
    envs: dict[str, Inventory] = {}
    hosts: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in question.patterns}
    notes: list[str] = []
    for env, sources in question.sources.items():
        manager, variables = _load(question, sources)
        envs[env] = _inventory(manager, variables, notes)
        for name, patterns in question.patterns.items():
            hosts[name][env] = _hosts(manager, patterns)
    return Answer(envs, hosts, tuple(dict.fromkeys(notes)))


def _load(question: Question, sources: tuple[str, ...]) -> tuple[Any, Any]:

    loader = DataLoader()
    loader.set_basedir(question.project)
    loader.set_vault_secrets(
        [(name, VaultSecret(text.encode())) for name, text in question.vault.items()]
    )
    manager = InventoryManager(loader=loader, sources=list(sources))
    return manager, VariableManager(loader=loader, inventory=manager)


def _inventory(manager: Any, variables: Any, notes: list[str]) -> Inventory:
    found = [_host(host, variables, notes) for host in manager.get_hosts("all")]
    hosts = {host.name: host for host in found}
    groups = {
        str(name): tuple(str(host.name) for host in group.get_hosts())
        for name, group in manager.groups.items()
        if name not in ("all", "ungrouped")
    }
    return Inventory(hosts, groups)


def _host(host: Any, variables: Any, notes: list[str]) -> Host:
    """Where it is reached: of its variables only a plain value counts."""

    try:
        known = variables.get_vars(host=host, include_hostvars=False)
    except AnsibleError as error:  # a vault whose password is not set, say
        notes.append(f"variables of {host.name} could not be read: {error}")
        known = host.vars
    address = str(known.get("ansible_host", ""))
    port = str(known.get("ansible_port", ""))
    return Host(
        str(host.name),
        "" if "{{" in address else address,
        int(port) if port.isdigit() else 0,
    )


def _hosts(manager: Any, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Without the localhost that Ansible makes up where no inventory has one."""
    names: dict[str, None] = {}
    for pattern in patterns:
        plain = "all" if "{{" in pattern else pattern
        found = [host for host in manager.list_hosts(plain) if not host.implicit]
        names.update({str(host.name): None for host in found})
    return tuple(names)


def main() -> int:
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    os.chdir(question.project)
    init_plugin_loader()
    out = os.dup(1)
    os.dup2(2, 1)  # Ansible's warnings are not the answer
    answer = read(question)
    os.write(out, msgspec.json.encode(answer))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
