"""Every verdict is audited; a "no" is an error that names its rule."""

import threading
import time
from typing import Any

from bootstrapper.clock import utc_now
from bootstrapper.control.parts import Parts
from bootstrapper.control.plan import judge
from bootstrapper.errors import Denied
from bootstrapper.ids import new_id
from bootstrapper.jobs.job import Job
from bootstrapper.policy.actors import Actor
from bootstrapper.policy.audit import record
from bootstrapper.policy.decide import Verdict
from bootstrapper.policy.rules import Ask, Effect
from bootstrapper.redis_link import translated

_noted: dict[tuple[str, str, str], float] = {}
_turn = threading.Lock()


def authorize(parts: Parts, actor: Actor, action: str, risk: str, **about: Any) -> Verdict:
    """For what is not a job: raises Denied, and leaves its mark in the audit either way.

    A freeze is no matter here: it keeps machines as they are, and people from nothing else.
    """
    ask = Ask(actor=actor, action=action, risk=risk, channel=actor.channel, **about)
    verdict = judge(parts, ask, freezes=())
    if verdict.effect is Effect.ALLOW:
        if risk != "read" or _worth_noting(parts, ask, verdict):
            note(parts, ask, verdict)
        return verdict
    note(parts, ask, verdict)
    raise refuse(verdict)


def about(job: Job) -> dict[str, Any]:
    """What an ask about a job says of it, so that rules on envs and hosts hold here too."""
    return {"env": job.spec.env, "hosts": job.spec.hosts}


def note(parts: Parts, ask: Ask, verdict: Verdict, job: str = "") -> None:
    """Written when it returns."""
    digest = parts.rules.current().digest
    written = record(ask, verdict, id=new_id(), at=utc_now(), policy=digest, job=job)
    parts.audit.append(written)
    if verdict.effect is Effect.DENY:
        with translated("counting a denial"):
            field = f"denials|{verdict.rule or '-'}"
            parts.redis.hincrby(f"{parts.settings.redis.prefix}metrics", field, 1)


def refuse(verdict: Verdict) -> Denied:
    return Denied(verdict.text, rule=verdict.rule)


def _worth_noting(parts: Parts, ask: Ask, verdict: Verdict) -> bool:
    """The same reader by the same rule is written once in a while, not at each look."""
    interval = parts.settings.audit.read_interval
    key = (ask.actor.name, ask.action, verdict.rule)
    now = time.monotonic()
    with _turn:
        if interval and now - _noted.get(key, -interval) < interval:
            return False
        _noted[key] = now
        return True
