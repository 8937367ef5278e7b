"""What was heard, kept in Redis before Slack is told that it was: no kill loses it.

A stream with one group of consumers. Slack delivers some things twice, and a put may be repeated
after a cut connection: each id is kept once. What a dead consumer took is taken over by another.
"""

import logging
import time
from importlib.resources import files
from typing import Any

import msgspec
import redis

from bootstrapper.chat.heard import AnyHeard
from bootstrapper.control.parts import Parts
from bootstrapper.errors import Unavailable
from bootstrapper.redis_link import translated

logger = logging.getLogger(__name__)

GROUP = b"workers"
WINDOW = 3600  # seconds in which the same id is the same thing
BOUND = 10_000  # more than so many wait: Slack must keep what else there is
IDLE = 60.0  # seconds after which a consumer that says nothing is taken for dead
LOOK = 5.0  # seconds between two looks for what the dead left
BLOCK = 2.0  # seconds at most: the link's own time for an answer is longer
FORGET = 3600.0  # seconds after which the name of a dead consumer is forgotten
TRIES = 5  # consumers that one entry may kill

Taken = list[tuple[str, AnyHeard]]


class Inbox:
    """Safe for many threads. Every call raises Unavailable while Redis is away."""

    def __init__(
        self, parts: Parts, *, idle: float = IDLE, bound: int = BOUND, forget: float = FORGET
    ) -> None:
        prefix = parts.settings.redis.prefix
        self._redis = parts.redis
        self._stream = f"{prefix}chat:inbox"
        self._seen = f"{prefix}chat:heard:"
        script = (files("bootstrapper.chat") / "lua" / "put.lua").read_text()
        self._put = parts.redis.register_script(script)
        self._idle = idle
        self._bound = bound
        self._forget = forget
        self._looked = 0.0

    def put(self, heard: AnyHeard) -> None:
        """Once it returns, the thing is done some day; Unavailable also when too much waits."""
        with translated("hearing"):
            kept = self._put(
                keys=[self._stream, self._seen + heard.id],
                args=[msgspec.json.encode(heard), WINDOW, self._bound],
            )
        if not kept:
            raise Unavailable(f"{self._bound} things wait to be worked on: no more are taken")

    def take(self, consumer: str, seconds: float, *, most: int = 1) -> Taken:
        """What nobody has taken yet, or the dead have left; [] when nothing comes in time.

        Say `done` of each, within `idle` seconds or with `hold` before they end: else another
        takes it. `consumer` is a name that no other process or thread has.
        """
        if time.monotonic() - self._looked > min(LOOK, self._idle):
            self._looked = time.monotonic()
            if left := self.take_over(consumer, idle=self._idle, most=most):
                return left
        block = max(1, int(min(seconds, BLOCK) * 1000))
        with translated("taking what was heard"):
            answer = self._grouped(
                lambda: self._redis.xreadgroup(
                    GROUP, consumer, {self._stream: ">"}, count=most, block=block
                )
            )
        return self._decoded(answer[0][1]) if answer else []

    def take_over(self, consumer: str, *, idle: float, most: int = 1) -> Taken:
        """What others took and have not touched for `idle` seconds. 0 is for who knows that no
        other lives: the process that has just got the lease."""
        with translated("taking over what was heard"):
            _, entries, *_ = self._grouped(
                lambda: self._redis.xautoclaim(
                    self._stream, GROUP, consumer, int(idle * 1000), "0", count=most
                )
            )
            self._forget_the_dead()
            entries = [each for each in entries if each[1]]  # a trimmed one comes without fields
            return self._decoded(self._bearable(entries))

    def hold(self, consumer: str, entry: str) -> None:
        """It is still worked on: its idle time begins anew."""
        with translated("holding what was heard"):
            self._redis.xclaim(self._stream, GROUP, consumer, 0, [entry], justid=True)

    def taken(self, entry: str) -> int:
        """How often somebody has taken it; 0 for what is done."""
        with translated("looking at what was heard"):
            pending = self._redis.xpending_range(self._stream, GROUP, entry, entry, 1)
            return int(pending[0]["times_delivered"]) if pending else 0

    def done(self, entry: str) -> None:
        with translated("ending what was heard"):
            self._drop(entry)

    def waiting(self) -> int:
        """Those not done, taken or not."""
        with translated("counting what was heard"):
            return int(self._redis.xlen(self._stream))

    def _drop(self, entry: Any) -> None:
        pipe = self._redis.pipeline(transaction=True)
        pipe.xack(self._stream, GROUP, entry)
        pipe.xdel(self._stream, entry)
        pipe.execute()

    def _forget_the_dead(self) -> None:
        """Each start brings new names. Who holds nothing and has long said nothing is gone; one
        that lives asks every few seconds."""
        for each in self._redis.xinfo_consumers(self._stream, GROUP):
            if each["pending"] == 0 and each["idle"] > self._forget * 1000:
                self._redis.xgroup_delconsumer(self._stream, GROUP, each["name"])

    def _decoded(self, entries: list[tuple[bytes, dict[bytes, bytes]]]) -> Taken:
        taken: Taken = []
        for entry, fields in entries:
            try:
                heard = msgspec.json.decode(fields.get(b"heard", b""), type=AnyHeard)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                logger.error("dropped from the inbox, as nobody can read it: %s", error)
                self.done(entry.decode())
            else:
                taken.append((entry.decode(), heard))
        return taken

    def _bearable(self, entries: list[tuple[bytes, Any]]) -> list[tuple[bytes, Any]]:
        """Without those that have been taken too often: they may be what kills."""
        kept = []
        for entry, fields in entries:
            if self.taken(entry.decode()) > TRIES:
                logger.error("dropped from the inbox: it was taken %d times, never done", TRIES)
                self._drop(entry)
            else:
                kept.append((entry, fields))
        return kept

    def _grouped(self, call: Any) -> Any:
        """The group is made where it is missing: at the first start, or in an emptied Redis."""
        try:
            return call()
        except redis.ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
        try:
            self._redis.xgroup_create(self._stream, GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
        return call()


def heard_at(entry: str) -> float:
    """When it was put, in seconds of Redis' clock."""
    return int(entry.partition("-")[0]) / 1000
