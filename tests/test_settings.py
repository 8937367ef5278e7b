from pathlib import Path

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.settings import Secret, Settings, describe, load

NOTHING: dict[str, str] = {}


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "bootstrapper.toml"
    path.write_text(text)
    return path


def test_no_file_is_needed(tmp_path: Path) -> None:
    assert load(file(tmp_path, ""), NOTHING) == Settings()


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = """
    state = 1
    [api]
    bnid = "x"
    body_bytes = 1
    [jobs]
    slots = "two"
    [content]
    path = "/a"
    git = "/b"
    [ansible]
    ssh_key = "none"
    [secrets.both]
    file = "/a"
    env = "B"
    [colours]
    """

    with pytest.raises(Mistake) as caught:
        load(file(tmp_path, text), NOTHING)

    told = str(caught.value)
    for fault in (
        "state: Expected str", "api.bnid: no such setting; bind?", "api.body_bytes: ",
        "jobs.slots: Expected int", "content: name path or git, not both",
        "ansible.ssh_key: no secret 'none'", "exactly one of file, env, credential",
        "colours: no such setting",
    ):  # fmt: skip
        assert fault in told


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("API_BIND", "127.0.0.1:1", "api.bind", "127.0.0.1:1"),
        ("API_TRUST_NETWORKS", "true", "api.trust_networks", True),
        ("API_TRUSTED_PROXIES", "10.0.0.1, 10.0.0.2", "api.trusted_proxies",
         ("10.0.0.1", "10.0.0.2")),
        ("JOBS_SLOTS", "3", "jobs.slots", 3),
        ("ANSIBLE_STRATEGY", "free", "ansible.strategy", "free"),
        ("ANSIBLE_VAULT", '{main = "x"}', "ansible.vault", {"main": "x"}),
        ("STATE", "/elsewhere", "state", "/elsewhere"),
        ("REDIS_PASSWORD", '{env = "P"}', "redis.password", Secret(env="P")),
    ],
)  # fmt: skip
def test_the_environment_says_it_last(
    tmp_path: Path, name: str, text: str, field: str, value: object
) -> None:
    written = '[api]\nbind = "127.0.0.1:9"\n[jobs]\nslots = 9\n[secrets.x]\nenv = "X"\n'

    found: object = load(file(tmp_path, written), {f"BOOTSTRAPPER_{name}": text})

    for part in field.split("."):
        found = getattr(found, part)
    assert found == value


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("JOBS_SLOTS", "many", "BOOTSTRAPPER_JOBS_SLOTS: 'many' is not a TOML value"),
        ("JOBS_SLOTS", "-1", "jobs.slots: "),
        ("API_BIND", "nowhere", "api.bind: 'nowhere' is not address:port"),
        ("ANSIBLE_STRATEGY", "fast", "ansible.strategy: "),
        ("API_TLS_KEY", "k.pem", "tls_certificate and tls_key go together"),
    ],
)
def test_what_the_environment_says_wrong_is_told(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    with pytest.raises(Mistake, match=told.replace("(", r"\(")):
        load(file(tmp_path, ""), {f"BOOTSTRAPPER_{name}": text})


@pytest.mark.parametrize("text", ["=", "a = 1\na = 2", "\x00"])
def test_what_is_no_toml_is_told_with_its_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(Mistake, match=r"bootstrapper\.toml: "):
        load(file(tmp_path, text), NOTHING)


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Mistake, match="No such file"):
        load(None, {"BOOTSTRAPPER_SETTINGS": str(tmp_path / "none.toml")})


def test_every_setting_says_what_it_is() -> None:
    rows = describe()

    assert len(rows) > 40
    assert [name for name, _, _, text in rows if not text] == []
