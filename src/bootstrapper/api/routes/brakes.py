"""Locks that people hold, and freezes of changes."""

from typing import Annotated, Any

from msgspec import Meta

from bootstrapper.api.route import Answer, Call, Name, Route
from bootstrapper.api.views import View
from bootstrapper.clock import from_text, to_text, utc_now
from bootstrapper.control.brakes import Hold, resource_of, text_of
from bootstrapper.control.cancel import wake
from bootstrapper.control.parts import Parts
from bootstrapper.control.verdicts import authorize
from bootstrapper.errors import Mistake
from bootstrapper.playbooks.hosts import lock_of
from bootstrapper.policy.verdicts import Freeze

Words = Annotated[str, Meta(max_length=1000)]
Moment = Annotated[str, Meta(max_length=40)]


class LockView(View, frozen=True, kw_only=True):
    """`mode`: x excludes everybody, s only x. `holder`: a job's id, or a person."""

    resource: str
    mode: str
    holder: str
    reason: str
    since: str
    until: str


class LocksView(View, frozen=True, kw_only=True):
    locks: tuple[LockView, ...]


class NewLock(View, frozen=True, kw_only=True):
    reason: Words = ""
    until: Moment = ""


class FreezeView(View, frozen=True, kw_only=True):
    id: str
    env: str
    reason: str
    since: str
    until: str
    by: str


class FreezesView(View, frozen=True, kw_only=True):
    freezes: tuple[FreezeView, ...]


class NewFreeze(View, frozen=True, kw_only=True):
    """`env`: a glob, `*` for all."""

    env: Name = "*"
    reason: Words = ""
    until: Moment = ""


def routes() -> list[Route]:
    def route(method: str, path: str, name: str, summary: str, handler: Any, **more: Any) -> Route:
        return Route(
            method=method, path=path, name=name, summary=summary, handler=handler,
            group="brakes", **more,
        )  # fmt: skip

    lock, freeze = "/api/v1/locks/{resource}", "/api/v1/freezes/{id}"
    return [
        route("GET", "/api/v1/locks", "listLocks", "Locks of jobs and people", _locks,
              answer=LocksView),
        route("PUT", lock, "lock", "Hold a host, an env or a name", _lock, body=NewLock,
              answer=LockView),
        route("DELETE", lock, "unlock", "Let it go", _unlock, status=204),
        route("GET", "/api/v1/freezes", "listFreezes", "Freezes now and to come", _freezes,
              answer=FreezesView),
        route("POST", "/api/v1/freezes", "freeze", "No changes for a while", _freeze,
              body=NewFreeze, answer=FreezeView, status=201),
        route("DELETE", freeze, "unfreeze", "End a freeze", _unfreeze, status=204),
    ]  # fmt: skip


def _locks(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "locks.read", "read")
    found = [_hold_view(hold) for hold in parts.holds.all()]
    for job in parts.jobs.many(parts.jobs.open_ids()):
        if job.state == "running":
            found += [
                LockView(
                    resource=lock.resource, mode=lock.mode, holder=job.id, until="",
                    reason=f"{job.spec.action} by {job.spec.actor}", since=job.started,
                )
                for lock in job.spec.locks
            ]  # fmt: skip
    return Answer(body=LocksView(locks=tuple(found)))


def _hold_view(hold: Hold) -> LockView:
    return LockView(
        resource=hold.resource, mode="x", holder=hold.by, reason=hold.reason, since=hold.since,
        until=hold.until,
    )  # fmt: skip


def _lock(parts: Parts, call: Call) -> Answer:
    resource = _of_jobs(parts, resource_of(call.path["resource"]))
    authorize(parts, call.actor, "locks.write", "change", env=_env_of(resource))
    until = _until(call.body.until)
    hold = Hold(
        resource=resource,
        by=call.actor.name,
        reason=call.body.reason,
        since=to_text(utc_now()),
        until=until,
    )
    parts.holds.put(hold)
    return Answer(body=_hold_view(hold))


def _unlock(parts: Parts, call: Call) -> Answer:
    resource = resource_of(call.path["resource"])
    authorize(parts, call.actor, "locks.write", "change", env=_env_of(resource))
    if resource not in {hold.resource for hold in parts.holds.all()}:
        resource = _of_jobs(parts, resource)
    parts.holds.take_away(resource)
    wake(parts, parts.holds.waiters(resource))
    return Answer(status=204)


def _of_jobs(parts: Parts, resource: str) -> str:
    """A host by any of its names is what jobs on it lock; as it is while no content is known."""
    kind, _, name = resource.partition(":")
    if kind != "host" or not parts.library.synced():
        return resource
    return lock_of(name, parts.library.current())


def _env_of(resource: str) -> str:
    kind, _, name = resource.partition(":")
    return name if kind == "env" else ""


def _until(text: str) -> str:
    if not text:
        return ""
    moment = from_text(text, field="until")
    if moment <= utc_now():
        raise Mistake("that time is over already", field="until")
    return to_text(moment)


def _freezes(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "freezes.read", "read")
    return Answer(body=FreezesView(freezes=tuple(map(_freeze_view, parts.freezes.all()))))


def _freeze_view(freeze: Freeze) -> FreezeView:
    return FreezeView(
        id=freeze.id, env=freeze.env, reason=freeze.reason, since=to_text(freeze.since),
        until=text_of(freeze.until), by=freeze.by,
    )  # fmt: skip


def _freeze(parts: Parts, call: Call) -> Answer:
    env = call.body.env
    authorize(parts, call.actor, "freezes.write", "change", env="" if "*" in env else env)
    until = _until(call.body.until)
    moment = from_text(until) if until else None
    freeze = parts.freezes.add(env, call.body.reason, call.actor.name, moment)
    return Answer(body=_freeze_view(freeze), status=201)


def _unfreeze(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "freezes.write", "change")
    parts.freezes.end(call.path["id"])
    return Answer(status=204)
