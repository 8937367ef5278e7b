"""Socket Mode: hear Slack through a line that we open, so that no port of ours is."""

import logging

from slack_bolt import App

from bootstrapper.chat.busy import Busy
from bootstrapper.chat.slack.line import Line
from bootstrapper.errors import Unavailable
from bootstrapper.lifecycle import Stop

logger = logging.getLogger(__name__)

LOOK = 0.2  # seconds between two looks at the line
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds between two tries


def listen(app: App, app_token: str, api: str, stop: Stop) -> None:
    """Until `stop`; while Slack is away it is tried again. Raises SlackRefused for a bad token."""
    line = Line(app, app_token, api)
    try:
        while not stop.is_set():
            connect(line, stop)
            while line.alive() and not stop.wait(LOOK):
                pass
    finally:
        line.close()


def connect(line: Line, stop: Stop) -> None:
    """An outage is told once, and once that it is over."""
    wait, failed = FIRST_WAIT, False
    while not stop.is_set():
        try:
            line.dial()
        except Unavailable as error:
            if not failed:
                logger.warning("Slack cannot be heard: %s; it is tried again", error)
            failed = True
            stop.wait(max(wait, error.seconds) if isinstance(error, Busy) else wait)
            wait = min(wait * 2, LONGEST_WAIT)
        else:
            logger.info("hearing Slack%s", " again" if failed else "")
            return
