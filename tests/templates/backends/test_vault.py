from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.templates.backends.make import make
from bootstrapper.templates.backends.port import Backend
from bootstrapper.templates.confd.config import Config, Login, Source
from support.vault import VaultServer

ROOT = Login(auth_type="token", auth_token="root")


@pytest.fixture
def server() -> Iterator[VaultServer]:
    made = VaultServer(app=1, team=2).start()
    yield made
    made.stop()


def reading(server: VaultServer, login: Login = ROOT) -> Backend:
    return make(Config(source=Source(backend="vault", nodes=(server.url,), login=login)))


LOGINS = [
    (Login(auth_type="app-role", role_id="r", secret_id="s"), "auth/approle/login",
     {"role_id": "r", "secret_id": "s"}),
    (Login(auth_type="app-role", role_id="r", secret_id="s", path="test"), "auth/test/login",
     {"role_id": "r", "secret_id": "s"}),
    (Login(auth_type="app-id", app_id="a", user_id="u"), "auth/app-id/login",
     {"app_id": "a", "user_id": "u"}),
    (Login(auth_type="github", auth_token="t"), "auth/github/login", {"token": "t"}),
    (Login(auth_type="userpass", username="u", password="p"), "auth/userpass/login/u",
     {"password": "p"}),
    (Login(auth_type="cert"), "auth/cert/login", {}),
    (Login(auth_type="kubernetes", role_id="r"), "auth/kubernetes/login",
     {"jwt": "eyJ", "role": "r"}),
]  # fmt: skip


@pytest.mark.parametrize(("login", "path", "said"), LOGINS)
def test_every_login_of_confd(
    server: VaultServer, login: Login, path: str, said: dict[str, str],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    (tmp_path / "jwt").write_text("eyJ\n")
    monkeypatch.setenv("VAULT_KUBERNETES_TOKEN_FILE", str(tmp_path / "jwt"))
    server.put("app/k", value="v")

    assert reading(server, login).values(["/app/k"]) == {"/app/k": "v"}
    assert server.logins == [(path, said)]


def test_an_expired_token_is_followed_by_one_more_login(server: VaultServer) -> None:
    server.put("app/k", value="v")
    backend = reading(server, LOGINS[0][0])
    backend.values(["/app/k"])
    server.expire()

    assert backend.values(["/app/k"]) == {"/app/k": "v"}
    assert len(server.logins) == 2


@pytest.mark.parametrize(
    ("login", "reason"),
    [
        (Login(), "-auth-type is needed"),
        (Login(auth_type="magic"), "unknown auth-type 'magic'"),
        (Login(auth_type="token"), "needs -auth-token"),
        (Login(auth_type="app-role", role_id="r"), "needs -secret-id"),
        (Login(auth_type="userpass", username="u"), "needs -password"),
        (Login(auth_type="userpass", username="u", password="wrong"), "invalid credentials"),
        (Login(auth_type="token", auth_token="wrong"), "permission denied"),
    ],
)
def test_wrong_logins_are_mistakes(server: VaultServer, login: Login, reason: str) -> None:
    with pytest.raises(Mistake, match=reason):
        reading(server, login).values(["/app/k"])


def test_several_fields_are_json_and_keys_below(server: VaultServer) -> None:
    fields: dict[str, Any] = {"b": "<&>", "a": {"c": "d"}, "n": 1, "list": ["x"]}
    server.put("app/db", **fields)

    assert reading(server).values(["/app"]) == {
        "/app/db": r'{"a":{"c":"d"},"b":"\u003c\u0026\u003e","list":["x"],"n":1}',
        "/app/db/a/c": "d",
        "/app/db/b": "<&>",
    }


def test_version_two_is_known_by_plain_paths_and_by_those_of_confd(server: VaultServer) -> None:
    server.put("team/db/main", value="v")
    server.put("team/x", one="1", two="2")
    backend = reading(server)

    assert backend.values(["/team/db/main"]) == {"/team/db/main": "v"}
    assert backend.values(["/team"])["/team/x/one"] == "1"
    assert backend.values(["/team"])["/team/db/main"] == "v"
    raw = backend.values(["/team/data/x"])
    assert raw["/team/data/x/data/one"] == "1"
    assert raw["/team/data/x"].startswith('{"data":{"one":"1","two":"2"},"metadata":')


def test_without_the_right_to_list_keys_that_are_named_are_read(server: VaultServer) -> None:
    server.put("app/k", value="v")
    server.may_list = False

    assert reading(server).values(["/app/k", "/app"]) == {"/app/k": "v"}


def test_a_value_without_a_right_to_it_is_a_mistake(server: VaultServer) -> None:
    with pytest.raises(Mistake, match="refuses us /secret/k"):
        reading(server).values(["/secret/k"])
