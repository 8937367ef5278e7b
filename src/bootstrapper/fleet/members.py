"""The members of a cluster in the form that a reader wants: names, templates, Ansible. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bootstrapper.errors import Mistake, Unknown
from bootstrapper.fleet.layouts import FIELD, OF_INSTANCE, instance_fields, node_fields
from bootstrapper.fleet.standing import Standing, standing
from bootstrapper.fleet.values import Fleet, Instance, Node
from bootstrapper.nearest import nearest


def members(fleet: Fleet, cluster: str, *, everybody: bool) -> tuple[Node, ...]:
    """By name; of all clusters when `cluster` is ""; without `everybody` only the living."""
    if cluster:
        known = {each.cluster for each in fleet.nodes.values() if each.cluster}
        if cluster not in known:
            raise Unknown(f"no cluster {cluster!r}{nearest(cluster, sorted(known))}", field="name")
    return tuple(
        node
        for _, node in sorted(fleet.nodes.items())
        if (not cluster or node.cluster == cluster)
        and (everybody or standing(node, fleet) is Standing.ALIVE)
    )


def plain(nodes: Iterable[Node]) -> str:
    return "".join(f"{node.address}\n" for node in nodes)


def templated(
    fleet: Fleet, nodes: Sequence[Node], template: str, service: str, *, everybody: bool
) -> str:
    """A line for each node; for each instance of `service` where one is named or the template
    asks for what only an instance has. Raises Mistake."""
    asked = set(FIELD.findall(template))
    if unknown := sorted(asked - OF_INSTANCE - {"name", "role"}):
        known = sorted(OF_INSTANCE | {"name", "role"})
        hint = nearest(unknown[0], known) or f": there are {', '.join(known)}"
        raise Mistake(f"no field {unknown[0]!r}{hint}", field="format")
    if not asked:
        forms = "json, plain, ansible or a template such as {ip}:{port}"
        raise Mistake(f"{template!r} is none of {forms}", field="format")
    plain_fields = {"node", "name", "host", "address", "ip", "cluster", "role"}
    if not service and asked <= plain_fields:
        return "".join(f"{_filled(template, node_fields(node))}\n" for node in nodes)
    lines = [
        _filled(template, {**node_fields(node), **instance_fields(each)})
        for node in nodes
        for each in _instances(fleet, node, service, everybody=everybody)
    ]
    return "".join(f"{line}\n" for line in lines)


def inventory(fleet: Fleet, nodes: Iterable[Node]) -> dict[str, Any]:
    """As Ansible reads what an inventory script prints for `--list`."""
    groups: dict[str, list[str]] = {}
    hostvars: dict[str, dict[str, Any]] = {}
    services: dict[str, set[str]] = {}
    for each in fleet.instances.values():
        services.setdefault(each.node, set()).add(each.service)
    for node in nodes:
        here = sorted(services.get(node.name, ()))
        names = [("cluster", node.cluster), ("role", node.role)]
        names += [("service", each) for each in here]
        for group in sorted({_group(kind, name) for kind, name in names if name}):
            groups.setdefault(group, []).append(node.name)
        hostvars[node.name] = {
            "ansible_host": node.address,
            "bootstrapper_cluster": node.cluster,
            "bootstrapper_role": node.role,
            "bootstrapper_state": standing(node, fleet).value,
            "bootstrapper_tags": dict(sorted(node.tags.items())),
            "bootstrapper_services": here,
        }
    made: dict[str, Any] = {name: {"hosts": hosts} for name, hosts in sorted(groups.items())}
    grouped = {host for hosts in groups.values() for host in hosts}
    made["ungrouped"] = {"hosts": sorted(hostvars.keys() - grouped)}
    return made | {"_meta": {"hostvars": hostvars}}


def _group(kind: str, name: str) -> str:
    """A name that Ansible takes for a group without a word."""
    return f"{kind}_" + "".join(c if c.isascii() and c.isalnum() else "_" for c in name)


def _instances(fleet: Fleet, node: Node, service: str, *, everybody: bool) -> tuple[Instance, ...]:
    found = [
        each for _, each in sorted(fleet.instances.items())
        if each.node == node.name and service in ("", each.service)
        and (everybody or fleet.serves(each))
    ]  # fmt: skip
    services = sorted({each.service for each in found})
    if not service and len(services) > 1:
        raise Mistake(f"which of its services: {', '.join(services)}?", field="service")
    return tuple(found)


def _filled(template: str, fields: Mapping[str, str]) -> str:
    return FIELD.sub(lambda found: fields[found[1]], template)
