"""docs/benchmarks.md and its plot, from the newest results."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

from bench.measure import RESULTS, Figure

DOCS = Path(__file__).parent.parent / "docs"


@dataclass(frozen=True)
class Part:
    title: str
    names: tuple[str, ...]
    notes: str


PARTS = (
    Part(
        "The control plane",
        ("submit", "first_task", "ping", "play", "fifty", "journal", "callback", "readers", "cli"),
        """\
Peers are set up as their users would for speed: pipelining, shared SSH connections, ten forks. Our
control plane is the default one: two slots, an embedded Redis that syncs every write. Hosts have a
clean home for both: a slow login shell costs the peer more than us, at each of its connections.
What is left of fifty machines is Ansible's fork for each task and the modules' own Python, on the
two cores that are the fleet too. What the journal adds is near this machine's noise: three earlier
runs gave -0.6, 4.7 and 6.0 % (and 55, -14 and 30 % for ansible-runner).""",
    ),
    Part(
        "Keys, templates and the proxy",
        ("live", "burst", "outage", "render"),
        """\
The peer is confd 0.16 (reloading by USR2) where nothing else is named. With the leader of three
etcd members killed, writers waited 1.06 to 1.67 s in eleven of twelve tries and 2.32 s in one,
where 1.1 to 1.4 s is asked: it **falls short**; measured by hand beside other work.""",
    ),
    Part(
        "The fleet",
        ("death", "start", "cutoff", "partition", "chaos", "memory", "reconcile"),
        """\
Real Docker, serf, etcd and HAProxy; machines are network namespaces behind one switch. The peer is
the pipeline of 2015: a serf agent in each container or machine, and a handler that deletes keys
with curl; up to 10 s of confd come after it. HAProxy has `option redispatch`, `retries 1` and
`retry-on conn-failure empty-response`. The brakes' window is one second where machines are cut off
one after the other, and their damping is off there and in the rounds of `kill -9`.""",
    ),
    Part(
        "The chat",
        ("chat",),
        """\
A Slack of our own on the same machine, which follows the documented limits strictly: three posts at
once in a channel and then one a second, fifty edits a minute. limbo's plugin of 2015 told the
server over HTTP and waited for it, and never edited a message: it has no figures here.""",
    ),
)


def main() -> None:
    tables: list[str] = []
    figures: list[Figure] = []
    for part in PARTS:
        found = [json.loads((RESULTS / f"{name}.json").read_text()) for name in part.names]
        own = [Figure(**each) for result in found for each in result["figures"]]
        figures += own
        tables.append(table(part, own, found[-1]["machine"]))
    plot(figures)
    (DOCS / "benchmarks.md").write_text(page(tables))


def page(tables: list[str]) -> str:
    parts = "\n".join(tables)
    return f"""# Benchmarks

`bench/run all` measures, side by side with the peer in one run, and `bench/run report` writes this
page; `CONFD=PATH` adds confd. Ratios count; single times are those of the machine below each table.

![Each figure as a share of its limit](benchmarks.svg)

{parts}"""


def table(part: Part, figures: list[Figure], machine: dict[str, Any]) -> str:
    where = ", ".join(f"{name} {text}" for name, text in machine.items())
    rows = "\n".join(row(each) for each in figures)
    return f"""## {part.title}

| case | figure | to reach | ours | peer | |
|---|---|---|---|---|---|
{rows}

{part.notes}

Measured on: {where}.
"""


def row(each: Figure) -> str:
    bound = f"{'≥' if each.at_least else '≤'} {each.limit:g}"
    ours = f"{each.ours:.3g}" if each.ours is not None else ""
    peer = f"{each.peer:.3g}" if each.peer is not None else ""
    sign = "reached" if each.reached else "**falls short**"
    note = f" ({each.note})" if each.note else ""
    value = f"{each.value:.3g} {each.unit}"
    return f"| {each.what}{note} | {value} | {bound} | {ours} | {peer} | {sign} |"


def plot(figures: list[Figure]) -> None:
    """Below 1 is better than asked for, whichever way the figure counts."""
    shares = [share_of(each) for each in figures]
    figure, axes = plt.subplots(figsize=(9, 0.5 * len(figures) + 1))
    colours = ["#2563a8" if share <= 1 else "#c0392b" for share in shares]
    axes.barh([each.what for each in figures], shares, color=colours)
    axes.axvline(1.0, color="#333", linewidth=1)
    axes.invert_yaxis()
    axes.set_xlabel("share of the limit (left of the line: better than asked for)")
    figure.tight_layout()
    figure.savefig(DOCS / "benchmarks.svg", metadata={"Date": None})


def share_of(figure: Figure) -> float:
    if figure.limit == 0:  # nothing of it is wanted
        return min(figure.value, 2.0)
    value, limit = figure.value, figure.limit
    return limit / value if figure.at_least else value / limit


if __name__ == "__main__":
    main()
