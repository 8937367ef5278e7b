"""Requests as they come, in any order: etcd's own answers and ours are the same."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bootstrapper.ids import new_id
from support.control import ControlPlane
from support.v2 import Side, real_etcd

Asked = tuple[str, str, dict[str, str]]

PATHS = st.sampled_from(["/a", "/a/b", "/a/b/c", "/a/_h", "/d", "/d/x"])
VALUES = st.sampled_from(["", "1", "2"])
GUARDS = st.fixed_dictionaries(
    {},
    optional={
        "prevValue": st.sampled_from(["1", "2"]),
        "prevIndex": st.sampled_from(["{last}", "1"]),
    },
)
FORMS = st.fixed_dictionaries(
    {},
    optional={
        "value": VALUES,
        "dir": st.sampled_from(["true", "false"]),
        "ttl": st.just("1000"),
        "prevExist": st.sampled_from(["true", "false"]),
        "refresh": st.just("true"),
    },
)
FLAGS = st.sampled_from(["", "?recursive=true", "?dir=true", "?sorted=true&recursive=true"])


def merged(parts: tuple[dict[str, str], dict[str, str]]) -> dict[str, str]:
    return parts[0] | parts[1]


REQUESTS: st.SearchStrategy[Asked] = st.one_of(
    st.tuples(st.just("PUT"), PATHS, st.tuples(FORMS, GUARDS).map(merged)),
    st.tuples(st.just("PUT"), PATHS, st.fixed_dictionaries({"value": VALUES})),
    st.tuples(st.just("POST"), PATHS, st.fixed_dictionaries({"value": VALUES})),
    st.tuples(
        st.sampled_from(["GET", "DELETE"]), st.tuples(PATHS, FLAGS).map("".join), st.just({})
    ),
    st.tuples(
        st.just("GET"),
        PATHS.map(lambda path: f"{path}?recursive=true&wait=true&waitIndex={{last}}"),
        st.just({}),
    ),
)


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    with real_etcd() as url:
        yield url


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(requests=st.lists(REQUESTS, min_size=1, max_size=12))
def test_any_requests_are_answered_as_etcd_does(
    real: str, plane: ControlPlane, requests: list[Asked]
) -> None:
    theirs, ours = Side(real), Side(plane.url)
    folder = f"/{new_id()}"
    for side in (theirs, ours):
        side.ask("PUT", folder, {"dir": "true"})
    for method, path, form in requests:
        waits = "wait=true" in path
        if waits and not _will_answer(ours, folder, path):
            continue
        wanted = theirs.ask(method, folder + path, form)

        assert ours.ask(method, folder + path, form) == wanted, (method, path, form)


def _will_answer(side: Side, folder: str, path: str) -> bool:
    """A watch of what is still to come would wait."""
    plain = path.partition("?")[0]
    return (
        bool(side.written)
        and side.written[-1].startswith(f"{folder}{plain}/")
        and ("/_" not in side.written[-1])
    )
