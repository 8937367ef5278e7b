"""Slack as a receiver of notifications: a channel, or a user directly."""

from typing import TYPE_CHECKING

from bootstrapper.chat.blocks.notices import mark_of, notice_message
from bootstrapper.chat.busy import Busy, SlackRefused
from bootstrapper.chat.heard import Place
from bootstrapper.errors import Mistake
from bootstrapper.notify.group import Sending
from bootstrapper.notify.receiver import Later
from bootstrapper.notify.receivers import InSlack

if TYPE_CHECKING:
    from bootstrapper.chat.slack.voice import Voice

EARLIER = 300.0
"""Seconds that Slack's clock may be behind ours."""
FOR_THE_OPERATOR = frozenset(
    {
        "account_inactive", "invalid_auth", "missing_scope", "not_authed", "token_expired",
        "token_revoked",
    }
)  # fmt: skip
"""It says no to us, and not to the message: that waits until somebody has mended it."""


class SlackReceiver:
    """`target`: the id of a channel or of a user. A message that is there is not posted again."""

    def __init__(self, voice: "Voice", target: str) -> None:
        self._voice = voice
        self._target = target
        self._place: Place | None = None

    def send(self, sending: Sending) -> None:
        try:
            place = self._found()
            if not self._voice.find(place, mark_of(sending), sending.at - EARLIER):
                self._voice.post(place, notice_message(sending))
        except Busy as error:
            raise Later(str(error), error.seconds) from error
        except SlackRefused as error:
            if error.word in FOR_THE_OPERATOR:
                raise Mistake(f"{error}: bootstrapper chat check") from error
            raise

    def _found(self) -> Place:
        if self._place is None:
            user = self._target[0] in "UW"
            self._place = self._voice.direct(self._target) if user else Place(channel=self._target)
        return self._place


def in_slack(voice: "Voice") -> InSlack:
    """For `receivers_of`."""
    return lambda target: SlackReceiver(voice, target)
