"""The calls about notices, and what they answer."""

from collections.abc import Mapping

from msgspec import Struct

from bootstrapper.client.calls import Calls, said


class Held(Struct, frozen=True, kw_only=True):
    type: str
    subject: str
    severity: str = ""
    text: str = ""
    since: str = ""


class NoticeGroup(Struct, frozen=True, kw_only=True):
    """`waits`: notices to be told at `next`; `tries`: of the message that is under way."""

    rule: str
    receiver: str
    labels: dict[str, str] = {}
    holds: tuple[Held, ...] = ()
    waits: int = 0
    quiet: bool = False
    sent: str = ""
    next: str = ""
    why: str = ""
    sending: str = ""
    tries: int = 0


class ReceiverState(Struct, frozen=True, kw_only=True):
    name: str
    kind: str = ""
    sent: str = ""
    failure: str = ""
    failed: str = ""
    fails: int = 0
    again: str = ""


class Notifications(Struct, frozen=True, kw_only=True):
    receivers: tuple[ReceiverState, ...] = ()
    groups: tuple[NoticeGroup, ...] = ()


class RaisedNotice(Struct, frozen=True, kw_only=True):
    id: str


class NoticeCalls(Calls):
    def notifications(self) -> Notifications:
        return self.call("GET", "/notifications", Notifications)

    def raise_notice(
        self,
        kind: str,
        subject: str,
        text: str = "",
        *,
        severity: str = "",
        env: str = "",
        cluster: str = "",
        fields: Mapping[str, str] | None = None,
        lasts: bool | None = None,
        resolved: bool = False,
    ) -> str:
        """Its id. `lasts` None: as its type has it."""
        body = said(
            type=kind, subject=subject, text=text, severity=severity, env=env, cluster=cluster,
            fields=fields, resolved=resolved,
        )  # fmt: skip
        body |= {} if lasts is None else {"lasts": lasts}
        return self.call("POST", "/notices", RaisedNotice, body=body).id
