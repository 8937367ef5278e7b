"""The files that templates keep, as a table. Pure."""

from collections.abc import Sequence

import msgspec

from bootstrapper.cli.telling.lines import Line, Tone, indented, table
from bootstrapper.cli.telling.times import when


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One file. `state`: in sync, held, failed, previewed, or unattended: nothing keeps it now."""

    name: str
    dest: str
    state: str
    revision: int
    since: str
    true_at: str
    keys: int
    hold: str
    reason: str
    source: str


class Keeping(msgspec.Struct, frozen=True, kw_only=True):
    files: tuple[Kept, ...]
    faults: tuple[str, ...]


def tell_templates(keeping: Keeping) -> tuple[Line, ...]:
    rows = table(
        ("NAME", "STATE", "SINCE", "REVISION", "KEYS", "LAST TRUE", "DEST", "WHY"),
        (_row(each) for each in keeping.files),
    )
    return (*rows, *(line for text in keeping.faults for line in indented(text, Tone.BAD, "")))


def _row(kept: Kept) -> Sequence[str]:
    return (
        kept.name, kept.state, when(kept.since), str(kept.revision or ""), str(kept.keys),
        when(kept.true_at), kept.dest, kept.reason,
    )  # fmt: skip
