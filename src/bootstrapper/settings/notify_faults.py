"""What one setting of the notifications says of another: all that does not fit."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from urllib.parse import urlsplit

from bootstrapper.errors import Mistake
from bootstrapper.settings.notify import Notify, NotifyReceiver, NotifyRule, QuietHours, Smtp
from bootstrapper.windows import MIDNIGHT, minute_from, zone_named

_SLACK = re.compile(r"[CGDUW][A-Z0-9]{5,}")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"  # https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9A-Za-z.:]+\])")


def notify_faults(notify: Notify) -> Iterator[str]:
    for number, receiver in enumerate(notify.receivers):
        for field, text in _of_receiver(receiver, notify.smtp):
            yield f"notify.receivers[{number}]{field}: {text}"
    names = [receiver.name for receiver in notify.receivers]
    for number, rule in enumerate(notify.rules):
        for field, text in _of_rule(rule, names):
            yield f"notify.rules[{number}].{field}: {text}"
    yield from _twice("receivers", names)
    yield from _twice("rules", (rule.name for rule in notify.rules))
    yield from _of_smtp(notify.smtp)


def _twice(what: str, names: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"notify.{what}: {count} are called {name!r}"


def _of_receiver(receiver: NotifyReceiver, smtp: Smtp) -> Iterator[tuple[str, str]]:
    if not receiver.kind:
        yield "", "name exactly one of slack, webhook, email, apprise"
    if receiver.slack and not _SLACK.fullmatch(receiver.slack):
        yield ".slack", f"{receiver.slack!r} is no id of a channel (C…) or a user (U…)"
    if receiver.webhook and not _is_url(receiver.webhook):
        yield ".webhook", "an http:// or https:// URL is expected"
    if receiver.secret and not receiver.webhook:
        yield ".secret", "belongs to a webhook"
    for address in receiver.email:
        if not _ADDRESS.fullmatch(address):
            yield ".email", f"{address!r} is no address"
    if receiver.email and not smtp.host:
        yield ".email", "no mail server: notify.smtp.host"


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none, or half an IPv6 address
        return False


def _of_rule(rule: NotifyRule, names: list[str]) -> Iterator[tuple[str, str]]:
    for name in rule.receivers:
        if name not in names:
            near = get_close_matches(name, names, 1)
            hint = f"; {near[0]}?" if near else ""
            yield "receivers", f"no receiver {name!r} below [[notify.receivers]]{hint}"
    for field in ("types", "envs", "clusters"):
        if "" in getattr(rule, field):
            yield field, "an empty pattern fits nothing"
    for number, quiet in enumerate(rule.quiet):
        for field, text in _of_quiet(quiet):
            yield f"quiet[{number}].{field}", text


def _of_quiet(quiet: QuietHours) -> Iterator[tuple[str, str]]:
    minutes = []
    for field, text in (("from", quiet.start), ("to", quiet.end)):
        try:
            minutes.append(minute_from(text))
        except Mistake as error:
            yield field, str(error)
    if len(minutes) == 2 and minutes[0] in (minutes[1], MIDNIGHT):  # noqa: PLR2004
        yield "to", "the hours are empty; a whole day is 00:00 to 24:00"
    try:
        zone_named(quiet.zone)
    except Mistake as error:
        yield "zone", str(error)


def _of_smtp(smtp: Smtp) -> Iterator[str]:
    if smtp.host and not _ADDRESS.fullmatch(smtp.sender):
        yield f"notify.smtp.sender: {smtp.sender!r} is no address"
    if bool(smtp.username) != bool(smtp.password):
        yield "notify.smtp: username and password go together"
    if smtp.password and smtp.tls == "none":
        yield "notify.smtp: a password without tls is seen by everybody"
