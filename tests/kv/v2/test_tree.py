"""The tree: kept up step by step it is what it would be if it were read anew."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.kv.store import Entry
from bootstrapper.kv.v2.digest import digest
from bootstrapper.kv.v2.errors import V2Error
from bootstrapper.kv.v2.history import History
from bootstrapper.kv.v2.records import DIRS, EVENTS, KEYS, ORDER, Last, Places, Record, places
from bootstrapper.kv.v2.tree import Tree, parents
from bootstrapper.kv.v2.views import happened, node_view

NAMES = ["/a", "/a/b", "/a/b/c", "/d", "/d/e", "//x", "/s/a", "plain", "/bootstrapper/x"]
STORE = [f"{kind}{name}" for kind in ("", KEYS, DIRS, ORDER) for name in NAMES]
VALUES = ["1", "{}", '{"created":1}', '{"expires":50.5}', "junk", "\udcff"]
STEPS = st.lists(
    st.dictionaries(st.sampled_from(STORE), st.sampled_from([*VALUES, None]), min_size=1),
    max_size=8,
)


@given(steps=STEPS)
def test_step_by_step_is_as_good_as_all_at_once(steps: list[dict[str, str | None]]) -> None:
    tree, whole = Tree(Places()), dict[str, Entry]()
    for revision, step in enumerate(steps, 1):
        put = {key: Entry(value, revision) for key, value in step.items() if value is not None}
        gone = {key for key, value in step.items() if value is None}
        tree.apply(put, gone)
        whole = {key: entry for key, entry in (whole | put).items() if key not in gone}
    anew = Tree(Places())
    anew.apply(whole, ())

    assert _shown(tree) == _shown(anew)
    assert set(tree.keys()) == set(anew.keys()) <= set(whole)
    assert (tree.next_due() is None) == (anew.next_due() is None)


@given(steps=STEPS)
def test_whatever_happens_is_told_once(steps: list[dict[str, str | None]]) -> None:
    tree, last = Tree(Places()), 0
    for revision, step in enumerate(steps, 1):
        put = {key: Entry(value, revision) for key, value in step.items() if value is not None}
        gone = frozenset(key for key, value in step.items() if value is None)
        events = digest(tree, put, gone, revision, 0.0)
        tree.apply(put, gone)
        keys = [event.key for event in events]

        assert len(keys) == len(set(keys))
        assert [event.index > last for event in events] == [True] * len(events)
        last = max([last, *(event.index for event in events)])


def test_a_record_tells_all_about_its_step() -> None:
    record = Record("1", "update", "/a", Last(value="2", created=3), Last(value="1", created=3))
    text = '{"id":"1","action":"update","key":"/a","node":{"value":"2","created":3}}'
    put = {"/a": Entry("2", 7), f"{EVENTS}1": Entry(text, 7), f"{EVENTS}x": Entry("junk", 7)}
    (event,) = digest(Tree(Places()), put, frozenset(), 7, 0.0)

    assert (event.event.action, event.index) == (record.action, 7000)
    assert event.event.node == happened(record, 7).event.node


def test_history_is_as_long_as_it_is() -> None:
    history = History(kept=3)
    for revision in range(1, 7):
        history.add(happened(Record("", "set", f"/{revision}", Last(value="1")), revision))

    found = history.first("/", 3500, recursive=True)
    assert found is not None
    assert found.key == "/4"
    assert history.first("/", 7000, recursive=True) is None
    assert history.first("/9", 3001, recursive=True) is None


def test_large_values_make_it_shorter() -> None:
    history = History(largest=25)
    for revision in range(1, 4):
        history.add(happened(Record("", "set", "/a", Last(value="x" * 10)), revision))

    assert history.first("/a", 1001, recursive=False) is not None
    with pytest.raises(V2Error, match="has been cleared"):
        history.first("/a", 1000, recursive=False)


def test_a_prefix_is_the_root() -> None:
    shown = places("//site/x/", ("/bootstrapper/fleet/", ""))

    assert shown.path("/site/x/a") == "/a"
    assert shown.path("/site/xa") is None
    assert shown.key("/") == "/site/x"
    assert parents("/a/b/c") == ["/a", "/a/b"]


def _shown(tree: Tree) -> object:
    return node_view("/", tree.root, 0.0, recursive=True)
