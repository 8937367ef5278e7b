"""The calls about actions and their jobs."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import msgspec

from bootstrapper.client.calls import Calls
from bootstrapper.client.entries import read_entry
from bootstrapper.client.follow import follow
from bootstrapper.client.patience import OnLoss, Patience
from bootstrapper.client.server import Lost, escaped
from bootstrapper.client.views import ActionInfo, Artifact, Job, JobPage, Plan
from bootstrapper.events import Entry, JobEnded
from bootstrapper.ids import new_id


class JobCalls(Calls):
    def actions(self) -> tuple[ActionInfo, ...]:
        return self.many("/actions", "actions", ActionInfo)

    def plan(self, action: str, request: Mapping[str, Any], **options: Any) -> Plan:
        """What `launch` with the same arguments would do; does nothing."""
        path, query = f"/actions/{escaped(action)}", _launch_query(**options) | {"plan": 1}
        return self.call("POST", path, Plan, query=query, body=request)

    def launch(
        self,
        action: str,
        request: Mapping[str, Any],
        *,
        wait: float = 0.0,
        idempotency_key: str = "",
        **options: Any,
    ) -> Job:
        """Start it. `wait`: seconds to wait for its end; the job is returned as it is then.

        Options: priority, not_before, timeout (seconds), retries, locks (names).
        An answer that is lost is asked for once more: the key keeps the job from starting twice.
        """
        send: Callable[[], Job] = partial(
            self.call,
            "POST",
            f"/actions/{escaped(action)}",
            Job,
            query=_launch_query(**options) | {"wait": wait or None},
            body=request,
            headers={"Idempotency-Key": idempotency_key or new_id()},
            wait=wait,
        )
        try:
            return send()
        except Lost:
            return send()

    def jobs(
        self, *, limit: int = 20, cursor: str = "", **filters: str | tuple[str, ...] | None
    ) -> JobPage:
        """Newest first. Filters: state, action, actor, env, host."""
        query: dict[str, Any] = {**filters, "limit": limit, "cursor": cursor}
        return self.call("GET", "/jobs", JobPage, query=query)

    def job(self, job_id: str, *, wait: float = 0.0) -> Job:
        """`job_id` may be `last`, or the first or last letters of an id (6 at least)."""
        query = {"wait": wait or None}
        return self.call("GET", f"/jobs/{escaped(job_id)}", Job, query=query, wait=wait)

    def events(self, job_id: str, after: int = 0, *, limit: int | None = None) -> tuple[Entry, ...]:
        """The journal's entries so far, from `after` + 1; without `limit` all of them."""
        found: list[Entry] = []
        while limit is None or len(found) < limit:
            more = None if limit is None else limit - len(found)
            page = self._events(job_id, found[-1].seq if found else after, more)
            found += page
            if not page or isinstance(page[-1].event, JobEnded):
                break
        return tuple(found)

    def follow(
        self,
        job_id: str,
        after: int = 0,
        *,
        patience: float = 120.0,
        on_loss: OnLoss | None = None,
    ) -> Iterator[Entry]:
        """Each entry as it is written, until the job has ended; reconnects and resumes."""
        return follow(self.server, job_id, after, Patience(patience, on_loss))

    def log(self, job_id: str) -> str:
        return self.server.ask("GET", f"/jobs/{escaped(job_id)}/log").decode(errors="replace")

    def artifacts(self, job_id: str) -> tuple[Artifact, ...]:
        return self.many(f"/jobs/{escaped(job_id)}/artifacts", "artifacts", Artifact)

    def artifact(self, job_id: str, name: str) -> bytes:
        return self.server.ask("GET", f"/jobs/{escaped(job_id)}/artifacts/{escaped(name)}")

    def cancel(self, job_id: str) -> Job:
        return self.call("POST", f"/jobs/{escaped(job_id)}/cancel", Job)

    def rerun(self, job_id: str, *, failed: bool = False) -> Job:
        """A new job of the same request; `failed`: only on the hosts that did not succeed."""
        query = {"failed": 1 if failed else None}
        return self.call("POST", f"/jobs/{escaped(job_id)}/rerun", Job, query=query)

    def approve(self, job_id: str, *, digest: str = "") -> Job:
        """`digest`: of the plan that was seen; a Conflict when it is another by now."""
        body = {"digest": digest}
        return self.call("POST", f"/jobs/{escaped(job_id)}/approve", Job, body=body)

    def reject(self, job_id: str, reason: str = "") -> Job:
        body = {"reason": reason}
        return self.call("POST", f"/jobs/{escaped(job_id)}/reject", Job, body=body)

    def _events(self, job_id: str, after: int, limit: int | None) -> list[Entry]:
        query = {"after": after, "limit": limit}
        path = f"/jobs/{escaped(job_id)}/events"
        raw = self.many(path, "events", msgspec.Raw, query)
        return [read_entry(bytes(each)) for each in raw]


def _launch_query(
    *,
    priority: str = "",
    not_before: str = "",
    timeout: float | None = None,
    retries: int | None = None,
    locks: tuple[str, ...] = (),
) -> dict[str, Any]:
    return {
        "priority": priority,
        "not_before": not_before,
        "timeout": timeout,
        "retries": retries,
        "lock": tuple(locks),
    }
