"""Read what a checkout offers, its catalogue: files in, a value out.

Ansible itself reads the inventory, in a process of its own.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.playbooks.books import Book, read_books
from bootstrapper.playbooks.catalogue import Catalogue, Playbook
from bootstrapper.playbooks.content import Checkout
from bootstrapper.playbooks.envs import by_env, group_envs, inventory_sources, read_own
from bootstrapper.playbooks.inventory_question import Answer, Question
from bootstrapper.playbooks.programs import run_program
from bootstrapper.playbooks.redirects import collection_redirects
from bootstrapper.playbooks.roles import read_config, read_roles
from bootstrapper.settings import Content

INVENTORY_SECONDS = 120


def read_content(checkout: Checkout, content: Content, vault: Mapping[str, str]) -> Catalogue:
    project = checkout.project
    own = read_own(project)
    config = read_config(project)
    books = read_books(project)
    sources = inventory_sources(project, content)
    answer = _ask_ansible(project, sources, books, vault)
    envs = dict(answer.envs)
    if set(envs) == {""}:
        envs |= group_envs(envs[""], own)
    playbooks = {
        name: Playbook(name, book.summary, by_env(answer.hosts[name], envs))
        for name, book in books.items()
    }
    update_code = content.update_code or own.update_code
    if update_code and update_code not in playbooks:
        raise Mistake(f"update_code: the content has no playbook {update_code!r}")
    customary = [name for name in playbooks if Path(name).stem in ("update-code", "update_code")]
    notes = [f"ansible.cfg: {name} is not honoured" for name in config.ignored]
    return Catalogue(
        commit=checkout.commit,
        roles=read_roles(project, config),
        playbooks=playbooks,
        envs=envs,
        sources=sources,
        update_code=update_code or (customary[0] if customary else ""),
        redirects=collection_redirects(project),
        notes=(*answer.notes, *notes),
    )


def _ask_ansible(
    project: Path,
    sources: Mapping[str, tuple[str, ...]],
    books: Mapping[str, Book],
    vault: Mapping[str, str],
) -> Answer:
    question = Question(
        str(project),
        {env: tuple(str(project / each) for each in names) for env, names in sources.items()},
        {name: book.patterns for name, book in books.items()},
        dict(vault),
    )
    try:
        done = run_program(
            [sys.executable, "-m", "bootstrapper.playbooks.inventory"], INVENTORY_SECONDS,
            given=msgspec.json.encode(question), environment=_environment(project),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"the inventory took longer than {INVENTORY_SECONDS} s") from error
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise Refused(f"the inventory cannot be read: {lines[-1] if lines else 'no reason given'}")
    answer = msgspec.json.decode(done.stdout, type=Answer)
    warnings = [
        line.removeprefix("[WARNING]: ")
        for line in done.stderr.decode(errors="replace").splitlines()
        if line.startswith("[WARNING]")
    ]
    return msgspec.structs.replace(answer, notes=(*answer.notes, *warnings))


def _environment(project: Path) -> dict[str, str]:
    """Neither the caller's ANSIBLE_* nor any ansible.cfg decides what an inventory is."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("ANSIBLE_")}
    return {
        **kept,
        "ANSIBLE_CONFIG": str(project / ".no-ansible.cfg"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    }
