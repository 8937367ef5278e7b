"""The calls about the fleet: look at it, follow it, register, and an operator's word."""

from collections.abc import Mapping
from typing import Any

from bootstrapper.client.calls import Calls, said
from bootstrapper.client.fleet_views import (
    Chain,
    Fleet,
    FleetEvent,
    FleetNode,
    Held,
    Mark,
    Registered,
)
from bootstrapper.client.server import escaped


class FleetCalls(Calls):
    def fleet(self) -> Fleet:
        return self.call("GET", "/fleet", Fleet)

    def fleet_events(self, after: str = "", *, limit: int = 500) -> tuple[FleetEvent, ...]:
        """Without `after` the latest; with it those that came next, the oldest first."""
        query: dict[str, str | int] = {"after": after, "limit": limit}
        return self.many("/fleet/events", "events", FleetEvent, query)

    def nodes(self, cluster: str = "", *, everybody: bool = False) -> tuple[FleetNode, ...]:
        """The living ones; of all clusters unless one is named."""
        query = {"all": 1 if everybody else None}
        return self.many(_members(cluster), "nodes", FleetNode, query)

    def nodes_as(
        self, form: str, cluster: str = "", *, service: str = "", everybody: bool = False
    ) -> bytes:
        """`form`: plain, ansible, or a template such as `{ip}:{port}`."""
        query = {"format": form, "service": service, "all": 1 if everybody else None}
        return self.server.ask("GET", _members(cluster), query=query)

    def why(self, name: str) -> Chain:
        return self.call("GET", f"/why/{_path(name)}", Chain)

    def register(self, service: str, name: str, *, node: str, port: int, **more: Any) -> Registered:
        """More: address, tags, weight, cluster, checks, ttl (seconds)."""
        body: Mapping[str, Any] = {"node": node, "port": port, **more}
        path = f"/services/{escaped(service)}/{escaped(name)}"
        return self.call("PUT", path, Registered, body=body)

    def deregister(self, service: str, name: str, *, node: str = "") -> None:
        path, query = f"/services/{escaped(service)}/{escaped(name)}", {"node": node}
        self.server.ask("DELETE", path, query=query)

    def answer_held(self, name: str, *, confirm: bool) -> Held:
        word = "confirm" if confirm else "refuse"
        return self.call("POST", f"/fleet/held/{_path(name)}/{word}", Held)

    def drain(self, name: str, reason: str = "") -> Mark:
        """A node, or one instance as node/id."""
        body = said(reason=reason)
        return self.call("POST", f"/fleet/nodes/{_path(name)}/drain", Mark, body=body)

    def release(self, name: str) -> None:
        self.do("POST", f"/fleet/nodes/{_path(name)}/release")


def _members(cluster: str) -> str:
    return f"/clusters/{escaped(cluster)}/nodes" if cluster else "/nodes"


def _path(name: str) -> str:
    """A name of two parts stays two."""
    return "/".join(escaped(part) for part in name.split("/"))
