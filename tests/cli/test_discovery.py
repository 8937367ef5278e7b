"""`bootstrapper discovery`: tokens as etcd wants them, in the store of the settings."""

import json

import pytest

from bootstrapper.cli.main import main
from bootstrapper.ids import new_id
from support.redis import RedisServer

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def folder(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of tokens, one of its own for each test."""
    folder = f"/{new_id()}"
    monkeypatch.setenv("BOOTSTRAPPER_KV_URL", redis_server.url)
    monkeypatch.setenv("BOOTSTRAPPER_ETCD2_DISCOVERY", folder)
    monkeypatch.setenv("BOOTSTRAPPER_ETCD2_ENABLED", "true")
    monkeypatch.setenv("BOOTSTRAPPER_URL", "http://plane:8410")
    return folder


def test_a_new_token_is_a_url_alone(folder: str, capsys: Captured) -> None:
    assert main(["discovery", "new", "--size", "5"]) == 0
    said = capsys.readouterr()
    url, token = said.out.strip(), said.out.strip().rpartition("/")[2]

    assert url == f"http://plane:8410/v2/keys{folder}/{token}"
    assert said.err == ""
    assert main(["kv", "get", f"{folder}/{token}/_config/size"]) == 0
    assert capsys.readouterr().out == "5\n"


def test_a_token_tells_who_has_come_and_goes(folder: str, capsys: Captured) -> None:
    assert main(["discovery", "new", "--json", "--prefix", f"{folder}/deep/"]) == 0
    token = json.loads(capsys.readouterr().out)["token"]
    assert main(["kv", "put", f"{folder}/deep/{token}/1f", "a=http://10.0.0.1:2380"]) == 0
    where = ["--prefix", f"{folder}/deep"]
    capsys.readouterr()

    assert main(["discovery", "show", token, *where]) == 0
    assert capsys.readouterr().out == f"{token}: 1 of 3 members\n  1f a=http://10.0.0.1:2380\n"
    assert main(["discovery", "rm", token, *where]) == 0
    assert main(["discovery", "show", token, *where]) == 2


def test_a_url_that_nobody_answers_is_remarked(
    folder: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOTSTRAPPER_ETCD2_ENABLED", "false")

    assert main(["discovery", "new"]) == 0
    assert "until etcd2.enabled is set" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["new", "--size", "0"], "1 to 1000 members"),
        (["new", "--prefix", "tokens"], "did you mean /tokens?"),
        (["new", "--prefix", "/bootstrapper/fleet"], "is not for others"),
        (["new", "--prefix", "/a/../b"], "neither . nor .."),
        (["show", "none"], "no token none"),
        (["rm", "none"], "no token none"),
        (["show", "a/b"], "is no token"),
        (["show", ".."], "is no token"),
    ],
)
def test_what_is_no_token_is_a_mistake(words: list[str], said: str, capsys: Captured) -> None:
    assert main(["discovery", *words]) == 2
    assert said in capsys.readouterr().err
