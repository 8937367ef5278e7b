from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.errors import Mistake
from bootstrapper.playbooks.ansible_cfg import filter_config


@pytest.mark.parametrize(
    "line",
    ["[defaults]\ngathering = explicit", "[ssh_connection]\npipelining = True",
     "[privilege_escalation]\nbecome = True", "[diff]\nalways = yes"],
)  # fmt: skip
def test_how_a_play_runs_is_the_contents_business(line: str) -> None:
    config = filter_config(line)

    assert config.text.strip() == line
    assert config.ignored == ()


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("defaults", "library"),
        ("defaults", "callback_plugins"),
        ("defaults", "log_path"),
        ("defaults", "vault_password_file"),
        ("defaults", "host_key_checking"),
        ("defaults", "inventory"),
        ("defaults", "strategy_plugins"),
        ("defaults", "private_key_file"),
        ("defaults", "local_tmp"),
        ("ssh_connection", "ssh_args"),
        ("ssh_connection", "ssh_executable"),
        ("ssh_connection", "control_path"),
        ("galaxy", "server_list"),
        ("anything", "else"),
    ],
)
def test_what_runs_programs_or_reaches_for_secrets_is_the_operators(section: str, key: str) -> None:
    config = filter_config(f"[{section}]\n{key} = /evil\n[diff]\ncontext = 5\n")

    assert config.ignored == (f"{section}.{key}",)
    assert "evil" not in config.text
    assert "context = 5" in config.text


def test_roles_paths_are_told_apart() -> None:
    config = filter_config("[defaults]\nroles_path = roles: ../elsewhere :\n")

    assert (config.roles_path, config.text, config.ignored) == (("roles", "../elsewhere"), "", ())


def test_what_is_no_ini_file_is_a_mistake() -> None:
    with pytest.raises(Mistake, match=r"^ansible\.cfg: "):
        filter_config("no section = here")


@given(st.text())
def test_any_text_is_read_or_a_mistake(text: str) -> None:
    with suppress(Mistake):
        filter_config(text)
