"""`bootstrapper kv`: what an operator puts is what the templates' store holds."""

import io
import json
import sys
from collections.abc import Iterator

import pytest

from bootstrapper.cli.commands.kv import below
from bootstrapper.cli.main import main
from support.etcd import Etcd
from support.redis import RedisServer
from support.services import short_folder

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module", params=["etcd", "redis"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    with short_folder("kv") as folder:
        server = Etcd(folder) if request.param == "etcd" else RedisServer(folder)
        server.start()
        yield f"etcd://{server.address}" if isinstance(server, Etcd) else server.url
        server.stop()


@pytest.fixture
def store(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("BOOTSTRAPPER_KV_URL", url)
    yield
    main(["kv", "delete", "/", "--below"])


@pytest.mark.usefixtures("store")
def test_a_key_is_put_read_listed_and_deleted(capsys: Captured) -> None:
    assert main(["kv", "put", "/web/a", "10.0.0.1:80"]) == 0
    assert main(["kv", "put", "/web/b", "10.0.0.2:80"]) == 0
    assert main(["kv", "put", "/webs", "x"]) == 0
    assert "/web/a is put, revision " in capsys.readouterr().out

    assert main(["kv", "get", "/web/a"]) == 0
    assert capsys.readouterr().out == "10.0.0.1:80\n"
    assert main(["kv", "ls", "/web"]) == 0
    assert capsys.readouterr().out == "/web/a = 10.0.0.1:80\n/web/b = 10.0.0.2:80\n"
    assert main(["kv", "delete", "/web/a"]) == 0
    assert main(["kv", "delete", "/web", "--below"]) == 0
    assert "1 keys below /web/ are deleted" in capsys.readouterr().out
    assert main(["kv", "ls", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"key": "/webs", "value": "x"}]


@pytest.mark.usefixtures("store")
def test_a_value_comes_from_stdin_as_it_is(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xffone\ntwo\n")))

    assert main(["kv", "put", "/pem", "-"]) == 0

    capsysbinary.readouterr()
    assert main(["kv", "get", "/pem"]) == 0
    assert capsysbinary.readouterr().out == b"\xffone\ntwo\n\n"


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["get", "/none"], "no key /none"),
        (["delete", "/none"], "no key /none"),
        (["put", "web", "1"], "did you mean /web?"),
    ],
)
def test_what_is_not_there_or_is_no_key_is_a_mistake(
    words: list[str], said: str, capsys: Captured
) -> None:
    assert main(["kv", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_store_that_is_away_is_to_be_tried_later(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("BOOTSTRAPPER_KV_URL", "unix:///nowhere/redis.sock")

    assert main(["kv", "get", "/a"]) == 75
    assert "is away" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "keys"),
    [("/", ["/web", "/web/a", "/webs"]), ("/web/", ["/web", "/web/a"]), ("/we", [])],
)
def test_a_path_has_what_is_below_it_by_whole_parts(path: str, keys: list[str]) -> None:
    values = {"/webs": "3", "/web/a": "1", "/web": "0"}

    assert list(below(values, path)) == keys
