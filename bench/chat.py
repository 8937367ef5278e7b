"""The Slack bot beside a Slack on the same machine: words → job, event → edit, and a flood.

The jobs of the flood are written by the benchmark as a worker would write them: what is measured is
the bot.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bench.measure import Figure, keep, paced, percentile
from bootstrapper.chat.cards.card import Followed
from bootstrapper.chat.cards.ledger import Ledger
from bootstrapper.chat.heard import Place
from bootstrapper.clock import to_text, utc_now
from bootstrapper.events import Event, HostResult, JobQueued, PlayStarted, Recap, TaskStarted
from bootstrapper.ids import new_id
from bootstrapper.jobs.job import Spec
from bootstrapper.jobs.states import State
from bootstrapper.jobs.store import Jobs
from support.chat import ChatPlane
from support.eventually import eventually
from support.services import short_folder
from support.slack import BOT, Posted
from support.sshd import Sshd

PREFIX = "bootstrapper:"
WORDS, RATE = 200, 10.0
EDITS = 20
FLOOD, SECONDS, CHANNELS = 1000, 10.0, 10
PATIENCE = 1200.0


def main() -> None:
    with scene() as plane:
        edited = event_to_edit(plane)
        accepted = words_to_job(plane)
        flood = Flood(plane)
        flood.run()
    milliseconds = [each * 1000 for each in accepted]
    keep(
        "chat",
        Figure(what="words in Slack → job accepted, p50", value=percentile(milliseconds, 0.5),
               unit="ms", limit=30, note=f"p99 {percentile(milliseconds, 0.99):.3g} ms"),
        Figure(what="task event → message edited, longest of 20", value=max(edited), unit="s",
               limit=1.2, note=f"p50 {percentile(edited, 0.5):.2g} s"),
        Figure(what="1,000 jobs' events in 10 s: events missing in the final messages",
               value=flood.missing, unit="events", limit=0,
               note=f"all told after {flood.seconds:.0f} s, in {flood.messages} messages"),
        Figure(what="… and calls that Slack refused for their rate", value=flood.refused,
               unit="calls", limit=0, note=f"of {flood.calls}"),
        Figure(what="… and the bot's memory, at most", value=flood.memory, unit="MB", limit=100),
    )  # fmt: skip


@contextmanager
def scene() -> Iterator[ChatPlane]:
    with short_folder("sshd") as keys, short_folder("chat") as folder:
        sshd = Sshd(keys, 3).start()
        plane = ChatPlane(folder, sshd)
        try:
            plane.up().plane.kill("work")  # nobody is to run what is accepted, nor to miss a worker
            yield plane
        finally:
            plane.down()
            sshd.stop()


def words_to_job(plane: ChatPlane) -> list[float]:
    """Until the job's journal has its first line; nobody runs it, as that is not asked."""
    began: dict[str, float] = {}
    with heard_jobs(plane) as heard, paced(WORDS, RATE) as numbers:
        for number in numbers:
            before = set(heard)
            began_at = time.perf_counter()
            plane.slack.says(plane.ann, plane.deploys, f"<@{BOT}> codeupdate v1.{number} staging")
            eventually(partial(newer, heard, before), what="the job is accepted")
            began[newer(heard, before).pop()] = began_at
        taken = [heard[job] - began[job] for job in began]
    for job in plane.plane.owner.jobs(state="pending", limit=1000).jobs:
        plane.plane.owner.cancel(job.id)
    return taken


def newer(heard: dict[str, float], before: set[str]) -> set[str]:
    return set(heard) - before


@contextmanager
def heard_jobs(plane: ChatPlane) -> Iterator[dict[str, float]]:
    """job → when its journal was first written to."""
    heard: dict[str, float] = {}
    stop = threading.Event()

    def listen() -> None:
        client: Any = plane.plane.redis.client()
        with client.pubsub(ignore_subscribe_messages=True) as line:
            line.subscribe(PREFIX + "wake")
            while not stop.is_set():
                message = line.get_message(timeout=0.2)
                if message:
                    heard.setdefault(message["data"].decode(), time.perf_counter())

    thread = threading.Thread(target=listen)
    thread.start()
    time.sleep(0.5)
    yield heard
    stop.set()
    thread.join()


