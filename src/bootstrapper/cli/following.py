"""Follow a job to its end on the screen, and ask what Ctrl-C is to mean."""

from bootstrapper.cli.command import Session
from bootstrapper.cli.interrupts import Interrupts
from bootstrapper.cli.output import Output
from bootstrapper.cli.screen import screen_for
from bootstrapper.cli.telling.jobs import exit_code
from bootstrapper.cli.telling.lines import Tone
from bootstrapper.cli.telling.story import Story, tell
from bootstrapper.client import Client, Job
from bootstrapper.errors import Conflict, Unavailable
from bootstrapper.jobs.states import FINAL

INTERRUPTED = 130  # 128 + SIGINT, as shells have it
QUESTION = "\n[c]ancel the job, [d]etach and let it run, or [g]o on following? "


def start_following(session: Session, job: Job) -> int:
    """What every command does with the job that it has started: print its id, or follow it."""
    if not session.args.detach:
        return follow_job(session, job)
    if session.out.json:
        session.out.data(job)
    else:
        session.out.text(f"{job.id}\n")
    return 0


def follow_job(session: Session, job: Job) -> int:
    """The exit code: the job's own, or INTERRUPTED when it goes on without us."""
    out, follower = session.out, Follower(session.client, job, session.out)
    try:
        ended = follower.to_the_end()
    except Unavailable:
        out.note(f"the job goes on: bootstrapper logs -f {job.id}")
        raise
    if not ended:
        out.note(f"detached, the job goes on: bootstrapper logs -f {job.id}")
        return INTERRUPTED
    state = follower.story.state
    if out.json or state not in FINAL:
        last = session.client.job(job.id)
        state = last.state
    if out.json:
        out.data(last)
    return exit_code(state)


class Follower:
    """`story` is how far the reader has come: a pause, or a lost connection, loses nothing."""

    def __init__(self, client: Client, job: Job, out: Output) -> None:
        self._client = client
        self._out = out
        self._screen = screen_for(out, live=True)
        self._interrupts = Interrupts()
        self.story = Story(job=job, detail="changes" if out.has_bar else "all")

    def to_the_end(self) -> bool:
        """False: the person left before it."""
        with self._interrupts.listening():
            while True:
                try:
                    with self._screen.live():
                        self._read()
                    return True
                except KeyboardInterrupt:
                    if not self._goes_on():
                        return False

    def _read(self) -> None:
        job_id = self.story.job.id
        entries = self._client.follow(job_id, self.story.seq, on_loss=self._say_lost)
        while True:
            with self._interrupts.waiting():
                entry = next(entries, None)
            if entry is None:
                return
            self.story, lines = tell(self.story, entry)
            self._screen.show(entry, self.story, lines)

    def _goes_on(self) -> bool:
        """A second Ctrl-C, the end of input or no terminal at all: detach."""
        if not self._out.can_ask:
            return False
        try:
            with self._interrupts.waiting():
                answer = self._out.ask(QUESTION)[:1].lower()
        except KeyboardInterrupt:
            return False
        if answer == "c":
            self._cancel()
        return answer in {"c", "g"}

    def _cancel(self) -> None:
        try:
            self._client.cancel(self.story.job.id)
        except Conflict as error:  # it has just ended; the journal tells how
            self._out.note(str(error))

    def _say_lost(self, error: Unavailable) -> None:
        self._out.note(f"connection lost, trying again: {error}", Tone.CHANGED)
