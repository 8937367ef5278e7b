"""What happened as notices: ends of jobs, events of the fleet, and what was raised. Pure."""

import hashlib
from collections.abc import Iterator

from bootstrapper.control.notices import Raised
from bootstrapper.fleet.events import FleetEvent
from bootstrapper.fleet.telling import told
from bootstrapper.jobs.job import Job, failed_hosts
from bootstrapper.jobs.states import State
from bootstrapper.notify.notice import Notice
from bootstrapper.notify.types import OF_STATE, UNTOLD, type_of, words_of

FEW = 3
"""Hosts that are named."""
SHORT = 8
"""Characters of a job's id that people are told; every face takes them for it."""
_WHAT = ("roles", "playbook", "module")
"""The fields of requests that say what was run."""
_MORE = (*_WHAT, "tags")
"""Those that people are told: the tags too, though another tag ends what one began."""


def notice_of_job(job: Job, at: float, url: str = "") -> Notice:
    """`url`: of the API, or "". What ends it is a success of the same on the same hosts."""
    name = OF_STATE[job.state]
    kind, spec = type_of(name), job.spec
    what, where = _told(job), f" in {spec.env}" if spec.env else ""
    on = f" on {_few(spec.hosts)}" if spec.hosts else ""
    why = f": {job.reason}" if job.reason and job.state is not State.SUCCESSFUL else ""
    failed = failed_hosts(job) if job.state is State.FAILED else ()
    fields = {"job": spec.id, "action": spec.action, "actor": spec.actor}
    return Notice(
        id=spec.id, at=at, type=name, severity=kind.severity, env=spec.env,
        subject=_subject(job), lasts=kind.lasts, ends=kind.ends,
        text=f"{words_of(name)}: {what}{on}{where}, asked by {spec.actor}{why} "
             f"(job {spec.id[-SHORT:]})",
        fields=fields | ({"failed": _few(failed, 20)} if failed else {}),
        link=f"{url.rstrip('/')}/api/v1/jobs/{spec.id}" if url else "",
    )  # fmt: skip


def notice_of_lost_record(job_id: str, state: State, at: float) -> Notice:
    """Of a job whose record was forgotten before its end was told."""
    name = OF_STATE[state]
    return Notice(
        id=job_id, at=at, type=name, severity=type_of(name).severity, subject=f"job:{job_id}",
        text=f"{words_of(name)}: {job_id}, of which no record is left", fields={"job": job_id},
    )  # fmt: skip


def _told(job: Job) -> str:
    return _what(job, _MORE)


def _what(job: Job, fields: tuple[str, ...] = _WHAT) -> str:
    said = (job.spec.request.get(name) for name in fields)
    words = [" ".join(map(str, each)) if isinstance(each, list) else str(each)
             for each in said if each]  # fmt: skip
    return " ".join((job.spec.action, *words))


def _subject(job: Job) -> str:
    hosts = sorted(job.spec.hosts)
    where = ",".join(hosts)
    if len(hosts) > FEW:
        mark = hashlib.sha256("\0".join(hosts).encode()).hexdigest()[:8]
        where = f"{len(hosts)} hosts ({mark})"
    return f"job:{' '.join(filter(None, (_what(job), job.spec.env, where)))}"


def _few(names: tuple[str, ...], most: int = FEW) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def notices_of_event(event: FleetEvent, cluster: str = "") -> Iterator[Notice]:
    """The event itself, and one for each key that it put for readers."""
    about = f"{event.node}/{event.instance}" if event.instance else event.node
    subject = f"{'instance' if event.instance else 'node'}:{about}"
    fields = {"node": event.node, "signal": event.signal.value, "by": event.by}
    if event.instance:
        fields |= {"instance": event.instance, "service": event.service}
    if event.kind not in UNTOLD:
        kind = type_of(event.kind)
        yield Notice(
            id=event.id, at=event.at, type=event.kind, severity=kind.severity, subject=subject,
            text=told(event), cluster=cluster, fields=fields, lasts=kind.lasts, ends=kind.ends,
        )  # fmt: skip
    added = type_of("key_added")
    for number, key in enumerate(event.put):
        yield Notice(
            id=f"{event.id}.{number}", at=event.at, type="key_added", severity=added.severity,
            subject=f"key:{key}", text=f"the key {key} was put, for {about}", cluster=cluster,
            fields=fields, ends=added.ends,
        )  # fmt: skip


def notice_of_raised(raised: Raised) -> Notice:
    """What they leave out is as the table of types has it."""
    kind = type_of(raised.type)
    ends = (raised.type,) if raised.resolved else kind.ends
    return Notice(
        id=raised.id, at=raised.at, type=raised.type, severity=raised.severity or kind.severity,
        subject=raised.subject, text=raised.text or words_of(raised.type), env=raised.env,
        cluster=raised.cluster, fields={**raised.fields, "by": raised.by},
        lasts=kind.lasts if raised.lasts is None else raised.lasts, ends=ends,
    )  # fmt: skip
