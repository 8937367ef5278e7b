"""Docker's own words, as far as they matter here: an inspected container, a listed one, an event.

Field names are those of Docker's API (`docker inspect`); what is missing or null is empty.
"""

from typing import Any

import msgspec
from msgspec import field


class _Words(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    pass


class Binding(_Words, frozen=True, kw_only=True):
    host_ip: str = ""
    host_port: str = ""


class Network(_Words, frozen=True, kw_only=True):
    ip: str = field(default="", name="IPAddress")
    ip6: str = field(default="", name="GlobalIPv6Address")


class NetworkSettings(_Words, frozen=True, kw_only=True):
    ports: dict[str, tuple[Binding, ...] | None] | None = None
    """`80/tcp` → where it is published; None: it is exposed only."""
    networks: dict[str, Network | None] | None = None


class HostConfig(_Words, frozen=True, kw_only=True):
    network_mode: str = ""


class Config(_Words, frozen=True, kw_only=True):
    hostname: str = ""
    image: str = ""
    env: tuple[str, ...] | None = None
    labels: dict[str, str] | None = None
    exposed_ports: dict[str, Any] | None = None
    stop_signal: str = ""


class Healthcheck(_Words, frozen=True, kw_only=True):
    status: str = ""


class State(_Words, frozen=True, kw_only=True):
    """Docker calls one that waits for its next start running, too."""

    running: bool = False
    paused: bool = False
    restarting: bool = False
    started_at: str = ""
    health: Healthcheck | None = None

    @property
    def unhealthy(self) -> bool:
        return self.health is not None and self.health.status == "unhealthy"


class Container(_Words, frozen=True, kw_only=True):
    id: str
    name: str = ""
    state: State = State()
    config: Config = Config()
    host_config: HostConfig = HostConfig()
    network_settings: NetworkSettings = NetworkSettings()

    @property
    def title(self) -> str:
        """Its name, as people write it."""
        return self.name.removeprefix("/") or self.id[:12]

    @property
    def runs(self) -> bool:
        return self.state.running and not self.state.restarting

    @property
    def lender(self) -> str:
        """The id of the container whose network it uses, or ""."""
        kind, _, other = self.host_config.network_mode.partition(":")
        return other if kind == "container" else ""


class ListedPort(_Words, frozen=True, kw_only=True):
    ip: str = field(default="", name="IP")
    private_port: int = 0
    public_port: int = 0
    type: str = ""


class Listed(_Words, frozen=True, kw_only=True):
    """A line of the list of running containers."""

    id: str
    names: tuple[str, ...] | None = None
    state: str = ""
    status: str = ""
    ports: tuple[ListedPort, ...] | None = None
    network_settings: NetworkSettings | None = None

    @property
    def looks(self) -> tuple[object, ...]:
        """Differs when it has to be inspected anew. Docker lists ports in any order, and its
        status counts the time: only the word in brackets, its health, is looked at."""
        networks = (self.network_settings and self.network_settings.networks) or {}
        return (
            frozenset(self.names or ()),
            self.state,
            self.status.partition("(")[2] if self.state != "exited" else "",
            frozenset(self.ports or ()),
            frozenset(networks.items()),
        )


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    id: str = field(default="", name="ID")
    attributes: dict[str, str] | None = field(default=None, name="Attributes")


class Event(msgspec.Struct, frozen=True, kw_only=True):
    type: str = field(default="", name="Type")
    action: str = field(default="", name="Action")
    actor: Actor = field(default_factory=Actor, name="Actor")

    def attribute(self, name: str) -> str:
        return (self.actor.attributes or {}).get(name, "")

    @property
    def container(self) -> str:
        """The id of the container that it is about, or ""."""
        return self.actor.id if self.type == "container" else self.attribute("container")
