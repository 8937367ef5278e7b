"""The stage of the benchmarks: hosts that answer SSH, content, a control plane, and its peers."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from support.control import ControlPlane
from support.services import short_folder
from support.sshd import SYSTEM, Sshd

PER_SSHD = 13  # one sshd listens on sixteen sockets at most
BIN = Path(sys.executable).parent


class Stage:
    def __init__(self, folder: Path, servers: list[Sshd], settings: Mapping[str, Any]) -> None:
        self.folder = folder
        self.content = folder / "content"
        self.key = servers[0].key
        self.known_hosts = folder / "known_hosts"
        self.known_hosts.write_text("".join(each.known_hosts.read_text() for each in servers))
        self.hosts = _write_content(self.content, servers)
        sections: dict[str, dict[str, Any]] = {
            "content": {"path": str(self.content)},
            "ansible": {"ssh_key": "ssh", "known_hosts": str(self.known_hosts)},
            "jobs": {"slots": 2},
            "secrets": {"ssh": {"file": str(self.key)}},
            "log": {"level": "warning"},
        }
        for name, fields in settings.items():
            sections[name] = {**sections.get(name, {}), **fields}
        self.plane = ControlPlane(folder / "plane", sections)

    def peer(self, program: str, *words: str) -> subprocess.Popen[str]:
        """`ansible` or `ansible-playbook`, as its users would set it up for speed."""
        environment = {
            **os.environ,
            "ANSIBLE_PIPELINING": "True",
            "ANSIBLE_PRIVATE_KEY_FILE": str(self.key),
            "ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=60s "
            f"-o UserKnownHostsFile={self.known_hosts} -o BatchMode=yes",
            "ANSIBLE_FORKS": "10",
        }
        return subprocess.Popen(
            [str(BIN / program), "-i", "inventory", *words], cwd=self.content, env=environment,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run_peer(self, program: str, *words: str) -> None:
        process = self.peer(program, *words)
        out, err = process.communicate()
        assert process.returncode == 0, out + err


@contextmanager
def stage(hosts: int, settings: Mapping[str, Any] | None = None) -> Iterator[Stage]:
    with short_folder("bench") as folder, ExitStack() as stack:
        servers: list[Sshd] = []
        key: Sshd | None = None
        for start in range(0, hosts, PER_SSHD):
            server = Sshd(folder / f"sshd{start}", min(PER_SSHD, hosts - start))
            if key is not None:  # one key for all of them
                server.folder.mkdir(parents=True)
                for name in ("user_key", "user_key.pub"):
                    (server.folder / name).write_bytes((key.folder / name).read_bytes())
                    (server.folder / name).chmod(0o600)
            servers.append(server.start())
            stack.callback(server.stop)
            key = key or server
        made = Stage(folder, servers, settings or {})
        stack.callback(made.plane.down)
        made.plane.up()
        yield made


def _write_content(folder: Path, servers: list[Sshd]) -> list[str]:
    tasks = folder / "roles" / "ten" / "tasks"
    tasks.mkdir(parents=True)
    place = "/tmp/bootstrapper-bench-{{ inventory_hostname }}"
    steps = "".join(
        f"- name: copy {n}\n  copy: {{ content: 'v{n}', dest: '{place}-{n}' }}\n"
        f"- name: command {n}\n  command: 'true'\n  changed_when: false\n"
        f"- name: file {n}\n  file: {{ path: '{place}-{n}', mode: '0644' }}\n"
        for n in range(3)
    )
    (tasks / "main.yml").write_text(steps + "- name: stat\n  stat: { path: /tmp }\n")
    (folder / "site.yml").write_text("- hosts: all\n  gather_facts: false\n  roles: [ten]\n")
    (folder / "facts.yml").write_text("- hosts: all\n  roles: [ten]\n")
    (folder / "wait.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: first\n      debug:\n"
    )
    names: list[str] = []
    lines = ""
    for server in servers:
        for address in server.addresses:
            name = f"h{len(names) + 1}"
            names.append(name)
            lines += (
                f"{name} ansible_host={address} ansible_port={server.port} "
                f"ansible_python_interpreter={SYSTEM}\n"
            )
    (folder / "inventory").write_text(lines)
    return names
