"""One container of a test: busybox's HTTP server on each of its ports, and what is done to it."""

import urllib.request
from collections.abc import Mapping
from typing import Any

BOX = "example/box"
"""The image; a service that is not named otherwise is called `box`. Tag 1 exposes no port, tag
`exposed` port 80."""

SERVE = """\
echo "$ANSWER" > /www/index.html
trap 'sleep "$LINGER"; exit 0' TERM
for port in $PORTS; do httpd -f -p "$port" -h /www & done
sleep 999999 &
wait
"""


class Box:
    """Started at once. `port(80)` is where it is published on this machine."""

    def __init__(
        self,
        api: Any,
        name: str,
        ports: tuple[int, ...],
        env: Mapping[str, str],
        labels: Mapping[str, str],
        linger: float,
        tag: str,
        more: Mapping[str, Any],
    ) -> None:
        published = {f"{port}/tcp": None for port in ports}
        self._container = api.containers.run(
            f"{BOX}:{tag}",
            ("/bin/sh", "-c", SERVE),
            detach=True,
            name=name or None,
            labels=dict(labels),
            environment={
                "PATH": "/bin",
                "ANSWER": name or "box",
                "LINGER": f"{linger:g}",
                "PORTS": " ".join(map(str, ports)),
                **env,
            },
            **({"ports": published} if "network_mode" not in more else {}),
            **more,
        )
        self._container.reload()

    @property
    def id(self) -> str:
        found: str = self._container.id
        return found

    @property
    def name(self) -> str:
        found: str = self._container.name
        return found

    @property
    def hostname(self) -> str:
        found: str = self.inspected["Config"]["Hostname"]
        return found

    @property
    def inspected(self) -> dict[str, Any]:
        self._container.reload()
        found: dict[str, Any] = self._container.attrs
        return found

    @property
    def pid(self) -> int:
        """Of its first process, as this machine sees it."""
        found: int = self.inspected["State"]["Pid"]
        return found

    @property
    def ip(self) -> str:
        """Its own address on its first network."""
        networks = self.inspected["NetworkSettings"]["Networks"]
        found: str = next(iter(networks.values()))["IPAddress"]
        return found

    def port(self, inner: int = 80, protocol: str = "tcp") -> int:
        bindings = self.inspected["NetworkSettings"]["Ports"][f"{inner}/{protocol}"]
        return int(next(each["HostPort"] for each in bindings if ":" not in each["HostIp"]))

    def answer(self, inner: int = 80) -> str:
        """What its published port says, asked at loopback; an AssertionError when it is silent."""
        return fetched(f"http://127.0.0.1:{self.port(inner)}/")

    def kill(self, number: str | int = "SIGKILL") -> None:
        self._container.kill(signal=number)

    def stop(self, within: int = 10) -> None:
        """SIGTERM, and SIGKILL after `within` seconds; returns when it has ended."""
        self._container.stop(timeout=within)

    def start(self) -> None:
        self._container.start()

    def restart(self, within: int = 10) -> None:
        self._container.restart(timeout=within)

    def pause(self) -> None:
        self._container.pause()

    def unpause(self) -> None:
        self._container.unpause()

    def rename(self, name: str) -> None:
        self._container.rename(name)
        self._container.reload()

    def remove(self) -> None:
        self._container.remove(force=True)

    def run_inside(self, *command: str) -> int:
        """Its exit status."""
        status: int = self._container.exec_run(command).exit_code
        return status


def fetched(url: str) -> str:
    """The text there; an AssertionError when there is none (yet)."""
    try:
        with urllib.request.urlopen(url, timeout=2.0) as reply:
            text: str = reply.read().decode().strip()
            return text
    except OSError as error:
        raise AssertionError(f"{url}: {error}") from None
