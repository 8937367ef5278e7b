"""Orders about the bot itself: who am I, what may I say, give me a form."""

from collections.abc import Mapping

from bootstrapper.chat.blocks.helping import (
    Standing,
    help_about,
    help_list,
    help_of_plugin,
    whoami,
)
from bootstrapper.chat.conversation.callers import how_to_be_known
from bootstrapper.chat.conversation.forming import opened
from bootstrapper.chat.conversation.reach import kinds_for, orders_for
from bootstrapper.chat.conversation.reply import Aside, Reply
from bootstrapper.chat.conversation.turn import Turn
from bootstrapper.chat.language.help import help_for, topics
from bootstrapper.policy.rulebook import channel_of

Args = dict[str, str]


def who(turn: Turn) -> Reply:
    words = [topic.word for topic in topics(kinds_for(turn), orders_for(turn))]
    me = Standing(
        user=turn.caller.user,
        actor=turn.actor,
        channel_name=channel_of(turn.parts.rules.current(), turn.actor.channel),
        words=tuple(words),
        stranger="" if turn.caller.known else how_to_be_known(turn.caller.user),
    )
    return Aside(whoami(me))


def explain(turn: Turn, args: Args, plugins: Mapping[str, str]) -> Reply:
    kinds, orders = kinds_for(turn), orders_for(turn)
    word = args.get("word", "")
    if not word:
        return Aside(help_list(topics(kinds, orders), plugins))
    if word in plugins:
        return Aside(help_of_plugin(word, plugins[word]))
    return Aside(help_about(help_for(word, kinds, orders)))


def run(turn: Turn, args: Args) -> Reply:
    return opened(turn, args.get("action", ""))
