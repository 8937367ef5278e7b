from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.errors import Unavailable
from bootstrapper.templates.backends.file import Files
from bootstrapper.templates.backends.file_values import plain, read_values

SCALARS = [
    # as written in YAML, as confd has it (None: left out)
    ("text", "text"),
    ('"3306"', "3306"),
    ("'yes'", "yes"),
    ("12", "12"),
    ("+12", "12"),
    ("-0", "0"),
    ("010", "8"),
    ("08", "8"),
    ("0x1F", "31"),
    ("0b101", "5"),
    ("1_000", "1000"),
    ("9223372036854775807", "9223372036854775807"),
    ("1.50", "1.5"),
    ("1e+3", "1000"),
    ("1e3", "1e3"),
    ("1.", "1."),
    (".5", "0.5"),
    ("-.5", "-0.5"),
    ("1e+22", "10000000000000000000000"),
    ("1e-7", "0.0000001"),
    (".inf", "+Inf"),
    ("-.Inf", "-Inf"),
    (".NaN", "NaN"),
    ("yes", "true"),
    ("On", "true"),
    ("y", "true"),
    ("n", "false"),
    ("FALSE", "false"),
    ("tRUE", "tRUE"),
    ("~", None),
    ("null", None),
    ("", None),
    ("2001-01-01", "2001-01-01"),
    ("12:30:45", "12:30:45"),
    ("10.0.1.10:8080", "10.0.1.10:8080"),
    ("p@sSw0rd", "p@sSw0rd"),
    ("|\n  a\n  b\n", "a\nb\n"),
]


@pytest.mark.parametrize(("written", "read"), SCALARS)
def test_scalars_are_read_as_confd_reads_them(
    tmp_path: Path, written: str, read: str | None
) -> None:
    (tmp_path / "v.yaml").write_text(f"k: {written}\n")

    assert read_values(str(tmp_path / "v.yaml")) == ({} if read is None else {"/k": read})


def test_maps_and_lists_are_keys(tmp_path: Path) -> None:
    (tmp_path / "v.yaml").write_text(
        "a: {b: [x, {c: w}], 1: z, 'd/e': v}\nbase: &b {p: '1', q: '2'}\nm: {<<: *b, q: '3'}\n"
        "--- \nsecond: document\n"
    )

    assert read_values(str(tmp_path / "v.yaml")) == {
        "/a/b/0": "x", "/a/b/1/c": "w", "/a/1": "z", "/a/d/e": "v",
        "/base/p": "1", "/base/q": "2", "/m/p": "1", "/m/q": "3",
    }  # fmt: skip


def test_json_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text('{\n\t"a": [1, 2.50, true, null, "yes", 1000000]\n}')

    assert read_values(str(tmp_path / "v.json")) == {
        "/a/0": "1", "/a/1": "2.5", "/a/2": "true", "/a/4": "yes", "/a/5": "1000000",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["a: [", "- a\n- b", "just text", "a: \x01", "? [a\n"])
def test_a_file_that_is_not_whole_is_unavailable(tmp_path: Path, text: str) -> None:
    (tmp_path / "v.yaml").write_text(text)

    with pytest.raises(Unavailable, match=r"v\.yaml"):
        read_values(str(tmp_path / "v.yaml"))


@pytest.mark.parametrize("text", ["", "---\n", "# nothing\n"])
def test_an_empty_file_has_no_keys(tmp_path: Path, text: str) -> None:
    (tmp_path / "v.yaml").write_text(text)

    assert read_values(str(tmp_path / "v.yaml")) == {}


def test_endless_anchors_end(tmp_path: Path) -> None:
    (tmp_path / "v.yaml").write_text("a: &a {b: *a}\n")

    with pytest.raises(Unavailable):
        read_values(str(tmp_path / "v.yaml"))


@given(st.integers(-(2**63), 2**63 - 1))
def test_whole_numbers_stay(number: int) -> None:
    assert plain(str(number)) == str(number)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=1e-300, max_value=1e300))
def test_decimals_keep_their_value_and_have_no_exponent(number: float) -> None:
    read = plain(f"{number:.17e}")

    assert read is not None
    assert "e" not in read
    assert float(read) == number


@given(st.text())
def test_any_scalar_is_read(text: str) -> None:
    plain(text)


def test_later_files_win_and_the_filter_chooses(tmp_path: Path) -> None:
    for name, text in (("a/1.yaml", "k: one"), ("a/2.yml", "k: two"), ("b.yaml", "k: three\nl: x")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    one, both = str(tmp_path / "a"), (str(tmp_path / "a"), str(tmp_path / "b.yaml"))

    assert Files((one,)).values(["/"]) == {"/k": "two"}
    assert Files((one,), "*.yaml").values(["/"]) == {"/k": "one"}
    assert Files((one,), "[^1].*").values(["/"]) == {"/k": "two"}
    assert Files(both).values(["/k"]) == {"/k": "three"}
    assert Files(both[::-1]).values(["/k"]) == {"/k": "two"}


def test_a_file_that_is_missing_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no such file"):
        Files((str(tmp_path / "none"),)).values(["/"])
