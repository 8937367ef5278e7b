"""What Slack's "not now" and "no" look like to those who speak through a voice.

`Unavailable` itself says that Slack is away. https://docs.slack.dev/apis/web-api/rate-limits
"""

from bootstrapper.errors import Refused, Unavailable


class Busy(Unavailable):
    """Ask again in `seconds`, not before: the channel or the method is limited."""

    def __init__(self, message: str, *, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class SlackRefused(Refused):
    """`word` is Slack's own: `channel_not_found`, `not_in_channel`, `msg_too_long`, …"""

    def __init__(self, message: str, *, word: str) -> None:
        super().__init__(message)
        self.word = word
