"""A real dockerd of its own: its own containerd, sockets, folders, bridge and subnet.

It changes no firewall rule and no sysctl: published ports come from docker-proxy alone, so they
answer at every address of this machine. Its image is a static busybox and nothing else.
"""

import io
import os
import signal
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from support.containers import BOX, Box
from support.eventually import eventually
from support.processes import commands_with
from support.services import need

START_SECONDS = 30.0
BUSYBOX = Path("/bin/busybox")
CONTAINERD = """\
version = 2
root = "{folder}/c/root"
state = "{folder}/c/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "{folder}/c.sock"
"""


class Dockerd:
    """`folder` has a short path (Unix sockets). One instance may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        need("dockerd", "containerd", "runc", "docker-proxy", "ip")
        if os.geteuid() != 0 or not BUSYBOX.exists():
            missing = pytest.fail if os.environ.get("CI") else pytest.skip
            missing("dockerd needs root, and its image the package busybox-static")
        self.folder = folder
        self.url = f"unix://{folder}/d.sock"
        self.bridge, self.subnet = "", ""
        self._containerd: subprocess.Popen[bytes] | None = None
        self._dockerd: subprocess.Popen[bytes] | None = None
        self._api: Any = None

    @property
    def api(self) -> Any:
        """Docker's own client, past the code under test."""
        if self._api is None:
            import docker  # noqa: PLC0415 (only where there is a dockerd)

            self._api = docker.DockerClient(base_url=self.url, version="1.41", timeout=60)
        return self._api

    @property
    def gateway(self) -> str:
        """This machine's address on the bridge: containers reach it there."""
        return self.subnet.replace(".0/24", ".1")

    def start(self, *flags: str) -> "Dockerd":
        """The whole of it, or dockerd alone after a `kill` or `stop_dockerd`; `flags` are its own.

        With --live-restore the containers that outlived it are kept, else it ends them.
        """
        try:
            if not self.bridge:
                self._make_bridge()
            if self._containerd is None:
                (self.folder / "c.toml").write_text(CONTAINERD.format(folder=self.folder))
                self._containerd = self._spawn(
                    "containerd", "--config", f"{self.folder}/c.toml", "--log-level", "warn"
                )
                eventually((self.folder / "c.sock").exists, within=START_SECONDS)
            self._start_dockerd(flags)
        except BaseException:
            self.stop()
            raise
        if not self.api.images.list(BOX):
            self._import("1")
            self._import("exposed", "EXPOSE 80")
        return self

    def kill(self) -> None:
        """dockerd alone, with -9. Its containers live on, until it is started again."""
        self._end(self._dockerd, signal.SIGKILL)
        self._dockerd = None

    def stop_dockerd(self) -> None:
        """In order: it stops its containers first."""
        self._end(self._dockerd, signal.SIGTERM)
        self._dockerd = None

    def freeze(self) -> None:
        """Its links stay open, and it says nothing more."""
        assert self._dockerd is not None
        self._dockerd.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._dockerd is not None
        self._dockerd.send_signal(signal.SIGCONT)

    def run(
        self,
        name: str = "",
        *,
        ports: Iterable[int] = (80,),
        env: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
        linger: float = 0.0,
        tag: str = "1",
        **more: Any,
    ) -> Box:
        """A container whose ports answer HTTP with its name, each published on a random port.

        `linger`: seconds that it still serves after SIGTERM. `more` goes to Docker's own client.
        """
        return Box(self.api, name, tuple(ports), env or {}, labels or {}, linger, tag, more)

    def remove_all(self) -> None:
        for each in self.api.containers.list(all=True):
            with suppress(Exception):  # it goes by itself
                each.remove(force=True, v=True)

    def stop(self) -> None:
        """Ends every process by its pid and leaves no mount, no bridge and no container."""
        if self._dockerd is not None and self._api is not None and self._dockerd.poll() is None:
            self.thaw()
            with suppress(Exception):  # it may not have come up
                self.remove_all()
        self._end(self._dockerd, signal.SIGTERM)
        for pid in commands_with(f"{self.folder}/c.sock"):  # shims, which outlive them all
            if self._containerd is None or pid != self._containerd.pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._end(self._containerd, signal.SIGTERM)
        self._dockerd = self._containerd = None
        if self._api is not None:
            self._api.close()
            self._api = None
        for place in _mounts_below(self.folder):
            subprocess.run(("umount", "-l", place), check=False)
        if self.bridge:
            subprocess.run(("ip", "link", "delete", self.bridge), check=False)
            self.bridge = ""

    def _import(self, tag: str, *changes: str) -> None:
        self.api.api.import_image_from_data(
            _rootfs(), repository=BOX, tag=tag, changes=list(changes)
        )

    def _start_dockerd(self, flags: tuple[str, ...]) -> None:
        if self._dockerd is not None:
            return
        (self.folder / "d.pid").unlink(missing_ok=True)
        (self.folder / "d.json").write_text("{}")  # not this machine's own
        self._dockerd = self._spawn(
            "dockerd", "--config-file", f"{self.folder}/d.json", "--host", self.url, "--data-root",
            f"{self.folder}/data", "--exec-root", f"{self.folder}/exec", "--pidfile",
            f"{self.folder}/d.pid", "--containerd", f"{self.folder}/c.sock",
            "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false",
            "--bridge", self.bridge, "--storage-driver", "vfs", "--log-level", "warn",
            "--default-address-pool", f"base={_pool(self.subnet)},size=28",
            "--shutdown-timeout", "2", *flags,
        )  # fmt: skip
        eventually(self._answers, within=START_SECONDS, what=f"dockerd: {self.folder}/dockerd.log")

    def _answers(self) -> bool:
        assert self._dockerd is not None
        if self._dockerd.poll() is not None:
            log = (self.folder / "dockerd.log").read_text()[-2000:]
            raise RuntimeError(f"dockerd ended at once: {log}")
        try:
            return bool(self.api.ping())
        except Exception as error:  # noqa: BLE001 (whatever it is, it does not answer yet)
            raise AssertionError(error) from None

    def _make_bridge(self) -> None:
        """The first free one; a run beside this one takes the next."""
        for number in range(os.getpid() % 100, 250):
            bridge, subnet = f"bsd{number}", f"10.213.{number}.0/24"
            made = subprocess.run(
                ("ip", "link", "add", bridge, "type", "bridge"), capture_output=True, check=False
            )
            if made.returncode == 0:
                self.bridge, self.subnet = bridge, subnet
                address = f"{self.gateway}/24"
                subprocess.run(("ip", "addr", "add", address, "dev", bridge), check=True)
                subprocess.run(("ip", "link", "set", bridge, "up"), check=True)
                return
        raise RuntimeError(f"no bridge can be made: {made.stderr.decode()}")

    def _spawn(self, *command: str) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{command[0]}.log").open("ab") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _end(self, process: "subprocess.Popen[bytes] | None", how: signal.Signals) -> None:
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.send_signal(how)
            try:
                process.wait(timeout=START_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _pool(subnet: str) -> str:
    """For networks that a test makes: beside the bridge's own."""
    return subnet.replace("10.213.", "10.214.")


def _rootfs() -> bytes:
    """A tar of busybox, its names, and the few folders that a program expects."""
    file = io.BytesIO()
    names = subprocess.run((BUSYBOX, "--list"), capture_output=True, check=True, text=True).stdout
    with tarfile.open(fileobj=file, mode="w") as tar:
        for folder in ("bin", "etc", "proc", "sys", "dev", "tmp", "www"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        binary = tarfile.TarInfo("bin/busybox")
        binary.size, binary.mode = BUSYBOX.stat().st_size, 0o755
        with BUSYBOX.open("rb") as content:
            tar.addfile(binary, content)
        for name in set(names.split()) - {"busybox"}:
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
    return file.getvalue()


def _mounts_below(folder: Path) -> list[str]:
    """Deepest first."""
    with open("/proc/mounts", encoding="utf-8") as mounts:
        places = [line.split()[1] for line in mounts]
    return sorted((place for place in places if place.startswith(f"{folder}/")), reverse=True)
