"""One turn: what is read, judged, rendered, checked, put in place and reloaded, or put back."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bootstrapper.errors import Unavailable
from bootstrapper.templates.change import Ways
from bootstrapper.templates.live import Live
from bootstrapper.templates.pending import Ledger
from bootstrapper.templates.report import Outcome, Report
from bootstrapper.templates.resource import Resource
from bootstrapper.templates.turn import Turn
from bootstrapper.templates.unit import Unit

TEMPLATE = '{{range gets "/web/*"}}{{base .Key}}={{.Value}}\n{{end}}'
WEB = {"/web/a": "1", "/web/b": "2"}


class Desk:
    """A folder with a template, the values that a store would give, and a turn."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.values: Mapping[str, str] = WEB
        self.away = False
        self.confirmed = ""
        self.ways = Ways(check_timeout=5, reload_timeout=5)
        (folder / "web.tmpl").write_text(TEMPLATE)

    def unit(self, name: str = "web", **fields: object) -> Unit:
        base = Resource(
            name=name, path="", src=str(self.folder / "web.tmpl"), keys=("/web",),
            dest=str(self.folder / f"{name}.conf"),
        )  # fmt: skip
        return Unit(base._replace(**fields))  # type: ignore[arg-type]

    def take(self, *units: Unit) -> list[Report]:
        turn = Turn(
            self.ways, self._read, Ledger(self.folder / "pending"), Live(),
            lambda _, hold: hold == self.confirmed,
        )  # fmt: skip
        return turn.take(units, "test")

    def outcome(self, unit: Unit) -> tuple[Outcome, str]:
        (report,) = self.take(unit)
        return report.outcome, report.reason

    def text(self, name: str = "web") -> str:
        return (self.folder / f"{name}.conf").read_text()

    def lines(self, name: str) -> list[str]:
        file = self.folder / name
        return file.read_text().splitlines() if file.exists() else []

    def _read(self, unit: Unit) -> Mapping[str, str]:
        if self.away:
            raise Unavailable("the store is away")
        return self.values


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_file_is_made_true_once_and_then_left_alone(desk: Desk) -> None:
    unit = desk.unit()

    assert [desk.outcome(unit)[0], desk.outcome(unit)[0]] == [Outcome.INSTALLED, Outcome.UNCHANGED]
    assert desk.text() == "a=1\nb=2\n"


def test_the_report_shows_the_difference(desk: Desk) -> None:
    unit = desk.unit()
    desk.take(unit)
    desk.values = {**WEB, "/web/c": "3"}

    assert desk.take(unit)[0].diff.endswith("@@ -2 +2,2 @@\n b=2\n+c=3")


def test_nothing_of_a_private_file_is_in_the_report(desk: Desk) -> None:
    (report,) = desk.take(desk.unit(mode=0o600))

    assert report.diff == "0 lines before, 2 after"


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (lambda desk: setattr(desk, "away", True), "the store is away"),
        (lambda desk: (desk.folder / "web.tmpl").write_text("{{getv"), "unclosed action"),
        (lambda desk: (desk.folder / "web.tmpl").write_text('{{getv "/none"}}'), "/none"),
        (lambda desk: (desk.folder / "web.tmpl").unlink(), "cannot be read"),
    ],
)
def test_what_cannot_be_rendered_leaves_the_last_good_file(
    desk: Desk, break_it: Callable[[Desk], object], reason: str
) -> None:
    unit = desk.unit()
    desk.take(unit)
    break_it(desk)
    outcome, why = desk.outcome(unit)

    assert (outcome, desk.text()) == (Outcome.FAILED, "a=1\nb=2\n")
    assert reason in why


def test_one_bad_template_stops_only_itself(desk: Desk) -> None:
    bad = desk.unit("bad", src=str(desk.folder / "none.tmpl"))
    outcomes = {each.name: each.outcome for each in desk.take(bad, desk.unit())}

    assert outcomes == {"bad": Outcome.FAILED, "web": Outcome.INSTALLED}


def test_a_failed_check_replaces_nothing(desk: Desk) -> None:
    unit = desk.unit(check_cmd="! grep c= {{.src}}", reload_cmd=f"echo >> {desk.folder}/reloads")
    desk.take(unit)
    desk.values = {**WEB, "/web/c": "3"}
    outcome, why = desk.outcome(unit)

    assert (outcome, why) == (Outcome.FAILED, "check_cmd exited 1: c=3")
    assert desk.text() == "a=1\nb=2\n"
    assert len(desk.lines("reloads")) == 1
    assert sorted(each.name for each in desk.folder.glob(".*")) == []


def test_the_last_good_file_is_put_back_when_the_new_one_cannot_be_reloaded(desk: Desk) -> None:
    unit = desk.unit(reload_cmd="! grep c= {{.dest}}")
    desk.take(unit)
    desk.values = {**WEB, "/web/c": "3"}
    first = desk.outcome(unit)
    put_back = desk.text()
    again = desk.outcome(unit)

    assert first == again == (Outcome.FAILED, "reload_cmd exited 1: c=3")
    assert put_back == desk.text() == "a=1\nb=2\n"


def test_a_reload_that_failed_is_tried_until_it_succeeds(desk: Desk) -> None:
    unit = desk.unit(reload_cmd=f"echo >> {desk.folder}/tries; test -e {desk.folder}/ready")
    outcomes = [desk.outcome(unit)[0], desk.outcome(unit)[0]]
    failures = unit.failures
    (desk.folder / "ready").touch()
    outcomes += [desk.outcome(unit)[0], desk.outcome(unit)[0]]

    bad, good = Outcome.FAILED, Outcome.INSTALLED
    assert outcomes == [bad, bad, good, Outcome.UNCHANGED]
    assert (failures, unit.failures, len(desk.lines("tries"))) == (2, 0, 3)


