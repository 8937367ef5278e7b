"""One real sshd on several loopback addresses, each of which is a host to Ansible."""

import getpass
import os
import shutil
import socket
import subprocess
from pathlib import Path

from support.eventually import eventually
from support.services import free_port, need

SYSTEM = "/usr/bin/python3"
"""The Python that modules run with on the "hosts": the machine's own, not the tests'."""


class Sshd:
    """`addresses` are the hosts; `key` logs the current user in on each of them."""

    def __init__(self, folder: Path, count: int) -> None:
        need("sshd", "ssh", "ssh-keygen")
        self.addresses = tuple(f"127.77.0.{number}" for number in range(1, count + 1))
        self.folder = folder
        self.user = getpass.getuser()
        self.key = folder / "user_key"
        self.known_hosts = folder / "known_hosts"
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Sshd":
        (self.folder / "home").mkdir(parents=True, exist_ok=True)
        for name in ("host_key", "user_key"):
            if not (self.folder / name).exists():
                command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", name]
                subprocess.run(command, cwd=self.folder, check=True)
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd's own demand
        eventually(self._try_to_start, within=20, what="sshd listens")
        public = (self.folder / "host_key.pub").read_text().split()[:2]
        lines = (f"[{each}]:{self.port} {' '.join(public)}\n" for each in self.addresses)
        self.known_hosts.write_text("".join(lines))
        return self

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    def _try_to_start(self) -> bool:
        """A port that is free on the first address may not be so on all: then another."""
        self.port = free_port(self.addresses[0])
        (self.folder / "sshd_config").write_text(self._config())
        program = shutil.which("sshd")
        assert program is not None
        command = [program, "-D", "-f", str(self.folder / "sshd_config")]
        self._process = subprocess.Popen(
            [*command, "-E", str(self.folder / "sshd.log")], stdin=subprocess.DEVNULL
        )
        return eventually(lambda: self._listens() or self._ended(), within=10) == "listens"

    def _listens(self) -> str:
        for address in self.addresses:
            with socket.socket() as link:
                if link.connect_ex((address, self.port)):
                    return ""
        return "listens"

    def _ended(self) -> str:
        assert self._process is not None
        return "ended" if self._process.poll() is not None else ""

    def _config(self) -> str:
        """With an empty home: what this machine's user has in a .bashrc is none of a host's."""
        listen = "\n".join(f"ListenAddress {each}" for each in self.addresses)
        return f"""\
Port {self.port}
{listen}
HostKey {self.folder}/host_key
PidFile none
AuthorizedKeysFile {self.folder}/user_key.pub
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
MaxStartups 1000
MaxSessions 1000
UseDNS no
PrintMotd no
PrintLastLog no
Subsystem sftp internal-sftp
SetEnv HOME={self.folder}/home
"""
