"""What is asked of the process that reads an inventory, and what it answers."""

import msgspec

from bootstrapper.playbooks.catalogue import Inventory


class Question(msgspec.Struct, frozen=True):
    """`patterns`: the host patterns of each playbook's plays."""

    project: str
    sources: dict[str, tuple[str, ...]]
    patterns: dict[str, tuple[str, ...]]
    vault: dict[str, str] = {}


class Answer(msgspec.Struct, frozen=True):
    envs: dict[str, Inventory]
    hosts: dict[str, dict[str, tuple[str, ...]]]
    notes: tuple[str, ...] = ()
