"""What the content offers: roles, playbooks, envs, hosts."""

from bootstrapper.api.route import Answer, Call, Parameter, Route
from bootstrapper.api.views import View
from bootstrapper.control.parts import Parts
from bootstrapper.control.verdicts import authorize


class RoleView(View, frozen=True, kw_only=True):
    """`alone`: why jobs of this role never share a play; "" when they may."""

    name: str
    summary: str
    alone: str


class PlaybookView(View, frozen=True, kw_only=True):
    name: str
    summary: str


class ContentView(View, frozen=True, kw_only=True):
    commit: str
    source: str
    roles: tuple[RoleView, ...]
    playbooks: tuple[PlaybookView, ...]
    envs: tuple[str, ...]
    update_code: str
    notes: tuple[str, ...]


class HostView(View, frozen=True, kw_only=True):
    name: str
    address: str
    port: int


class InventoryView(View, frozen=True, kw_only=True):
    env: str
    hosts: tuple[HostView, ...]
    groups: dict[str, tuple[str, ...]]


def routes() -> list[Route]:
    env = Parameter(name="env", kind=str, description="of this env", default="")
    return [
        Route(
            method="GET", path="/api/v1/content", name="getContent",
            summary="Roles, playbooks and envs of the current commit", handler=_content,
            answer=ContentView, group="content",
        ),
        Route(
            method="GET", path="/api/v1/inventory", name="getInventory",
            summary="Hosts and groups", handler=_inventory, query=(env,), answer=InventoryView,
            group="content",
        ),
    ]  # fmt: skip


def _content(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "content.read", "read")
    catalogue = parts.library.current()
    content = parts.settings.content
    return Answer(
        body=ContentView(
            commit=catalogue.commit,
            source=content.path or content.git,
            roles=tuple(
                RoleView(name=role.name, summary=role.summary, alone=role.alone)
                for role in catalogue.roles.values()
            ),
            playbooks=tuple(
                PlaybookView(name=book.name, summary=book.summary)
                for book in catalogue.playbooks.values()
            ),
            envs=catalogue.env_names,
            update_code=catalogue.update_code,
            notes=catalogue.notes,
        )
    )


def _inventory(parts: Parts, call: Call) -> Answer:
    env = call.query["env"]
    authorize(parts, call.actor, "inventory.read", "read", env=env)
    inventory = parts.library.current().inventory(env)
    hosts = tuple(
        HostView(name=host.name, address=host.address, port=host.port)
        for host in inventory.hosts.values()
    )
    return Answer(body=InventoryView(env=env, hosts=hosts, groups=inventory.groups))
