"""A proxy that is changed at run time, and what goes wrong with its file or its reload."""

import logging
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrapper.templates.change import Ways
from bootstrapper.templates.live import Live
from bootstrapper.templates.pending import Ledger
from bootstrapper.templates.report import Outcome, Report
from bootstrapper.templates.resource import HaproxyResource, Resource
from bootstrapper.templates.turn import Turn
from bootstrapper.templates.unit import Unit
from support.haproxy import Haproxy, preamble
from support.services import short_folder

SERVERS = '{{range gets "/web/*"}} server {{base .Key}} {{.Value}}\n{{end}}'


class Desk:
    def __init__(self, folder: Path, disk: Path) -> None:
        self.folder, self.disk = folder, disk
        head = preamble(folder) + "backend web\n"
        self.haproxy = Haproxy(folder, head + " server a 127.0.0.1:1\n")
        self.haproxy.file = disk / "haproxy.cfg"
        self.haproxy.file.write_text(head + " server a 127.0.0.1:1\n")
        self.haproxy.start()
        (folder / "cfg.tmpl").write_text(head + SERVERS)
        (folder / "map.tmpl").write_text('{{getv "/web/a"}}')
        self.values = {"/web/a": "127.0.0.1:1"}
        self.reload_cmd = f"kill -USR2 {self.haproxy.pid}"
        ways = Ways(check_timeout=5, reload_timeout=5)
        pending = Ledger(folder / "pending")
        self.live = Live()
        self.turn = Turn(ways, lambda _: self.values, pending, self.live, lambda *_: False)

    def unit(self, name: str, dest: Path, *, live: bool) -> Unit:
        source = str(self.folder / f"{name}.tmpl")
        haproxy = HaproxyResource(socket=str(self.haproxy.socket)) if live else None
        base = Resource(name=name, path="", src=source, dest=str(dest), keys=("/web",))
        return Unit(base._replace(reload_cmd=self.reload_cmd, haproxy=haproxy))

    def take(self, *units: Unit) -> list[Report]:
        return self.turn.take(units, "test")

    def servers(self) -> list[str]:
        """Those that take requests."""
        rows = [x.split(" ") for x in self.haproxy.say("show servers state web").split("\n")[2:]]
        return [row[3] for row in rows if len(row) > 6 and row[6] == "0"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        with short_folder("live") as folder:
            made = Desk(folder, disk)
            yield made
            made.haproxy.stop()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_file_that_finds_no_room_takes_its_change_at_run_time_back(desk: Desk) -> None:
    unit = desk.unit("cfg", desk.haproxy.file, live=True)
    desk.take(unit)
    desk.values = {"/web/a": "127.0.0.1:1", "/web/b": "127.0.0.1:2"}
    (desk.disk / "fill").write_bytes(b"x" * 15 * 4096)
    (report,) = desk.take(unit)
    without_room = desk.servers()
    (desk.disk / "fill").unlink()
    (again,) = desk.take(unit)

    assert (report.outcome, "No space" in report.reason) == (Outcome.FAILED, True)
    assert (without_room, again.outcome) == (["a"], Outcome.LIVE)
    assert desk.servers() == ["a", "b"]


@pytest.mark.parametrize("both", [True, False])
def test_a_reload_for_another_file_loses_nothing_that_operators_said(
    desk: Desk, both: bool
) -> None:
    proxy = desk.unit("cfg", desk.haproxy.file, live=True)
    desk.take(proxy)
    desk.values = {"/web/a": "127.0.0.1:1", "/web/b": "127.0.0.1:2"}
    if not both:
        desk.take(proxy)
    worker = desk.haproxy.worker()
    desk.haproxy.say("set server web/a state drain")
    desk.take(*([proxy] if both else []), desk.unit("map", desk.folder / "map", live=False))

    assert desk.haproxy.worker() != worker
    assert desk.servers() == ["b"]


def test_a_proxy_that_ends_while_servers_drain_does_not_hold_up_the_end(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bootstrapper")
    unit = desk.unit("cfg", desk.haproxy.file, live=True)
    desk.take(unit)
    desk.values = {"/web/b": "127.0.0.1:2"}
    desk.take(unit)
    desk.haproxy.stop()
    desk.live.finish_drains()
    desk.live.wait_for_drains()
    desk.live.finish_drains()

    assert [x.levelname for x in caplog.records if "draining" in x.message] == ["WARNING"]
