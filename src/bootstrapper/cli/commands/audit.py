"""The audit trail: read it, and verify that nobody has changed it."""

from argparse import ArgumentParser

from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.telling.site import tell_audit, tell_audit_check
from bootstrapper.cli.values import number

BROKEN = 1
PAGE = 1000  # entries in one answer


def _audit(session: Session) -> int:
    after, left = session.args.after, session.args.limit
    while left is None or left > 0:
        entries = session.client.audit(after, limit=min(PAGE, PAGE if left is None else left))
        for entry in entries:
            session.out.show(entry, tell_audit)
        if not entries:
            break
        after, left = entries[-1].number, None if left is None else left - len(entries)
    return 0


def _verify(session: Session) -> int:
    check = session.client.verify_audit(session.args.expect)
    session.out.show(check, tell_audit_check)
    return 0 if check.ok else BROKEN


def _audit_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--after", metavar="N", type=number(int), default=0)
    parser.add_argument("--limit", metavar="N", type=number(int))


def _verify_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--expect", metavar="HASH", default="", help="a head that was noted before")


COMMANDS = (
    Command(
        name="audit",
        summary="who asked for what, and what came of it; audit verify",
        arguments=_audit_arguments,
        run=_audit,
        parts=(
            Command(name="verify", summary="check the chain from its first entry",
                    arguments=_verify_arguments, run=_verify),
        ),
    ),
)  # fmt: skip
