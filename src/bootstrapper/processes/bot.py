"""The loops of the Slack bot: it hears into an inbox, workers answer, cards tell of jobs."""

import logging
from functools import partial

from bootstrapper.chat.busy import SlackRefused
from bootstrapper.chat.cards.loop import Cards
from bootstrapper.chat.conversation.answerer import Answerer
from bootstrapper.chat.conversation.hooks import check_form, suggestions
from bootstrapper.chat.conversation.work import work
from bootstrapper.chat.inbox import Inbox
from bootstrapper.chat.limbo.answering import answers, help_for
from bootstrapper.chat.limbo.finding import open_plugins
from bootstrapper.chat.limbo.plugins import Plugins
from bootstrapper.chat.slack import http, socket
from bootstrapper.chat.slack.app import make_app
from bootstrapper.chat.slack.check import Tokens, read_tokens
from bootstrapper.chat.slack.identity import Identity
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.control.parts import Parts
from bootstrapper.errors import Mistake, Unavailable
from bootstrapper.jobs.process_tree import keep_memory_private
from bootstrapper.lifecycle import Loop, Stop
from bootstrapper.settings import Chat

logger = logging.getLogger(__name__)

WORKERS = 4
AGAIN = 5.0  # seconds until Slack is asked again who we are


def voice_of(chat: Chat) -> tuple[Voice, Tokens]:
    tokens, faults = read_tokens(chat)
    missing = [f"{each.place}: {each.text}" for each in faults if not each.good]
    if missing:
        raise Mistake("\n".join(missing))
    return Voice(tokens.bot, chat.api), tokens


def bot_loops(parts: Parts, voice: Voice, tokens: Tokens, pluginpath: str) -> dict[str, Loop]:
    keep_memory_private()  # plugins run as the same user, and the tokens are in our environment
    inbox, cards = Inbox(parts), Cards(parts, voice)
    plugins = open_plugins(parts.settings, pluginpath)
    answerer = Answerer(
        parts,
        voice,
        cards,
        plugins=partial(answers, parts, plugins) if plugins else None,
        plugin_help=partial(help_for, parts, plugins) if plugins else lambda _: {},
    )
    loops: dict[str, Loop] = {
        f"answer-{number}": partial(work, inbox, answerer) for number in range(WORKERS)
    }
    loops["hear"] = partial(hear, parts, voice, tokens, inbox)
    loops["cards"] = cards.run
    if plugins:
        loops["plugins"] = partial(keep, plugins)
    return loops


def hear(parts: Parts, voice: Voice, tokens: Tokens, inbox: Inbox, stop: Stop) -> None:
    chat = parts.settings.chat
    me = identity(voice, stop)
    if me is None:
        return
    app = make_app(
        chat,
        me,
        inbox.put,
        signing_secret=tokens.signing,
        check_form=check_form,
        suggest=partial(suggestions, parts),
    )
    if chat.mode == "http":
        http.serve(app, chat.bind, stop)
    else:
        socket.listen(app, tokens.app, chat.api, stop)


def identity(voice: Voice, stop: Stop) -> Identity | None:
    """As soon as Slack can be asked; None when told to end before."""
    told = False
    while not stop.is_set():
        try:
            return voice.me()
        except SlackRefused as error:
            raise SlackRefused(
                f"chat.bot_token: {error}; `bootstrapper chat check` says more", word=error.word
            ) from error
        except Unavailable as error:
            if not told:
                logger.warning("Slack is away: %s; it is asked again", error)
            told = True
            stop.wait(AGAIN)
    return None


def keep(plugins: Plugins, stop: Stop) -> None:
    """Their process ends with ours."""
    stop.wait()
    plugins.close()
