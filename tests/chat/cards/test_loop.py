"""A job's message from its first word to its last."""

import msgspec

from bootstrapper.chat.heard import Place
from bootstrapper.chat.message import Message
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.events import JobWaiting, PlayStarted, TaskStarted
from bootstrapper.jobs.states import State
from support.cards import CardsWorld, failed, shown_in
from support.eventually import eventually


def test_a_job_has_one_message_which_is_edited_to_its_end(world: CardsWorld) -> None:
    world.start()
    job = world.job(hosts=("web1", "web2"), env="staging")
    world.message("*pending*", "staging · 2 hosts: web1, web2", "[job.cancel]")

    world.runs(job, PlayStarted("site", hosts=2, tasks=4), TaskStarted("install"))
    world.message("*running*", "tasks 1/4 · hosts 0/2", "`install`")
    world.ends(job)

    world.message("*successful*", "[job.rerun]", "[job.log]")
    world.settled()


def test_failures_come_first_and_their_output_is_in_the_thread(world: CardsWorld) -> None:
    world.start()
    job = world.job(hosts=("web1",))
    world.runs(job, failed("web1", message="disk full", stderr="no <space> left"))
    world.ends(job, State.FAILED, "1 of 1 hosts failed")

    message = world.message("*failed*", ":x: *web1* · install: disk full")

    (told,) = eventually(lambda: world.threads(message))
    assert "no &lt;space&gt; left" in told
    world.settled()


def test_long_output_is_a_file_too(world: CardsWorld) -> None:
    world.start()
    job = world.job()
    output = "\n".join(f"line {number}" for number in range(3000))
    world.runs(job, failed("web1", stdout=output))
    world.ends(job, State.FAILED)

    (file,) = eventually(world.files)
    assert output in (file.content or b"").decode()
    assert file.thread == world.message().ts
    assert file.name in world.threads(world.message())[0]
    world.settled()


def test_failures_that_come_together_are_told_together(world: CardsWorld) -> None:
    job = world.job()
    world.runs(job, *[failed(f"web{number}") for number in range(10)])
    world.start()
    message = world.message("web9")

    (told,) = eventually(lambda: world.threads(message))
    assert all(f"web{number} ·" in told for number in range(10))


def test_more_jobs_than_may_stand_alone_share_a_message(world: CardsWorld) -> None:
    jobs = [world.job(env=f"env{number}") for number in range(50)]
    world.runs(jobs[7], failed("web7"))
    world.start()

    def shared() -> list[str]:
        shown = [shown_in(each) for each in world.messages()]
        assert len(shown) == 2
        return shown

    first, second = eventually(shared)
    assert first.splitlines()[0] == "*40 jobs*: 1 running · 39 pending"
    assert "web7, install: no" in first.splitlines()[1]
    assert second.splitlines()[0] == "*10 jobs*: 10 pending"
    for job in jobs:
        world.ends(job)
    world.settled()
    assert [shown_in(each).splitlines()[0] for each in world.messages()] == [
        "*40 jobs*: 40 successful", "*10 jobs*: 10 successful",
    ]  # fmt: skip


def test_a_job_that_waits_for_approval_has_a_message_of_its_own(world: CardsWorld) -> None:
    for _ in range(10):
        world.job()
    asked = world.asked()
    world.cards.follow(asked, world.place)
    world.start()

    eventually(lambda: len(world.messages()) == 2)
    first = shown_in(world.messages()[0])
    assert "*waits for approval*" in first
    assert "[job.approve]" in first
    assert "10 jobs" in shown_in(world.messages()[1])


def test_who_is_asked_for_approval_later_leaves_the_crowd(world: CardsWorld) -> None:
    jobs = [world.job() for _ in range(10)]
    world.start()
    world.message("*10 jobs*")

    waiting = JobWaiting("the policy now asks for 1 approvals of ops", "approval", "ops")
    for job in (jobs[0], jobs[3]):
        world.parts.jobs.hold(job, waiting)

    eventually(lambda: len(world.messages()) == 3)
    eventually(lambda: "*8 jobs*" in shown_in(world.messages()[0]))
    assert all("*waits for approval*" in shown_in(each) for each in world.messages()[1:])


