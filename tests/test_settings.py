from pathlib import Path

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.secret import read_secret
from bootstrapper.settings import Secret, Settings, describe, find, load

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
    strategy = "fast"
    [secrets.both]
    file = "/a"
    env = "B"
    [secrets.typo]
    fiel = "/a"
    [colours]
    """

    with pytest.raises(Mistake) as caught:
        load(file(tmp_path, text), NOTHING)

    told = str(caught.value)
    for fault in (
        "state: Expected str", "api.bnid: no such setting; bind?", "api.body_bytes: ",
        "jobs.slots: Expected int", "content: name path or git, not both",
        "ansible.ssh_key: no secret 'none'",
        "secrets.both: name exactly one of file, env, credential",
        "secrets.typo: Object contains unknown field fiel",
        "strategy: Invalid enum value 'fast'; it is one of linear, free, mitogen",
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


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("API_BNID", "BOOTSTRAPPER_API_BNID: no such setting; BOOTSTRAPPER_API_BIND?"),
        ("JOB_SLOTS", "BOOTSTRAPPER_JOB_SLOTS: no such setting; BOOTSTRAPPER_JOBS_SLOTS?"),
        ("STAET", "BOOTSTRAPPER_STAET: no such setting; BOOTSTRAPPER_STATE?"),
        ("TOKNE", "BOOTSTRAPPER_TOKNE: no such setting; BOOTSTRAPPER_TOKEN?"),
        ("REDIS_COLOUR_OF_ITS_ROOF", "BOOTSTRAPPER_REDIS_COLOUR_OF_ITS_ROOF: no such setting"),
    ],
)
def test_a_misspelt_variable_is_told(tmp_path: Path, name: str, told: str) -> None:
    with pytest.raises(Mistake) as caught:
        load(file(tmp_path, ""), {f"BOOTSTRAPPER_{name}": "x"})

    assert str(caught.value).startswith(told)


@pytest.mark.parametrize(
    "name", ["TOKEN", "URL", "TOKEN_FILE", "RUN", "HOUSE_PLANT", "API_KEY_OF_X"]
)
def test_other_variables_are_none_of_its_business(tmp_path: Path, name: str) -> None:
    text = '[secrets.x]\nenv = "BOOTSTRAPPER_API_KEY_OF_X"\n'

    load(file(tmp_path, text), {f"BOOTSTRAPPER_{name}": "x"})


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


def test_where_nothing_is_said_it_serves_only_this_machine() -> None:
    plain = Settings()

    assert plain.api.bind == "127.0.0.1:8410"
    assert not plain.api.trust_networks
    assert plain.ansible.host_keys == "strict"
    assert (plain.content.path, plain.content.git, plain.secrets) == ("", "", {})


def test_state_is_where_systemd_made_room_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/private/ours:/var/lib/other")

    assert Settings().state_dir == Path("/var/lib/private/ours")
    assert Settings(state="/elsewhere").state_dir == Path("/elsewhere")


def test_a_named_file_wins_over_one_that_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "bootstrapper").mkdir()
    found = file(tmp_path / "bootstrapper", "[jobs]\nslots = 1\n")
    named = file(tmp_path, "[jobs]\nslots = 2\n")

    assert find() in (found, Path("/etc/bootstrapper/bootstrapper.toml"))
    assert load(None, {"BOOTSTRAPPER_SETTINGS": str(named)}).jobs.slots == 2
    assert load(found, {"BOOTSTRAPPER_SETTINGS": str(named)}).jobs.slots == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("{}", "exactly one of file, env, credential", id="none"),
        pytest.param('{file = "a", env = "B"}', "exactly one", id="two"),
        pytest.param('{file = "a", env = "B", credential = "c"}', "exactly one", id="all"),
        pytest.param('{flie = "a"}', "flie", id="misspelt"),
        pytest.param('"hunter2"', "secrets", id="the secret itself"),
        pytest.param('{value = "hunter2"}', "secrets", id="as a value"),
    ],
)
def test_a_secret_says_where_it_is_found_and_nothing_else(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(Mistake, match=told) as caught:
        load(file(tmp_path, f"[secrets]\nit = {text}\n"), NOTHING)

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[content]\nssh_key = "no"', "content.ssh_key"),
        ('[ansible]\nssh_key = "no"', "ansible.ssh_key"),
        ('[ansible.vault]\nmain = "no"\nother = "yes"', "ansible.vault.main"),
    ],
)
def test_a_name_without_its_secret_is_told(tmp_path: Path, text: str, place: str) -> None:
    written = f'{text}\n[secrets.yes]\nenv = "Y"\n'

    with pytest.raises(Mistake) as caught:
        load(file(tmp_path, written), NOTHING)

    assert str(caught.value) == f"{place}: no secret 'no' below [secrets]"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[api]\nbnid = 1", "api.bnid: no such setting; bind?"),
        ("[ansibel]\nforks = 1", "ansibel: no such setting; ansible?"),
        ("[api]\nzzz = 1", "api.zzz: no such setting"),
        ("api = 1", "api: a table is expected"),
        ("[[jobs]]\nslots = 1", "jobs: a table is expected"),
    ],
)
def test_what_is_no_setting_comes_with_a_hint(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Mistake) as caught:
        load(file(tmp_path, text), NOTHING)

    assert str(caught.value) == told


@pytest.mark.parametrize("name", ["BOOTSTRAPPER_NOTHING", "API_BIND"])
def test_other_variables_are_other_programs(tmp_path: Path, name: str) -> None:
    assert load(file(tmp_path, ""), {name: "x"}) == Settings()


# — secrets —

GIVEN = "hunter2"


def with_secret(**where: str) -> Settings:
    return Settings(secrets={"it": Secret(**where)})


def test_a_secret_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "it").write_text(f"{GIVEN}\n")

    assert read_secret(with_secret(file=str(tmp_path / "it")), "it") == GIVEN


def test_a_secret_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IT", GIVEN)

    assert read_secret(with_secret(env="IT"), "it") == GIVEN


def test_a_secret_is_read_from_a_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "it").write_text(GIVEN)

    assert read_secret(with_secret(credential="it"), "it") == GIVEN


def test_only_the_newline_that_ends_a_file_is_not_the_secret(tmp_path: Path) -> None:
    (tmp_path / "it").write_text(" a\nb \n\n")

    assert read_secret(with_secret(file=str(tmp_path / "it")), "it") == " a\nb \n"


def test_a_secret_that_is_not_there_is_a_mistake_of_its_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    (tmp_path / "raw").write_bytes(b"\xff\xfe")
    for where, told in (
        (Secret(file=str(tmp_path / "none")), "No such file"),
        (Secret(file=str(tmp_path)), "directory"),
        (Secret(file=str(tmp_path / "raw")), "decode"),
        (Secret(env="NOT_SET_AT_ALL"), r"\$NOT_SET_AT_ALL is not set"),
        (Secret(credential="it"), "systemd handed over no credentials"),
    ):
        with pytest.raises(Mistake, match=rf"^secrets\.it: .*{told}"):
            read_secret(Settings(secrets={"it": where}), "it")


def test_a_section_within_a_section_is_set_like_any_other(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text(
        "[fleet]\nenabled = true\n[fleet.docker]\nurl = 'unix:///d.sock'\n"
        "[[fleet.services]]\nservice = 'web'\nport = 80\n"
    )

    fleet = load(file, {"BOOTSTRAPPER_FLEET_BRAKES_SHARE": "0.5"}).fleet

    assert (fleet.docker.url, fleet.brakes.share) == ("unix:///d.sock", 0.5)
    assert [(each.service, each.port) for each in fleet.services] == [("web", 80)]


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("BOOTSTRAPPER_FLEET_SERVICES", r"tables are set in the file, as \[\[fleet.services\]\]"),
        ("BOOTSTRAPPER_FLEET_BRAKES_SHAER", "BOOTSTRAPPER_FLEET_BRAKES_SHARE\\?"),
    ],
)
def test_what_the_environment_cannot_say_is_told(variable: str, told: str) -> None:
    with pytest.raises(Mistake, match=told):
        load(None, {variable: "x"})
