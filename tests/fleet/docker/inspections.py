"""What `docker inspect` says of a container, as tables of these tests write it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from bootstrapper.fleet.docker.inspected import Container
from bootstrapper.fleet.docker.offers import Found
from bootstrapper.fleet.docker.places import Ways
from bootstrapper.fleet.values import Offer

WAYS = Ways(node="node1", address="10.0.0.5")
INTERNAL = msgspec.structs.replace(WAYS, internal=True)
EXPLICIT = msgspec.structs.replace(WAYS, explicit=True)
ID = "4f1d8c0e" * 8
TWO = {"443/tcp": 4443, "80/tcp": 8000}


def published(port: int, ip: str = "0.0.0.0") -> dict[str, str]:
    return {"HostIp": ip, "HostPort": str(port)}


def inspected(
    ports: Mapping[str, object] | None = None,
    *,
    env: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    name: str = "/redis.0",
    image: str = "progrium/redis",
    exposed: tuple[str, ...] = (),
    mode: str = "default",
    ip: str = "172.17.0.2",
    networks: Mapping[str, Any] | None = None,
    hostname: str = "4f1d8c0e4f1d",
    container: str = ID,
    **state: Any,
) -> Container:
    """`ports`: `80/tcp` → a published port, its bindings, or None. What Docker leaves null is."""
    bindings = {
        key: [published(value)] if isinstance(value, int) else value
        for key, value in (ports or {}).items()
    }
    if networks is None:
        networks = {"bridge": {"IPAddress": ip, "GlobalIPv6Address": ""}}
    told = {
        "Id": container,
        "Name": name,
        "Created": "2026-11-24T10:00:00.5Z",
        "State": {
            "Status": "running", "Running": True, "Paused": False, "Restarting": False,
            "StartedAt": "2026-11-24T10:00:00.123456789Z", **state,
        },
        "Config": {
            "Hostname": hostname, "Image": image, "Labels": dict(labels) if labels else None,
            "Env": [f"{key}={value}" for key, value in env.items()] if env else None,
            "ExposedPorts": {each: {} for each in (*bindings, *exposed)} or None,
        },
        "HostConfig": {"NetworkMode": mode},
        "NetworkSettings": {"Ports": bindings or None, "Networks": networks or None},
    }  # fmt: skip
    return msgspec.json.decode(msgspec.json.encode(told), type=Container)


def shown(found: Found) -> dict[str, str]:
    return {
        offer.id: f"{offer.service} {offer.address}:{offer.port}" for offer in found.offers.values()
    }


def the_only(found: Found) -> Offer:
    (offer,) = found.offers.values()
    return offer
