"""The empty-set guard: a render that would lose too many keys at once is held, not installed.

Pure. What is held goes through when somebody confirms it, or when the keys come back.
"""

from collections.abc import Iterable

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """`min_keys`: the floor. `max_removed`: the share (0 to 1) that may go within `window` seconds.

    0 and 1 are no limits.
    """

    min_keys: int = 0
    max_removed: float = 1.0
    window: float = 60.0


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of the last render that was let through, and what went when (seconds, one clock)."""

    keys: frozenset[str] | None = None
    gone: tuple[tuple[float, str], ...] = ()


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`held`: do not install, and why. `memory`: what to remember if it is installed."""

    held: bool
    reason: str = ""
    memory: Memory


def judge(limits: Limits, memory: Memory, keys: Iterable[str], now: float) -> Verdict:
    """Whether a render of these keys may be installed."""
    present = frozenset(keys)
    gone = {key: when for when, key in memory.gone if now - when < limits.window}
    for key in (memory.keys or frozenset()) - present:
        gone[key] = now
    gone = {key: when for key, when in gone.items() if key not in present}
    after = Memory(keys=present, gone=tuple(sorted((when, key) for key, when in gone.items())))
    reason = _reason(limits, len(present), len(gone))
    return Verdict(held=bool(reason), reason=reason, memory=after)


def forgiven(memory: Memory) -> Memory:
    """What went was confirmed: the next change is judged without it."""
    return msgspec.structs.replace(memory, gone=())


def _reason(limits: Limits, present: int, gone: int) -> str:
    if present < limits.min_keys:
        return f"{present} keys are left, fewer than min_keys = {limits.min_keys}"
    if gone and gone > limits.max_removed * (present + gone):
        return (
            f"{gone} of {present + gone} keys went within {limits.window:g} s, more than "
            f"max_removed = {limits.max_removed:g}"
        )
    return ""