class Written:
    """Jobs in the store, their journals written as a run writes them."""

    def __init__(self, plane: ChatPlane) -> None:
        client = plane.plane.redis.client()
        self._jobs = Jobs(client, PREFIX)
        self._ledger = Ledger(client, PREFIX)

    def begin(self, channel: str, hosts: tuple[str, ...]) -> str:
        spec = Spec(
            id=new_id(), action="update-code", request={"tags": ["v1"]}, actor="user:ann",
            via="chat", rule="staging", risk="change", created=to_text(utc_now()), env="staging",
            hosts=hosts, channel=channel,
        )  # fmt: skip
        self._jobs.submit(spec, [JobQueued("user:ann", "chat", "staging")])
        self._jobs.claim(spec.id, "bench", new_id(), 1)
        place = Place(channel=channel)
        self._ledger.follow(Followed(job=spec.id, place=place, by="", at=time.time()))
        return spec.id

    def write(self, job: str, *events: Event) -> None:
        assert self._jobs.append(job, events) == "written"

    def end(self, job: str, state: State, *events: Event) -> None:
        self._jobs.finish(self._jobs.get(job), state, "", events=events)


def event_to_edit(plane: ChatPlane) -> list[float]:
    """One job in a quiet channel; each task comes once the one before it is seen."""
    written, taken = Written(plane), []
    channel = plane.slack.channel("quiet", plane.ann)
    job = written.begin(channel, ("web1",))
    eventually(lambda: plane.cards(channel), within=30, what="its message")
    (card,) = plane.cards(channel)
    for number in range(EDITS):
        time.sleep(number % 7 / 5)  # at any moment of the second that the channel rests
        name = f"task {number} of this benchmark"
        began = time.monotonic()
        written.write(job, TaskStarted(task=name))
        eventually(partial(seen, plane, card, name), within=30, what=name)
        taken.append(seen(plane, card, name) - began)
    written.end(job, State.SUCCESSFUL)
    return taken


def seen(plane: ChatPlane, card: Posted, words: str) -> float:
    """When the message first had them; 0.0 while it has not."""
    edits = plane.slack.edits(card.ts)
    return next((each.at for each in edits if words in json.dumps(each.blocks)), 0.0)


class Flood:
    def __init__(self, plane: ChatPlane) -> None:
        self._plane = plane
        self._written = Written(plane)
        self.missing = self.refused = self.calls = self.messages = 0
        self.memory = self.seconds = 0.0

    def run(self) -> None:
        slack = self._plane.slack
        time.sleep(60)  # Slack's limits have all their room again
        channels = [slack.channel(f"flood{n}", self._plane.ann) for n in range(CHANNELS)]
        before = len(slack.calls())
        began = time.monotonic()
        jobs = self._write(channels)
        eventually(lambda: not self._untold(jobs), within=PATIENCE, what="all is told")
        self.seconds = time.monotonic() - began
        eventually(self._is_quiet, within=PATIENCE, what="the threads are told, too")
        calls = slack.calls()[before:]
        self.calls, self.refused = len(calls), sum(each.status == 429 for each in calls)
        self.messages = sum(len(self._plane.cards(channel)) for channel in channels)
        self.missing = self._untold(jobs)
        self.memory = peak_memory(self._plane.plane.pid("chat"))

    def _write(self, channels: list[str]) -> dict[str, str]:
        """job → its channel. Every tenth fails on a host, and says why."""
        jobs: dict[str, str] = {}
        with paced(FLOOD, FLOOD / SECONDS) as numbers:
            for number in numbers:
                channel = channels[number % CHANNELS]
                host = f"host{number:04}"
                job = self._written.begin(channel, (host,))
                jobs[job] = channel
                failed = number % 10 == 0
                status = "failed" if failed else "ok"
                message = f"broken {number:04}" if failed else ""
                done = HostResult(host=host, task="deploy", status=status, message=message)  # type: ignore[arg-type]
                counts = {host: {"ok": int(not failed), "failures": int(failed)}}
                self._written.write(job, PlayStarted("all", 1), TaskStarted("deploy"), done)
                ended = State.FAILED if failed else State.SUCCESSFUL
                self._written.end(job, ended, Recap(counts))
        return jobs

    def _untold(self, jobs: dict[str, str]) -> int:
        """Hosts that no message names, jobs without an end in one, failures in no thread."""
        told = {channel: self._texts(channel) for channel in set(jobs.values())}
        missing = 0
        for number, channel in enumerate(jobs.values()):
            lines = [each for each in told[channel] if f"host{number:04}" in each]
            word = "failed" if number % 10 == 0 else "successful"
            missing += not any(word in each for each in lines)
            missing += number % 10 == 0 and f"broken {number:04}" not in "".join(told[channel])
        return missing

    def _texts(self, channel: str) -> list[str]:
        """Each section and field of each message, as one text."""
        found = []
        for message in self._plane.slack.said(channel):
            found += [message.text, *(json.dumps(block) for block in message.blocks)]
            found.append(message.text + json.dumps(message.blocks))
        return found

    def _is_quiet(self) -> bool:
        ledger = Ledger(self._plane.plane.redis.client(), PREFIX)
        return not ledger.cards() and not ledger.all_followed()


def peak_memory(pid: int) -> float:
    """MB of 10⁶ bytes, resident at most since it started."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM"))
    return int(peak.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    main()
