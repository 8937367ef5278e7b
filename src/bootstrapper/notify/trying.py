"""A test message, sent here and now: nothing is remembered, nothing tried again."""

from bootstrapper.ids import new_id
from bootstrapper.notify.deliveries import attempt
from bootstrapper.notify.group import Sending, Why
from bootstrapper.notify.notice import Notice
from bootstrapper.notify.receivers import InSlack, receivers_of
from bootstrapper.notify.types import type_of
from bootstrapper.settings import Settings


def test_message(receiver: str, now: float) -> Sending:
    notice = Notice(
        id=new_id(), at=now, type="test", severity=type_of("test").severity,
        subject=f"receiver:{receiver}", text=f"a test of the receiver {receiver}",
    )  # fmt: skip
    return Sending(id=new_id(), at=now, rule="", receiver=receiver, why=Why.TEST, opened=(notice,))


def try_out(settings: Settings, receiver: str, now: float, in_slack: InSlack | None = None) -> str:
    """Why it did not go, or ""."""
    receivers = receivers_of(settings.notify, in_slack)
    outcome = attempt(receivers[receiver], test_message(receiver, now))
    return str(outcome.error or "")
