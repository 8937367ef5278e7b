"""How instances and nodes look to those who read the keys: templates of keys and of values.

A layout is read in both directions: what an instance puts, and which host a foreign key is of.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from bootstrapper.errors import Mistake
from bootstrapper.fleet.values import Health, Instance, Node

JSON = "json"
OWN = "/bootstrapper/"
FIELD = re.compile(r"\{([a-z_]+)\}")
OF_INSTANCE = frozenset(
    ("service", "id", "node", "host", "address", "ip", "port", "tags", "weight", "health")
) | {"cluster", "source"}
OF_NODE = frozenset(("node", "name", "host", "address", "ip", "cluster", "role"))


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`key` and `value` hold fields in braces: `/services/{service}/{id}`, `{address}:{port}`.

    `services`: those it is for; empty: all. `unhealthy`: whether the key of one that must get no
    traffic goes (withdraw) or stays with its new health and weight 0 (keep).
    """

    of: Literal["instance", "node"] = "instance"
    key: Annotated[str, Meta(min_length=2)]
    value: str = "{address}:{port}"
    services: tuple[str, ...] = ()
    unhealthy: Literal["withdraw", "keep"] = "withdraw"

    def __post_init__(self) -> None:
        known = OF_INSTANCE if self.of == "instance" else OF_NODE
        if not self.key.startswith("/"):
            raise ValueError(f"the key {self.key!r} does not begin with /")
        for text in (self.key, "" if self.value == JSON else self.value):
            for field in FIELD.findall(text):
                if field not in known:
                    raise ValueError(f"no field {field!r}: {', '.join(sorted(known))}")


PRESETS: Mapping[str, tuple[Layout, ...]] = {
    "services": (Layout(key="/services/{service}/{id}"),),
    "2015": (
        Layout(key="/proxy/{service}/{host}", services=("frontend", "serf", "serf-rpc")),
        Layout(of="node", key="/cluster/{cluster}/{address}", value="member"),
    ),
    "registrator": (Layout(key="/{service}/{id}"),),
}


def published(layouts: Iterable[Layout], instance: Instance, *, serves: bool) -> dict[str, str]:
    """The keys and values that readers see of it. Raises Mistake where a key would be broken."""
    found: dict[str, str] = {}
    for layout in layouts:
        wanted = not layout.services or instance.service in layout.services
        if layout.of != "instance" or not wanted:
            continue
        if serves or layout.unhealthy == "keep":
            fields = instance_fields(instance, serves=serves)
            if (key := _key(layout.key, fields)) is not None:
                found[key] = _value(layout.value, fields)
    return found


def published_node(layouts: Iterable[Layout], node: Node, *, alive: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for layout in layouts:
        if layout.of == "node" and (alive or layout.unhealthy == "keep"):
            fields = node_fields(node)
            if (key := _key(layout.key, fields)) is not None:
                found[key] = _value(layout.value, fields)
    return found


def readable(layouts: Iterable[Layout], of: Instance | Node, *, serves: bool) -> dict[str, str]:
    """As `published`; nothing where a key would be broken: one must not stop the others."""
    try:
        if isinstance(of, Instance):
            return published(layouts, of, serves=serves)
        return published_node(layouts, of, alive=serves)
    except Mistake:
        return {}


def instance_fields(instance: Instance, *, serves: bool = True) -> dict[str, str]:
    health = instance.health
    if not serves and health is Health.PASSING:  # marked by others
        health = Health.DRAINING
    return {
        "service": instance.service,
        "id": instance.id,
        "node": instance.node,
        "host": instance.host or instance.node,
        "address": _bracketed(instance.address),
        "ip": instance.address,
        "port": str(instance.port),
        "tags": ",".join(instance.tags),
        "weight": str(instance.weight if serves else 0),
        "health": health.value,
        "cluster": instance.cluster,
        "source": instance.source,
    }


def node_fields(node: Node) -> dict[str, str]:
    return {
        "node": node.name,
        "name": node.name,
        "host": node.name,
        "address": node.address,
        "ip": node.address,
        "cluster": node.cluster,
        "role": node.role,
    }


def host_of(layouts: Iterable[Layout], key: str) -> str | None:
    """Which host or node a key is of that somebody else wrote; None: it is no key of a layout."""
    for layout in layouts:
        if found := pattern_of(layout).fullmatch(key):
            fields = found.groupdict()
            if name := fields.get("host") or fields.get("node") or fields.get("name"):
                return name
    return None


def pattern_of(layout: Layout) -> re.Pattern[str]:
    """Of its keys; a field is one part of the path, or a piece of one."""
    seen: set[str] = set()
    text, end = "", 0
    for found in FIELD.finditer(layout.key):
        text += re.escape(layout.key[end : found.start()])
        name, end = found[1], found.end()
        text += f"(?P={name})" if name in seen else f"(?P<{name}>[^/]+)"
        seen.add(name)
    return re.compile(text + re.escape(layout.key[end:]))


def _key(template: str, fields: Mapping[str, str]) -> str | None:
    """None where a field of it is empty: a node without a cluster is in no /cluster/."""
    names = FIELD.findall(template)
    if not all(fields[name] for name in names):
        return None
    for name in names:
        if "/" in fields[name]:
            raise Mistake(f"{fields[name]!r} would be two parts of a key", field=name)
    key = _filled(template, fields)
    if key.startswith(OWN):
        raise Mistake(f"the key {key} is no reader's: what begins with {OWN} is ours", field="key")
    return key


def _value(template: str, fields: Mapping[str, str]) -> str:
    if template != JSON:
        return _filled(template, fields)
    typed: dict[str, object] = dict(fields)
    for name in ("port", "weight"):
        if name in typed:
            typed[name] = int(fields[name])
    if "tags" in typed:
        typed["tags"] = fields["tags"].split(",") if fields["tags"] else []
    return msgspec.json.encode(typed).decode()


def _filled(template: str, fields: Mapping[str, str]) -> str:
    return FIELD.sub(lambda found: fields[found[1]], template)


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
