import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.errors import Mistake
from bootstrapper.haproxy.compare import difference
from bootstrapper.haproxy.config import parse, words


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("  a  b\tc ", ("a", "b", "c")),
        ("a # b", ("a",)),
        (r"a \# b\ c", ("a", "#", "b c")),
        ('a "b # c" d', ("a", "b # c", "d")),
        (r"""'a\b' "x\"y" '' z""", (r"a\b", 'x"y', "", "z")),
        (r"a\x41\n", ("aA\n",)),
        ("# all", ()),
        ("", ()),
    ],
)
def test_words(line: str, expected: tuple[str, ...]) -> None:
    assert words(line) == expected


@pytest.mark.parametrize("line", ["a 'b", 'a "b', r"\xg"])
def test_a_line_that_cannot_be_read_is_a_mistake(line: str) -> None:
    with pytest.raises(Mistake):
        words(line)


def test_sections() -> None:
    found = parse("global\n a 1\ndefaults d from c\n\nbackend web from d\n # no\n server x y\n")

    assert [(x.kind, x.name, x.base, len(x.lines)) for x in found] == [
        ("global", "", "", 1), ("defaults", "d", "c", 0), ("backend", "web", "d", 1),
    ]  # fmt: skip
    assert found[2].lines[0].number == 7


LINES = st.lists(
    st.sampled_from(["backend a", "listen b", "defaults", "server", "server x", "# c", "",
                     " server x 127.0.0.1:1", "server y ::1:2 check", "balance first", '"', "\\"]),
).map("\n".join)  # fmt: skip


@given(LINES, LINES)
def test_any_two_texts_have_a_difference(old: str, new: str) -> None:
    assert difference(old, new) is not None
