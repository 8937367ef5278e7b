"""The content's envs: folders of inventories, or groups of a flat one; its bootstrapper.toml."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from bootstrapper.errors import Mistake
from bootstrapper.playbooks.catalogue import Inventory
from bootstrapper.settings import Content

CUSTOMARY = frozenset(
    """prod production live staging stage stg preprod qa test testing dev
    development""".split()  # noqa: SIM905
)
"""Groups of a flat inventory that are envs, when the content's bootstrapper.toml names none."""


class Own(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content's own bootstrapper.toml."""

    update_code: str = ""
    envs: tuple[str, ...] = ()


def read_own(project: Path) -> Own:
    file = project / "bootstrapper.toml"
    if not file.is_file():
        return Own()
    try:
        return msgspec.convert(tomllib.loads(file.read_text()), Own)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Mistake(f"the content's bootstrapper.toml: {error}") from error


def inventory_sources(project: Path, content: Content) -> dict[str, tuple[str, ...]]:
    """Inventory sources by env ("": of the whole content), relative to the project."""
    if any("{env}" in source for source in content.inventory):
        return _named_sources(project, content.inventory)
    if content.inventory:
        return {"": content.inventory}
    for name in ("inventories", "inventory"):
        folder = project / name
        parts = sorted(folder.iterdir()) if folder.is_dir() else []
        envs = [part.name for part in parts if _is_env(part)]
        if envs:
            return {env: (f"{name}/{env}",) for env in envs}
    for name in ("inventory", "inventory.yml", "inventory.yaml", "inventory.ini", "hosts"):
        if (project / name).exists():
            return {"": (name,)}
    return {"": ()}


def _named_sources(project: Path, named: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Each `{env}` stands for one name of a path."""
    found: dict[str, tuple[str, ...]] = {}
    for source in named:
        pattern = re.escape(source).replace(re.escape("{env}"), "([^/]+)")
        for path in sorted(project.glob(source.replace("{env}", "*"))):
            match = re.fullmatch(pattern, str(path.relative_to(project)))
            if match:
                own = source.replace("{env}", match[1])
                found[match[1]] = (*found.get(match[1], ()), own)
    return found


def _is_env(path: Path) -> bool:
    return path.is_dir() and path.name not in ("group_vars", "host_vars") and path.name[0] != "."


def group_envs(flat: Inventory, own: Own) -> dict[str, Inventory]:
    """The envs of a flat inventory are groups of it."""
    names = own.envs or tuple(sorted(CUSTOMARY & flat.groups.keys()))
    envs: dict[str, Inventory] = {}
    for env in names:
        if env not in flat.groups:
            raise Mistake(f"the content's bootstrapper.toml: env {env!r} is no group")
        members = set(flat.groups[env])
        groups = {
            name: tuple(host for host in hosts if host in members)
            for name, hosts in flat.groups.items()
        }
        envs[env] = Inventory(
            {name: host for name, host in flat.hosts.items() if name in members},
            {name: hosts for name, hosts in groups.items() if hosts},
        )
    return envs


def by_env(
    hosts: Mapping[str, tuple[str, ...]], envs: Mapping[str, Inventory]
) -> dict[str, tuple[str, ...]]:
    """A playbook's hosts in each env, those of group envs out of the flat inventory's."""
    flat = hosts.get("", ())
    return {
        env: hosts.get(env, tuple(host for host in flat if host in inventory.hosts))
        for env, inventory in envs.items()
    }
