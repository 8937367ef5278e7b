"""Many jobs at once, in one channel: within Slack's limits, and nothing is left out."""

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence

import pytest

from bootstrapper.events import Event, HostResult, TaskStarted
from bootstrapper.ids import new_id
from bootstrapper.jobs.states import State
from bootstrapper.jobs.store import Lines, encode
from support.cards import SOON, CardsWorld, failed, shown_in
from support.eventually import eventually
from support.slack.limits import DOCUMENTED, most_within

MEMORY = 100  # MB
BAD = 50  # one job in so many fails
PROGRAM = """
import resource, signal, sys, threading
from bootstrapper.chat.cards.loop import Cards
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.control.parts import make_parts
from bootstrapper.settings import Settings
from bootstrapper.settings.sections import Redis
url, prefix, token, api = sys.argv[1:]
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
Cards(make_parts(Settings(redis=Redis(url=url, prefix=prefix))), Voice(token, api)).run(stop)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def tell(world: CardsWorld, jobs: Sequence[str], tasks: int) -> None:
    """Each runs so many tasks on three hosts; the last one fails in some."""
    writers = {job: new_id() for job in jobs}
    for job in jobs:
        world.runs(job)
    for task in range(tasks):
        name = f"task {task}"
        lines = []
        for number, job in enumerate(jobs):
            bad = number % BAD == 0 and task == tasks - 1
            events: list[Event] = [TaskStarted(name)]
            events += [HostResult(host=f"h{n}", task=name, status="ok") for n in range(2)]
            events.append(
                failed("h2", name) if bad else HostResult(host="h2", task=name, status="changed")
            )
            texts = [encode(each) for each in events]
            at = "2026-01-02T03:04:05.000Z"
            lines.append(Lines(job, at, texts, writers[job], task * 4 + 1, 1))
        assert set(world.parts.jobs.write(lines)) == {"written"}
    for number, job in enumerate(jobs):
        world.ends(job, State.SUCCESSFUL if number % BAD else State.FAILED)


def told(world: CardsWorld) -> Counter[str]:
    """The states that all messages together say of their jobs."""
    found: Counter[str] = Counter()
    for message in world.messages():
        first, *_ = shown_in(message).splitlines()
        if "jobs*: " in first:
            for part in first.partition(": ")[2].split(" · "):
                count, state = part.split(" ")
                found[state] += int(count)
        else:
            found["failed" if "*failed*" in shown_in(message) else "successful"] += 1
    return found


def calls_at_once(world: CardsWorld, seconds: float) -> int:
    methods = ("chat.postMessage", "chat.update")
    calls = world.slack.calls(channel=world.channel)
    return most_within(seconds, [call for call in calls if call.method in methods])


def failures_in_threads(world: CardsWorld) -> int:
    return sum(text.count("· failed") for each in world.messages() for text in world.threads(each))


def test_many_jobs_are_told_at_the_pace_of_the_channel(world: CardsWorld) -> None:
    world.start()
    jobs = [world.job(hosts=("h0", "h1", "h2")) for _ in range(60)]

    tell(world, jobs, tasks=3)

    world.settled()
    assert told(world) == {"successful": 58, "failed": 2}
    assert failures_in_threads(world) == 2
    assert calls_at_once(world, SOON * 0.95) == 1


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_thousand_jobs_in_ten_seconds(world: CardsWorld) -> None:
    world.slack.limits.rates.update(DOCUMENTED)
    world.parts = world.parts_with(edit_interval=1.0)
    url = world.parts.settings.redis.url
    program = [sys.executable, "-c", PROGRAM, url, world.prefix]
    child = subprocess.Popen(
        [*program, world.slack.bot_token, world.slack.api], stdout=subprocess.PIPE, text=True
    )
    jobs = [world.job(hosts=("h0", "h1", "h2")) for _ in range(1000)]
    tell(world, jobs, tasks=5)
    eventually(lambda: told(world) == {"successful": 980, "failed": 20}, within=200)
    world.settled()
    child.terminate()
    memory = int(child.communicate()[0])
    assert failures_in_threads(world) == 20
    assert not [call for call in world.slack.calls(channel=world.channel) if call.error]
    assert calls_at_once(world, 0.999) == 1
    assert memory <= MEMORY
