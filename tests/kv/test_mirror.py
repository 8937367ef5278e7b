"""A mirror is what a fresh read would be, after anything; each view is its consumer's own."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.kv.mirror import UNKNOWN, Mirror, News, outermost
from bootstrapper.kv.store import Change, Snapshot

KEYS = st.sampled_from(["/a", "/b", "/c", "/d"])
VALUES = st.dictionaries(KEYS, st.sampled_from("123"))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("change"), VALUES, st.frozensets(KEYS)),
        st.tuples(st.just("read"), VALUES, st.just(frozenset[str]())),
        st.just(("take", {}, frozenset[str]())),
    )
)


@given(VALUES, STEPS)
def test_mirror_and_views_equal_a_fresh_read_after_any_changes(
    start: dict[str, str], steps: list[tuple[str, dict[str, str], frozenset[str]]]
) -> None:
    mirror, true, revision = Mirror("/"), dict(start), 1
    mirror.load("/", Snapshot(dict(true), revision))
    view, seen = mirror.view(), dict(start)
    for what, put, gone in steps:
        revision += 1
        match what:
            case "change":
                true = {key: each for key, each in {**true, **put}.items() if key not in gone}
                kept = {key: each for key, each in put.items() if key not in gone}
                mirror.apply("/", Change(revision, kept, gone))
            case "read":  # after a gap: anything may be different
                true = dict(put)
                mirror.load("/", Snapshot(put, revision))
            case _:
                news = view.take() or News(0)
                seen = {key: each for key, each in seen.items() if key not in news.gone}
                seen.update(news.put)
                assert view.values == seen == true
    view.take()

    assert mirror.snapshot().values == true
    assert view.values == true


def test_nothing_is_complete_before_it_was_read() -> None:
    mirror = Mirror("/a/", "/b/")
    mirror.load("/a/", Snapshot({"/a/1": "1"}, 5))
    assert not mirror.complete

    mirror.load("/b/", Snapshot({}, 3))
    assert mirror.complete
    assert mirror.snapshot() == Snapshot({"/a/1": "1"}, 5)


def test_a_first_read_is_news_though_it_is_empty() -> None:
    mirror = Mirror("/a/")
    view = mirror.view()
    mirror.load("/a/", Snapshot({}, 7))

    assert view.take() == News(7)


def test_one_prefix_does_not_touch_the_other() -> None:
    mirror = Mirror("/a/", "/b/")
    mirror.load("/a/", Snapshot({"/a/1": "1"}, 5))
    mirror.load("/b/", Snapshot({"/b/1": "1"}, 6))
    mirror.load("/a/", Snapshot({}, 7))

    assert mirror.snapshot() == Snapshot({"/b/1": "1"}, 7)


def test_a_change_that_is_older_than_another_prefix_is_news_all_the_same() -> None:
    mirror = Mirror("/a/", "/b/")
    mirror.load("/a/", Snapshot({}, 1))
    mirror.load("/b/", Snapshot({}, 1))
    mirror.apply("/a/", Change(9, {"/a/1": "1"}))
    view = mirror.view()
    mirror.apply("/b/", Change(5, {"/b/1": "1"}))

    assert view.take() == News(9, {"/b/1": "1"})


def test_news_that_was_not_taken_grows_together() -> None:
    mirror = Mirror("/")
    mirror.load("/", Snapshot({"/a": "1"}, 1))
    view = mirror.view()
    mirror.apply("/", Change(2, {"/b": "1"}, frozenset({"/a"})))
    mirror.apply("/", Change(3, {"/a": "2"}, frozenset({"/b"})))

    assert view.take() == News(3, {"/a": "2"}, frozenset({"/b"}))
    assert view.take() is None


def test_a_view_changes_only_when_its_consumer_takes_the_news() -> None:
    mirror = Mirror("/")
    mirror.load("/", Snapshot({"/a": "1"}, 1))
    view = mirror.view()
    mirror.apply("/", Change(2, {"/a": "2"}))

    assert view.values == {"/a": "1"}
    assert view.wait(0)
    view.take()
    assert view.values == {"/a": "2"}
    assert not view.wait(0)


def test_a_snapshot_stays_as_it_was_and_is_shared() -> None:
    mirror = Mirror("/")
    mirror.load("/", Snapshot({"/a": "1"}, 1))
    before = mirror.snapshot()
    assert mirror.snapshot() is before

    mirror.apply("/", Change(2, {"/a": "2"}))
    assert before.values == {"/a": "1"}
    assert mirror.snapshot().values == {"/a": "2"}


def test_news_wakes_who_waits() -> None:
    mirror = Mirror("/")
    view, woken = mirror.view(), list[bool]()
    waiter = threading.Thread(target=lambda: woken.append(view.wait(5)))
    waiter.start()
    mirror.load("/", Snapshot({}, 1))
    waiter.join(2)

    assert woken == [True]


def test_the_link_is_up_when_every_follower_hears() -> None:
    mirror = Mirror("/a/", "/b/")
    assert not mirror.link.connected

    mirror.set_link("/a/")
    assert not mirror.link.connected
    mirror.set_link("/b/")
    up = mirror.link
    assert up.connected
    mirror.set_link("/b/")
    assert mirror.link.since == up.since

    mirror.set_link("/a/", "etcd is away")
    assert (mirror.link.connected, mirror.link.reason) == (False, "etcd is away")


@pytest.mark.parametrize(
    ("prefixes", "kept"),
    [
        ((), ()),
        (("/b", "/a", "/a"), ("/a", "/b")),
        (("/a/b", "/a", "/a/c"), ("/a",)),
        (("/a/", "/a"), ("/a",)),
        (("/a", ""), ("",)),
        (("/a/b", "/a-b", "/a/"), ("/a-b", "/a/")),
    ],
)
def test_a_prefix_that_another_covers_is_left_out(
    prefixes: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    assert outermost(prefixes) == kept


def test_a_prefix_within_a_wider_one_is_known_as_far_as_that_is() -> None:
    mirror = Mirror("/", "/bootstrapper/fleet/")
    assert mirror.revision("/bootstrapper/fleet/") == UNKNOWN
    mirror.load("/", Snapshot({}, 7))
    assert mirror.revision("/bootstrapper/fleet/") == 7
