"""The fleet: who is alive, what serves where, why; and an operator's word on it."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from bootstrapper.api import fleet_views as views
from bootstrapper.api.route import Answer, Call, Parameter, Route
from bootstrapper.api.views import View
from bootstrapper.control.fleet_reading import chain_of, nodes_of
from bootstrapper.control.marking import Reply, answer, drain, release
from bootstrapper.control.parts import Parts
from bootstrapper.control.verdicts import authorize
from bootstrapper.fleet.members import inventory, plain, templated

Limit = Annotated[int, Meta(ge=1, le=5000)]
Format = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+\Z")]
_FORMAT = Parameter(
    name="format", kind=Format, default="json",
    description="json, plain (addresses), ansible, or a template such as {ip}:{port}",
)  # fmt: skip
_ALL = Parameter(
    name="all", kind=bool, default=False, description="1: those that are not alive too"
)
_SERVICE = Parameter(
    name="service", kind=str, default="", description="of a template: the instances of this one"
)
_MEMBERS = (_FORMAT, _ALL, _SERVICE)
_EVENTS = (
    Parameter(name="after", kind=str, default="", description="events after the one of this id"),
    Parameter(name="limit", kind=Limit, default=500, description="at most so many, the latest"),
)


class Reason(View, frozen=True, kw_only=True):
    reason: Annotated[str, Meta(max_length=1000)] = ""


def routes() -> list[Route]:
    def route(method: str, path: str, name: str, summary: str, handler: Any, **more: Any) -> Route:
        return Route(
            method=method, path=f"/api/v1/{path}", name=name, summary=summary, handler=handler,
            group="fleet", **more,
        )  # fmt: skip

    node, held = "fleet/nodes/{name:path}", "fleet/held/{name:path}"
    return [
        route("GET", "fleet", "getFleet", "Nodes and services", _fleet, answer=views.FleetView),
        route("GET", "fleet/events", "getFleetEvents", "What happened, the oldest first", _events,
              query=_EVENTS, answer=views.FleetEventsView),
        route("GET", "fleet/held", "listHeld", "Removals that the brakes hold", _held,
              answer=views.HeldsView),
        route("POST", f"{held}/confirm", "confirmRemoval", "Let a held removal through", _confirm,
              answer=views.HeldView),
        route("POST", f"{held}/refuse", "refuseRemoval", "Keep what a brake keeps", _refuse,
              answer=views.HeldView),
        route("POST", f"{node}/drain", "drainNode", "Take a node or an instance out of rotation",
              _drain, body=Reason, answer=views.MarkView),
        route("POST", f"{node}/release", "releaseNode", "Let it serve again", _release, status=204),
        route("GET", "nodes", "listNodes", "The living nodes", _nodes, query=_MEMBERS,
              answer=views.NodesView),
        route("GET", "clusters/{name}/nodes", "listMembers", "The living nodes of a cluster",
              _nodes, query=_MEMBERS, answer=views.NodesView),
        route("GET", "why/{name:path}", "why", "From a symptom to its first cause", _why,
              answer=views.ChainView),
    ]  # fmt: skip


def _fleet(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "fleet.read", "read")
    return Answer(body=views.fleet_view(parts.fleet.read(), parts.fleet.leader()))


def _events(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "fleet.read", "read")
    after, limit = call.query["after"], call.query["limit"]
    found = [each for each in parts.fleet.events() if each.id > after]
    chosen = found[:limit] if after else found[-limit:]
    return Answer(body=views.FleetEventsView(events=tuple(map(views.event_view, chosen))))


def _held(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "fleet.read", "read")
    return Answer(body=views.HeldsView(held=views.helds(parts.fleet.read())))


def _confirm(parts: Parts, call: Call) -> Answer:
    return _answer(parts, call, "confirmed")


def _refuse(parts: Parts, call: Call) -> Answer:
    return _answer(parts, call, "refused")


def _answer(parts: Parts, call: Call, reply: Reply) -> Answer:
    _may_write(parts, call)
    held = answer(parts.fleet, call.path["name"], reply, call.actor.name)
    return Answer(body=views.held_view(held))


def _drain(parts: Parts, call: Call) -> Answer:
    _may_write(parts, call)
    mark = drain(parts.fleet, call.path["name"], call.body.reason, call.actor.name)
    return Answer(body=views.mark_view(mark))


def _release(parts: Parts, call: Call) -> Answer:
    _may_write(parts, call)
    release(parts.fleet, call.path["name"], call.actor.name)
    return Answer(status=204)


def _may_write(parts: Parts, call: Call) -> None:
    """A rule on hosts is one on nodes here."""
    node = call.path["name"].partition("/")[0]
    authorize(parts, call.actor, "fleet.write", "change", hosts=(node,))


def _nodes(parts: Parts, call: Call) -> Answer:
    everybody = call.query["all"]
    fleet, found = nodes_of(parts, call.actor, call.path.get("name", ""), everybody=everybody)
    match call.query["format"]:
        case "json":
            nodes = tuple(views.node_view(each, fleet) for each in found)
            return Answer(body=views.NodesView(nodes=nodes))
        case "ansible":
            return Answer(body=msgspec.json.encode(inventory(fleet, found)))
        case "plain":
            return _text(plain(found))
        case template:
            service = call.query["service"]
            return _text(templated(fleet, found, template, service, everybody=everybody))


def _text(text: str) -> Answer:
    return Answer(body=text.encode(), media="text/plain; charset=utf-8")


def _why(parts: Parts, call: Call) -> Answer:
    return Answer(body=views.chain_view(chain_of(parts, call.actor, call.path["name"])))
