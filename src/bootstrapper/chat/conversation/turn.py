"""One thing that was heard, with who stands behind it: what every answer is made from."""

from datetime import UTC, datetime

import msgspec

from bootstrapper.chat.conversation.callers import Caller
from bootstrapper.chat.heard import AnyHeard, Place, Said
from bootstrapper.clock import utc_now
from bootstrapper.control.parts import Parts
from bootstrapper.policy.actors import Actor


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    parts: Parts
    heard: AnyHeard
    caller: Caller

    @property
    def actor(self) -> Actor:
        return self.caller.actor

    @property
    def place(self) -> Place:
        return self.heard.place

    @property
    def key(self) -> str:
        """The Idempotency-Key of what it starts: delivered twice, it is started once."""
        return f"slack {self.heard.id}"

    @property
    def now(self) -> datetime:
        """When it was said, where that is known: `in 2h` means the same at a second try."""
        if isinstance(self.heard, Said) and (said := self.heard.at or float(self.heard.ts or 0)):
            return datetime.fromtimestamp(said, UTC)
        return utc_now()
