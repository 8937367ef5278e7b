"""systemd units: what `systemctl show` says, and real processes behind a systemctl of the test's.

No systemd runs where tests run, so a script on PATH answers as systemctl(1) documents it: a block
for each unit that is asked for, in any state that a file of the test gives.
"""

import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.fleet.sources.unit_states import (
    UnitState,
    command,
    full_name,
    offered,
    read_states,
)
from bootstrapper.fleet.sources.units import Units
from bootstrapper.fleet.values import Offer, Signal
from support.eventually import eventually

WEB = Offer(service="web", id="w1", address="10.0.0.7", port=80, source="systemd")
SHOWN = """\
Id=nginx.service
Names=nginx.service web.service
LoadState=loaded
ActiveState=active
SubState=running
MainPID=812

Id=gone.service
Names=gone.service
LoadState=not-found
ActiveState=inactive
SubState=dead
MainPID=0
"""


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("nginx", "nginx.service"),
        ("nginx.service", "nginx.service"),
        ("my.app", "my.app.service"),
        ("web@1", "web@1.service"),
        ("api.socket", "api.socket"),
    ],
)
def test_names_are_completed_as_systemctl_does(unit: str, expected: str) -> None:
    assert full_name(unit) == expected


@pytest.mark.parametrize("unit", ["", "web*", "--now", "-x", "a/b", "a b", "web?", "[a]"])
def test_patterns_paths_and_options_are_no_names(unit: str) -> None:
    with pytest.raises(Mistake):
        full_name(unit)


def test_all_units_are_asked_for_at_once() -> None:
    words = command(["web", "api.socket", "web.service"])
    assert words[:2] == ("systemctl", "show")
    assert words[-3:] == ("--", "api.socket", "web.service")


def test_blocks_are_read_by_each_name_of_a_unit() -> None:
    nginx = UnitState("active", "running", 812)
    assert read_states(SHOWN) == {
        "nginx.service": nginx, "web.service": nginx,
        "gone.service": UnitState("inactive", "dead", 0, found=False),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("active", "pid", "ended", "expected"),
    [
        ("active", 7, {}, "serves"),
        ("active", 0, {}, "serves"),
        ("reloading", 7, {}, "serves"),
        ("deactivating", 7, {}, "drains"),
        ("activating", 7, {}, ""),
        ("inactive", 0, {}, ""),
        ("failed", 0, {}, ""),
        ("", 0, {}, ""),
        ("active", 7, {"web": 7}, ""),  # systemd has not noticed yet
        ("active", 8, {"web": 7}, "serves"),  # it was started again
        ("active", 0, {"web": 7}, "serves"),  # it goes on without its main process
    ],
)
def test_a_unit_serves_while_it_is_active(
    active: str, pid: int, ended: Mapping[str, int], expected: str
) -> None:
    found = offered({"web": (WEB,)}, {"web.service": UnitState(active, "", pid)}, ended)
    shown = {name: "drains" if each.draining else "serves" for name, each in found.items()}
    assert shown == ({"w1": expected} if expected else {})


def test_a_unit_that_systemd_says_nothing_of_serves_nothing() -> None:
    assert offered({"web": (WEB,)}, {}, {}) == {}


class Heard:
    def __init__(self) -> None:
        self.told: list[tuple[dict[str, Offer], Signal, float]] = []

    def set(self, source: str, offers: Mapping[str, Offer], signal: Signal) -> None:
        assert source == "systemd"
        self.told.append((dict(offers), signal, time.monotonic()))

    def signal(self) -> Signal:
        return self.told[-1][1]

    @property
    def now(self) -> str:
        offers = self.told[-1][0] if self.told else None
        if offers is None:
            return "unsaid"
        return ",".join("drains" if each.draining else "serves" for each in offers.values())


class Systemd:
    """Its units are files; `systemctl` of this folder reads them, or fails if `broken` is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        script = folder / "systemctl"
        script.write_text(f"""#!/bin/sh
echo "$*" >> {folder}/asked
test "$1" = show || exit 64
test -e {folder}/broken && echo "System has not been booted with systemd" >&2 && exit 1
while test "$1" != --; do shift; done; shift
for unit; do cat {folder}/$unit.state; echo; done
""")
        script.chmod(0o755)

    def is_now(self, active: str, pid: int = 0, load: str = "loaded") -> None:
        new = self.folder / "new"
        new.write_text(
            f"Id=web.service\nNames=web.service\nLoadState={load}\nActiveState={active}\n"
            f"SubState=x\nMainPID={pid}\n"
        )
        new.rename(self.folder / "web.service.state")


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemd:
    made = Systemd(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return made


@pytest.fixture
def heard(systemd: Systemd) -> Iterator[Heard]:
    made, stop = Heard(), threading.Event()
    systemd.is_now("inactive")
    units = Units({"web": (WEB,)}, made)
    thread = threading.Thread(target=units.run, args=(stop,))
    thread.start()
    try:
        eventually(lambda: made.told)
        yield made
    finally:
        stop.set()
        thread.join(5)
        assert not thread.is_alive()


def test_a_unit_comes_drains_and_goes(systemd: Systemd, heard: Heard) -> None:
    assert heard.now == ""
    systemd.is_now("active")
    eventually(lambda: heard.now == "serves")
    assert heard.signal() is Signal.REGISTERED
    systemd.is_now("deactivating")
    eventually(lambda: heard.now == "drains")
    assert heard.signal() is Signal.UNIT_STOPPED
    systemd.is_now("failed")
    eventually(lambda: heard.now == "")
    assert heard.signal() is Signal.UNIT_STOPPED


def test_the_death_of_its_main_process_is_known_before_systemd_is_asked(
    systemd: Systemd, heard: Heard
) -> None:
    with subprocess.Popen(("sleep", "60")) as process:
        systemd.is_now("active", process.pid)
        eventually(lambda: heard.now == "serves")
        process.kill()
        began = time.monotonic()
        process.wait()
        eventually(lambda: heard.now == "")
        assert heard.signal() is Signal.PROCESS_ENDED
        assert heard.told[-1][2] - began < 0.1
    with subprocess.Popen(("sleep", "60")) as again:
        systemd.is_now("active", again.pid)
        eventually(lambda: heard.now == "serves")
        again.kill()


def test_while_systemd_does_not_answer_nothing_changes(
    systemd: Systemd, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    systemd.is_now("active")
    eventually(lambda: heard.now == "serves")
    (systemd.folder / "broken").touch()
    systemd.is_now("failed")
    eventually(lambda: "System has not been booted with systemd" in caplog.text)
    assert heard.now == "serves"


def test_an_unknown_unit_is_told_once(
    systemd: Systemd, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    systemd.is_now("inactive", load="not-found")
    eventually(lambda: "systemd knows no unit web" in caplog.text)
    asked = (systemd.folder / "asked").read_text().count("\n")
    eventually(lambda: (systemd.folder / "asked").read_text().count("\n") > asked + 1)
    assert caplog.text.count("systemd knows no unit web") == 1


def test_a_machine_without_systemctl_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    heard = Heard()
    units = Units({"web": (WEB,)}, heard)
    assert units.turn() > 1.0
    units.turn()
    assert caplog.text.count("there is no systemctl on this machine") == 1
    assert heard.told == []
