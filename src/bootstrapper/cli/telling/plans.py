"""A plan and a verdict, before anything is done. Pure."""

from bootstrapper.cli.telling.lines import Line, Tone, clean, pairs
from bootstrapper.cli.telling.times import duration
from bootstrapper.client.views import Explanation, Plan, Verdict

TONES = {"allow": Tone.GOOD, "approve": Tone.WAITING, "deny": Tone.BAD}


def tell_plan(plan: Plan) -> tuple[Line, ...]:
    approvals = plan.approvals
    rows = (
        ("action", f"{plan.action} ({plan.risk})" if plan.risk else plan.action),
        ("env", plan.env),
        ("hosts", f"{plan.count}: {', '.join(plan.hosts)}" if plan.hosts else ""),
        ("locks", ", ".join(plan.locks)),
        ("commit", plan.commit),
        ("serial", str(plan.serial or "")),
        ("canary", str(plan.canary or "")),
        (
            "approvals",
            f"{approvals.count} of {approvals.group} within {duration(approvals.expires_in)}"
            if approvals
            else "",
        ),
        ("digest", plan.digest),
    )
    return (*pairs(rows), *tell_verdict(plan.verdict))


def tell_verdict(verdict: Verdict) -> tuple[Line, ...]:
    by = f" by rule {verdict.rule!r}" if verdict.rule else ""
    why = verdict.text or verdict.reason
    text = clean(f"{verdict.effect}{by}" + (f": {why}" if why else ""))
    return (Line(text, TONES.get(verdict.effect, Tone.PLAIN)),)


def tell_explanation(explanation: Explanation) -> tuple[Line, ...]:
    steps = (
        Line(
            clean(f"  {'→' if step.matched else '·'} {step.rule}: {step.because or 'decides'}"),
            Tone.PLAIN if step.matched else Tone.DIM,
        )
        for step in explanation.trace
    )
    return (*tell_verdict(explanation), *steps)
