"""Which connections are shared from one run to the next, and where."""

from pathlib import Path

import pytest

from bootstrapper.playbooks.ansible_environment import shared_connections
from bootstrapper.settings import Settings
from bootstrapper.settings.sections import Ansible


@pytest.mark.parametrize(
    ("strategy", "folder", "told"),
    [
        ("linear", "/var/lib/bootstrapper/cp/7", None),
        ("mitogen", "/var/lib/bootstrapper/cp/7", "-o ControlPath=/var/lib/bootstrapper/cp/7/%C"),
        ("mitogen", "/a b/100%", "-o ControlPath='/a b/100%%/%C'"),
        ("mitogen", "/" + 48 * "x", f"-o ControlPath=/{48 * 'x'}/%C"),
        ("mitogen", "/" + 49 * "x", None),  # ssh would refuse a path that no socket can have
    ],
)
def test_only_mitogen_is_told_where(strategy: str, folder: str, told: str | None) -> None:
    settings = Settings(ansible=Ansible(strategy=strategy))  # type: ignore[arg-type]

    found = shared_connections(settings, Path(folder))

    assert found["ANSIBLE_SSH_CONTROL_PATH_DIR"] == folder
    if told is None:
        assert "ANSIBLE_SSH_ARGS" not in found
    else:
        assert found["ANSIBLE_SSH_ARGS"].endswith(told)
