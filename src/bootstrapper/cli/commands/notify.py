"""Notifications: notify test, raise, status."""

import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.telling.lines import Line, Tone, clean
from bootstrapper.cli.telling.notify import tell_notifications
from bootstrapper.errors import Mistake
from bootstrapper.nearest import nearest
from bootstrapper.settings import NotifyReceiver

if TYPE_CHECKING:
    from bootstrapper.notify.receiver import Receiver

SEVERITIES = ("info", "warning", "error", "critical")


class Tried(Struct, frozen=True, kw_only=True):
    """`fault`: why it did not go, or ""."""

    receiver: str
    kind: str
    sent: bool
    fault: str = ""


def _test(session: Session) -> int:
    """Straight from the settings of this machine: no server is asked."""
    from bootstrapper.notify.trying import try_out

    part = session.settings.notify
    found = []
    for each in _wanted(part.receivers, session.args.receivers):
        fault = try_out(each, part, time.time(), lambda target: _in_slack(session, target))
        found.append(Tried(receiver=each.name, kind=each.kind, sent=not fault, fault=fault))
    session.out.show(tuple(found), lambda tried: (_told(each) for each in tried))
    return 0 if all(each.sent for each in found) else 1


def _wanted(
    receivers: Sequence[NotifyReceiver], names: Sequence[str]
) -> tuple[NotifyReceiver, ...]:
    known = {each.name: each for each in receivers}
    if not known:
        raise Mistake("there is no receiver: [[notify.receivers]] of the settings")
    for name in names:
        if name not in known:
            raise Mistake(f"no receiver {name!r} below [[notify.receivers]]{nearest(name, known)}")
    return tuple(known[name] for name in names or known)


def _in_slack(session: Session, target: str) -> "Receiver":
    from bootstrapper.chat.extra import needing_slack
    from bootstrapper.chat.notices import SlackReceiver
    from bootstrapper.secret import read_secret_value

    with needing_slack():
        from bootstrapper.chat.slack.voice import Voice

    chat = session.settings.chat
    token = read_secret_value("chat.bot_token", chat.bot_token) if chat.bot_token else ""
    return SlackReceiver(Voice(token, chat.api), target)


def _told(tried: Tried) -> Line:
    if tried.sent:
        return Line(f"{tried.receiver} ({tried.kind}): sent", Tone.GOOD)
    return Line(clean(f"{tried.receiver} ({tried.kind}): {tried.fault}"), Tone.BAD)


def _raise(session: Session) -> int:
    args = session.args
    notice = session.client.raise_notice(
        args.type, args.subject, args.text, severity=args.severity, env=args.env,
        cluster=args.cluster, fields=dict(args.field), lasts=args.lasts, resolved=args.resolved,
    )  # fmt: skip
    what = "is over" if args.resolved else "is raised"
    session.out.done({"id": notice}, f"{args.type} of {args.subject} {what}: {notice}")
    return 0


def _status(session: Session) -> int:
    session.out.show(session.client.notifications(), tell_notifications)
    return 0


def _field(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals or not name:
        raise ArgumentTypeError(f"{word!r} is not name=value")
    return name, value


def _test_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("receivers", metavar="RECEIVER", nargs="*", help="none: all of them")


def _raise_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--type", required=True, help="such as no_free_address, or your own")
    parser.add_argument("--subject", required=True, help="what it is about: address:prod")
    parser.add_argument("--text", default="", help="what people read")
    parser.add_argument("--severity", choices=SEVERITIES, default="", help="else its type's")
    parser.add_argument("--env", default="", help="the env that it is of")
    parser.add_argument("--cluster", default="", help="the cluster that it is of")
    parser.add_argument(
        "--field", metavar="NAME=VALUE", type=_field, action="append", default=[],
        help="more to say; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--lasts", action="store_true", default=None, help="it holds until it is --resolved"
    )
    parser.add_argument("--resolved", action="store_true", help="what was raised before is over")


COMMANDS = (
    Command(
        name="notify",
        summary="notifications: test, raise, status",
        parts=(
            Command(name="test", summary="send a message to each receiver of the settings",
                    arguments=_test_arguments, run=_test),
            Command(name="raise", summary="tell those who want to know",
                    arguments=_raise_arguments, run=_raise),
            Command(name="status", summary="what is held, what waits, how receivers do",
                    run=_status),
        ),
    ),
)  # fmt: skip
