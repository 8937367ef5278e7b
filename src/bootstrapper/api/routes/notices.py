"""Notices: raise one, and see what is held, what waits, and how receivers do."""

import time
from datetime import UTC, datetime

from bootstrapper.api.route import Answer, Call, Route
from bootstrapper.api.views import View
from bootstrapper.clock import to_text
from bootstrapper.control.notices import Raise, Raised, keep
from bootstrapper.control.parts import Parts
from bootstrapper.control.verdicts import authorize
from bootstrapper.ids import new_id
from bootstrapper.notify.health import Health
from bootstrapper.notify.memory import Memory, load
from bootstrapper.notify.status import GroupStatus, statuses


class RaisedView(View, frozen=True, kw_only=True):
    id: str


class HeldView(View, frozen=True, kw_only=True):
    type: str
    subject: str
    severity: str
    text: str
    since: str


class GroupView(View, frozen=True, kw_only=True):
    """`waits`: notices to be told; `next`: when, "" while nobody knows; `tries`: of a message that
    is under way. Times are RFC 3339 in UTC, "" for never."""

    rule: str
    receiver: str
    labels: dict[str, str]
    holds: tuple[HeldView, ...]
    waits: int
    quiet: bool
    sent: str
    next: str
    why: str
    sending: str
    tries: int


class ReceiverView(View, frozen=True, kw_only=True):
    """`fails`: in a row; `again`: nothing is tried before."""

    name: str
    kind: str
    sent: str
    failure: str
    failed: str
    fails: int
    again: str


class NotificationsView(View, frozen=True, kw_only=True):
    receivers: tuple[ReceiverView, ...]
    groups: tuple[GroupView, ...]


def routes() -> list[Route]:
    return [
        Route(
            method="POST", path="/api/v1/notices", name="raiseNotice",
            summary="Tell those who want to know", handler=_raise, body=Raise, answer=RaisedView,
            status=202, group="notices",
        ),
        Route(
            method="GET", path="/api/v1/notifications", name="getNotifications",
            summary="What is held, what waits, how receivers do", handler=_status,
            answer=NotificationsView, group="notices",
        ),
    ]  # fmt: skip


def _raise(parts: Parts, call: Call) -> Answer:
    body: Raise = call.body
    authorize(parts, call.actor, "notices.raise", "change", env=body.env)
    raised = Raised(
        id=new_id(), at=time.time(), by=call.actor.name,
        **{name: getattr(body, name) for name in Raise.__struct_fields__},
    )  # fmt: skip
    keep(parts, raised)
    return Answer(body=RaisedView(id=raised.id), status=202)


def _status(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "notices.read", "read")
    memory, part = load(parts), parts.settings.notify
    groups = statuses(memory.groups, part.rules, time.time())
    receivers = (_receiver(memory, each.name, each.kind) for each in part.receivers)
    view = NotificationsView(receivers=tuple(receivers), groups=tuple(map(_group, groups)))
    return Answer(body=view)


def _receiver(memory: Memory, name: str, kind: str) -> ReceiverView:
    health = memory.healths.get(name, Health())
    return ReceiverView(
        name=name, kind=kind, sent=_text(health.sent), failure=health.failure,
        failed=_text(health.failed), fails=health.fails, again=_text(health.again),
    )  # fmt: skip


def _group(status: GroupStatus) -> GroupView:
    group, sending = status.group, status.sending
    held = tuple(
        HeldView(type=each.type, subject=each.subject, severity=each.severity, text=each.text,
                 since=_text(each.at))
        for each in status.holds
    )  # fmt: skip
    return GroupView(
        rule=group.rule, receiver=group.receiver, labels=dict(group.labels), holds=held,
        waits=status.waits, quiet=status.quiet, sent=_text(group.sent),
        next=_text(status.next.at) if status.next else "",
        why=sending.why.value if sending else status.next.why.value if status.next else "",
        sending=sending.id if sending else "", tries=sending.tries if sending else 0,
    )  # fmt: skip


def _text(moment: float) -> str:
    return to_text(datetime.fromtimestamp(moment, UTC)) if moment else ""
