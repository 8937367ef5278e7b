"""Words that are no order go to limbo's plugins: to each that the policy lets the caller ask.

limbo shows every message to every plugin, and most have nothing to say. So the policy is asked
quietly before; the audit tells of those that answered, and of a plugin that was called by its name
and is not the caller's to ask.
"""

from msgspec import Struct

from bootstrapper.chat.heard import Said
from bootstrapper.chat.limbo.plugins import Message, Plugins, Reply
from bootstrapper.control.parts import Parts
from bootstrapper.control.plan import judge
from bootstrapper.control.verdicts import note, refuse
from bootstrapper.policy.actors import Actor
from bootstrapper.policy.decide import Verdict
from bootstrapper.policy.rulebook import channel_of
from bootstrapper.policy.rules import Ask, Effect

RISK = "change"  # nobody knows what a plugin does


class Judged(Struct, frozen=True):
    ask: Ask
    verdict: Verdict

    @property
    def allowed(self) -> bool:
        """Nobody can approve a plugin's answer: what needs approval is not given."""
        return self.verdict.effect is Effect.ALLOW


def answers(parts: Parts, plugins: Plugins, actor: Actor, said: Said) -> str | None:
    """What plugins say to it, in Slack's own markup as they gave it; None when none does.

    Raises Denied when `said` starts with the name of a plugin (`!deploy …`, `deploy …`) that the
    caller may not ask, and no other plugin answers.
    """
    judged = judge_all(parts, plugins, actor, said.text)
    replies = _replies(parts, plugins, actor, said, judged)
    for reply in replies:
        _note(parts, judged[reply.plugin])
    named = judged.get(_first_word(said.text))
    refused = named is not None and not named.allowed
    if named is not None and refused:
        _note(parts, named)
    if replies:
        return "\n".join(_told(each, parts.settings.chat.plugin_timeout) for each in replies)
    if named is not None and refused:
        raise refuse(named.verdict)
    return None


def help_for(parts: Parts, plugins: Plugins, actor: Actor) -> dict[str, str]:
    """Plugin → its documentation, of those that the caller may ask."""
    judged = judge_all(parts, plugins, actor, "")
    return {name: doc for name, doc in plugins.help().items() if judged[name].allowed}


def judge_all(parts: Parts, plugins: Plugins, actor: Actor, text: str) -> dict[str, Judged]:
    """Plugin → the verdict on it. A freeze is no matter here, as for all that is not a job."""
    found: dict[str, Judged] = {}
    for name in plugins.names():
        ask = Ask(
            actor=actor, action=f"limbo:{name}", risk=RISK, channel=actor.channel,
            args=text.strip(),
        )  # fmt: skip
        found[name] = Judged(ask, judge(parts, ask, freezes=()))
    return found


def _replies(
    parts: Parts, plugins: Plugins, actor: Actor, said: Said, judged: dict[str, Judged]
) -> tuple[Reply, ...]:
    allowed = {name for name, each in judged.items() if each.allowed}
    if not allowed:
        return ()
    place = said.place
    message = Message(
        text=said.text,
        user=said.user,
        channel=place.channel,
        ts=said.ts,
        thread=place.thread,
        name=actor.name.partition(":")[2],
        channel_name=channel_of(parts.rules.current(), place.channel),
    )
    return plugins.ask(allowed, message)


def _note(parts: Parts, judged: Judged) -> None:
    note(parts, judged.ask, judged.verdict)


def _told(reply: Reply, timeout: float) -> str:
    if reply.late:
        return f"`{reply.plugin}` took longer than {timeout:g} s, and was stopped."
    return reply.text


def _first_word(text: str) -> str:
    return (text.split() or [""])[0].removeprefix("!")
