"""What a job was asked to do, as far as its message tells it: from its record."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from bootstrapper.jobs.job import Approvals, Job
from bootstrapper.playbooks.scrub import Scrubber, telling

NAMED = 8  # hosts named one by one before they are only counted
WORDS = 600  # letters of a request
_HOSTS = ("hosts", "limit")
_OF_ITS_OWN = (*_HOSTS, "env")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """`what` tells the request in words. `can_diff`: its differences may be looked at first;
    `can_limit`: it may be asked again for some of its hosts. `by`: the id of the Slack user
    who asked, "" where it was none."""

    id: str
    action: str
    what: str
    env: str
    hosts: tuple[str, ...]
    targets: int
    actor: str
    via: str
    rule: str
    risk: str
    approvals: Approvals | None = None
    rerun_of: str = ""
    schedule: str = ""
    can_diff: bool = False
    can_limit: bool = False
    by: str = ""


def asked_of(job: Job, fields: Collection[str], by: str = "") -> Asked:
    """`fields`: of the job's action; none where the action is gone."""
    spec = job.spec
    return Asked(
        id=spec.id,
        action=spec.action,
        what=words_of(spec.request),
        env=spec.env,
        hosts=spec.hosts[:NAMED],
        targets=len(spec.hosts),
        actor=spec.actor,
        via=spec.via,
        rule=spec.rule,
        risk=spec.risk,
        approvals=spec.approvals,
        rerun_of=spec.rerun_of,
        schedule=spec.schedule,
        can_diff={"check", "diff"} <= set(fields) and not spec.request.get("check"),
        can_limit=any(field in fields for field in _HOSTS),
        by=by,
    )


def words_of(request: Mapping[str, Any]) -> str:
    """`tags=api check`: what the env and the hosts do not say already, and no secret by its name.

    Of extra variables the names alone: a channel has more readers than a policy has approvers.
    """
    clean = Scrubber(telling(request)).value(dict(request))
    words = (
        _word(name, value)
        for name, value in clean.items()
        if name not in _OF_ITS_OWN and value not in (None, "", False, 0, [], (), {})
    )
    text = " ".join(words)
    return text if len(text) <= WORDS else f"{text[: WORDS - 1]}…"


def _word(name: str, value: Any) -> str:
    match value:
        case True:
            return name
        case Mapping():
            return f"{name}={','.join(map(str, value))}"
        case list() | tuple():
            return f"{name}={','.join(map(str, value))}"
        case _:
            return f"{name}={value}"
