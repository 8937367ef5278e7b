"""What happened, as notices."""

from typing import Any

import pytest

from bootstrapper.control.notices import Raised
from bootstrapper.fleet.events import FleetEvent, Kind
from bootstrapper.fleet.values import Signal
from bootstrapper.jobs.job import Job
from bootstrapper.jobs.states import FINAL, State
from bootstrapper.notify.notice import Notice
from bootstrapper.notify.reading import notice_of_job, notice_of_raised, notices_of_event
from bootstrapper.notify.types import OF_STATE, TYPES, UNTOLD
from support.notices import NOON
from support.specs import a_spec


def a_job(state: State, request: dict[str, Any] | None = None, **spec: Any) -> Job:
    fields = {"env": "staging", "hosts": ("web1",), "request": request or {"roles": ["nginx"]}}
    return Job(spec=a_spec(**(fields | spec)), state=state, reason="1 of 1 hosts failed")


def an_event(kind: Kind, instance: str = "", **more: Any) -> FleetEvent:
    return FleetEvent(
        id="e1", at=NOON, kind=kind, node="web-1", instance=instance, by="web-2",
        signal=Signal.SERF_FAILED, reason="no answer", **more,
    )  # fmt: skip


def told(kind: Kind, **more: Any) -> list[Notice]:
    return list(notices_of_event(an_event(kind, **more), "web"))


def test_a_job_that_failed() -> None:
    job = a_job(State.FAILED)

    notice = notice_of_job(job, NOON, "https://ops.example/")

    assert notice.type == "job_failed"
    assert notice.subject == "job:apply-roles nginx staging web1"
    assert notice.text == (
        "job failed: apply-roles nginx on web1 in staging, asked by user:ada: 1 of 1 hosts failed"
        f" (job {job.id[-8:]})"
    )
    assert (notice.env, notice.lasts, notice.severity) == ("staging", True, "error")
    assert notice.link == f"https://ops.example/api/v1/jobs/{job.id}"


@pytest.mark.parametrize("state", [State.FAILED, State.ERROR, State.LOST])
def test_a_success_of_the_same_ends_it(state: State) -> None:
    failure, success = a_job(state), a_job(State.SUCCESSFUL)

    assert notice_of_job(failure, NOON).is_ended_by(notice_of_job(success, NOON))


@pytest.mark.parametrize(
    "other",
    [
        {"env": "prod"},
        {"hosts": ("web2",)},
        {"action": "run-module"},
        {"request": {"roles": ["redis"]}},
    ],
)
def test_a_success_of_something_else_does_not(other: dict[str, Any]) -> None:
    failure, success = a_job(State.FAILED), a_job(State.SUCCESSFUL, **other)

    assert not notice_of_job(failure, NOON).is_ended_by(notice_of_job(success, NOON))


def test_many_hosts_are_one_subject_whatever_their_order() -> None:
    hosts = tuple(f"web{n}" for n in range(50))

    one, same, other = (
        notice_of_job(a_job(State.FAILED, hosts=each), NOON).subject
        for each in (hosts, hosts[::-1], hosts[1:])
    )

    assert one == same != other
    assert len(one) < 100


def test_every_end_of_a_job_has_its_type() -> None:
    assert set(OF_STATE) == FINAL
    assert set(OF_STATE.values()) <= set(TYPES)


def test_every_event_of_the_fleet_has_its_type_or_is_untold() -> None:
    kinds = set(Kind.__args__)  # type: ignore[attr-defined]

    assert kinds - UNTOLD <= set(TYPES)
    assert not UNTOLD & set(TYPES)


def test_a_type_ends_only_what_lasts() -> None:
    for kind in TYPES.values():
        assert all(TYPES[each].lasts for each in kind.ends)


def test_a_member_that_failed_is_over_when_it_is_back() -> None:
    [failed], [back] = told("node_failed"), told("node_returned")

    assert (failed.subject, failed.cluster) == ("node:web-1", "web")
    assert failed.text == "web-1 failed, by web-2: serf says it failed: no answer"
    assert failed.is_ended_by(back)


def test_an_instance_that_fails_is_over_when_it_passes() -> None:
    [failing], [passing] = (
        told(kind, instance="w1", service="web") for kind in ("instance_failing",
                                                              "instance_passing")
    )  # fmt: skip

    assert failing.subject == "instance:web-1/w1"
    assert failing.is_ended_by(passing)


def test_each_key_that_was_put_is_told() -> None:
    notices = told("instance_registered", instance="w1", service="web", put=("/a", "/b"))

    assert [each.type for each in notices] == ["instance_registered", "key_added", "key_added"]
    assert [each.subject for each in notices[1:]] == ["key:/a", "key:/b"]
    assert len({each.id for each in notices}) == 3


def test_what_happens_all_day_is_told_for_its_keys_alone() -> None:
    assert told("instance_changed", instance="w1") == []
    assert [each.type for each in told("instance_changed", put=("/a",))] == ["key_added"]


def raised(**fields: Any) -> Notice:
    values: dict[str, Any] = {"id": "n1", "at": NOON, "by": "token:ec2", "subject": "address:prod"}
    return notice_of_raised(Raised(**(values | fields)))


def test_what_a_script_leaves_out_is_as_its_type_has_it() -> None:
    notice = raised(type="no_free_address")

    assert (notice.severity, notice.lasts, notice.text) == ("critical", True, "no free address")
    assert notice.fields == {"by": "token:ec2"}


def test_a_type_that_nobody_knows_is_a_warning_that_does_not_last() -> None:
    notice = raised(type="disk_full")

    assert (notice.severity, notice.lasts, notice.text) == ("warning", False, "disk full")


def test_what_is_raised_as_over_only_ends() -> None:
    assert raised(type="disk_full", lasts=True).is_ended_by(raised(type="disk_full", resolved=True))
    assert raised(type="disk_full", resolved=True).only_ends


def test_a_key_that_was_put_at_last_ends_its_failure() -> None:
    failure = raised(type="key_failed", subject="key:/a")
    [_, added] = told("instance_registered", instance="w1", put=("/a",))

    assert failure.is_ended_by(added)
