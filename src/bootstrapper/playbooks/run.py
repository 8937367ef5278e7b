"""Perform a Work in this process: the middle of *request → policy → job → run → journal*.

For a fork that ends with its job: Ansible's globals, the working folder and the standard streams
are changed for good.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from bootstrapper.errors import Mistake
from bootstrapper.events import Counts, Event, Said
from bootstrapper.playbooks import engine
from bootstrapper.playbooks.batches import batches
from bootstrapper.playbooks.callback import JournalCallback, add
from bootstrapper.playbooks.catalogue import Catalogue
from bootstrapper.playbooks.console import read_console
from bootstrapper.playbooks.content import Checkout, copy_project
from bootstrapper.playbooks.place import Place
from bootstrapper.playbooks.roles import read_config, roles_paths
from bootstrapper.playbooks.scrub import Scrubber, telling
from bootstrapper.playbooks.work import Book, Module, Outcome, Work, outcome_of
from bootstrapper.secret import read_secret, secret_file
from bootstrapper.settings import Settings

Emit = Callable[[Event, str], None]


def run(
    work: Work,
    settings: Settings,
    checkout: Checkout,
    catalogue: Catalogue,
    workspace: Path,
    emit: Emit,
) -> Outcome:
    """`emit` takes an event and the host it is about ("" for all)."""
    place = _prepare(work, settings, checkout, catalogue, workspace)
    engine.configure(place)
    os.chdir(place.project)
    os.environ["BOOTSTRAPPER_ARTIFACTS"] = str(workspace / "artifacts")
    scrubber = _scrubber(work, settings, place)
    console = read_console(lambda said: emit(said, ""), scrubber.text)
    try:
        stats = _in_batches(work, place, scrubber, emit)
    finally:
        console()
    return outcome_of(stats, work.hosts)


def _in_batches(work: Work, place: Place, scrubber: Scrubber, emit: Emit) -> dict[str, Counts]:
    """One batch after the other; a batch with a failure is the last."""
    stats: dict[str, Counts] = {}
    rounds = batches(work.hosts, work.canary, work.serial)
    for number, batch in enumerate(rounds, 1):
        if len(rounds) > 1:
            emit(Said(text=f"batch {number} of {len(rounds)}: {', '.join(batch)}"), "")
        facts = isinstance(work.what, Module)
        callback = JournalCallback(emit, scrubber, facts=facts)
        done = engine.perform(work, place, batch, callback)
        stats = add(stats, done)
        left = len(rounds) - number
        if left and not _clean(done, batch):
            text = f"batch {number} failed: the other {left} are not begun"
            emit(Said(text=text, level="error"), "")
            break
    return stats


def _clean(stats: dict[str, Counts], batch: Sequence[str]) -> bool:
    return all(
        host in stats and not (stats[host]["failures"] or stats[host]["unreachable"])
        for host in batch
    )


def _prepare(
    work: Work, settings: Settings, checkout: Checkout, catalogue: Catalogue, workspace: Path
) -> Place:
    project = copy_project(checkout, workspace / "project")
    tmp = workspace / "tmp"
    tmp.mkdir(mode=0o700)
    (workspace / "artifacts").mkdir()
    checkout.modules.mkdir(exist_ok=True)
    (tmp / "ansiballz_cache").symlink_to(checkout.modules)
    config = read_config(project)
    if config.text:
        (tmp / "ansible.cfg").write_text(config.text)
    sources = catalogue.sources.get(work.env, catalogue.sources.get("", ()))
    part = settings.ansible
    return Place(
        project=project,
        tmp=tmp,
        roles_path=roles_paths(project, config),
        sources=tuple(project / each for each in sources),
        config=tmp / "ansible.cfg" if config.text else None,
        vault={name: read_secret(settings, key) for name, key in part.vault.items()},
        ssh_key=_ssh_key(settings, tmp),
        remote_user=part.remote_user,
    )


def _ssh_key(settings: Settings, tmp: Path) -> Path | None:
    """ssh wants a file: one of the operator's, or a copy that goes with the run."""
    name = settings.ansible.ssh_key
    if not name:
        return None
    secret = settings.secrets[name]
    if not secret.env:
        return secret_file(f"secrets.{name}", secret)
    file = tmp / "ssh_key"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(read_secret(settings, name).rstrip("\n") + "\n")
    return file


def _scrubber(work: Work, settings: Settings, place: Place) -> Scrubber:
    """What must not be seen: every secret of the settings, and what the caller's names betray."""
    known = [*place.vault.values(), *telling(work.extra_vars)]
    for name in settings.secrets:
        try:
            known.append(read_secret(settings, name))
        except Mistake:
            continue  # a secret that is not there cannot be shown either
    return Scrubber(known)


def book_of(work: Work, catalogue: Catalogue) -> Work:
    """The playbook by its whole name; `Book("")` is the one that updates code."""
    if not isinstance(work.what, Book):
        return work
    name = work.what.playbook or catalogue.update_code
    return msgspec.structs.replace(work, what=Book(catalogue.playbook(name).name))
