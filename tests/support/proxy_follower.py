"""A `watch` that keeps a HAProxy's file and the running HAProxy true to keys of the store."""

import sys
from pathlib import Path

from support.control import toml
from support.eventually import eventually
from support.haproxy import Haproxy
from support.running import Running

LABEL = "watch"


class ProxyFollower:
    def __init__(self, folder: Path, store: str, haproxy: Haproxy) -> None:
        self.folder = folder
        self.running = Running(folder)
        self._store = store
        self._haproxy = haproxy

    def start(self, template: str, keys: str) -> None:
        """And wait until it has rendered for the first time."""
        self._write(template, keys)
        self.run()
        eventually(
            lambda: "in sync" in self._said() or "has been" in self._said(),
            within=20, what=f"the proxy's file is kept: {self.running.log(LABEL)}",
        )  # fmt: skip

    def run(self) -> None:
        command = (sys.executable, "-m", "bootstrapper", "watch")
        settings = {"BOOTSTRAPPER_SETTINGS": str(self.folder / "bootstrapper.toml")}
        self.running.start(LABEL, command, settings)

    def _said(self) -> str:
        return self.running.log(LABEL).read_text()

    def _write(self, template: str, keys: str) -> None:
        confdir = self.folder / "confd"
        for name in ("conf.d", "templates"):
            (confdir / name).mkdir(parents=True, exist_ok=True)
        (confdir / "templates" / "haproxy.cfg.tmpl").write_text(template)
        lines = [
            "[template]", 'src = "haproxy.cfg.tmpl"', f'dest = "{self._haproxy.file}"',
            f'keys = ["{keys}"]', f'reload_cmd = "kill -USR2 {self._haproxy.pid}"',
            "[template.haproxy]", f'socket = "{self._haproxy.socket}"', "drain = 5",
        ]  # fmt: skip
        (confdir / "conf.d" / "haproxy.toml").write_text("\n".join(lines) + "\n")
        settings = {
            "kv": {"url": self._store},
            "templates": {"confdir": str(confdir), "backend": "store"},
            "log": {"level": "debug", "format": "text"},
        }
        text = f'state = "{self.folder}/state"\n' + toml(settings)
        (self.folder / "bootstrapper.toml").write_text(text)

    def close(self) -> None:
        self.running.close()
