"""What a commit of the content offers, as a value: its roles, playbooks, envs and hosts.

It is made once per commit (`sync.py`) and read by every process, so that a request is checked
against exact names before anything runs.
"""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeVar

import msgspec

from bootstrapper.errors import Mistake, Unknown
from bootstrapper.nearest import nearest

T = TypeVar("T")
SSH = 22


class Host(msgspec.Struct, frozen=True, order=True):
    """`address` is what is connected to (`ansible_host`); `port` 0 is SSH's own."""

    name: str
    address: str = ""
    port: int = 0

    @property
    def lock(self) -> str:
        """One machine, one lock, whatever its names in the inventory are."""
        place = one_spelling(self.address or self.name)
        return f"host:{place}:{self.port}" if self.port not in (0, SSH) else f"host:{place}"


@lru_cache(maxsize=65_536)
def one_spelling(place: str) -> str:
    """Of an address or a machine's name: ::ffff:10.0.0.5 is 10.0.0.5, and WEB is web."""
    try:
        address = ipaddress.ip_address(place.strip("[]"))
    except ValueError:
        return place.lower().rstrip(".")
    return str(getattr(address, "ipv4_mapped", None) or address)


class Inventory(msgspec.Struct, frozen=True):
    hosts: dict[str, Host] = {}
    groups: dict[str, tuple[str, ...]] = {}

    def by_address(self, address: str) -> Host | None:
        wanted = one_spelling(address)
        return next(
            (
                host
                for host in self.hosts.values()
                if wanted and wanted in (one_spelling(host.address), one_spelling(host.name))
            ),
            None,
        )


class Role(msgspec.Struct, frozen=True):
    """`alone` says why jobs of this role cannot share a play; empty when they can."""

    name: str
    summary: str = ""
    alone: str = ""


class Playbook(msgspec.Struct, frozen=True):
    """`hosts` by env: those that its plays name, found by Ansible itself."""

    name: str
    summary: str = ""
    hosts: dict[str, tuple[str, ...]] = {}


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """`envs[""]` is the whole inventory where the content has one; `sources` are its files.
    `redirects`: modules of collections → where they have gone.
    """

    commit: str
    roles: dict[str, Role] = {}
    playbooks: dict[str, Playbook] = {}
    envs: dict[str, Inventory] = {}
    sources: dict[str, tuple[str, ...]] = {}
    update_code: str = ""
    redirects: dict[str, str] = {}
    notes: tuple[str, ...] = ()

    def role(self, name: str, field: str = "roles") -> Role:
        return _named(self.roles, name, "role", field)

    def playbook(self, name: str, field: str = "playbook") -> Playbook:
        for each in (name, f"{name}.yml", f"{name}.yaml"):
            if each in self.playbooks:
                return self.playbooks[each]
        return _named(self.playbooks, name, "playbook", field)

    @property
    def env_names(self) -> tuple[str, ...]:
        return tuple(sorted(env for env in self.envs if env))

    def inventory(self, env: str) -> Inventory:
        if env in self.envs:
            return self.envs[env]
        if not env:
            raise Mistake(f"name an env: one of {', '.join(self.env_names)}", field="env")
        return _named(self.envs, env, "env", "env")

    def env_of(self, hosts: Iterable[str]) -> str:
        """The one env that holds these hosts; "" when none does."""
        wanted = set(hosts)
        found = [env for env in self.env_names if wanted & self.envs[env].hosts.keys()]
        if len(found) > 1:
            raise Mistake(f"these hosts are in {' and '.join(found)}: name one env", field="env")
        if not found:
            return ""
        flat = self.envs.get("", Inventory()).hosts
        if strays := sorted(wanted & flat.keys() - self.envs[found[0]].hosts.keys()):
            raise Mistake(f"{strays[0]} is in no env, others are in {found[0]!r}", field="env")
        return found[0]


def _named(table: dict[str, T], name: str, what: str, field: str) -> T:
    if name in table:
        return table[name]
    hint = nearest(name, (each for each in table if each))
    raise Unknown(f"no {what} {name!r} in the content{hint}", field=field)
