"""The whole control plane: Redis, `serve` and `work`, each a process that can be killed alone."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx

from bootstrapper.client import Client
from bootstrapper.errors import Error
from bootstrapper.events import AnyEvent, Entry
from bootstrapper.jobs.process_tree import die_with_parent
from support.eventually import eventually
from support.redis import RedisServer
from support.services import free_port, short_folder

START = 30.0  # seconds
PROCESSES = ("serve", "work")
Sections = Mapping[str, Mapping[str, Any]]


class ControlPlane:
    """`folder` must have a short path. `settings`: section → field → value, over the tests' own;
    `environ`: on top of the environment that its processes inherit.
    """

    def __init__(
        self,
        folder: Path,
        settings: Sections,
        policy: str = "",
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.redis = RedisServer(self.state / "redis")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._file = folder / "bootstrapper.toml"
        self._environ = environ or {}
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._tokens: dict[str, str] = {}
        folder.mkdir(parents=True, exist_ok=True)
        if policy:
            (folder / "policy.toml").write_text(policy)
        own: dict[str, Mapping[str, Any]] = {
            "api": {"bind": f"127.0.0.1:{self.port}"},
            "log": {"level": "info", "format": "text"},
        }
        for section, fields in settings.items():
            own[section] = {**own.get(section, {}), **fields}
        self._file.write_text(f"state = {json.dumps(str(self.state))}\n" + toml(own))

    def up(self) -> "ControlPlane":
        """All of it, ready to work."""
        self.redis.start()
        for name in PROCESSES:
            self.start(name)
        self.ready()
        return self

    def down(self) -> None:
        for child in self._children.values():
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in self._children.values():
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self.redis.stop()

    def start(self, name: str, *, label: str = "") -> None:
        """`serve` or `work`; what it says is in <folder>/<label>.log."""
        label = label or name
        with (self.folder / f"{label}.log").open("ab") as log:
            self._children[label] = self.command(name, log=log)

    def command(self, *words: str, log: IO[bytes] | None = None) -> "subprocess.Popen[bytes]":
        """Our own program, with the settings of this control plane."""
        return subprocess.Popen(
            [sys.executable, "-m", "bootstrapper", *words], env=self.environment,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509
        )  # fmt: skip

    def kill(self, name: str) -> None:
        """SIGKILL: no last words."""
        self.signal(name, signal.SIGKILL)
        self._children.pop(name).wait()

    def stop(self, name: str, *, within: float = 30.0) -> None:
        """SIGTERM, as systemd would."""
        self.signal(name, signal.SIGTERM)
        self._children.pop(name).wait(within)

    def restart(self, name: str) -> None:
        self.kill(name)
        self.start(name)

    def signal(self, name: str, number: int) -> None:
        os.kill(self.pid(name), number)

    def pid(self, name: str) -> int:
        return self._children[name].pid

    def ready(self, *, within: float = START) -> None:
        eventually(self._is_ready, within=within, what=f"ready: see {self.folder}/*.log")

    @property
    def environment(self) -> dict[str, str]:
        own = {"BOOTSTRAPPER_SETTINGS": str(self._file)}
        return {**os.environ, **own, **self._environ}

    @property
    def owner(self) -> Client:
        return Client(self.url, self.owner_token)

    @property
    def owner_token(self) -> str:
        return (self.state / "owner.token").read_text().strip()

    def as_actor(self, name: str) -> Client:
        return Client(self.url, self.token(name))

    def token(self, name: str) -> str:
        """Of the actor `token:<name>`; it is made when it is first asked for."""
        if name not in self._tokens:
            self._tokens[name] = self.owner.create_token(name).token
        return self._tokens[name]

    def http(self, token: str | None = None) -> httpx.Client:
        """For what the client cannot say. `token` "": none at all."""
        token = self.owner_token if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30.0)

    def journal(self, job_id: str) -> tuple[Entry, ...]:
        """The whole of it; a gap in its numbers is an error wherever it is seen."""
        entries = self.owner.events(job_id)
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        return entries

    def events(self, job_id: str) -> list[AnyEvent]:
        return [entry.event for entry in self.journal(job_id)]

    def answers(self) -> bool:
        """Whether the API is there, and its owner's token made."""
        try:
            return httpx.get(f"{self.url}/healthz").status_code == 200 and bool(self.owner_token)
        except (httpx.HTTPError, OSError):
            return False

    def _is_ready(self) -> bool:
        for name, child in self._children.items():
            if child.poll() is not None:
                said = (self.folder / f"{name}.log").read_text()[-2000:]
                raise RuntimeError(f"{name} ended with {child.returncode}: {said}")
        try:
            return httpx.get(f"{self.url}/readyz").status_code == 200 and bool(self.owner.whoami())
        except (httpx.HTTPError, OSError, Error):
            return False


@contextmanager
def api_alone(settings: Sections, policy: str = "") -> Iterator[ControlPlane]:
    """Redis and `serve`: no worker, and no content unless the settings name some."""
    with short_folder("bare") as folder:
        plane = ControlPlane(folder, settings, policy)
        if settings.get("api", {}).get("tls_certificate"):
            plane.url = plane.url.replace("http:", "https:")
        plane.redis.start()
        plane.start("serve")
        try:
            eventually(plane.answers, within=START, what=f"it answers: see {folder}/serve.log")
            yield plane
        finally:
            plane.down()


def toml(sections: Sections) -> str:
    """Two levels of tables, inline below; JSON's texts, numbers and booleans are TOML's too."""
    lines: list[str] = []
    for name, fields in sections.items():
        lines.append(f"[{name}]")
        for field, value in fields.items():
            lines.append(f"{field} = {_value(value)}")
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value)