def test_what_waits_for_approval_and_was_asked_elsewhere_is_shown_in_the_channel(
    world: CardsWorld,
) -> None:
    before = world.asked()
    world.start(channel=world.channel)
    world.message(before)

    after = world.asked()

    eventually(lambda: any(after in shown_in(each) for each in world.messages()))
    world.asked(channel="C1")  # somebody asked in the chat: it is shown where it was asked
    world.job(follow=False)
    assert len(world.messages()) == 2


def test_a_plan_that_changed_is_asked_for_with_its_new_digest(world: CardsWorld) -> None:
    job = world.asked("old")
    world.cards.follow(job, world.place)
    world.start()
    world.message("`old`")
    world.parts.jobs.approve(world.parts.jobs.get(job), "user:bob", 2)
    world.message("1 missing; given by user:bob")

    anew = world.parts.jobs.get(job).spec
    assert anew.approvals is not None

    spec = msgspec.structs.replace(
        anew, approvals=msgspec.structs.replace(anew.approvals, digest="new")
    )
    world.parts.jobs.ask_anew(spec, JobWaiting("the policy changed", "approval", "ops"))

    message = world.message("`new`", "2 missing")
    buttons = message.blocks[-1]["elements"]
    assert [each["value"] for each in buttons[:2]] == [f"{job} new"] * 2


def test_a_place_that_is_gone_ends_the_card(world: CardsWorld) -> None:
    world.start()
    job = world.job(follow=False)

    world.cards.follow(job, Place(channel="C0000NONE"))

    world.settled()
    assert len(world.slack.calls("chat.postMessage", "C0000NONE")) == 1


def test_followed_twice_a_job_has_one_message(world: CardsWorld) -> None:
    world.start()
    job = world.job()
    world.cards.follow(job, world.place)
    world.ends(job)
    world.message("*successful*")
    world.settled()

    world.cards.follow(job, world.place)
    other = world.job()

    eventually(lambda: len(world.messages()) == 2)
    assert other in shown_in(world.messages()[1])


def test_in_a_thread_a_message_is_answered_in_that_thread(world: CardsWorld) -> None:
    world.start()
    first = world.job()
    ts = world.message(first).ts
    second = world.job(follow=False)

    world.cards.follow(second, Place(channel=world.channel, thread=ts))
    world.runs(second, failed("web1"))

    eventually(lambda: len(world.threads(world.messages()[0])) == 2)
    assert second in world.threads(world.messages()[0])[0]


class Breaking(Voice):
    """Whatever tells of `word` is a fault of ours."""

    word = "odd"

    def post(self, place: Place, message: Message) -> str:
        self._break(message)
        return super().post(place, message)

    def edit(self, place: Place, ts: str, message: Message) -> None:
        self._break(message)
        super().edit(place, ts, message)

    def _break(self, message: Message) -> None:
        if self.word in f"{message}":
            raise ZeroDivisionError


def test_what_breaks_as_it_is_told_keeps_no_other_from_being_told(world: CardsWorld) -> None:
    world.voice = Breaking(world.slack.bot_token, world.slack.api)
    never, halfway, well = world.job(action="odd"), world.job(), world.job()
    world.start()
    eventually(lambda: len(world.messages()) == 2)

    world.runs(halfway, TaskStarted("an odd one"))
    world.runs(halfway, failed("odd"))
    for job in (never, halfway, well):
        world.ends(job)

    world.settled()
    assert any("*successful*" in shown_in(each) and well in shown_in(each)
               for each in world.messages())  # fmt: skip


def test_a_file_whose_upload_had_no_answer_is_uploaded_once(world: CardsWorld) -> None:
    world.start()
    job = world.job()
    world.slack.loses("files.completeUploadExternal")
    world.runs(job, failed("web1", stdout="long\n" * 3000))
    world.ends(job, State.FAILED)

    world.settled()
    assert len(world.files()) == 1
