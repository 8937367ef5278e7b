"""Services: what is registered, and scripts that register and deregister."""

from typing import Any

from bootstrapper.api import fleet_views as views
from bootstrapper.api.route import Answer, Call, Parameter, Route
from bootstrapper.control.parts import Parts
from bootstrapper.control.registering import Registered, Wanted, deregister, only_node, register
from bootstrapper.control.verdicts import authorize
from bootstrapper.errors import Unknown
from bootstrapper.nearest import nearest

_NODE = Parameter(
    name="node", kind=str, default="", description="where it is; none: the only node that has it"
)


def routes() -> list[Route]:
    def route(method: str, path: str, name: str, summary: str, handler: Any, **more: Any) -> Route:
        return Route(
            method=method, path=f"/api/v1/services{path}", name=name, summary=summary,
            handler=handler, group="fleet", **more,
        )  # fmt: skip

    return [
        route("GET", "", "listServices", "All services", _list, answer=views.ServicesView),
        route("GET", "/{service}", "getService", "The instances of one", _get,
              answer=views.InstancesView),
        route("PUT", "/{service}/{id}", "register", "Register an instance, or renew it", _put,
              body=Wanted, answer=views.RegisteredView),
        route("DELETE", "/{service}/{id}", "deregister", "Take it away at once", _delete,
              query=(_NODE,), status=204),
    ]  # fmt: skip


def _list(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "fleet.read", "read")
    return Answer(body=views.services_view(parts.fleet.read()))


def _get(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "fleet.read", "read")
    fleet, service = parts.fleet.read(), call.path["service"]
    found = [each for each in fleet.instances.values() if each.service == service]
    if not found:
        known = sorted({each.service for each in fleet.instances.values()})
        raise Unknown(f"no service {service!r}{nearest(service, known)}", field="service")
    shown = tuple(views.instance_view(x, fleet) for x in sorted(found, key=views.by_service))
    return Answer(body=views.InstancesView(service=service, instances=shown))


def _put(parts: Parts, call: Call) -> Answer:
    wanted: Wanted = call.body
    authorize(parts, call.actor, "services.write", "change", hosts=(wanted.node,))
    service, name = call.path["service"], call.path["id"]
    return Answer(body=_view(register(parts.fleet, service, name, wanted, call.actor.name)))


def _delete(parts: Parts, call: Call) -> Answer:
    """A rule on hosts is one on nodes here, so which one it is must be known first."""
    service, name = call.path["service"], call.path["id"]
    node = call.query["node"] or only_node(parts.fleet.read(), service, name)
    authorize(parts, call.actor, "services.write", "change", hosts=(node,) if node else ())
    deregister(parts.fleet, service, name, node, call.actor.name)
    return Answer(status=204)


def _view(done: Registered) -> views.RegisteredView:
    offer = done.offer
    return views.RegisteredView(
        service=offer.service, id=offer.id, node=done.node, address=offer.address,
        port=offer.port, ttl=offer.ttl, watched=done.watched, note=done.note,
    )  # fmt: skip
