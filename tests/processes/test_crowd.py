"""More callers than file descriptors."""

import resource
import socket
from contextlib import ExitStack

import httpx

from support.control import ControlPlane, api_alone
from support.eventually import eventually


def test_a_crowd_waits_and_does_not_fill_the_log() -> None:
    with api_alone({}) as plane:
        resource.prlimit(plane.pid("serve"), resource.RLIMIT_NOFILE, (64, 64))
        with ExitStack() as crowd:
            for _ in range(100):
                crowd.enter_context(socket.create_connection(("127.0.0.1", plane.port)))
            eventually(lambda: "new callers wait" in log(plane), within=5)

        eventually(lambda: answers(plane), within=10, what="there is room again")

        assert log(plane).count("new callers wait") == 1
        assert "Traceback" not in log(plane)


def answers(plane: ControlPlane) -> bool:
    try:
        return httpx.get(f"{plane.url}/healthz", timeout=1.0).status_code == 200
    except httpx.HTTPError:
        return False


def log(plane: ControlPlane) -> str:
    return (plane.folder / "serve.log").read_text()
