"""Where the fleet stands in the store: one folder of records, beside what others read.

A record has no lease: it stays until its owner or the reconciler takes it away. What a lease keeps
is `alive/<node>` alone, so that a lost lease is a sign to be judged and not a removal.
"""

from dataclasses import dataclass
from urllib.parse import quote, unquote

NODES, INSTANCES, ALIVE, MARKS, HELD, FLAPS, EVENTS, LEADER, OFFERS, SAID, WITHDRAWN = (
    "nodes/", "instances/", "alive/", "marks/", "held/", "flaps/", "events/", "leader", "offers/",
    "said/", "withdrawn/",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths below `prefix`, which ends with a slash."""

    prefix: str = "/bootstrapper/fleet/"

    def node(self, node: str) -> str:
        return f"{self.prefix}{NODES}{escaped(node)}"

    def instance(self, node: str, instance: str) -> str:
        return f"{self.prefix}{INSTANCES}{escaped(node)}/{escaped(instance)}"

    def alive(self, node: str) -> str:
        return f"{self.prefix}{ALIVE}{escaped(node)}"

    def mark(self, name: str) -> str:
        """`name`: a node, or `Instance.key`."""
        return f"{self.prefix}{MARKS}{escaped_path(name)}"

    def held(self, name: str) -> str:
        return f"{self.prefix}{HELD}{escaped_path(name)}"

    def flaps(self, node: str) -> str:
        return f"{self.prefix}{FLAPS}{escaped(node)}"

    def event(self, event: str) -> str:
        """`event` sorts by time (UUIDv7)."""
        return f"{self.prefix}{EVENTS}{event}"

    def offer(self, node: str, instance: str) -> str:
        """What was registered through the API for a node; its watch takes it up."""
        return f"{self.prefix}{OFFERS}{escaped(node)}/{escaped(instance)}"

    def said(self, node: str) -> str:
        return f"{self.prefix}{SAID}{escaped(node)}"

    def withdrawn(self, node: str) -> str:
        """Keys that scripts wrote for a node that is marked, as they were: they return with it."""
        return f"{self.prefix}{WITHDRAWN}{escaped(node)}"

    @property
    def leader(self) -> str:
        return f"{self.prefix}{LEADER}"


def escaped(name: str) -> str:
    return quote(name, safe=":@+,=")


def escaped_path(name: str) -> str:
    return quote(name, safe="/:@+,=")


def unescaped(text: str) -> str:
    return unquote(text)
