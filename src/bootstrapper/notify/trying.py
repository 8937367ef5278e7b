"""A test message, sent here and now: nothing is remembered, nothing tried again."""

from bootstrapper.errors import Error
from bootstrapper.ids import new_id
from bootstrapper.notify.deliveries import attempt
from bootstrapper.notify.group import Sending, Why
from bootstrapper.notify.notice import Notice
from bootstrapper.notify.receivers import InSlack, receiver_of
from bootstrapper.notify.types import type_of
from bootstrapper.settings.notify import Notify, NotifyReceiver


def test_message(receiver: str, now: float) -> Sending:
    notice = Notice(
        id=new_id(), at=now, type="test", severity=type_of("test").severity,
        subject=f"receiver:{receiver}", text=f"a test of the receiver {receiver}",
    )  # fmt: skip
    return Sending(id=new_id(), at=now, rule="", receiver=receiver, why=Why.TEST, opened=(notice,))


def try_out(
    receiver: NotifyReceiver, notify: Notify, now: float, in_slack: InSlack | None = None
) -> str:
    """Why it did not go, or ""."""
    try:
        made = receiver_of(receiver, notify, in_slack)
    except Error as error:
        return str(error)
    outcome = attempt(made, test_message(receiver.name, now))
    return str(outcome.error or "")
