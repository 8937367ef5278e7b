"""How the benchmarks measure and keep what they found: seconds, medians, ratios, one JSON each."""

import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """`limit` is what it must reach: the value must not be above (or, with `at_least`, below)."""

    what: str
    value: float
    unit: str
    limit: float
    at_least: bool = False
    ours: float | None = None
    peer: float | None = None
    note: str = ""

    @property
    def reached(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def keep(name: str, *figures: Figure) -> None:
    RESULTS.mkdir(exist_ok=True)
    found = {"name": name, "machine": machine(), "figures": [asdict(each) for each in figures]}
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n")
    for each in figures:
        sign = "reached" if each.reached else "FALLS SHORT"
        pair = f" (ours {each.ours:.4g}, peer {each.peer:.4g})" if each.peer else ""
        bound = f"{'≥' if each.at_least else '≤'} {each.limit:g}"
        print(f"{each.what}: {each.value:.4g} {each.unit}{pair}; {bound}: {sign}", flush=True)


def machine() -> dict[str, str]:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {
        "cpu": f"{os.cpu_count()} × {model}",
        "system": f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release()}",
        "python": platform.python_version(),
        "redis": _says("redis-server", "--version").split("v=")[1].split()[0],
        "etcd": _says("etcd", "--version").split()[2],
        "haproxy": _says("haproxy", "-v").split()[2],
        **{name: version(name) for name in ("ansible-core", "mitogen", "ansible-runner")},
        "date": time.strftime("%Y-%m-%d"),
    }


def _says(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def seconds(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def in_turn(ours: Callable[[], float], peer: Callable[[], float], rounds: int) -> "Pairs":
    """One of each after the other, so that a slow minute of the machine is slow for both."""
    ours()
    peer()
    pairs = [(ours(), peer()) for _ in range(rounds)]
    return Pairs([one for one, _ in pairs], [other for _, other in pairs])


@dataclass(frozen=True)
class Pairs:
    ours: Sequence[float]
    peer: Sequence[float]

    def figure(self, what: str, limit: float, note: str = "") -> Figure:
        ratios = [one / other for one, other in zip(self.ours, self.peer, strict=True)]
        return Figure(
            what=what,
            value=statistics.median(ratios),
            unit="× the peer's time",
            limit=limit,
            ours=statistics.median(self.ours),
            peer=statistics.median(self.peer),
            note=note,
        )


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


@contextmanager
def paced(count: int, per_second: float) -> Iterator[Iterator[int]]:
    """Numbers, each at its time, however long the work on the ones before took."""

    def numbers() -> Iterator[int]:
        began = time.perf_counter()
        for number in range(count):
            wait = began + number / per_second - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            yield number

    yield numbers()