def test_a_kill_before_the_reload_is_made_up_for(desk: Desk) -> None:
    """The file is there already when the next process looks, but nobody has reloaded it."""
    unit = desk.unit(reload_cmd=f"echo >> {desk.folder}/reloads")
    desk.take(unit)
    known = Ledger(desk.folder / "pending")
    from bootstrapper.templates import install  # noqa: PLC0415

    before = install.current(unit.target)
    desk.values = {**WEB, "/web/c": "3"}
    new = install.wanted("a=1\nb=2\nc=3\n", unit.target)
    known.begin("web", new, before)
    install.put(install.stage(new, unit.target), new, unit.target)
    outcome, _ = desk.outcome(desk.unit(reload_cmd=unit.resource.reload_cmd))

    assert (outcome, len(desk.lines("reloads"))) == (Outcome.INSTALLED, 2)


def test_keys_that_went_back_before_the_reload_succeeded_need_none(desk: Desk) -> None:
    unit = desk.unit(reload_cmd=f"! grep c= {{{{.dest}}}} && echo >> {desk.folder}/reloads")
    desk.take(unit)
    desk.values = {**WEB, "/web/c": "3"}
    desk.take(unit)
    desk.values = WEB

    assert desk.outcome(unit)[0] is Outcome.UNCHANGED
    assert len(desk.lines("reloads")) == 1


def test_files_with_one_reload_command_are_reloaded_once_together(desk: Desk) -> None:
    command = f"cat {desk.folder}/one.conf {desk.folder}/two.conf >> {desk.folder}/seen"
    reports = desk.take(desk.unit("one", reload_cmd=command), desk.unit("two", reload_cmd=command))

    assert [each.reloaded for each in reports] == [True, True]
    assert desk.lines("seen") == ["a=1", "b=2", "a=1", "b=2"]


def test_what_loses_too_many_keys_is_held_until_they_return(desk: Desk) -> None:
    unit = desk.unit(min_keys=2)
    desk.take(unit)
    desk.values = {}
    held = desk.outcome(unit)
    kept = desk.text()
    desk.values = {**WEB, "/web/c": "3"}

    assert held == (Outcome.HELD, "0 keys are left, fewer than min_keys = 2")
    assert kept == "a=1\nb=2\n"
    assert (desk.outcome(unit)[0], unit.hold) == (Outcome.INSTALLED, "")


def test_or_until_somebody_confirms_exactly_these_keys(desk: Desk) -> None:
    unit = desk.unit(max_removed=0.4)
    desk.take(unit)
    desk.values = {"/web/a": "1"}
    desk.take(unit)
    desk.confirmed = unit.hold
    desk.values = {}
    other = desk.outcome(unit)[0]
    desk.values = {"/web/a": "1"}

    assert (other, desk.outcome(unit)[0]) == (Outcome.HELD, Outcome.INSTALLED)
    assert desk.text() == "a=1\n"


def test_what_was_confirmed_does_not_hold_the_next_change(desk: Desk) -> None:
    unit = desk.unit(max_removed=0.2)
    desk.take(unit)
    desk.values = {"/web/a": "1"}
    desk.take(unit)
    desk.confirmed = unit.hold
    desk.take(unit)
    desk.values = {"/web/a": "1", "/web/c": "3"}

    assert desk.outcome(unit)[0] is Outcome.INSTALLED
    assert desk.text() == "a=1\nc=3\n"


def test_noop_shows_the_difference_and_changes_nothing(desk: Desk) -> None:
    desk.ways = Ways(noop=True)
    unit = desk.unit(reload_cmd=f"touch {desk.folder}/reloaded")
    (report,) = desk.take(unit)

    assert report.outcome is Outcome.PREVIEWED
    assert report.diff == f"--- /dev/null\n+++ {desk.folder}/web.conf\n@@ -0,0 +1,2 @@\n+a=1\n+b=2"
    assert sorted(each.name for each in desk.folder.iterdir()) == ["web.tmpl"]


def test_sync_only_writes_and_runs_neither_command(desk: Desk) -> None:
    desk.ways = Ways(sync_only=True)
    unit = desk.unit(check_cmd="false", reload_cmd="false")

    assert (desk.outcome(unit)[0], desk.text()) == (Outcome.INSTALLED, "a=1\nb=2\n")


def test_a_staged_file_is_kept_when_asked(desk: Desk) -> None:
    desk.ways = Ways(keep_stage=True)
    desk.take(desk.unit(check_cmd="false"))

    (staged,) = desk.folder.glob(".web.conf*")
    assert staged.read_text() == "a=1\nb=2\n"


def test_a_template_that_changed_is_read_again(desk: Desk) -> None:
    unit = desk.unit()
    desk.take(unit)
    (desk.folder / "web.tmpl").write_text("other\n")

    assert unit.template_changed()
    assert (desk.outcome(unit)[0], desk.text()) == (Outcome.INSTALLED, "other\n")


def test_jinja_is_for_j2(desk: Desk) -> None:
    source = desk.folder / "web.j2"
    source.write_text('{% for kv in gets("/web/*") %}{{ kv.Value }};{% endfor %}')
    desk.take(desk.unit(src=str(source)))

    assert desk.text() == "1;2;"
