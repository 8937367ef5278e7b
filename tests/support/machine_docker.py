"""Docker on one machine: a dockerd of its own behind the machine's link, and small containers.

Their image is a static busybox; what else they run is this machine's own /usr, read only. Every
container is a tiny web server called like the container, at a random published port.
"""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from support.eventually import eventually
from support.machine import SERVER, SYSTEM, Machine
from support.services import need

LABEL = "dockerd"
IMAGE = "tiny"
PORT = 80
MOUNTS = ("/usr", "/lib", "/lib64")
CHECKED: Mapping[str, str] = {
    "SERVICE_NAME": "web",
    "SERVICE_CHECK_HTTP": "/health",
    "SERVICE_CHECK_INTERVAL": "200ms",
}


class MachineDocker:
    def __init__(self, machine: Machine) -> None:
        need("dockerd", "docker", "busybox", "runc", "containerd", "iptables")
        self.machine = machine
        self.folder = machine.folder / "docker"
        self.socket = self.folder / "docker.sock"
        self.url = f"unix://{self.socket}"
        self.folder.mkdir()

    def start(self) -> "MachineDocker":
        own = self.folder
        command = (
            "dockerd", "--host", self.url, "--data-root", f"{own}/data", "--exec-root",
            f"{own}/run", "--pidfile", f"{own}/pid", "--storage-driver", "vfs",
            "--userland-proxy=false", "--log-level", "warn",
        )  # fmt: skip
        self.machine.running.start(
            LABEL, (*self.machine.link.inside, *command), dies_by=signal.SIGTERM
        )
        eventually(self._answers, within=30, what=f"dockerd: {self.machine.running.log(LABEL)}")
        self._import()
        return self

    def run(
        self,
        name: str,
        environ: Mapping[str, str] = CHECKED,
        *,
        words: tuple[str, ...] = ("", "0"),
        flags: tuple[str, ...] = (),
    ) -> str:
        """Start one; the address where it is published. `words`: of tiny_server, after the port."""
        settings = [word for key, value in environ.items() for word in ("-e", f"{key}={value}")]
        mounts = [word for each in MOUNTS for word in ("-v", f"{each}:{each}:ro")]
        shared = ("-v", f"{SERVER.parent}:/app:ro", "-v", f"{self.folder}:/out")
        server = (SYSTEM, "-IS", f"/app/{SERVER.name}", name, str(PORT), *words)
        self.docker(
            "run", "-d", "-p", str(PORT), "--name", name, "--hostname", name, *mounts, *shared,
            *settings, *flags, IMAGE, *server,
        )  # fmt: skip
        return self.address(name)

    def address(self, name: str) -> str:
        published = self.docker("port", name, str(PORT)).split()[0]
        return f"{self.machine.address}:{published.rpartition(':')[2]}"

    def pid(self, name: str) -> int:
        """Its first process, as this machine counts."""
        return int(self.docker("inspect", "-f", "{{.State.Pid}}", name))

    def kill(self, name: str) -> None:
        """With -9, past Docker."""
        os.kill(self.pid(name), signal.SIGKILL)

    def stop(self, name: str, patience: int = 10) -> None:
        self.docker("stop", "-t", str(patience), name)

    def restart(self, name: str) -> str:
        self.docker("start", name)
        return self.address(name)

    def names(self) -> set[str]:
        """Those that run."""
        lines = self.docker("ps", "--format", "{{json .Names}}").splitlines()
        return {json.loads(line) for line in lines}

    def docker(self, *words: str) -> str:
        done = subprocess.run(
            ("docker", "--host", self.url, *words), text=True, capture_output=True, timeout=60,
            check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout.strip()

    def close(self) -> None:
        """The containers first: a dockerd that is killed would leave them."""
        if self.machine.running.alive(LABEL):
            if left := self.docker("ps", "-aq").split():
                self.docker("rm", "-f", *left)
            self.machine.running.stop(LABEL)

    def _answers(self) -> bool:
        asked = ("docker", "--host", self.url, "version")
        return subprocess.run(asked, capture_output=True, timeout=30, check=False).returncode == 0

    def _import(self) -> None:
        rootfs = self.folder / "rootfs"
        (rootfs / "bin").mkdir(parents=True)
        busybox = shutil.which("busybox")
        assert busybox is not None
        shutil.copy(busybox, rootfs / "bin" / "busybox")
        for applet in ("sh", "sleep", "cat"):
            os.symlink("busybox", rootfs / "bin" / applet)
        packed = subprocess.run(
            ("tar", "-C", str(rootfs), "-c", "."), capture_output=True, check=True
        )
        subprocess.run(
            ("docker", "--host", self.url, "import", "-", IMAGE), input=packed.stdout,
            capture_output=True, check=True, timeout=60,
        )  # fmt: skip


def docker_settings(folder: Path) -> dict[str, object]:
    """For `[fleet]` of a machine in `folder`: the containers that say SERVICE_NAME."""
    return {"docker": {"url": f"unix://{folder}/docker/docker.sock", "explicit": True}}
