import os
import pwd
from pathlib import Path
from typing import Any

import pytest

from bootstrapper.templates.resource import HaproxyResource, Resource
from bootstrapper.templates.resources import Fault, read_resources

WEB = 'src = "web.tmpl"\ndest = "/etc/web.conf"\n'


@pytest.fixture
def confdir(tmp_path: Path) -> Path:
    (tmp_path / "conf.d").mkdir()
    return tmp_path


def read(confdir: Path, body: str, **options: Any) -> tuple[list[Resource], list[Fault]]:
    (confdir / "conf.d" / "web.toml").write_text("[template]\n" + body)
    return read_resources(str(confdir), **options)


def only(confdir: Path, body: str, **options: Any) -> Resource:
    found, faults = read(confdir, body, **options)
    assert not faults
    return found[0]


def test_what_is_not_said_is_as_in_confd(confdir: Path) -> None:
    assert only(confdir, WEB) == Resource(
        name="web",
        path=f"{confdir}/conf.d/web.toml",
        src=f"{confdir}/templates/web.tmpl",
        dest="/etc/web.conf",
        prefix="/",
        uid=os.geteuid(),
        gid=os.getegid(),
        mode=None,
    )


def test_every_key_has_its_place(confdir: Path) -> None:
    body = WEB + (
        'keys = ["/a", "/b", "/a"]\nprefix = "prod"\nuid = 7\ngid = 8\nmode = "0640"\n'
        'check_cmd = "true {{.src}}"\nreload_cmd = "false"\nmin_keys = 2\nmax_removed = 0.5\n'
        'window = 30\n[template.haproxy]\nsocket = "/run/h.sock"\ndrain = 3\n'
    )

    made = only(confdir, body)

    assert (made.keys, made.uid, made.gid, made.mode) == (("/a", "/b"), 7, 8, 0o640)
    assert (made.check_cmd, made.reload_cmd) == ("true {{.src}}", "false")
    assert (made.min_keys, made.max_removed, made.window) == (2, 0.5, 30.0)
    assert made.haproxy == HaproxyResource(socket="/run/h.sock", drain=3.0)


@pytest.mark.parametrize(
    ("own", "of_all", "keys", "wanted"),
    [
        ("", "", ["/a"], ("/a",)),
        ("", "", ["a/"], ("/a",)),
        ("app", "", ["/a", "b"], ("/app/a", "/app/b")),
        ("/app/", "", ["/"], ("/app",)),
        ("/app", "/prod", ["/a"], ("/prod/a",)),  # not joined: that of all stands in its place
        ("", "prod//x", ["/a"], ("/prod/x/a",)),
    ],
)
def test_keys_are_asked_for_below_the_prefix(
    confdir: Path, own: str, of_all: str, keys: list[str], wanted: tuple[str, ...]
) -> None:
    made = only(confdir, WEB + f'prefix = "{own}"\nkeys = {keys!r}\n', prefix=of_all)

    assert made.wanted == wanted


@pytest.mark.parametrize(
    ("prefix", "key", "seen"),
    [
        ("/app", "/app/db/host", "/db/host"),
        ("/app", "/app", "/"),
        ("/", "/db", "/db"),
        ("/app", "/other", "/other"),
    ],
)
def test_a_template_sees_keys_without_the_prefix(
    confdir: Path, prefix: str, key: str, seen: str
) -> None:
    assert only(confdir, WEB + f'prefix = "{prefix}"\n').seen_by_template({key: "1"}) == {seen: "1"}


