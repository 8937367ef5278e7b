"""One file to keep true, as conf.d describes it: a frozen value."""

from collections.abc import Mapping
from typing import NamedTuple

from bootstrapper.templates.paths import join, without


class HaproxyResource(NamedTuple):
    """`[template.haproxy]`: changes of servers go through the admin socket, without a reload."""

    socket: str
    drain: float = 30.0
    """Seconds a removed server may finish its sessions."""
    timeout: float = 5.0
    """Seconds for one answer of the socket."""


class Resource(NamedTuple):
    """`uid` and `gid` are what the file gets; `mode` None: that of the file there, else 0644."""

    name: str
    """The TOML's path below conf.d, without its ending."""
    path: str
    """The TOML itself, for messages."""
    src: str
    dest: str
    prefix: str = "/"
    keys: tuple[str, ...] = ()
    """As written, without the prefix."""
    uid: int = 0
    gid: int = 0
    mode: int | None = None
    check_cmd: str = ""
    reload_cmd: str = ""
    min_keys: int = 0
    """A render with fewer keys is held; 0: no floor."""
    max_removed: float = 1.0
    """A render that loses more than this share of the keys within `window` is held; 1: any may."""
    window: float = 60.0
    """Seconds."""
    haproxy: HaproxyResource | None = None

    @property
    def wanted(self) -> tuple[str, ...]:
        """The keys to ask the backend for."""
        return tuple(join(self.prefix, key) for key in self.keys)

    def seen_by_template(self, values: Mapping[str, str]) -> dict[str, str]:
        """What the backend gave, with the prefix taken off the keys."""
        return {without(self.prefix, key): value for key, value in values.items()}
