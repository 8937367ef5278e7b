"""From what a caller wrote to exact hosts. Pure, and the only way hosts get into a job.

A caller's words are data: an exact name of the inventory, an IP address, or, where the policy
allows patterns, a group, `all` or a glob. Nothing of Ansible's pattern language is passed on
(`@file`, `~regex`, `!`, `&`, `:` and ranges are refused).
"""

import ipaddress
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

import msgspec

from bootstrapper.errors import Mistake, Unknown
from bootstrapper.nearest import nearest
from bootstrapper.playbooks.catalogue import Catalogue, Host, Inventory

_WORD = re.compile(r"[A-Za-z0-9_.*?-][A-Za-z0-9_.*?:\[\]%-]*")


class Targets(msgspec.Struct, frozen=True):
    """`patterns`: the caller used a group, `all` or a glob rather than exact hosts."""

    env: str
    hosts: tuple[Host, ...]
    fleet: int
    patterns: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(host.name for host in self.hosts)


def resolve(wanted: Sequence[str], env: str, catalogue: Catalogue, *, field: str) -> Targets:
    """The hosts, each once, in the order asked for, and the env they are in."""
    if not wanted:
        raise Mistake("name at least one host", field=field)
    env = env or _env_of(wanted, catalogue)
    inventory = catalogue.inventory(env) if env or "" in catalogue.envs else Inventory()
    near = (inventory,) if env else catalogue.envs.values()
    known = [name for each in near for name in (*each.hosts, *each.groups)]
    found: dict[str, Host] = {}
    patterns = False
    for index, word in enumerate(wanted):
        place = f"{field}[{index}]"
        exact = _exact(word, env, inventory, catalogue, place)
        patterns = patterns or exact is None
        for host in (exact,) if exact else _expand(word, inventory, known, place):
            found.setdefault(host.name, host)
    return Targets(env, tuple(found.values()), len(inventory.hosts), patterns)


def _env_of(wanted: Sequence[str], catalogue: Catalogue) -> str:
    """Where the caller names no env it is the hosts' own, so that no rule on envs is passed by."""
    names: list[str] = []
    for word in wanted:
        names.append(word)
        for inventory in catalogue.envs.values():
            known = inventory.by_address(_address(word) or word)
            names += [known.name] if known else []
            names += inventory.hosts if word == "all" else inventory.groups.get(word, ())
            if set("*?") & set(word):
                names += [name for name in inventory.hosts if fnmatchcase(name, word)]
    return catalogue.env_of(names)


def lock_of(word: str, catalogue: Catalogue) -> str:
    """What jobs on a host lock. `word` is the host's name or address, or `address:port`."""
    hosts = [host for part in catalogue.envs.values() for host in part.hosts.values()]
    own = f"host:{word}"
    if any(host.lock == own for host in hosts):
        return own
    address = _address(word)
    found = sorted(
        {host.lock for host in hosts if {word, address or word} & {host.name, host.address}}
    )
    if len(found) > 1:
        raise Mistake(f"{word!r} is more than one host: {' or '.join(found)}", field="resource")
    if not found and not address:
        hint = nearest(word, [host.name for host in hosts])
        raise Unknown(f"no host {word!r} in the inventory{hint}", field="resource")
    return found[0] if found else f"host:{address}"


def _exact(
    word: str, env: str, inventory: Inventory, catalogue: Catalogue, place: str
) -> Host | None:
    if not _WORD.fullmatch(word):
        raise Mistake(f"{word!r} is neither a host's name nor an address", field=place)
    if word in inventory.hosts:
        return inventory.hosts[word]
    address = _address(word)
    if not address:
        return None
    known = inventory.by_address(address)
    if known:
        return known
    for other in catalogue.env_names:
        if other != env and catalogue.envs[other].by_address(address):
            raise Mistake(f"{word} belongs to env {other!r}, not {env!r}", field=place)
    return Host(address, address)


def _address(word: str) -> str:
    """One way to write it, so that no rule on envs is passed by (::ffff:10.0.0.5 is 10.0.0.5)."""
    try:
        address = ipaddress.ip_address(word.strip("[]"))
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)


def _expand(word: str, inventory: Inventory, known: Sequence[str], place: str) -> tuple[Host, ...]:
    """`known`: the names that an unknown one may have been meant for."""
    if word in inventory.groups:
        names = inventory.groups[word]
    elif word == "all":
        names = tuple(inventory.hosts)
    else:
        names = tuple(name for name in inventory.hosts if fnmatchcase(name, word))
        for group, members in inventory.groups.items():
            if set("*?") & set(word) and fnmatchcase(group, word):
                names += members
    if not names:
        raise Unknown(f"no host {word!r} in the inventory{nearest(word, known)}", field=place)
    return tuple(inventory.hosts[name] for name in dict.fromkeys(names))
