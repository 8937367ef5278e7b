"""What may be set of notifications: who receives them, and the rules that say which and when."""

from typing import Annotated, Literal

from msgspec import Meta

from bootstrapper.settings.section import Secret, Section
from bootstrapper.windows import Window, minute_from

Severity = Literal["info", "warning", "error", "critical"]
Label = Literal["type", "subject", "env", "cluster", "severity"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
EVERY_DAY: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST = 31_536_000
"""Seconds: a year."""
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z"


class NotifyReceiver(Section, frozen=True, kw_only=True):
    """Exactly one of slack, webhook, email and apprise."""

    name: Annotated[str, Meta(description="what rules call it", pattern=NAME, max_length=100)]
    slack: Annotated[str, Meta(description="the id of a channel (C…) or of a user (U…)")] = ""
    webhook: Annotated[str, Meta(description="a URL that takes them as JSON")] = ""
    secret: Annotated[
        Secret | None,
        Meta(description="where the webhook's signing secret is (whsec_… or plain text)"),
    ] = None
    email: Annotated[tuple[str, ...], Meta(description="addresses")] = ()
    apprise: Annotated[
        Secret | None, Meta(description="where the URLs for apprise are, one a line")
    ] = None

    @property
    def kind(self) -> str:
        kinds = [kind for kind in ("slack", "webhook", "email", "apprise") if getattr(self, kind)]
        return kinds[0] if len(kinds) == 1 else ""


class QuietHours(Section, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """Hours whose end is before their start end on the next day."""

    days: Annotated[tuple[Day, ...], Meta(description="those that they begin on", min_length=1)] = (
        EVERY_DAY
    )
    start: Annotated[str, Meta(description="as 22:00")] = "00:00"
    end: Annotated[str, Meta(description="as 07:00")] = "24:00"
    zone: Annotated[str, Meta(description="the IANA zone, as Europe/Berlin")] = "UTC"

    @property
    def window(self) -> Window:
        start, end = minute_from(self.start), minute_from(self.end)
        return Window(days=self.days, start=start, end=end, zone=self.zone)


class NotifyRule(Section, frozen=True, kw_only=True, rename={"go_on": "continue"}):
    """The first rule that a notice fits takes it. An empty filter fits everything."""

    name: Annotated[
        str, Meta(description="unlike that of any other rule", pattern=NAME, max_length=100)
    ]
    receivers: Annotated[tuple[str, ...], Meta(description="who is told, by name", min_length=1)]
    types: Annotated[tuple[str, ...], Meta(description="globs of types")] = ()
    envs: Annotated[tuple[str, ...], Meta(description="globs of envs")] = ()
    clusters: Annotated[tuple[str, ...], Meta(description="globs of clusters")] = ()
    least: Annotated[Severity, Meta(description="the least severity")] = "info"
    group_by: Annotated[tuple[Label, ...], Meta(description="what is alike in one message")] = (
        "type",
        "env",
        "cluster",
    )
    group_wait: Annotated[
        float,
        Meta(description="seconds from a group's first notice to its message", ge=0, le=LONGEST),
    ] = 30.0
    group_interval: Annotated[
        float,
        Meta(
            description="seconds between messages when there is news of a group",
            ge=0,
            le=LONGEST,
        ),
    ] = 300.0
    repeat: Annotated[
        float,
        Meta(
            description="seconds until what nobody ended is told again; 0: never",
            ge=0,
            le=LONGEST,
        ),
    ] = 14_400.0
    resolved: Annotated[bool, Meta(description="whether ends are told too")] = True
    digest: Annotated[
        int, Meta(description="notices listed in one message; those beyond are counted", ge=1)
    ] = 20
    quiet: Annotated[
        tuple[QuietHours, ...], Meta(description="hours that notices are held back in")
    ] = ()
    critical_passes: Annotated[
        bool, Meta(description="whether critical ones are told in quiet hours too")
    ] = True
    go_on: Annotated[bool, Meta(description="whether the rules after it are asked too")] = False


class Smtp(Section, frozen=True, kw_only=True):
    host: Annotated[str, Meta(description="the mail server; empty: no email")] = ""
    port: Annotated[int, Meta(description="its port", ge=1, le=65535)] = 587
    tls: Annotated[
        Literal["none", "starttls", "tls"], Meta(description="how the connection is encrypted")
    ] = "starttls"
    username: Annotated[str, Meta(description="who logs in; empty: nobody")] = ""
    password: Annotated[Secret | None, Meta(description="where the password is found")] = None
    sender: Annotated[str, Meta(description="the address that messages come from")] = ""


class Notify(Section, frozen=True, kw_only=True):
    receivers: Annotated[tuple[NotifyReceiver, ...], Meta(description="who can be told")] = ()
    rules: Annotated[tuple[NotifyRule, ...], Meta(description="who is told what, and when")] = ()
    keep: Annotated[
        float, Meta(description="seconds after which what nobody ended is repeated no more", gt=0)
    ] = 86_400.0
    smtp: Smtp = Smtp()
