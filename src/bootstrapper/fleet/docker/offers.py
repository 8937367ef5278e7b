"""What one container offers to the fleet, as registrator reads it. Pure.

A service is a port that can be reached. Its name is the image's unless it is said otherwise, and
bears the port in the container where there are several; its id is `node:container:port`.
What cannot be read is a fault to be told once; everything else holds.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from bootstrapper.fleet.docker.checks import checks_of
from bootstrapper.fleet.docker.front_door import FRONTEND, front_door
from bootstrapper.fleet.docker.inspected import Container
from bootstrapper.fleet.docker.metadata import (
    Fields,
    environment,
    fields_of,
    odd_names,
    tags_of,
)  # fmt: skip
from bootstrapper.fleet.docker.places import Place, Ways, places_of
from bootstrapper.fleet.values import HOST, ODD, Offer, is_name

ADDRESS = re.compile(HOST)
CONTROL = re.compile(f"[{ODD}]")
WEIGHT, MOST_WEIGHT = 100, 256


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """`offers` by `Offer.id`; `faults`: what could not be read, each with its label."""

    offers: Mapping[str, Offer] = MappingProxyType({})
    faults: tuple[str, ...] = ()


def offers_of(container: Container, ways: Ways, lender: Container | None = None) -> Found:
    """Of one that does not run: nothing. `lender`: the container whose network it uses.

    While it is paused, or its own HEALTHCHECK fails, it is offered as draining.
    """
    if not container.runs:
        return Found()
    faults: list[str] = []
    for label in odd_names(container.config):
        faults.append(f"{label}: it names no port by its number, so nobody reads it")
    places = places_of(container, ways, lender)
    door = front_door(container, places, ways, faults)
    offers: dict[str, Offer] = {}
    for place in _with_door(places, door):
        offer = _offer(container, ways, place, place is door, len(places) > 1, faults)
        if offer is not None and offers.setdefault(offer.id, offer) is not offer:
            faults.append(f"two of its services have the id {offer.id!r}: one is left out")
    return Found(offers=offers, faults=tuple(dict.fromkeys(faults)))


def default_name(image: str) -> str:
    """`registry:5000/team/web:1.2@sha256:…` is `web`."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def _with_door(places: tuple[Place, ...], door: Place | None) -> list[Place]:
    """It stands in for the place that it is about."""
    if door is None:
        return list(places)
    others = [each for each in places if (each.inner, each.protocol) != (door.inner, "tcp")]
    return [door, *others]


def _offer(
    container: Container, ways: Ways, place: Place, door: bool, several: bool, faults: list[str]
) -> Offer | None:
    """None: it shall not be offered."""
    fields = fields_of(container.config, place.inner)
    named = bool(fields["name"]) or door
    if fields["ignore"] or (ways.explicit and not named):
        return None
    suffix = f"-{place.inner}" if several else ""
    service = FRONTEND
    if not door:
        own = "" if "name" in fields.own and fields["name"] else suffix
        service = (fields["name"] or default_name(container.config.image)) + own
        if not is_name(service):
            where = fields.label("name") if fields["name"] else "the image's name"
            faults.append(f"{where}: {service!r} is no name for a service: it is not offered")
            return None
    if not ADDRESS.fullmatch(place.address):
        faults.append(f"port {place.inner}: {place.address!r} is no address: it is not offered")
        return None
    name = _id(container, fields, place, ways, suffix, faults)
    if not is_name(name):
        faults.append(f"port {place.inner}: {name!r} is no id: it is not offered")
        return None
    return Offer(
        service=service,
        id=name,
        address=place.address,
        port=place.port,
        host=_host(container, faults),
        cluster=_cluster(container, fields, faults),
        tags=_tags(fields, place, faults),
        weight=_weight(fields, faults),
        source="docker",
        checks=checks_of(container, fields, place, ways, faults),
        draining=container.state.paused or container.state.unhealthy,
    )


def _id(
    container: Container,
    fields: Fields,
    place: Place,
    ways: Ways,
    suffix: str,
    faults: list[str],
) -> str:
    if given := fields["id"]:
        wanted = given if "id" in fields.own else given + suffix
        if is_name(wanted):
            return wanted
        faults.append(f"{fields.label('id')}: {given!r} is no id: the usual one is taken")
    protocol = "" if place.protocol == "tcp" else f":{place.protocol}"
    return f"{ways.node}:{container.title}:{place.inner}{protocol}"


def _host(container: Container, faults: list[str]) -> str:
    hostname = container.config.hostname
    if hostname and not is_name(hostname):
        faults.append(f"its hostname {hostname!r} cannot stand in a key: its name is taken")
        return container.title
    return hostname


def _cluster(container: Container, fields: Fields, faults: list[str]) -> str:
    cluster = fields["cluster"]
    label = fields.label("cluster") if cluster else "CLUSTER"
    cluster = cluster or environment(container.config).get("CLUSTER", "")
    if cluster and not is_name(cluster):
        faults.append(f"{label}: {cluster!r} is no name for a cluster: the node's is taken")
        return ""
    return cluster


def _tags(fields: Fields, place: Place, faults: list[str]) -> tuple[str, ...]:
    tags = tags_of(fields["tags"])
    good = tuple(tag for tag in tags if not CONTROL.search(tag))
    if good != tags:
        faults.append(f"{fields.label('tags')}: a tag with a control character is left out")
    return good if place.protocol == "tcp" else (*good, place.protocol)


def _weight(fields: Fields, faults: list[str]) -> int:
    text = fields["weight"].strip()
    number = text.lstrip("0") or text[-1:]
    if number.isascii() and number.isdigit() and int(number[:6]) <= MOST_WEIGHT:
        return int(number)
    if text:
        label = fields.label("weight")
        faults.append(f"{label}: {text!r} is not 0 to {MOST_WEIGHT}: it is {WEIGHT} now")
    return WEIGHT
