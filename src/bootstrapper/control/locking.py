"""Locks that people hold: put and taken away by whoever may."""

from bootstrapper.clock import from_text, to_text, utc_now
from bootstrapper.control.brakes import Hold, resource_of
from bootstrapper.control.cancel import wake
from bootstrapper.control.parts import Parts
from bootstrapper.control.verdicts import authorize
from bootstrapper.errors import Mistake
from bootstrapper.playbooks.hosts import lock_of
from bootstrapper.policy.actors import Actor


def lock(parts: Parts, actor: Actor, word: str, reason: str = "", until: str = "") -> Hold:
    """`word`: an env, or `host:…`, `env:…`, `name:…`. `until`: RFC 3339; "": until it is freed."""
    resource = _of_jobs(parts, resource_of(word))
    authorize(parts, actor, "locks.write", "change", env=_env_of(resource))
    hold = Hold(
        resource=resource, by=actor.name, reason=reason, since=to_text(utc_now()),
        until=later(until),
    )  # fmt: skip
    parts.holds.put(hold)
    return hold


def unlock(parts: Parts, actor: Actor, word: str) -> Hold:
    """What was held; the jobs that waited for it are woken."""
    resource = resource_of(word)
    authorize(parts, actor, "locks.write", "change", env=_env_of(resource))
    if resource not in {hold.resource for hold in parts.holds.all()}:
        resource = _of_jobs(parts, resource)
    hold = parts.holds.take_away(resource)
    wake(parts, parts.holds.waiters(resource))
    return hold


def later(text: str) -> str:
    """The time as we write it, which must be still to come; "" stays."""
    if not text:
        return ""
    moment = from_text(text, field="until")
    if moment <= utc_now():
        raise Mistake("that time is over already", field="until")
    return to_text(moment)


def _of_jobs(parts: Parts, resource: str) -> str:
    """A host by any of its names is what jobs on it lock; as it is while no content is known."""
    kind, _, name = resource.partition(":")
    if kind != "host" or not parts.library.synced():
        return resource
    return lock_of(name, parts.library.current())


def _env_of(resource: str) -> str:
    kind, _, name = resource.partition(":")
    return name if kind == "env" else ""
