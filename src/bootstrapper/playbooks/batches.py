"""Which hosts come when: a canary first, then so many at a time. Pure."""

from collections.abc import Sequence


def batches(hosts: Sequence[str], canary: int, serial: int) -> tuple[tuple[str, ...], ...]:
    """`canary` hosts, then `serial` at a time (0: no canary; all the rest at once)."""
    first, rest = tuple(hosts[:canary]), tuple(hosts[canary:])
    step = serial or len(rest) or 1
    following = tuple(rest[start : start + step] for start in range(0, len(rest), step))
    return (first, *following) if first else following