WRONG = [
    ('dest = "/x"', "template.src", "src is missing"),
    ('src = "x"', "template.dest", "dest is missing"),
    (WEB + 'mode = "644"', "template.mode", "confd makes it 0204"),
    (WEB + 'mode = "rw"', "template.mode", "not octal"),
    (WEB + 'mode = "0689"', "template.mode", "not octal"),
    (WEB + 'mode = "017777"', "template.mode", "more than 07777"),
    (WEB + "mode = 420", "template.mode", "a string is expected"),
    (WEB + 'keys = "/a"', "template.keys", "an array of strings"),
    (WEB + "keys = [1]", "template.keys", "an array of strings"),
    (WEB + 'uid = "root"', "template.uid", "a whole number"),
    (WEB + "uid = true", "template.uid", "a whole number"),
    (WEB + "uid = -2", "template.uid", "a whole number"),
    (WEB + 'owner = "nobody-here"', "template.owner", "there is no 'nobody-here'"),
    (WEB + 'group = "nobody-here"', "template.group", "there is no 'nobody-here'"),
    (WEB + 'uid = 7\nowner = "root"', "template.owner", "but owner 'root' is 0"),
    (WEB + "min_keys = -5", "template.min_keys", "a whole number"),
    (WEB + "max_removed = 50", "template.max_removed", "from 0 to 1"),
    (WEB + "window = nan", "template.window", "a number"),
    (WEB + "haproxy = true", "template.haproxy", "a table is expected"),
    (WEB + "[template.haproxy]\ndrain = 1", "template.haproxy.socket", "socket is missing"),
    (WEB + "keys = [", "", "Invalid"),
]


STRANGE = [
    (WEB + "min_key = 1", "template.min_key: no such key; did you mean 'min_keys'?"),
    (
        WEB + '[template.haproxy]\nsocket = "s"\ndrian = 1',
        "template.haproxy.drian: no such key; did you mean 'drain'?",
    ),
]


@pytest.mark.parametrize(("body", "told"), STRANGE)
def test_a_key_that_nobody_knows_is_told_and_costs_nothing(
    confdir: Path, body: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    """confd ignores it, in silence; a directory that it could read is read here too."""
    resources, faults = read(confdir, body)

    told = f"{confdir}/conf.d/web.toml: {told}"
    assert (len(resources), faults, caplog.messages) == (1, [], [told])


@pytest.mark.parametrize(("body", "field", "reason"), WRONG)
def test_a_faulty_resource_is_lost_alone_and_says_why(
    confdir: Path, body: str, field: str, reason: str
) -> None:
    (confdir / "conf.d" / "good.toml").write_text("[template]\n" + WEB)

    found, faults = read(confdir, body)

    assert [each.name for each in found] == ["good"]
    assert [each.field for each in faults] == [field]
    assert faults[0].message.startswith(f"{confdir}/conf.d/web.toml: ")
    assert reason in str(faults[0])


def test_a_table_of_another_name_is_no_resource(confdir: Path) -> None:
    (confdir / "conf.d" / "web.toml").write_text("[templat]\n" + WEB)

    (fault,) = read_resources(str(confdir))[1]

    assert "no [template]; is it 'templat' that was meant?" in fault.message


@pytest.mark.parametrize(
    ("text", "mode"),
    [("0644", 0o644), ("0o600", 0o600), ("0x1a4", 0o644), ("0", 0), ("02755", 0o2755)],
)
def test_modes_are_octal(confdir: Path, text: str, mode: int) -> None:
    assert only(confdir, WEB + f'mode = "{text}"').mode == mode


def test_owner_and_group_are_names_or_numbers(confdir: Path) -> None:
    nobody = pwd.getpwnam("nobody")

    made = only(confdir, WEB + 'owner = "nobody"\ngroup = "12"\n')

    assert (made.uid, made.gid) == (nobody.pw_uid, 12)


def test_keys_of_the_toml_are_known_in_any_case(confdir: Path) -> None:
    (confdir / "conf.d" / "web.toml").write_text('[Template]\nSrc = "a"\nDEST = "/b"\n')

    assert read_resources(str(confdir))[0][0].dest == "/b"


def test_folders_below_are_read_in_order_and_a_mounts_second_sight_is_not(confdir: Path) -> None:
    folder = confdir / "conf.d"
    for name in ("b/two.toml", "a.toml", "b/one.toml", "..2024/a.toml", "c.toml~", "d.conf"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("[template]\n" + WEB)

    assert [each.name for each in read_resources(str(confdir))[0]] == ["a", "b/one", "b/two"]


def test_a_link_to_nowhere_is_a_fault(confdir: Path) -> None:
    (confdir / "conf.d" / "web.toml").symlink_to("nowhere")

    assert "No such file" in read_resources(str(confdir))[1][0].message


def test_no_confdir_has_no_resources(tmp_path: Path) -> None:
    assert read_resources(str(tmp_path / "none")) == ([], [])
