"""The same requests to etcd's own v2 API and to ours, over each store: the answers are the same."""

from collections.abc import Iterator

import pytest

from bootstrapper.ids import new_id
from support.control import ControlPlane
from support.v2 import Side, real_etcd

V = {"value": "1"}
Case = list[tuple[str, str, dict[str, str]]]


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    with real_etcd() as url:
        yield url


def put(path: str, **form: str) -> tuple[str, str, dict[str, str]]:
    return "PUT", path, form


def get(path: str) -> tuple[str, str, dict[str, str]]:
    return "GET", path, {}


def post(path: str, **form: str) -> tuple[str, str, dict[str, str]]:
    return "POST", path, form


def delete(path: str) -> tuple[str, str, dict[str, str]]:
    return "DELETE", path, {}


CASES: dict[str, Case] = {
    "set": [put("/a", value="1"), put("/a", value="2"), get("/a"), get("/a?quorum=true")],
    "set in the query": [put("/a?value=q"), put("/a?value=q", value="form"), get("/a")],
    "set deep": [put("/a/b/c", value="1"), get("/a"), get("/a/b"), get("/a?recursive=true")],
    "empty value": [put("/a", value=""), get("/a"), put("/b"), get("/b")],
    "unicode": [put("/é", value="ü€\n"), get("/é"), put("/a b", value="%+&="), get("/a%20b")],
    "missing": [get("/a"), get("/a/b/c"), put("/a", value="1"), get("/a/b"), get("/a/b/c")],
    "below a file": [put("/a", value="1"), put("/a/b", value="1"), post("/a", value="1"),
                     put("/a/b", value="1", prevExist="false"), delete("/a/b")],
    "sorted": [put("/d/b", value="1"), put("/d/a", value="2"), put("/d/c/x", value="3"),
               get("/d?sorted=true"), get("/d?sorted=true&recursive=true")],
    "hidden": [put("/d/_h", value="1"), put("/d/a", value="1"), get("/d"), get("/d/_h"),
               put("/d/_g/x", value="1"), get("/d?recursive=true"), get("/d/_g")],
    "mkdir": [put("/d", dir="true"), get("/d"), put("/d", dir="true"), put("/d", value="1"),
              put("/d", dir="true", prevExist="false"), put("/d", value="1", prevExist="false")],
    "file to dir": [put("/a", value="1"), put("/a", dir="true"), get("/a"), put("/a/b", value="1")],
    "dir with a value": [put("/d", dir="true", value="x"), get("/d")],
    "create": [put("/a", value="1", prevExist="false"), put("/a", value="2", prevExist="false"),
               get("/a")],
    "update": [put("/a", value="1", prevExist="true"), put("/a", value="1"),
               put("/a", value="2", prevExist="true"), get("/a"), put("/a", value="3"), get("/a"),
               put("/a", prevExist="true"), get("/a")],
    "update of a dir": [put("/d/a", value="1"), put("/d", value="2", prevExist="true"), get("/d")],
    "swap by value": [put("/a", value="1"), put("/a", value="2", prevValue="x"),
                      put("/a", value="2", prevValue="1"), get("/a"),
                      put("/b", value="2", prevValue="1"),
                      put("/a", value="2", prevValue=""), get("/a")],
    "swap by index": [put("/a", value="1"), put("/a", value="2", prevIndex="1"),
                      put("/a", value="2", prevIndex="{last}"),
                      put("/a", value="3", prevIndex="{last}", prevValue="x"),
                      put("/a", value="3", prevIndex="1", prevValue="2"),
                      put("/a", value="3", prevIndex="1", prevValue="x"),
                      put("/a", value="3", prevIndex="{last}", prevValue="2"), get("/a"),
                      put("/a", value="4", prevIndex="0"), get("/a")],
    "swap and exists": [put("/a", value="1"), put("/a", value="2", prevExist="true", prevValue="1"),
                        put("/a", value="3", prevExist="true", prevValue="1"),
                        put("/a", value="4", prevExist="false", prevValue="2")],
    "swap of a dir": [put("/d/a", value="1"), put("/d", value="1", prevValue="1"),
                      put("/d", value="1", prevIndex="{last}"), delete("/d?prevValue=1")],
    "delete": [put("/a", value="1"), delete("/a"), get("/a"), delete("/a"), put("/a", value="2")],
    "delete as dir": [put("/a", value="1"), delete("/a?dir=true"), put("/a", value="1"),
                      delete("/a?recursive=true")],
    "delete a dir": [put("/d/a", value="1"), delete("/d"), delete("/d?dir=true"),
                     delete("/d?dir=true&recursive=false"), delete("/d/a"), get("/d"),
                     delete("/d?dir=true"), get("/d")],
    "delete all below": [put("/d/a/b", value="1"), put("/d/c", value="1"),
                         delete("/d?recursive=true"), get("/d"), put("/d/a", value="1"), get("/d")],
    "compare and delete": [put("/a", value="1"), delete("/a?prevValue=x"),
                           delete("/a?prevIndex=1"), delete("/a?prevValue=1"), get("/a"),
                           put("/a", value="1"), delete("/a?prevIndex={last}"), get("/a"),
                           delete("/a?prevValue=1"), delete("/a?prevValue=")],
    "in order": [post("/q", value="1"), post("/q", value="2"), get("/q?sorted=true"),
                 post("/q", value="1", dir="true"), put("/q/a", value="1"), get("/q?recursive=1")],
    "in order in a file": [put("/a", value="1"), post("/a", value="1")],
    "ttl": [put("/a", value="1", ttl="100"), get("/a"), put("/a", value="2", ttl="200"), get("/a"),
            put("/a", value="3"), get("/a"), put("/a", value="3", ttl="50", prevExist="true"),
            get("/a"), put("/a", value="4", prevValue="3"), get("/a"), put("/a", value="", ttl=""),
            get("/a"), delete("/a")],
    "ttl of a dir": [put("/d", dir="true", ttl="100"), get("/d"), put("/d/a", value="1"), get("/d"),
                     get("/"), put("/d", dir="true", ttl="200", prevExist="true"), get("/d"),
                     put("/d", ttl="300", prevExist="true"), put("/d", ttl="30", refresh="true"),
                     put("/d", ttl="300", prevExist="true", refresh="true"), get("/d"),
                     put("/d", prevExist="true"), get("/d")],
    "ttl in order": [post("/q", value="1", ttl="50"), get("/q")],
    "a watch of what was": [
        put("/a", value="1"), put("/a", value="2"), get("/a?wait=true&waitIndex={last}"),
        delete("/a"), get("/a?wait=true&waitIndex={last}"), put("/a/b", value="1"),
        get("/?wait=true&recursive=true&waitIndex={last}"), put("/a/b", value="1", prevValue="1"),
        get("/a?wait=true&recursive=true&waitIndex={last}"), delete("/a?recursive=true"),
        get("/a/b?wait=true&waitIndex={last}"), get("/a/x/y?wait=true&waitIndex={last}"),
        put("/a", dir="true", ttl="100"), get("/a?wait=true&waitIndex={last}"),
        get("/a?wait=true&stream=false&waitIndex={last}"), post("/a", value="1"),
        get("/?wait=true&recursive=true&waitIndex={last}")],
    "refresh": [put("/a", refresh="true", ttl="10"), put("/a", value="1", ttl="100"),
                put("/a", refresh="true", ttl="200"), get("/a"),
                put("/a", refresh="true", ttl="300", prevExist="true"), get("/a"),
                put("/a", refresh="true", ttl="300", prevValue="1"), get("/a"),
                put("/a", refresh="true", value="2", ttl="3"), put("/a", refresh="true"),
                put("/a", refresh="false", value="2"), get("/a")],
    "no value on success": [put("/a", value="1", noValueOnSuccess="true"),
                            put("/a", value="2", noValueOnSuccess="1", prevExist="true"),
                            get("/a")],
    "bad flags": [get("/a?recursive=x"), get("/a?sorted=x"), get("/a?wait=x"), get("/a?quorum=x"),
                  put("/a", value="1", dir="x"), put("/a", value="1", prevExist="x"),
                  put("/a", value="1", refresh="x"), get("/a?recursive="), put("/a?wait=true"),
                  get("/a?stream=no"), get("/a?recursive=TRUE"), put("/a", noValueOnSuccess="y")],
    "bad numbers": [put("/a", value="1", ttl="x"), put("/a", value="1", ttl="-1"),
                    put("/a", value="1", ttl="1.5"), put("/a", value="1", prevIndex="x"),
                    put("/a", value="1", prevIndex="-1"), get("/a?wait=true&waitIndex=x"),
                    put("/a", value="1", prevIndex="18446744073709551616"), get("/a?waitIndex=1_0"),
                    put("/a", prevIndex="x", ttl="y"), get("/a")],
    "bad escapes": [get("/a?recursive=%zz"), get("/a?%"), get("/a?value=%f")],
    "slashes": [put("/d/a", value="1"), get("/d/a/"), get("/d/"), put("/d/b/", value="1"),
                get("/d")],
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_answers_are_etcds(name: str, real: str, plane: ControlPlane) -> None:
    """Each in a folder of its own, so that none sees another's."""
    sides = Side(real), Side(plane.url)
    folder = f"/{name.replace(' ', '-')}-{new_id()}"
    for method, path, form in CASES[name]:
        theirs, mine = (side.ask(method, folder + path, form) for side in sides)

        assert mine == theirs, (method, path, form)


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/"), ("PUT", "/?dir=true"), ("PUT", "/?prevExist=true"), ("DELETE", "/"),
     ("DELETE", "/?recursive=true"), ("PUT", "/?prevValue=1")],
)  # fmt: skip
def test_the_root_stays(method: str, path: str, real: str, plane: ControlPlane) -> None:
    assert Side(plane.url).ask(method, path) == Side(real).ask(method, path)
