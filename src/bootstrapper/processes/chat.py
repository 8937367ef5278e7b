"""`bootstrapper chat`: the Slack bot, and those who tell what happened; each where it is set.

One process of all, which holds the lease, keeps the messages about jobs true, and one sends
notifications; every one of them hears and answers.
"""

import threading
from functools import partial

from bootstrapper.chat.extra import needing_slack
from bootstrapper.control.parts import Parts, make_parts
from bootstrapper.lifecycle import Loop, run_together, stop_on_signals
from bootstrapper.logs import start_logging
from bootstrapper.notify.receivers import InSlack, receivers_of
from bootstrapper.notify.run import run as tell
from bootstrapper.processes.systemd import notify
from bootstrapper.settings import Settings


def run(settings: Settings, *, pluginpath: str = "") -> int:
    """`pluginpath`: limbo's option; it stands in the place of `chat.plugins`."""
    start_logging(settings.log, "chat")
    parts = make_parts(settings)
    parts.rules.current()  # a faulty policy must stop the start, not the first request
    stop = threading.Event()
    stop_on_signals(stop)
    loops, in_slack = _slack(parts, pluginpath)
    if settings.notify.rules:
        loops["notify"] = partial(tell, parts, receivers_of(settings.notify, in_slack))
    notify("READY=1")
    run_together(stop, **loops)
    notify("STOPPING=1")
    return 0


def _slack(parts: Parts, pluginpath: str) -> tuple[dict[str, Loop], InSlack | None]:
    """The bot's loops, and how notifications reach Slack: what needs neither needs no token."""
    settings = parts.settings
    bot = settings.chat.enabled or not settings.notify.rules
    if not bot and not any(each.slack for each in settings.notify.receivers):
        return {}, None
    with needing_slack():
        from bootstrapper.chat.notices import in_slack  # noqa: PLC0415 (where set)
        from bootstrapper.processes.bot import bot_loops, voice_of  # noqa: PLC0415 (where set)
    voice, tokens = voice_of(settings.chat)
    loops = bot_loops(parts, voice, tokens, pluginpath) if bot else {}
    return loops, in_slack(voice)
