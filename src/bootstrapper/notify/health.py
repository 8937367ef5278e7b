"""How a receiver does, and what a try of a message changes in what is remembered. Pure."""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec
from msgspec.structs import replace

from bootstrapper.errors import Error, Refused
from bootstrapper.notify.group import Group, Sending, group_id
from bootstrapper.notify.grouping import sent
from bootstrapper.notify.receiver import Later

FIRST, MOST = 1.0, 300.0
"""Seconds between tries: doubled each time, up to the second."""
GIVE_UP = 3600.0
"""Seconds for which a message is refused until it is given up."""

Result = Literal["sent", "failed", "refused", "given_up"]


class Health(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of a receiver. Unix times; `fails`: in a row; `again`: nothing is tried before."""

    fails: int = 0
    again: float = 0.0
    sent: float = 0.0
    failure: str = ""
    failed: float = 0.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one try. `error`: None when the receiver has it."""

    sending: Sending
    at: float
    error: Error | None = None

    @property
    def group(self) -> str:
        return group_id(self.sending.rule, self.sending.receiver, self.sending.labels)


def after(group: Group, health: Health, outcome: Outcome) -> tuple[Group, Health, Result]:
    """A refusal is about the message, and holds up no other; else the receiver itself is away."""
    sending, now, error = outcome.sending, outcome.at, outcome.error
    if error is None:
        done = Health(sent=now, failure=health.failure, failed=health.failed)
        return sent(group, now), done, "sent"
    failed = replace(health, failure=str(error), failed=now)
    if not isinstance(error, Refused):
        wait = error.seconds if isinstance(error, Later) else 0.0
        again = now + max(_pause(health.fails), wait)
        tried = replace(sending, tries=sending.tries + 1)
        down = replace(failed, fails=health.fails + 1, again=again)
        return replace(group, sending=tried), down, "failed"
    since = sending.refused or now
    if now - since >= GIVE_UP:
        return sent(group, now), failed, "given_up"
    again = now + _pause(sending.tries)
    tried = replace(sending, tries=sending.tries + 1, again=again, refused=since)
    return replace(group, sending=tried), replace(failed, fails=0, again=0.0), "refused"


def _pause(tries: int) -> float:
    return min(FIRST * 2.0 ** min(tries, 30), MOST)


def next_for(
    receivers: Iterable[str], groups: Iterable[Group], healths: Mapping[str, Health], now: float
) -> dict[str, Sending]:
    """The oldest message that may go to each of these receivers."""
    found: dict[str, Sending] = {}
    free = {name for name in receivers if healths.get(name, Health()).again <= now}
    for group in groups:
        sending = group.sending
        if sending is None or sending.receiver not in free or sending.again > now:
            continue
        known = found.get(sending.receiver)
        if known is None or (sending.at, sending.id) < (known.at, known.id):
            found[sending.receiver] = sending
    return found
