"""The settings as ANSIBLE_* variables, which Ansible reads when it is imported."""

import os
import shlex
from importlib.util import find_spec
from pathlib import Path

from bootstrapper.errors import Mistake
from bootstrapper.settings import Settings

SOCKET = 40 + 1 + 17  # bytes: what ssh makes of %C, and what it puts behind it for a moment
LONGEST = 107  # bytes of the path of a socket


def ansible_environment(settings: Settings) -> dict[str, str]:
    part = settings.ansible
    return _strategy(part.strategy) | {
        # a file that is not there: neither /etc/ansible nor a home decides how jobs run
        "ANSIBLE_CONFIG": str(settings.state_dir / "no-ansible.cfg"),
        "ANSIBLE_HOME": str(settings.state_dir / "ansible"),
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_SSH_ARGS": " ".join(_ssh(settings)),
        "ANSIBLE_SSH_RETRIES": "1",
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_TIMEOUT": str(part.timeout),
        "ANSIBLE_FORKS": str(part.forks),
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "ANSIBLE_NOCOLOR": "True",
        "ANSIBLE_FORCE_COLOR": "False",
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "False",
        "ANSIBLE_INTERPRETER_PYTHON": "auto_silent",
        "ANSIBLE_DEPRECATION_WARNINGS": "False",
        "ANSIBLE_SYSTEM_WARNINGS": "False",
    }


def shared_connections(settings: Settings, sockets: Path) -> dict[str, str]:
    """Where connections wait for the next run. Ansible's own plugin names each of them within
    the folder; Mitogen knows of no folder, and takes what ssh is told."""
    found = {"ANSIBLE_SSH_CONTROL_PATH_DIR": str(sockets)}
    if settings.ansible.strategy == "mitogen" and len(os.fsencode(sockets)) + SOCKET <= LONGEST:
        path = str(sockets).replace("%", "%%") + "/%C"
        shared = f"-o ControlPath={shlex.quote(path)}"
        found["ANSIBLE_SSH_ARGS"] = " ".join((*_ssh(settings), shared))
    return found


def _ssh(settings: Settings) -> list[str]:
    part = settings.ansible
    known = Path(part.known_hosts or settings.state_dir / "known_hosts")
    checking = "accept-new" if part.host_keys == "accept-new" else "yes"
    return [
        "-o ControlMaster=auto",
        f"-o ControlPersist={part.control_persist}s",
        f"-o UserKnownHostsFile={known}",
        f"-o StrictHostKeyChecking={checking}",
        "-o BatchMode=yes",
    ]


def _strategy(name: str) -> dict[str, str]:
    if name != "mitogen":
        return {"ANSIBLE_STRATEGY": name}
    found = find_spec("ansible_mitogen")
    if found is None or found.origin is None:
        raise Mistake(
            'strategy = "mitogen" needs the extra: pip install "bootstrapper[mitogen]"',
            field="ansible.strategy",
        )
    plugins = Path(found.origin).parent / "plugins" / "strategy"
    return {"ANSIBLE_STRATEGY": "mitogen_linear", "ANSIBLE_STRATEGY_PLUGINS": str(plugins)}
