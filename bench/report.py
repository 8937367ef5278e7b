"""docs/benchmarks.md and its plot, from the newest results."""

import json
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

from bench.measure import RESULTS, Figure

DOCS = Path(__file__).parent.parent / "docs"
ORDER = (
    "submit", "first_task", "ping", "play", "fifty", "journal", "readers", "cli",
    "live", "burst", "outage", "render",
    "death", "start", "cutoff", "partition", "chaos", "memory",
)  # fmt: skip


def main() -> None:
    found = [json.loads((RESULTS / f"{name}.json").read_text()) for name in ORDER]
    figures = [Figure(**each) for result in found for each in result["figures"]]
    plot(figures)
    machine: dict[str, Any] = found[-1]["machine"]
    (DOCS / "benchmarks.md").write_text(page(figures, machine))


def page(figures: list[Figure], machine: dict[str, Any]) -> str:
    rows = "\n".join(row(each) for each in figures)
    where = ", ".join(f"{name} {text}" for name, text in machine.items())
    return f"""# Benchmarks

`bench/run all` measures, side by side with the peer in one run, and `bench/run report` writes this
page. Ratios count; single times are this machine's: {where}.

![Each figure as a share of its limit](benchmarks.svg)

| case | figure | to reach | ours | peer | |
|---|---|---|---|---|---|
{rows}

Peers are set up as their users would for speed: pipelining, shared SSH connections, ten forks. Our
control plane is the default one: two slots, an embedded Redis that syncs every write.
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
    shares = [f.limit / f.value if f.at_least else f.value / f.limit for f in figures]
    figure, axes = plt.subplots(figsize=(9, 0.5 * len(figures) + 1))
    colours = ["#2563a8" if share <= 1 else "#c0392b" for share in shares]
    axes.barh([each.what for each in figures], shares, color=colours)
    axes.axvline(1.0, color="#333", linewidth=1)
    axes.invert_yaxis()
    axes.set_xlabel("share of the limit (left of the line: better than asked for)")
    figure.tight_layout()
    figure.savefig(DOCS / "benchmarks.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
