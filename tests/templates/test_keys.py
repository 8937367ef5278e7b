import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.templates.gotemplate import Fault
from bootstrapper.templates.keys import Keys
from bootstrapper.templates.patterns import compiled

VALUES = {
    "/key": "foobar",
    "/a/one": "2",
    "/a/two": "1",
    "/a/b/three": "3",
    "/a/b/four": "4",
    "/a-b/five": "5",
    "/a.txt": "6",
    "/c/[x]": "7",
    "/c/d/e/f": "8",
}
KEYS = Keys(VALUES)


def names(pattern: str) -> list[str]:
    return [pair.Key for pair in KEYS.gets(pattern)]


GLOBS = [
    # pattern, keys in their order
    ("/a/*", ["/a/one", "/a/two"]),
    ("/a/*/*", ["/a/b/four", "/a/b/three"]),
    ("/*", ["/a.txt", "/key"]),
    ("/*/*", ["/a-b/five", "/a/one", "/a/two", "/c/[x]"]),
    ("*", []),
    ("/a*/*", ["/a-b/five", "/a/one", "/a/two"]),
    ("/a/o*", ["/a/one"]),
    ("/a/*o", ["/a/two"]),
    ("/a/t?o", ["/a/two"]),
    ("/a?b/*", ["/a-b/five"]),
    ("/a/[a-o]*", ["/a/one"]),
    ("/a/[^a-o]*", ["/a/two"]),
    ("/c/\\[x\\]", ["/c/[x]"]),
    ("/c/[[]*", ["/c/[x]"]),
    ("/a[.]txt", ["/a.txt"]),
    ("/aXtxt", []),
    ("/key", ["/key"]),
    ("/nope/*", []),
]


@pytest.mark.parametrize(("pattern", "found"), GLOBS)
def test_gets_matches_like_gos_path_match_and_sorts(pattern: str, found: list[str]) -> None:
    assert names(pattern) == found


@pytest.mark.parametrize("pattern", ["[", "[a", "[]", "[a-]", "[-a]", "a\\", "[\\", "/x/[z-"])
def test_a_bad_pattern_is_a_fault(pattern: str) -> None:
    with pytest.raises(Fault, match="syntax error in pattern"):
        KEYS.gets(pattern)


def test_without_any_key_no_pattern_is_looked_at() -> None:
    assert Keys().gets("[") == []


def test_getvs_sorts_values_not_keys() -> None:
    assert KEYS.getvs("/a/*") == ["1", "2"]


def test_get_tells_key_and_value() -> None:
    pair = KEYS.get("/key")
    assert (pair.Key, pair.Value) == ("/key", "foobar")


def test_a_missing_key_is_a_fault_that_names_it() -> None:
    for ask in (KEYS.get, KEYS.getv):
        with pytest.raises(Fault, match="key does not exist: /nope"):
            ask("/nope")


def test_getv_takes_a_default() -> None:
    assert KEYS.getv("/nope", "other") == "other"
    assert KEYS.getv("/nope", "") == ""
    assert KEYS.getv("/key", "other") == "foobar"


def test_exists_is_of_whole_keys() -> None:
    assert KEYS.exists("/key")
    assert not KEYS.exists("/a")


LISTED = [
    # path, ls, lsdir
    ("/a", ["b", "one", "two"], ["b"]),
    ("/a/b", ["four", "three"], []),
    ("/c", ["[x]", "d"], ["d"]),
    ("/key", ["key"], []),
    ("/nope", [], []),
    ("/", ["a.txt", "key"], []),
    ("/a/b/", ["four", "three"], []),
    ("/a/", ["b", "one", "two"], ["b"]),
    ("/a/bb", [], []),
]


@pytest.mark.parametrize(("path", "listed", "directories"), LISTED)
def test_ls_and_lsdir_tell_what_is_below_a_path(
    path: str, listed: list[str], directories: list[str]
) -> None:
    assert KEYS.ls(path) == listed
    assert KEYS.lsdir(path) == directories


def test_an_answer_may_be_changed_without_harm() -> None:
    KEYS.gets("/a/*").reverse()
    KEYS.ls("/a").clear()
    assert names("/a/*") == ["/a/one", "/a/two"]
    assert KEYS.ls("/a") == ["b", "one", "two"]


def test_replace_forgets_all_that_was() -> None:
    keys = Keys({"/a/x": "1"})
    assert [pair.Key for pair in keys.gets("/a/*")] == ["/a/x"]
    keys.replace({"/a/y": "2"})
    assert [pair.Key for pair in keys.gets("/a/*")] == ["/a/y"]
    assert not keys.exists("/a/x")


def test_the_last_of_all_characters_is_a_character() -> None:
    keys = Keys({"/a/\U0010ffff": "1", "/a/\U0010ffff\U0010ffff": "2", "/b": "3"})
    assert len(keys.gets("/a/*")) == 2
    assert len(keys.gets("/a/\U0010ffff*")) == 2


@given(
    st.dictionaries(st.text("ab/-"), st.just("x"), max_size=30),
    st.text("ab/-*?", max_size=8),
)
def test_an_index_finds_what_looking_at_every_key_finds(
    values: dict[str, str], pattern: str
) -> None:
    matches = compiled(pattern).fullmatch
    slowly = sorted(key for key in values if matches(key))
    assert [pair.Key for pair in Keys(values).gets(pattern)] == slowly


def test_ten_thousand_keys_are_found_in_their_order() -> None:
    values = {f"/svc/s{number:05}": str(number) for number in range(10_000)}
    shuffled = list(values.items())
    random.Random(1).shuffle(shuffled)
    found = Keys(dict(shuffled)).gets("/svc/*")
    assert [pair.Key for pair in found] == list(values)
