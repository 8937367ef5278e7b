"""The policy as seen from outside: who am I, what would it say, and its audit."""

from typing import Annotated, Any

from msgspec import Meta

from bootstrapper.api.route import Answer, Call, Name, Parameter, Route
from bootstrapper.api.views import VerdictView, View, verdict_view
from bootstrapper.control.parts import Parts
from bootstrapper.control.plan import make_plan
from bootstrapper.control.verdicts import authorize
from bootstrapper.jobs.job import Options
from bootstrapper.policy.actors import Actor
from bootstrapper.policy.audit import START, Entry, Head, verify
from bootstrapper.policy.rulebook import with_groups

PAGE = 1000


class Me(View, frozen=True, kw_only=True):
    actor: str
    groups: tuple[str, ...]
    via: str


class PolicyView(View, frozen=True, kw_only=True):
    """`fault`: why a changed file is not in force; "" when it is."""

    digest: str
    source: str
    rules: tuple[str, ...]
    fault: str


class Question(View, frozen=True, kw_only=True):
    """`actor`: whose verdict; "": the caller's own."""

    action: Name
    request: dict[str, Any] = {}
    actor: Annotated[str, Meta(max_length=200)] = ""


class StepView(View, frozen=True, kw_only=True):
    rule: str
    matched: bool
    because: str


class Explanation(VerdictView, frozen=True, kw_only=True):
    trace: tuple[StepView, ...]


class AuditView(View, frozen=True, kw_only=True):
    entries: tuple[Entry, ...]


class BrokenView(View, frozen=True, kw_only=True):
    number: int
    what: str


class AuditCheck(View, frozen=True, kw_only=True):
    ok: bool
    entries: int
    head: str
    broken: BrokenView | None


def routes() -> list[Route]:
    after = Parameter(
        name="after", kind=Annotated[int, Meta(ge=0, le=2**53)],
        description="entries after this number", default=0,
    )  # fmt: skip
    limit = Parameter(
        name="limit", kind=Annotated[int, Meta(ge=1, le=1000)], description="at most so many",
        default=100,
    )  # fmt: skip
    expect = Parameter(
        name="expect", kind=Name, description="a head noted earlier: it must be in the chain",
        default="",
    )  # fmt: skip

    def route(method: str, path: str, name: str, summary: str, handler: Any, **more: Any) -> Route:
        return Route(
            method=method, path=path, name=name, summary=summary, handler=handler,
            group="policy", **more,
        )  # fmt: skip

    return [
        route("GET", "/api/v1/whoami", "whoAmI", "The caller's actor", _whoami, answer=Me),
        route("GET", "/api/v1/policy", "getPolicy", "The rules in force", _policy,
              answer=PolicyView),
        route("POST", "/api/v1/policy/explain", "explainPolicy", "What it would say, and why",
              _explain, body=Question, answer=Explanation),
        route("GET", "/api/v1/audit", "listAudit", "Verdicts, oldest first", _audit,
              query=(after, limit), answer=AuditView),
        route("GET", "/api/v1/audit/verify", "verifyAudit", "Check the whole chain", _verify,
              query=(expect,), answer=AuditCheck),
    ]  # fmt: skip


def _whoami(parts: Parts, call: Call) -> Answer:
    actor = call.actor
    return Answer(body=Me(actor=actor.name, groups=tuple(sorted(actor.groups)), via=actor.via))


def _policy(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "policy.read", "read")
    policy = parts.rules.current()
    return Answer(
        body=PolicyView(
            digest=policy.digest,
            source=str(parts.rules.file or "built in: the owner alone"),
            rules=tuple(rule.name for rule in policy.rules),
            fault=parts.rules.fault,
        )
    )


def _explain(parts: Parts, call: Call) -> Answer:
    """Everybody may ask about themselves; about others only who may read the policy."""
    actor = call.actor
    if call.body.actor and call.body.actor != actor.name:
        authorize(parts, call.actor, "policy.read", "read")
        actor = with_groups(parts.rules.current(), Actor(name=call.body.actor, via=actor.via))
    plan = make_plan(parts, actor, call.body.action, call.body.request, Options())
    seen = verdict_view(plan.verdict)
    trace = tuple(
        StepView(rule=step.rule, matched=not step.failed, because=step.why)
        for step in plan.verdict.trace
    )
    return Answer(
        body=Explanation(
            effect=seen.effect, rule=seen.rule, reason=seen.reason, text=seen.text, trace=trace
        )
    )


def _audit(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "audit.read", "read")
    entries = parts.audit.entries(call.query["after"], call.query["limit"])
    return Answer(body=AuditView(entries=entries))


def _verify(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "audit.read", "read")
    expect, met = call.query["expect"], not call.query["expect"]
    head: Head = START
    while entries := parts.audit.entries(head.number, PAGE):
        met = met or any(entry.hash == expect for entry in entries)
        broken = verify(entries, after=head)
        if broken:
            view = BrokenView(number=broken.number, what=broken.text)
            return _checked(head, view)
        head = Head(entries[-1].number, entries[-1].hash)
    if not met:
        return _checked(head, BrokenView(number=head.number, what="the expected head is missing"))
    return _checked(head, None)


def _checked(head: Head, broken: BrokenView | None) -> Answer:
    return Answer(
        body=AuditCheck(ok=broken is None, entries=head.number, head=head.hash, broken=broken)
    )
