"""Run the cases that a policy file brings along: `bootstrapper policy test`."""

from datetime import UTC

from msgspec import Struct
from msgspec.structs import replace

from bootstrapper.policy.decide import decide
from bootstrapper.policy.rulebook import Case, Policy, with_groups
from bootstrapper.policy.rules import Ask
from bootstrapper.policy.verdicts import Verdict

__all__ = ["Case", "CaseResult", "run_cases"]


class CaseResult(Struct, frozen=True, kw_only=True):
    """`text` says what was asked and, where it failed, what came instead."""

    case: Case
    verdict: Verdict
    passed: bool
    text: str


def run_cases(policy: Policy) -> tuple[CaseResult, ...]:
    """In the order of the file; nothing is frozen and no budget is spent."""
    return tuple(_run(policy, case) for case in policy.cases)


def _run(policy: Policy, case: Case) -> CaseResult:
    ask = _with_groups(policy, case.ask)
    verdict = decide(policy, ask, now=case.at)
    passed = verdict.effect is case.expect and case.rule in {None, verdict.rule}
    return CaseResult(case=case, verdict=verdict, passed=passed, text=_text(case, verdict, passed))


def _with_groups(policy: Policy, ask: Ask) -> Ask:
    return replace(ask, actor=with_groups(policy, ask.actor))


def _text(case: Case, verdict: Verdict, passed: bool) -> str:
    ask = case.ask
    where = f" in {ask.env}" if ask.env else ""
    on = f" on {', '.join(ask.hosts)}" if ask.hosts else ""
    asked = f"{ask.actor.name} {ask.action}{where}{on} at {case.at.astimezone(UTC):%a %H:%M} UTC"
    if passed:
        return f"{asked}: {verdict.effect}"
    by = f" by {case.rule or 'no rule'}" if case.rule is not None else ""
    return f"{asked}: expected {case.expect}{by}, but {verdict.effect}: {verdict.text}"
