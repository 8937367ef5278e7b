"""Orders about jobs: what the API's routes do, asked for in words."""

import msgspec

from bootstrapper import events
from bootstrapper.actions.registry import actions
from bootstrapper.chat.blocks.job import job_message
from bootstrapper.chat.blocks.lists import jobs_list
from bootstrapper.chat.blocks.replies import approved, ended, words
from bootstrapper.chat.conversation.once import approve_once, cancel_once, reject_once
from bootstrapper.chat.conversation.reply import Aloud, Aside, Attached, Card, Reply
from bootstrapper.chat.conversation.turn import Turn
from bootstrapper.chat.heard import Place, Said
from bootstrapper.chat.message import Message
from bootstrapper.chat.progress.asked import asked_of
from bootstrapper.chat.progress.fold import fold_all
from bootstrapper.chat.progress.progress import Progress
from bootstrapper.control.looking import Wanted, page_of_jobs, readable, whole_journal, whole_log
from bootstrapper.control.rerun import rerun
from bootstrapper.events import HostResult, PlayStarted, TaskStarted
from bootstrapper.jobs.job import Job
from bootstrapper.jobs.log_text import log_text
from bootstrapper.jobs.states import State

NEWEST = 10
OUTPUT = (PlayStarted, TaskStarted, HostResult, events.Said)
Args = dict[str, str]


def jobs(turn: Turn, args: Args) -> Reply:
    state = State(args["state"]) if "state" in args else None
    wanted = Wanted(state=state, env=args.get("env"))
    page = page_of_jobs(turn.parts, turn.actor, NEWEST, wanted=wanted)
    return Aloud(jobs_list(page.jobs))


def job(turn: Turn, args: Args) -> Reply:
    found = readable(turn.parts, turn.actor, args["id"])
    return Card(found.id, turn.place, snapshot(turn, found))


def log(turn: Turn, args: Args) -> Reply:
    """A slash command's answer is for one person, and a file can only be so in their own talk."""
    found = readable(turn.parts, turn.actor, args["id"])
    heard = turn.heard
    if isinstance(heard, Said) and heard.how == "slash" and not heard.place.direct:
        return log_of(turn, found, None)
    return log_of(turn, found, turn.place)


def snapshot(turn: Turn, job: Job) -> Message:
    """Its message as it would be now; it bears no mark, as nobody goes on with it."""
    progress = fold_all(Progress(), whole_journal(turn.parts, job.id))
    kind = actions().get(job.spec.action)
    asked = asked_of(job, kind.__struct_fields__ if kind else ())
    return msgspec.structs.replace(job_message(asked, progress), mark="")


def log_of(turn: Turn, job: Job, place: Place | None) -> Attached:
    text = whole_log(turn.parts, job)
    return Attached(name=f"{job.id}.log", content=text, title=f"Log of {job.id}", place=place)


def output_of(turn: Turn, job: Job, place: Place) -> Reply:
    """What its hosts and its action have said so far, without the course of the job."""
    told = (each for each in whole_journal(turn.parts, job.id) if isinstance(each.event, OUTPUT))
    text = "".join(log_text(told))
    if not text:
        return Aside(words(f"{job.id} has said nothing yet"))
    return Attached(name=f"{job.id}.txt", content=text, title=f"Output of {job.id}", place=place)


def cancel(turn: Turn, args: Args) -> Reply:
    return Aloud(ended(cancel_once(turn, turn.parts.jobs.find(args["id"]))))


def again(turn: Turn, args: Args) -> Reply:
    found = readable(turn.parts, turn.actor, args["id"])
    failed = args.get("failed") == "yes"
    return Card(rerun(turn.parts, turn.actor, found.id, failed=failed, key=turn.key).id, turn.place)


def approve(turn: Turn, args: Args) -> Reply:
    return Aloud(approved(approve_once(turn, turn.parts.jobs.find(args["id"]))))


def reject(turn: Turn, args: Args) -> Reply:
    job_id = turn.parts.jobs.find(args["id"])
    return Aloud(ended(reject_once(turn, job_id, args.get("reason", ""))))
