"""The commands that the actions become: launch a job and follow it, or only show its plan."""

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from functools import partial
from inspect import cleandoc
from typing import Any, NamedTuple

from bootstrapper.actions.action import Action
from bootstrapper.actions.registry import actions, summary
from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.fields import add_fields, request_of
from bootstrapper.cli.following import start_following
from bootstrapper.cli.telling.plans import tell_plan
from bootstrapper.cli.values import moment, number, seconds, words
from bootstrapper.errors import Mistake
from bootstrapper.jobs.job import Priority
from bootstrapper.nearest import nearest

DENIED = 2
OPTIONS = ("priority", "not_before", "timeout", "retries", "locks")


class Asked(NamedTuple):
    """An action, its request and how to run it, as somebody wrote them on a command line."""

    action: str
    request: dict[str, Any]
    options: dict[str, Any]


def action_commands() -> tuple[Command, ...]:
    return tuple(
        Command(
            name=verb(kind),
            summary=_lowered(summary(kind)),
            details="\n".join(cleandoc(kind.__doc__ or "").split("\n")[1:]),
            arguments=partial(launch_arguments, kind=kind),
            run=partial(launch, kind=kind),
        )
        for kind in actions().values()
    )


def verb(kind: type[Action]) -> str:
    return kind.COMMAND or kind.NAME


def launch_arguments(parser: ArgumentParser, kind: type[Action]) -> None:
    following = add_follow_options(parser)
    following.add_argument(
        "--plan", action="store_true", help="show what would be done and the verdict; do nothing"
    )
    following.add_argument(
        "--idempotency-key", metavar="KEY", default="", help="the same key starts one job only"
    )
    add_options(parser)
    add_fields(parser, kind)


def add_follow_options(parser: ArgumentParser) -> "argparse._ArgumentGroup":
    group = parser.add_argument_group("what to do with the job")
    group.add_argument(
        "--detach", action="store_true", help="do not follow: print the job's id and end"
    )
    return group


def add_options(parser: ArgumentParser) -> None:
    """How a job is run, whatever its action."""
    group = parser.add_argument_group("how to run the job")
    group.add_argument("--priority", choices=[str(each) for each in Priority], default="")
    group.add_argument(
        "--not-before", metavar="TIME", type=moment, default="",
        help="RFC 3339, or from now: 15m, 2h",
    )  # fmt: skip
    group.add_argument(
        "--timeout", metavar="SECONDS", type=seconds, help="the longest it may run; or 15m, 2h"
    )
    group.add_argument("--retries", metavar="N", type=number(int), help="attempts after a failure")
    group.add_argument(
        "--lock", dest="locks", metavar="NAME", type=words, action="append", default=None,
        help="run while nobody else holds it",
    )  # fmt: skip


def asked(kind: type[Action], args: Namespace) -> Asked:
    given = {name: getattr(args, name, None) for name in OPTIONS}
    given["locks"] = tuple(each for part in given["locks"] or () for each in part)
    options = {name: value for name, value in given.items() if value not in (None, "", ())}
    return Asked(kind.NAME, request_of(args), options)


def launch(session: Session, kind: type[Action]) -> int:
    wish = asked(kind, session.args)
    if session.args.plan:
        plan = session.client.plan(wish.action, wish.request, **wish.options)
        session.out.show(plan, tell_plan)
        return DENIED if plan.verdict.effect == "deny" else 0
    key = session.args.idempotency_key
    job = session.client.launch(wish.action, wish.request, idempotency_key=key, **wish.options)
    return start_following(session, job)


def read_asked(line: Sequence[str]) -> Asked:
    """`role nginx web-1 -E prod`, as a schedule or a question to the policy quotes it."""
    kinds = {verb(kind): kind for kind in actions().values()}
    kind = kinds.get(line[0])
    if kind is None:
        raise Mistake(f"no action {line[0]!r}{nearest(line[0], kinds)}")
    parser = ArgumentParser(
        prog=line[0], allow_abbrev=False, conflict_handler="resolve", add_help=False
    )
    add_options(parser)
    add_fields(parser, kind)
    return asked(kind, parser.parse_args(line[1:]))


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
