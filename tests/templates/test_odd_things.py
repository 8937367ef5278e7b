"""Odd keys, values, files and folders: told in a report, and never the end of all templates."""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from bootstrapper.errors import Refused
from bootstrapper.templates import install, shell
from bootstrapper.templates.board import Board, beginning, confirm, statuses
from bootstrapper.templates.change import Ways
from bootstrapper.templates.install import Target
from bootstrapper.templates.live import Live
from bootstrapper.templates.pending import Ledger
from bootstrapper.templates.report import Outcome
from bootstrapper.templates.resource import Resource
from bootstrapper.templates.resources import read_resources
from bootstrapper.templates.turn import Turn
from bootstrapper.templates.unit import Unit
from support.eventually import eventually

ALL = '{{range gets "/web/*"}}{{.Key}}={{.Value}}\n{{end}}'
WEB = {"/web/a": "1"}
SOME = 2


class Desk:
    """A turn with a board, as `confd` has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.dest = folder / "web.conf"
        self.values: Mapping[str, str] = WEB
        self.board = Board(folder / "state", "test")

    def unit(self, text: str = ALL, **fields: object) -> Unit:
        source = self.folder / "web.tmpl"
        source.write_text(text)
        base = Resource(
            name="web", path="", src=str(source), dest=str(self.dest), keys=("/web",),
            uid=os.geteuid(), gid=os.getegid(),
        )  # fmt: skip
        return Unit(base._replace(**fields))  # type: ignore[arg-type]

    def take(self, *units: Unit) -> tuple[Outcome, str]:
        ledger = Ledger(self.board.pending)
        turn = Turn(
            Ways(check_timeout=SOME, reload_timeout=SOME), lambda _: self.values, ledger, Live(),
            self.board.confirmed,
        )  # fmt: skip
        reports = turn.take(units, "test")
        self.board.note(reports, {each.name: each for each in units}, ())
        return reports[-1].outcome, reports[-1].reason


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [({}, Outcome.INSTALLED), ({"max_removed": 0.5}, Outcome.INSTALLED),
     ({"min_keys": 5}, Outcome.HELD)],
)  # fmt: skip
def test_keys_that_are_no_unicode_are_guarded_and_told(
    desk: Desk, fields: dict[str, object], outcome: Outcome
) -> None:
    desk.values = {"/web/\udcff": "\udcfe"}

    assert desk.take(desk.unit(ALL, **fields))[0] is outcome
    again = Board(desk.folder / "state", "test").memories()
    assert [each.keys for each in again.values()] == (
        [frozenset(desk.values)] if "max_removed" in fields else []
    )


def test_a_reason_that_names_such_a_key_is_told(desk: Desk) -> None:
    desk.values = {"/web/a": "\udcff"}
    desk.take(desk.unit('{{getv (getv "/web/a")}}'))
    (status,) = statuses(desk.folder / "state")

    assert "key does not exist: ?" in status.files["web"].reason


@pytest.mark.parametrize("half", [r"\ud800", r"\udcff", "\udcff"])
def test_half_a_pair_in_json_is_what_go_makes_of_it(desk: Desk, half: str) -> None:
    desk.values = {"/web/a": f'{{"x": ["{half}"]}}'}
    desk.take(desk.unit('{{range (json (getv "/web/a")).x}}{{.}}{{end}}'))

    assert desk.dest.read_text() == "\ufffd"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (os.mkfifo, "a pipe or a device"),
        (lambda path: os.symlink("/dev/full", path), "a pipe or a device"),
        (lambda path: os.symlink(path, path), "symbolic links"),
        (lambda path: os.symlink("/none/at/all", path), "No such file"),
        (os.mkdir, "Is a directory"),
    ],
)
def test_what_is_no_file_is_not_replaced(
    desk: Desk, make: Callable[[Path], None], reason: str
) -> None:
    make(desk.dest)
    outcome, why = desk.take(desk.unit())

    assert (outcome, reason in why) == (Outcome.FAILED, True)


def test_a_template_or_a_resource_that_is_a_pipe_holds_nobody_up(desk: Desk) -> None:
    unit = desk.unit()
    Path(unit.resource.src).unlink()
    os.mkfifo(unit.resource.src)
    (desk.folder / "conf.d").mkdir()
    os.mkfifo(desk.folder / "conf.d" / "x.toml")

    assert "a pipe or a device" in desk.take(unit)[1]
    assert "a pipe or a device" in str(read_resources(str(desk.folder))[1])


def test_the_longest_of_names_can_be_kept(desk: Desk) -> None:
    assert desk.take(desk.unit(dest=str(desk.folder / ("x" * 255))))[0] is Outcome.INSTALLED


def test_text_that_no_file_can_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="what is no text"):
        install.wanted("\ud800", Target(path=tmp_path / "a"))


@pytest.mark.parametrize("odd", ["uid = 99999999999", "haproxy.socket = '/x'\nhaproxy.timeout=inf"])
def test_a_number_that_the_system_cannot_count_is_a_fault_of_its_resource(
    tmp_path: Path, odd: str
) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "a.toml").write_text(f"[template]\nsrc='a'\ndest='/x'\n{odd}\n")

    assert read_resources(str(tmp_path))[1]


@pytest.mark.parametrize("odd", ["folder", "entry"])
def test_a_state_folder_in_disorder_costs_the_memory_alone(desk: Desk, odd: str) -> None:
    place = desk.board.pending
    place.parent.mkdir(parents=True)
    place.write_text("") if odd == "folder" else (place / "web.json").mkdir(parents=True)

    assert desk.take(desk.unit(reload_cmd="true"))[0] is Outcome.INSTALLED


def test_a_command_that_cannot_start_is_told() -> None:
    with pytest.raises(Refused, match="does not start"):
        shell.run("check_cmd", "true " + "x" * 200_000, SOME)


def test_a_confirmation_is_for_once(desk: Desk) -> None:
    """It holds as long as the keys stay as they were confirmed, and not for the next time."""
    unit = desk.unit(min_keys=1)
    desk.take(unit)
    desk.values = {}
    desk.take(unit)
    confirm(desk.folder / "state", "web")
    let_through = [desk.take(unit)[0], desk.take(unit)[0]]
    desk.values = WEB
    desk.take(unit)
    desk.values = {}

    assert let_through == [Outcome.INSTALLED, Outcome.UNCHANGED]
    assert (desk.take(unit)[0], desk.dest.read_text()) == (Outcome.HELD, "/web/a=1\n")


def test_resources_of_like_names_are_not_taken_for_each_other(desk: Desk) -> None:
    """conf.d/a/b.toml and conf.d/a_b.toml."""
    fails = "! grep -q new {{.dest}}"
    one = desk.unit(name="a/b", dest=str(desk.folder / "one"), reload_cmd=fails)
    two = desk.unit(name="a_b", dest=str(desk.folder / "two"), reload_cmd=f"{fails}; ")
    (desk.folder / "one").write_text("1")
    (desk.folder / "two").write_text("2")
    desk.values = {"/web/a": "new"}
    desk.take(one, two)
    desk.take(one, two)

    assert [(desk.folder / name).read_text() for name in ("one", "two")] == ["1", "2"]


def test_what_was_good_at_one_place_is_not_put_back_at_another(desk: Desk) -> None:
    desk.dest.write_text("of one")
    desk.take(desk.unit(reload_cmd="false"))
    other = desk.folder / "other"
    other.write_text("of the other")
    desk.take(desk.unit(reload_cmd="false", dest=str(other)))

    assert other.read_text() == "of the other"


def test_a_resource_that_went_is_not_said_to_be_in_sync_but_its_guard_is_remembered(
    desk: Desk,
) -> None:
    desk.take(desk.unit(max_removed=0.5))
    desk.board.note((), {}, None)
    (status,) = statuses(desk.folder / "state")
    (memory,) = Board(desk.folder / "state", "test").memories().values()

    assert (status.files, memory.keys) == ({}, frozenset(WEB))


def test_a_process_that_is_gone_attends_to_nothing(desk: Desk) -> None:
    desk.take(desk.unit())
    (status,) = statuses(desk.folder / "state")
    process = subprocess.Popen(["sleep", "60"])
    reused = msgspec.structs.replace(status, pid=process.pid)
    begun = beginning(process.pid)
    process.kill()
    eventually(lambda: not beginning(process.pid), within=10, what="it is dead")  # and unburied
    process.wait()

    assert (status.alive, reused.alive, bool(begun)) == (True, False, True)


class Broken(Mapping[str, str]):
    """A backend that nobody has tested."""

    def __getitem__(self, key: str) -> str:
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        raise ZeroDivisionError("of the backend")

    def __len__(self) -> int:
        return 1


def test_what_nobody_thought_of_stops_one_file_alone(desk: Desk) -> None:
    desk.values = Broken()

    assert desk.take(desk.unit()) == (Outcome.FAILED, "ZeroDivisionError: of the backend")


def test_a_state_that_cannot_be_written_any_more_is_not_told_as_if_it_were_true(
    desk: Desk,
) -> None:
    unit = desk.unit(max_removed=0.9)
    desk.take(unit)
    in_the_way = desk.board.folder / f".status-{os.getpid()}"
    in_the_way.mkdir()
    desk.take(unit)
    (old,) = statuses(desk.folder / "state")
    remembered = Board(desk.folder / "state", "test").memories()
    in_the_way.rmdir()
    desk.take(unit)
    (new,) = statuses(desk.folder / "state")

    assert (old.alive, list(remembered), new.alive) == (False, ["web"], True)
