"""Look at jobs, and steer them: jobs, job, logs, cancel, rerun, approve, reject, artifacts."""

from argparse import ArgumentParser
from pathlib import Path

from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.following import follow_job, start_following
from bootstrapper.cli.launch import add_follow_options
from bootstrapper.cli.screen import screen_for
from bootstrapper.cli.telling.jobs import tell_job, tell_jobs, tell_state
from bootstrapper.cli.telling.lines import Line, table
from bootstrapper.cli.telling.story import Story, tell
from bootstrapper.cli.values import number
from bootstrapper.client.views import Artifact, Job
from bootstrapper.clock import utc_now
from bootstrapper.errors import Mistake
from bootstrapper.jobs.states import State

FILTERS = ("state", "action", "actor", "env", "host")
PAGE = 200  # jobs in one answer


def _jobs_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--state", choices=[str(each) for each in State])
    parser.add_argument("--action", metavar="NAME", help="such as apply-roles")
    parser.add_argument("--actor", metavar="WHO")
    parser.add_argument("--env", "-E", metavar="ENV")
    parser.add_argument("--host", metavar="HOST")
    parser.add_argument("--limit", metavar="N", type=number(int), default=20)
    parser.add_argument("--all", action="store_true", help="however many there are")


def _jobs(session: Session) -> int:
    args = session.args
    filters = {name: getattr(args, name) for name in FILTERS}
    jobs, cursor = list[Job](), ""
    while True:
        limit = PAGE if args.all else min(args.limit - len(jobs), PAGE)
        page = session.client.jobs(limit=limit, cursor=cursor, **filters)
        jobs, cursor = [*jobs, *page.jobs], page.next or ""
        if not cursor or (len(jobs) >= args.limit and not args.all):
            break
    session.out.show(jobs, lambda found: tell_jobs(found, utc_now()))
    return 0


def _job(session: Session) -> int:
    session.out.show(session.client.job(session.args.id), lambda job: tell_job(job, utc_now()))
    return 0


def _logs(session: Session) -> int:
    job = session.client.job(session.args.id)
    if session.args.follow:
        return follow_job(session, job)
    story, screen = Story(job=job), screen_for(session.out, live=False)
    for entry in session.client.events(job.id):
        story, lines = tell(story, entry)
        screen.show(entry, story, lines)
    return 0


def _cancel(session: Session) -> int:
    return _touched(session, session.client.cancel(session.args.id))


def _approve(session: Session) -> int:
    """The yes is to the plan as it is now: if it changes in between, the server refuses."""
    job = session.client.job(session.args.id)
    digest = job.approvals.digest if job.approvals else ""
    return _touched(session, session.client.approve(job.id, digest=digest))


def _reject(session: Session) -> int:
    return _touched(session, session.client.reject(session.args.id, session.args.reason))


def _rerun(session: Session) -> int:
    args = session.args
    return start_following(session, session.client.rerun(args.id, failed=args.failed))


def _artifacts(session: Session) -> int:
    args = session.args
    if args.name is None:
        if args.output:
            raise Mistake("which artifact? name it", field="NAME")
        session.out.show(session.client.artifacts(args.id), _tell_artifacts)
        return 0
    content = session.client.artifact(args.id, args.name)
    if not args.output:
        session.out.bytes(content)
        return 0
    try:
        Path(args.output).write_bytes(content)
    except OSError as error:
        raise Mistake(f"{args.output}: {error.strerror}") from error
    return 0


def _touched(session: Session, job: Job) -> int:
    session.out.show(job, tell_state)
    return 0


def _tell_artifacts(artifacts: tuple[Artifact, ...]) -> tuple[Line, ...]:
    return table(("NAME", "BYTES"), ((each.name, str(each.size)) for each in artifacts))


def _id(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="a job's id, 6 of its letters at least, or `last`")


def _logs_arguments(parser: ArgumentParser) -> None:
    _id(parser)
    parser.add_argument("-f", "--follow", action="store_true", help="until the job has ended")


def _rerun_arguments(parser: ArgumentParser) -> None:
    _id(parser)
    parser.add_argument(
        "--failed", action="store_true", help="only on the hosts that did not succeed"
    )
    add_follow_options(parser)


def _reject_arguments(parser: ArgumentParser) -> None:
    _id(parser)
    parser.add_argument("--reason", default="")


def _artifacts_arguments(parser: ArgumentParser) -> None:
    _id(parser)
    parser.add_argument("name", metavar="NAME", nargs="?", help="none: list them")
    parser.add_argument("-o", "--output", metavar="FILE", help="write it there, not to stdout")


COMMANDS = (
    Command(name="jobs", summary="list jobs, newest first", arguments=_jobs_arguments, run=_jobs),
    Command(name="job", summary="show one job", arguments=_id, run=_job),
    Command(name="logs", summary="show a job's journal", arguments=_logs_arguments, run=_logs),
    Command(name="cancel", summary="cancel a job", arguments=_id, run=_cancel),
    Command(name="rerun", summary="run a job again", arguments=_rerun_arguments, run=_rerun),
    Command(name="approve", summary="say yes to a job that waits", arguments=_id, run=_approve),
    Command(
        name="reject", summary="say no to a job that waits", arguments=_reject_arguments,
        run=_reject,
    ),
    Command(
        name="artifacts", summary="list a job's artifacts, or fetch one",
        arguments=_artifacts_arguments, run=_artifacts,
    ),
)  # fmt: skip
