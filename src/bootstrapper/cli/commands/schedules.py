"""Jobs that come back by the calendar: schedule list, set, remove."""

import argparse
from argparse import ArgumentParser

from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.launch import read_asked
from bootstrapper.cli.telling.site import tell_schedules


def _list(session: Session) -> int:
    session.out.show(session.client.schedules(), tell_schedules)
    return 0


def _set(session: Session) -> int:
    args, wish = session.args, read_asked(session.args.line)
    session.client.set_schedule(
        args.name, cron=args.cron, zone=args.zone, action=wish.action, request=wish.request,
        options=wish.options,
    )  # fmt: skip
    session.out.done({"name": args.name}, f"{args.name} is scheduled: {args.cron}")
    return 0


def _remove(session: Session) -> int:
    session.client.remove_schedule(session.args.name)
    session.out.done({"name": session.args.name}, f"{session.args.name} is no longer scheduled")
    return 0


def _name(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")


def _set_arguments(parser: ArgumentParser) -> None:
    _name(parser)
    parser.add_argument(
        "--cron", required=True, metavar="'M H D M W'", help="minute hour day month weekday"
    )
    parser.add_argument("--zone", default="", help="a time zone such as Europe/Berlin; else UTC")
    parser.add_argument(
        "line", metavar="ACTION …", nargs=argparse.PARSER,
        help="as it would be launched: role nginx web-1 -E prod",
    )  # fmt: skip


COMMANDS = (
    Command(
        name="schedule",
        summary="jobs by the calendar: list, set, remove",
        parts=(
            Command(name="list", summary="list the schedules", run=_list),
            Command(name="set", summary="make or change one", arguments=_set_arguments, run=_set),
            Command(name="remove", summary="remove one", arguments=_name, run=_remove),
        ),
    ),
)
