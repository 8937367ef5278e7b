"""Services that the settings name: offered as they stand, or while a unit is active. Pure."""

from collections.abc import Iterable

from bootstrapper.errors import Mistake
from bootstrapper.fleet.values import Check, Node, Offer, Source, is_name
from bootstrapper.settings import StaticService


def static_offers(services: Iterable[StaticService], node: Node) -> dict[str, Offer]:
    """Of those without a unit, by `Offer.id`. Raises Mistake where two have the same id."""
    plain = [offer_of(each, node, "static") for each in _checked(services, node) if not each.unit]
    return {each.id: each for each in plain}


def unit_offers(services: Iterable[StaticService], node: Node) -> dict[str, tuple[Offer, ...]]:
    """Unit as the settings name it → what is offered while it is active."""
    found: dict[str, tuple[Offer, ...]] = {}
    for each in _checked(services, node):
        if each.unit:
            found[each.unit] = (*found.get(each.unit, ()), offer_of(each, node, "systemd"))
    return found


def offer_of(service: StaticService, node: Node, source: Source) -> Offer:
    return Offer(
        service=service.service, id=_id_of(service, node), address=service.address or node.address,
        port=service.port, host=node.name, cluster=service.cluster or node.cluster,
        tags=service.tags, weight=service.weight, source=source, checks=checks_of(service),
    )  # fmt: skip


def checks_of(service: StaticService) -> tuple[Check, ...]:
    found: list[Check] = []
    if service.check_http:
        found.append(_check(service, Check(kind="http", target=service.check_http)))
    if service.check_tcp:
        found.append(_check(service, Check(kind="tcp")))
    if service.check_command:
        found.append(_check(service, Check(kind="command", target=service.check_command)))
    return tuple(found)


def _check(service: StaticService, check: Check) -> Check:
    return Check(
        kind=check.kind, target=check.target, interval=service.interval, timeout=service.timeout,
        rise=service.rise, fall=service.fall, grace=service.grace,
    )  # fmt: skip


def _checked(services: Iterable[StaticService], node: Node) -> tuple[StaticService, ...]:
    """Raises Mistake for an id that two have, or that would be no part of a key."""
    known: set[str] = set()
    taken = tuple(services)
    for number, each in enumerate(taken):
        name, field = _id_of(each, node), f"fleet.services[{number}]"
        if name in known:
            raise Mistake(f"two services have the id {name!r}: give one an id", field=field)
        for what, word in (("id", name), ("service", each.service)):
            if not is_name(word):
                raise Mistake(f"{word!r} is no part of a key", field=f"{field}.{what}")
        known.add(name)
    return taken


def _id_of(service: StaticService, node: Node) -> str:
    return service.id or f"{node.name}:{service.service}:{service.port}"
