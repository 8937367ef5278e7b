"""One machine of a fleet on real parts: serf, `watch`, servers and Docker behind one link."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from support import tiny_server
from support.control import toml
from support.netns import Link
from support.running import Running

SERF_PORT, RPC = 7946, "127.0.0.1:7373"
SYSTEM = "/usr/bin/python3"
WATCH, SERF = "watch", "serf"
SERVER = Path(tiny_server.__file__)


class Machine:
    """`settings`: section → field → value, over the tests' own."""

    def __init__(
        self, folder: Path, link: Link, store: str, settings: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self.folder = folder
        self.link = link
        self.name = link.name
        self.address = link.address
        self.running = Running(folder)
        folder.mkdir()
        self._file = folder / "bootstrapper.toml"
        own: dict[str, dict[str, Any]] = {
            "kv": {"url": store},
            "log": {"level": "info", "format": "text"},
            "fleet": {"enabled": True, "node": self.name, "address": self.address},
        }
        for section, fields in settings.items():
            own[section] = {**own.get(section, {}), **fields}
        self._file.write_text(f'state = "{folder}/state"\n' + toml(own))

    def watch(self) -> None:
        self.start(
            WATCH, (sys.executable, "-m", "bootstrapper", "watch"),
            {"BOOTSTRAPPER_SETTINGS": str(self._file)},
        )  # fmt: skip

    def serf(self, join: Sequence[str] = (), *flags: str) -> None:
        """`join`: addresses of others, asked again and again until one answers."""
        joins = [word for each in join for word in ("-retry-join", f"{each}:{SERF_PORT}")]
        self.start(
            SERF,
            ("serf", "agent", "-node", self.name, "-bind", f"{self.address}:{SERF_PORT}",
             "-rpc-addr", RPC, "-profile", "lan", "-retry-interval", "1s", *joins, *flags),
        )  # fmt: skip

    def server(self, name: str, port: int, *words: str) -> None:
        self.start(name, (SYSTEM, "-IS", str(SERVER), name, str(port), *words))

    def start(
        self, label: str, command: Sequence[str], environ: Mapping[str, str] | None = None
    ) -> None:
        self.running.start(label, (*self.link.inside, *command), environ)

    def close(self) -> None:
        self.running.close()
