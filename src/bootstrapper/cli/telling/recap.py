"""The recap as Ansible's users know it, with what failed first. Pure."""

from collections.abc import Iterable, Mapping

from bootstrapper.cli.telling.lines import Line, Tone, clean, indented
from bootstrapper.events import Counts, HostResult

COLUMNS = {
    "ok": "ok",
    "changed": "changed",
    "unreachable": "unreachable",
    "failures": "failed",
    "skipped": "skipped",
    "rescued": "rescued",
    "ignored": "ignored",
}


def tell_recap(hosts: Mapping[str, Counts]) -> tuple[Line, ...]:
    width = max(map(len, hosts), default=0)
    worst_first = sorted(hosts, key=lambda host: (_rank(hosts[host]), host))
    return (
        Line("RECAP", Tone.HEADING),
        *(Line(_row(host, hosts[host], width), _tone(hosts[host])) for host in worst_first),
    )


def tell_failures(failures: Iterable[HostResult]) -> tuple[Line, ...]:
    lines: list[Line] = []
    for each in failures:
        item = f" (item={each.item})" if each.item else ""
        lines.append(Line(f"  {clean(f'{each.host}: {each.task}{item}')}", Tone.BAD))
        lines += indented(each.message or each.stderr or each.stdout)
    return (Line("FAILED", Tone.HEADING), *lines) if lines else ()


def _row(host: str, counts: Counts, width: int) -> str:
    told = (f"{name}={counts.get(key, 0):<4}" for key, name in COLUMNS.items())
    return f"  {clean(host):<{width}} : {' '.join(told)}".rstrip()


def _rank(counts: Counts) -> int:
    if counts.get("failures") or counts.get("unreachable"):
        return 0
    return 1 if counts.get("changed") else 2


def _tone(counts: Counts) -> Tone:
    return (Tone.BAD, Tone.CHANGED, Tone.GOOD)[_rank(counts)]
