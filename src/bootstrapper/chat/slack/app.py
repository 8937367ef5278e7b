"""What Slack delivers, to the inbox: parsed, kept, acknowledged. Nothing is worked on here.

What cannot be kept is not acknowledged: Slack delivers an event again, and shows a person who
clicked or sent a form that it failed. https://docs.slack.dev/tools/bolt-python/
"""

import logging
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from slack_bolt import Ack, App, BoltResponse
from slack_bolt.authorization import AuthorizeResult

from bootstrapper.chat.heard import AnyHeard, Submitted
from bootstrapper.chat.slack import delivered
from bootstrapper.chat.slack.identity import Identity
from bootstrapper.chat.slack.in_time import InTime, Keep
from bootstrapper.chat.slack.quiet import QUIET, quiet_logger
from bootstrapper.chat.slack.voice import web_client
from bootstrapper.chat.typed import Choice, Typed
from bootstrapper.errors import Error, Unavailable
from bootstrapper.settings import Chat

logger = logging.getLogger(__name__)

ANY = re.compile(".*", re.DOTALL)
SORRY = "I could not take that just now. Please try again in a moment."
OPTIONS = 100  # that Slack takes of a look-up
LABEL = 75  # letters
NO_SECRET = "none"  # Bolt wants one, also where nothing is signed

CheckForm = Callable[[Submitted], dict[str, str]]
Suggest = Callable[[Typed], Sequence[Choice]]
Body = dict[str, Any]


def make_app(
    settings: Chat,
    me: Identity,
    keep: Keep,
    *,
    signing_secret: str = "",
    check_form: CheckForm = lambda _: {},
    suggest: Suggest = lambda _: (),
) -> App:
    """`keep` puts into the inbox or raises Unavailable; it may take longer than Slack waits.

    `check_form` tells at once, of what can be told at once, which block of a form is wrong and
    why; `suggest` what fits the letters typed so far. Requests are verified where there is a
    `signing_secret` (HTTP mode): in Socket Mode Slack signs none.
    """
    app = App(
        name=QUIET,  # Bolt silences the logger of this name as it finds `logger` silenced
        logger=quiet_logger(),
        client=web_client("", settings.api),
        authorize=known_bot(me),
        signing_secret=signing_secret or NO_SECRET,
        process_before_response=True,
    )
    soon = InTime(keep)
    listen_for_words(app, settings.command, me, soon)
    listen_for_forms(app, me, soon, check_form, suggest)
    app.event(ANY)(nothing_to_do)
    app.error(tell_failure)
    return app


def known_bot(me: Identity) -> Callable[[], AuthorizeResult]:
    """Bolt would else ask Slack who the bot is while a person waits for the acknowledgement."""
    result = AuthorizeResult(
        enterprise_id=None, team_id=me.team, bot_user_id=me.user, bot_id=me.bot
    )
    return lambda: result


def listen_for_words(app: App, command: str, me: Identity, keep: Keep) -> None:
    def words(ack: Ack, body: Body) -> BoltResponse:
        return ack() if kept(keep, delivered.said(body, me)) else not_now()

    def slash(ack: Ack, body: Body) -> BoltResponse:
        return ack() if kept(keep, delivered.commanded(body, me, time.time())) else ack(SORRY)

    app.event("app_mention")(words)
    app.event("message")(words)
    app.command(command)(slash)


def listen_for_forms(
    app: App, me: Identity, keep: Keep, check_form: CheckForm, suggest: Suggest
) -> None:
    def click(ack: Ack, body: Body) -> BoltResponse:
        return ack() if kept(keep, delivered.clicked(body, me)) else not_now()

    def form(ack: Ack, body: Body) -> BoltResponse:
        sent = delivered.submitted(body, me)
        if sent and (errors := check_form(sent)):
            return ack(response_action="errors", errors=errors)
        return ack() if kept(keep, sent) else not_now()

    def look_up(ack: Ack, body: Body) -> BoltResponse:
        return ack(options=options(suggest, delivered.typed(body, me)))

    app.action(ANY)(click)
    app.view(ANY)(form)
    app.options(ANY)(look_up)


def nothing_to_do(ack: Ack) -> BoltResponse:
    """An event that the app was subscribed to by somebody else: once is enough."""
    return ack()


def not_now() -> BoltResponse:
    """In Socket Mode a delivery that is answered so gets no acknowledgement."""
    return BoltResponse(status=503)


def tell_failure(error: Exception) -> BoltResponse:
    """A payload that is not as documented, or a fault of ours; its words stay out of the log."""
    logger.error("a delivery of Slack's failed: %s", type(error).__name__, exc_info=error)
    return BoltResponse(status=500)


def kept(keep: Keep, heard: AnyHeard | None) -> bool:
    """Also True for what is not for us."""
    if heard is None:
        return True
    try:
        keep(heard)
    except Unavailable as error:
        logger.warning("not taken from Slack: %s", error)
        return False
    return True


def options(suggest: Suggest, asked: Typed | None) -> list[dict[str, Any]]:
    try:
        found = suggest(asked) if asked else ()
    except Error as error:
        logger.warning("nothing is suggested: %s", error)
        found = ()
    return [
        {"text": {"type": "plain_text", "text": label[:LABEL]}, "value": value}
        for label, value in found[:OPTIONS]
    ]
