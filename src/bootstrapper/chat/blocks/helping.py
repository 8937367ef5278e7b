"""Who one is here, and what one may say: for that person alone."""

from collections.abc import Iterable, Mapping

import msgspec

from bootstrapper.chat.blocks.lists import titled
from bootstrapper.chat.blocks.replies import told
from bootstrapper.chat.blocks.text import code, escape, plain
from bootstrapper.chat.language.help import FieldHelp, Help, Topic
from bootstrapper.chat.message import Message
from bootstrapper.policy.actors import Actor

DOES = 300  # letters
DOC = 2500


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """`user`: the chat's id; `channel_name`: what the policy calls the channel; `words`: what
    may be said; `stranger`: how to be known, "" to who is."""

    user: str
    actor: Actor
    channel_name: str = ""
    words: tuple[str, ...] = ()
    stranger: str = ""


def whoami(me: Standing) -> Message:
    groups = ", ".join(sorted(me.actor.groups)) or "none"
    lines = [
        f"You are *{escape(me.actor.name)}*: your chat id is {code(me.user)}.",
        f"Groups: {escape(groups)}",
        f"Here: {_channel(me)}",
        f"You may say: {' '.join(map(code, me.words))}",
        escape(me.stranger[:1].upper() + me.stranger[1:]),
    ]
    return told("\n".join(line for line in lines if line))


def help_list(topics: Iterable[Topic], plugins: Mapping[str, str]) -> Message:
    lines = [_line(topic.form, topic.does) for topic in topics]
    lines += [_line(name, (doc.strip().splitlines() or [""])[0]) for name, doc in plugins.items()]
    return titled("What you may say here:", [*lines, f"More about one: {code('help <word>')}"])


def help_about(found: Help) -> Message:
    lines = [
        plain(found.more, DOES * 3),
        *(_field(each) for each in found.fields),
        *(f"{code(name)} (of the job) {escape(what)}" for name, what in found.options.items()),
        f"Such as {code(found.example)}" if found.example else "",
    ]
    title = f"{code(found.topic.form)} — {plain(found.topic.does, DOES)}"
    return titled(title, [line for line in lines if line])


def help_of_plugin(name: str, doc: str) -> Message:
    """As its author marked it up, less what would call people."""
    return told(f"*{escape(name)}*\n{escape(doc.strip())[:DOC]}")


def _line(form: str, does: str) -> str:
    return f"{code(form)} — {plain(does, DOES)}" if does else code(form)


def _field(field: FieldHelp) -> str:
    needed = "; must be given" if field.required else ""
    choices = f" ({', '.join(field.choices)})" if field.choices else ""
    return f"{code(field.name)} {plain(field.description + choices, DOES)}{needed}"


def _channel(me: Standing) -> str:
    channel = me.actor.channel
    if me.channel_name:
        return f"the channel {code(channel)}, which the policy calls *{escape(me.channel_name)}*"
    if channel == "direct":
        return "a direct message"
    return f"the channel {code(channel)}, which the policy does not name"
