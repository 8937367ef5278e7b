"""What may come twice, after a crash or a second click: the same person's second time is no error.

`launch` and `rerun` need nothing of this: they know a request again by its key.
"""

from bootstrapper.chat.conversation.turn import Turn
from bootstrapper.control.approve import approve, reject
from bootstrapper.control.brakes import Hold, resource_of
from bootstrapper.control.cancel import cancel
from bootstrapper.control.locking import lock
from bootstrapper.errors import Conflict
from bootstrapper.jobs.job import Job


def cancel_once(turn: Turn, job_id: str) -> Job:
    try:
        return cancel(turn.parts, turn.actor, job_id)
    except Conflict:
        job = turn.parts.jobs.get(job_id)
        if turn.actor.name not in (job.cancel_by, job.reason.removeprefix("canceled by ")):
            raise
        return job


def approve_once(turn: Turn, job_id: str, digest: str = "") -> Job:
    try:
        return approve(turn.parts, turn.actor, job_id, digest)
    except Conflict:
        job = turn.parts.jobs.get(job_id)
        if turn.actor.name not in job.approved_by:
            raise
        return job


def reject_once(turn: Turn, job_id: str, reason: str = "", digest: str = "") -> Job:
    try:
        return reject(turn.parts, turn.actor, job_id, reason, digest=digest)
    except Conflict:
        job = turn.parts.jobs.get(job_id)
        if not f"{job.reason}:".startswith(f"rejected by {turn.actor.name}:"):
            raise
        return job


def lock_once(turn: Turn, word: str, reason: str, until: str) -> Hold:
    try:
        return lock(turn.parts, turn.actor, word, reason, until)
    except Conflict:
        known = (turn.actor.name, reason, resource_of(word))
        for hold in turn.parts.holds.all():
            if (hold.by, hold.reason, hold.resource) == known:
                return hold
        raise
