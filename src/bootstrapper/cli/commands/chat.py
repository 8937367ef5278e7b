"""The Slack bot: chat runs it; chat check, manifest. Offline: no server is asked."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.telling.chat import tell_check
from bootstrapper.cli.telling.lines import Line
from bootstrapper.errors import Mistake

if TYPE_CHECKING:
    from bootstrapper.chat.slack.check import Report


def _run(session: Session) -> int:
    from bootstrapper.processes import chat

    return chat.run(session.settings, pluginpath=session.args.pluginpath)


def _run_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--pluginpath", metavar="FOLDER", default="",
        help="a folder of limbo's plugins; else chat.plugins, else $LIMBO_PLUGINS",
    )  # fmt: skip


def _check(session: Session) -> int:
    """2 when something is missing: it is for the operator to change."""
    from bootstrapper.chat.extra import needing_slack

    with needing_slack():
        from bootstrapper.chat.slack.check import check

    report = check(session.settings.chat)
    session.out.show(report, _told)
    return 0 if report.good else Mistake.exit_code


def _told(report: "Report") -> Iterator[Line]:
    return tell_check(report.mode, ((x.place, x.good, x.text) for x in report.findings))


def _manifest(session: Session) -> int:
    from bootstrapper.chat.slack.manifest import as_yaml, manifest

    made = manifest(session.settings.chat, session.args.url_of_bot)
    if session.out.json:
        session.out.data(made)
    else:
        session.out.text(as_yaml(made))
    return 0


def _manifest_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--request-url", dest="url_of_bot", default="", metavar="URL",
        help="where Slack reaches the bot, in HTTP mode: https://…",
    )  # fmt: skip


COMMANDS = (
    Command(
        name="chat",
        summary="run the Slack bot; check, manifest",
        arguments=_run_arguments,
        run=_run,
        parts=(
            Command(
                name="check", run=_check,
                summary="say what is missing: tokens, scopes, the channel; 2 when something is",
            ),
            Command(
                name="manifest", arguments=_manifest_arguments, run=_manifest,
                summary="print the Slack app's manifest (YAML, or --json) that fits the settings",
            ),
        ),
    ),
)  # fmt: skip
