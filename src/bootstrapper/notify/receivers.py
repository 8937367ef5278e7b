"""From the settings to the receivers that they name. Connects to nothing, reads no secret."""

from collections.abc import Callable, Mapping
from importlib import import_module

from bootstrapper.errors import Mistake
from bootstrapper.notify.group import Sending
from bootstrapper.notify.mail import Mail
from bootstrapper.notify.receiver import Receiver
from bootstrapper.notify.webhook import Webhook
from bootstrapper.settings import Notify
from bootstrapper.settings.notify import NotifyReceiver

Receivers = Mapping[str, Receiver]
"""By name."""
InSlack = Callable[[str], Receiver]
"""The receiver of a channel or a user, by its id; whoever has a Slack brings it."""


class Missing:
    """A receiver that cannot be made here: what is for it waits."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def send(self, sending: Sending) -> None:
        raise Mistake(self._reason)


def receivers_of(notify: Notify, in_slack: InSlack | None = None) -> Receivers:
    return {each.name: receiver_of(each, notify, in_slack) for each in notify.receivers}


def receiver_of(receiver: NotifyReceiver, notify: Notify, in_slack: InSlack | None) -> Receiver:
    match receiver.kind:
        case "webhook":
            return Webhook(receiver)
        case "email":
            return Mail(receiver, notify.smtp)
        case "apprise":
            return _over_apprise(receiver)
        case "slack" if in_slack is not None:
            return in_slack(receiver.slack)
        case kind:
            return Missing(f"{receiver.name}: {kind or 'this receiver'} is not to be had here")


def _over_apprise(receiver: NotifyReceiver) -> Receiver:
    try:
        module = import_module("bootstrapper.notify.over_apprise")
    except ModuleNotFoundError:
        return Missing(f"{receiver.name}: apprise needs the extra bootstrapper[notify]")
    made: Receiver = module.OverApprise(receiver)
    return made
