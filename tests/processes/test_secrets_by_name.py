"""As systemd starts it: readiness is told, secrets come as credentials and variables, and hosts
that were never seen are remembered where the settings say so.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bootstrapper.events import HostResult
from bootstrapper.jobs.states import State
from support.eventually import eventually
from support.services import short_folder
from support.site import Site, new_site
from support.sshd import Sshd

PASSWORD = "the password of the vault"
HIDDEN = "a word from the vault"


@pytest.fixture(scope="module")
def told() -> Iterator[socket.socket]:
    """What systemd would listen on; sd_notify(3)."""
    with short_folder("notify") as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(folder / "notify"))
        end.settimeout(5)
        yield end


@pytest.fixture(scope="module")
def site(sshd: Sshd, told: socket.socket) -> Iterator[Site]:
    with short_folder("credentials") as folder:
        (folder / "vault-password").write_text(PASSWORD + "\n")
        environ = {
            "NOTIFY_SOCKET": str(told.getsockname()),
            "CREDENTIALS_DIRECTORY": str(folder),
            "SSH_KEY_OF_OURS": sshd.key.read_text(),
        }
        settings: dict[str, dict[str, Any]] = {
            "ansible": {
                "host_keys": "accept-new",
                "known_hosts": "",
                "ssh_key": "key",
                "vault": {"default": "vault"},
            },
            "secrets": {
                "vault": {"credential": "vault-password"},
                "key": {"env": "SSH_KEY_OF_OURS"},
            },
        }
        with new_site(sshd, settings, environ) as made:
            hide(made.content, folder / "vault-password")
            yield made


def hide(content: Path, password: Path) -> None:
    """A variable of all hosts of prod, in a file that only the vault's password opens."""
    folder = content / "inventories/prod/group_vars/web"
    folder.mkdir()
    file = folder / "vault.yml"
    file.write_text(f"greeting: {HIDDEN}\n")
    program = str(Path(sys.executable).with_name("ansible-vault"))
    subprocess.run(
        [program, "encrypt", "--vault-password-file", str(password), str(file)],
        check=True, capture_output=True, env={**os.environ, "ANSIBLE_HOME": str(password.parent)},
    )  # fmt: skip
    assert HIDDEN not in file.read_text()


def test_both_processes_tell_that_they_are_ready(site: Site, told: socket.socket) -> None:
    assert [told.recv(100) for _ in range(2)] == [b"READY=1"] * 2


def test_a_play_opens_the_vault_and_the_host_with_secrets_by_name(site: Site) -> None:
    job = site.run("apply-roles", {"roles": ["hello"], "hosts": ["web-1"], "diff": True})

    assert job.state is State.SUCCESSFUL, site.owner.log(job.id)
    assert site.left("web-1", "hello") == f"hello {HIDDEN}\n"
    left = site.plane.state / "workspaces"
    eventually(lambda: not list(left.iterdir()), what="no copy of the key is left")


def test_a_host_seen_for_the_first_time_is_remembered(site: Site, sshd: Sshd) -> None:
    ping = {"hosts": ["web-2"], "module": "ping"}
    known = site.plane.state / "known_hosts"

    assert site.run("run-module", ping).state is State.SUCCESSFUL

    find = ["ssh-keygen", "-f", str(known), "-F", f"[{sshd.addresses[1]}]:{sshd.port}"]
    found = subprocess.run(find, check=True, capture_output=True, text=True).stdout
    assert (sshd.folder / "host_key.pub").read_text().split()[1] in found


def test_a_host_with_another_key_than_it_had_is_not_talked_to(site: Site, sshd: Sshd) -> None:
    known = site.plane.state / "known_hosts"
    other = (sshd.folder / "user_key.pub").read_text().split()[:2]
    with known.open("a") as file:
        file.write(f"[{sshd.addresses[2]}]:{sshd.port} {' '.join(other)}\n")

    job = site.run("run-module", {"hosts": ["web-3"], "module": "ping"})

    assert (job.state, job.stats["web-3"]["unreachable"]) == (State.FAILED, 1)
    (result,) = [event for event in site.plane.events(job.id) if isinstance(event, HostResult)]
    assert "Host key verification failed" in result.message
