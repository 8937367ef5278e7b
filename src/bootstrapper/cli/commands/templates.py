"""The files that templates keep on this machine: templates status, confirm. Offline."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.telling.templates import Keeping, Kept, tell_templates

if TYPE_CHECKING:
    from bootstrapper.templates.board import Status


def _state(session: Session) -> Path:
    named = session.args.state
    return Path(named) if named else session.settings.state_dir


def _status(session: Session) -> int:
    """1 when a file is not true to its keys: for a health check."""
    from bootstrapper.templates.board import statuses

    found = list(statuses(_state(session)))
    keeping = Keeping(
        files=tuple(kept for status in found for kept in _kept(status)),
        faults=tuple(text for status in found if status.alive for text in status.faults),
    )
    session.out.show(keeping, tell_templates)
    bad = any(each.state in ("held", "failed") for each in keeping.files)
    return 1 if bad or keeping.faults else 0


def _kept(status: "Status") -> Iterator[Kept]:
    for each in status.files.values():
        state = "in sync" if each.outcome.good else each.outcome.value
        yield Kept(
            name=each.name,
            dest=each.dest,
            state=state if status.alive else "unattended",
            revision=each.true_revision,
            since=each.since,
            true_at=each.true_at,
            keys=each.keys,
            hold=each.hold,
            reason=each.reason,
            source=status.source,
        )


def _confirm(session: Session) -> int:
    from bootstrapper.templates.board import confirm

    known = confirm(_state(session), session.args.name)
    session.out.done(
        {"name": known.name, "hold": known.hold},
        f"{known.dest}: its {known.keys} keys go through within a second",
    )
    return 0


def _where(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--state", metavar="FOLDER",
        help="the state folder that confd or watch runs with (the settings' own)",
    )  # fmt: skip


def _confirm_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="as `templates status` lists it")
    _where(parser)


COMMANDS = (
    Command(
        name="templates",
        summary="the files that templates keep here: status, confirm",
        parts=(
            Command(
                name="status", arguments=_where, run=_status,
                summary="say of each file which revision it is true to, or why not",
            ),
            Command(
                name="confirm", arguments=_confirm_arguments, run=_confirm,
                summary="let a held render through, as it is now",
            ),
        ),
    ),
)  # fmt: skip
