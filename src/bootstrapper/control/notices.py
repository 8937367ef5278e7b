"""What scripts and people raise, kept in order until it is told: `<prefix>notices`, a stream."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from bootstrapper.control.parts import Parts
from bootstrapper.jobs.job import ONE_LINE
from bootstrapper.redis_link import Client, translated

KEPT = 10_000
TYPE = r"^[a-z][a-z0-9_]*\Z"

Word = Annotated[str, Meta(max_length=200, pattern=rf"^$|{ONE_LINE}")]
Label = Annotated[str, Meta(min_length=1, max_length=100, pattern=ONE_LINE)]
Value = Annotated[str, Meta(max_length=1000)]


class Raise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`resolved`: it is over. `lasts`: it holds until then; left out, as its type has it."""

    type: Annotated[str, Meta(pattern=TYPE, max_length=64)]
    subject: Annotated[str, Meta(min_length=1, max_length=200, pattern=ONE_LINE)]
    text: Annotated[str, Meta(max_length=2000)] = ""
    severity: Literal["", "info", "warning", "error", "critical"] = ""
    env: Word = ""
    cluster: Word = ""
    fields: Annotated[dict[Label, Value], Meta(max_length=20)] = {}
    lasts: bool | None = None
    resolved: bool = False


class Raised(Raise, frozen=True, kw_only=True):
    """`at`: Unix time; `by`: an actor."""

    id: str
    at: float
    by: str


def stream_of(prefix: str) -> str:
    return f"{prefix}notices"


def keep(parts: Parts, raised: Raised) -> None:
    """On disk when it returns. A call that is repeated is told once: its id is the same."""
    client: Client = parts.redis
    with translated("raising a notice"):
        client.xadd(
            stream_of(parts.settings.redis.prefix),
            {"notice": msgspec.json.encode(raised)}, maxlen=KEPT, approximate=True,
        )  # fmt: skip
