"""What a request would come to, before anything is done: targets, size, locks, verdict."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from bootstrapper.actions.action import Action, Scope
from bootstrapper.actions.registry import parse
from bootstrapper.clock import from_text, utc_now
from bootstrapper.control.parts import Parts
from bootstrapper.errors import Mistake
from bootstrapper.jobs.job import Job, Lock, Options, Spec
from bootstrapper.jobs.records import Budget
from bootstrapper.playbooks.catalogue import Catalogue
from bootstrapper.playbooks.redirects import built_in_redirects, other_names
from bootstrapper.policy.actors import Actor
from bootstrapper.policy.decide import Freeze, Verdict, budget_key, decide
from bootstrapper.policy.rulebook import with_groups
from bootstrapper.policy.rules import Ask, Effect

NO_CONTENT = Catalogue(commit="")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`digest` changes with anything that an approver would want to know."""

    action: Action
    request: dict[str, Any]
    options: Options
    scope: Scope
    ask: Ask
    commit: str
    locks: tuple[Lock, ...]
    verdict: Verdict
    serial: int
    canary: int

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(host.name for host in self.scope.hosts)

    @property
    def digest(self) -> str:
        return digest_of(
            self.action.NAME, self.request, self.scope.env, self.hosts, self.commit,
            self.serial, self.canary, self.locks, self.verdict.rule,
        )  # fmt: skip


def digest_of_job(spec: Spec, rule: str) -> str:
    """That of the plan that the job was made from, now under this rule."""
    return digest_of(
        spec.action, spec.request, spec.env, spec.hosts, spec.commit,
        spec.serial, spec.canary, spec.locks, rule,
    )  # fmt: skip


def digest_of(*values: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(values, order="deterministic")).hexdigest()


def make_plan(parts: Parts, actor: Actor, name: str, request: Any, options: Options) -> Plan:
    """Raises a Mistake that names the field; a "no" of the policy is part of the plan."""
    action = parse(name, request)
    catalogue = parts.library.current() if action.NEEDS_CONTENT else NO_CONTENT
    scope = action.scope(catalogue)
    _check(options, action)
    ask = _ask(actor, action, scope, catalogue)
    verdict = judge(parts, ask)
    return Plan(
        action=action,
        request=request,
        options=options,
        scope=scope,
        ask=ask,
        commit=catalogue.commit,
        locks=_locks(scope, options),
        verdict=verdict,
        serial=verdict.serial or scope.serial,
        canary=verdict.canary,
    )


def judge(parts: Parts, ask: Ask, freezes: Sequence[Freeze] | None = None) -> Verdict:
    """The policy's verdict as of now, with its freezes and what its budget has left."""
    policy = parts.rules.current()
    now = utc_now()
    freezes = parts.freezes.all() if freezes is None else freezes
    verdict = decide(policy, ask, now=now, freezes=freezes)
    if verdict.budget is None or verdict.effect is Effect.DENY:
        return verdict
    used = parts.jobs.spent(budget_of(verdict, ask.actor))
    return decide(policy, ask, now=now, freezes=freezes, used={verdict.rule: used})


def judge_again(parts: Parts, ask: Ask) -> Verdict:
    """As `judge`, for a job that has been accepted: its share of the budget is its own."""
    return decide(parts.rules.current(), ask, now=utc_now(), freezes=parts.freezes.all())


def ask_again(parts: Parts, job: Job) -> Ask:
    """What the job's actor asked, with the groups that they have now."""
    spec = job.spec
    action = parse(spec.action, spec.request)
    catalogue = parts.library.at(spec.commit) if action.NEEDS_CONTENT else NO_CONTENT
    actor = Actor(name=spec.actor, via=spec.via, channel=spec.channel)
    actor = with_groups(parts.rules.current(), actor)
    return _ask(actor, action, action.scope(catalogue), catalogue)


def budget_of(verdict: Verdict, actor: Actor) -> Budget:
    if verdict.budget is None:
        raise ValueError("this verdict has no budget")
    return Budget(budget_key(verdict, actor), verdict.budget.cap, verdict.budget.window)


def _check(options: Options, action: Action) -> None:
    if options.retries < 0 or options.timeout < 0:
        raise Mistake("a number above zero is expected", field="options")
    if options.retries and not action.REPEATABLE:
        raise Mistake(f"{action.NAME} must not be repeated by itself", field="retries")
    if options.not_before:
        from_text(options.not_before, field="not_before")
    for lock in options.locks:
        if not lock or len(lock) > 200:  # noqa: PLR2004
            raise Mistake(f"{lock!r} is no name for a lock", field="lock")


def _aliases(scope: Scope, catalogue: Catalogue) -> tuple[str, ...]:
    """Their addresses, and what any env calls the machines there."""
    wanted = {host.lock for host in scope.hosts}
    known = (host for inventory in catalogue.envs.values() for host in inventory.hosts.values())
    same = [*scope.hosts, *(host for host in known if host.lock in wanted)]
    names = {name for host in same for name in (host.name, host.address) if name}
    return tuple(sorted(names - {host.name for host in scope.hosts}))


def _module_aliases(scope: Scope, catalogue: Catalogue) -> tuple[str, ...]:
    if not scope.module:
        return ()
    return other_names(scope.module, built_in_redirects(), catalogue.redirects)


def _ask(actor: Actor, action: Action, scope: Scope, catalogue: Catalogue) -> Ask:
    return Ask(
        actor=actor,
        action=action.NAME,
        risk=action.RISK.value,
        env=scope.env,
        hosts=tuple(host.name for host in scope.hosts),
        aliases=_aliases(scope, catalogue),
        roles=scope.roles,
        playbook=scope.playbook,
        module=scope.module,
        module_aliases=_module_aliases(scope, catalogue),
        args=scope.args,
        tags=scope.tags,
        serial=scope.serial,
        fleet=scope.fleet,
        patterns=scope.patterns,
        connection_vars=scope.connection_vars,
        check=scope.check,
        channel=actor.channel,
    )


def _locks(scope: Scope, options: Options) -> tuple[Lock, ...]:
    """Each host for itself, the env shared with others, and what the action or caller names."""
    found = {f"env:{scope.env}": Lock(f"env:{scope.env}", "s")} if scope.env else {}
    for host in scope.hosts:
        found[host.lock] = Lock(host.lock)
    for lock in (*scope.locks, *(Lock(f"name:{name}") for name in options.locks)):
        found[lock.resource] = lock
    return tuple(sorted(found.values()))
