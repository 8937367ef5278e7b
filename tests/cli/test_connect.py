from pathlib import Path

import pytest

from bootstrapper.cli.connect import choose_url, find_token, server_url
from bootstrapper.errors import Mistake
from bootstrapper.settings import Api, Settings


@pytest.mark.parametrize(
    ("api", "url"),
    [
        (Api(), "http://127.0.0.1:8410"),
        (Api(bind="0.0.0.0:80"), "http://127.0.0.1:80"),
        (Api(bind="[::]:80"), "http://[::1]:80"),
        (Api(bind="10.0.0.1:443", tls_certificate="c", tls_key="k"), "https://10.0.0.1:443"),
        (Api(url="https://ops.example.com/bs"), "https://ops.example.com/bs"),
    ],
)
def test_the_settings_say_where_the_server_is(api: Api, url: str) -> None:
    assert server_url(Settings(api=api)) == url


@pytest.mark.parametrize(
    ("named", "environ", "url"),
    [
        ("http://a", {"BOOTSTRAPPER_URL": "http://b"}, "http://a"),
        (None, {"BOOTSTRAPPER_URL": "http://b"}, "http://b"),
        (None, {}, "http://127.0.0.1:8410"),
    ],
)
def test_the_nearest_word_counts(named: str | None, environ: dict[str, str], url: str) -> None:
    assert choose_url(named, environ, Settings) == url


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "owner.token").write_text("owner\n")
    (tmp_path / "mine").write_text("mine\n")
    return Settings(state=str(tmp_path), api=Api(url="https://ops.example.com"))


@pytest.mark.parametrize(
    ("named", "environ", "url", "token"),
    [
        ("mine", {"BOOTSTRAPPER_TOKEN": "env"}, "http://x", "mine"),
        ("", {"BOOTSTRAPPER_TOKEN": "env", "BOOTSTRAPPER_TOKEN_FILE": "mine"}, "http://x", "env"),
        ("", {"BOOTSTRAPPER_TOKEN_FILE": "mine"}, "http://x", "mine"),
        ("", {}, "https://ops.example.com", "owner"),
        ("", {}, "http://127.0.0.1:1", "owner"),
        ("", {}, "http://localhost:1", "owner"),
        ("", {}, "https://elsewhere.example.com", ""),
    ],
)
def test_whose_token_goes_where(
    settings: Settings, named: str, environ: dict[str, str], url: str, token: str
) -> None:
    folder = settings.state_dir
    given = {k: str(folder / v) if k.endswith("FILE") else v for k, v in environ.items()}

    assert find_token(folder / named if named else None, url, given, lambda: settings) == token


@pytest.mark.parametrize("name", ["BOOTSTRAPPER_TOKEN", "BOOTSTRAPPER_TOKEN_FILE"])
def test_a_token_that_is_set_but_empty_is_not_the_owners(settings: Settings, name: str) -> None:
    with pytest.raises(Mistake, match=f"{name} is set, but empty"):
        find_token(None, "http://127.0.0.1:1", {name: ""}, lambda: settings)


def test_an_empty_file_holds_no_token(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("\n")

    with pytest.raises(Mistake, match="mine: empty"):
        find_token(tmp_path / "mine", "http://x", {}, Settings)


def test_a_named_file_must_be_there() -> None:
    with pytest.raises(Mistake, match="No such file"):
        find_token(Path("/no/such"), "http://x", {}, Settings)
