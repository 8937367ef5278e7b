"""The scripted API on a port of its own, and nothing of whoever runs the tests."""

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from cli.scripted_api import Api, handler_of


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    api.hold.set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(api))
    server.daemon_threads = True
    api.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
    yield api
    api.hold.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings, tokens or colours of whoever runs the tests."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("BOOTSTRAPPER_STATE", str(tmp_path / "state"))
    for name in ("URL", "TOKEN", "TOKEN_FILE", "SETTINGS"):
        monkeypatch.delenv(f"BOOTSTRAPPER_{name}", raising=False)
