"""Locks that people hold, and freezes of changes."""

from typing import Annotated, Any

from msgspec import Meta

from bootstrapper.api.route import Answer, Call, Name, Route
from bootstrapper.api.views import View
from bootstrapper.clock import from_text, to_text
from bootstrapper.control.brakes import Hold, text_of
from bootstrapper.control.locking import later, lock, unlock
from bootstrapper.control.parts import Parts
from bootstrapper.control.verdicts import authorize
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

    one, freeze = "/api/v1/locks/{resource}", "/api/v1/freezes/{id}"
    return [
        route("GET", "/api/v1/locks", "listLocks", "Locks of jobs and people", _locks,
              answer=LocksView),
        route("PUT", one, "lock", "Hold a host, an env or a name", _lock, body=NewLock,
              answer=LockView),
        route("DELETE", one, "unlock", "Let it go", _unlock, status=204),
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
    body: NewLock = call.body
    hold = lock(parts, call.actor, call.path["resource"], body.reason, body.until)
    return Answer(body=_hold_view(hold))


def _unlock(parts: Parts, call: Call) -> Answer:
    unlock(parts, call.actor, call.path["resource"])
    return Answer(status=204)


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
    until = later(call.body.until)
    moment = from_text(until) if until else None
    freeze = parts.freezes.add(env, call.body.reason, call.actor.name, moment)
    return Answer(body=_freeze_view(freeze), status=201)


def _unfreeze(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "freezes.write", "change")
    parts.freezes.end(call.path["id"])
    return Answer(status=204)
