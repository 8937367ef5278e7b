"""Read what a checkout offers, its catalogue: files in, a value out.

Ansible itself reads the inventory, in a process of its own.
"""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.playbooks.ansible_cfg import Config, filter_config
from bootstrapper.playbooks.catalogue import Catalogue, Inventory, Playbook, Role
from bootstrapper.playbooks.content import Checkout
from bootstrapper.playbooks.galaxy import ROLES
from bootstrapper.playbooks.inventory_question import Answer, Question
from bootstrapper.settings import Content

INVENTORY_SECONDS = 120
CUSTOMARY_ENVS = frozenset(
    [
        "prod",
        "production",
        "live",
        "staging",
        "stage",
        "stg",
        "preprod",
        "qa",
        "test",
        "testing",
        "dev",
        "development",
    ]
)
"""Groups of a flat inventory that are envs, when the content's bootstrapper.toml names none."""

_YAML = (".yml", ".yaml")
_ALONE = re.compile(
    r"\b(run_once|any_errors_fatal|max_fail_percentage|ansible_play_(?:hosts|batch)(?:_all)?"
    r"|play_hosts|end_play|end_batch)\b"
)
_INCLUDED = re.compile(r"(?:include|import)_role:\s*(?:\n\s+)?(?:\{)?\s*name:\s*[\"']?([^\s\"'}]+)")


class Own(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content's own bootstrapper.toml."""

    update_code: str = ""
    envs: tuple[str, ...] = ()


def read_content(checkout: Checkout, content: Content, vault: Mapping[str, str]) -> Catalogue:
    project = checkout.project
    own = _own(project)
    config = read_config(project)
    books = _playbooks(project)
    sources = _sources(project, content)
    answer = _ask_ansible(project, sources, books, vault)
    envs = dict(answer.envs)
    if set(envs) == {""}:
        envs |= _group_envs(envs[""], own)
    playbooks = {
        name: Playbook(name, summary, _by_env(answer.hosts[name], envs))
        for name, (summary, _) in books.items()
    }
    update_code = content.update_code or own.update_code
    if update_code and update_code not in playbooks:
        raise Mistake(f"update_code: the content has no playbook {update_code!r}")
    customary = [name for name in playbooks if Path(name).stem in ("update-code", "update_code")]
    notes = [f"ansible.cfg: {name} is not honoured" for name in config.ignored]
    return Catalogue(
        commit=checkout.commit,
        roles=_roles(project, config),
        playbooks=playbooks,
        envs=envs,
        sources=sources,
        update_code=update_code or (customary[0] if customary else ""),
        notes=(*answer.notes, *notes),
    )


def read_config(project: Path) -> Config:
    file = project / "ansible.cfg"
    return filter_config(file.read_text()) if file.is_file() else Config("", ())


def roles_paths(project: Path, config: Config) -> tuple[Path, ...]:
    """Inside the project only."""
    named = [(project / part).resolve() for part in config.roles_path]
    inside = [path for path in named if path.is_relative_to(project.resolve())]
    return tuple(dict.fromkeys([project / "roles", *inside, project / ROLES]))


def _own(project: Path) -> Own:
    file = project / "bootstrapper.toml"
    if not file.is_file():
        return Own()
    try:
        return msgspec.convert(tomllib.loads(file.read_text()), Own)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Mistake(f"the content's bootstrapper.toml: {error}") from error


def _sources(project: Path, content: Content) -> dict[str, tuple[str, ...]]:
    """Inventory sources by env, relative to the project."""
    if content.inventory:
        if not any("{env}" in source for source in content.inventory):
            return {"": content.inventory}
        found: dict[str, tuple[str, ...]] = {}
        for source in content.inventory:
            for path in sorted(project.glob(source.replace("{env}", "*"))):
                pattern = re.escape(source).replace(re.escape("{env}"), "([^/]+)")
                match = re.fullmatch(pattern, str(path.relative_to(project)))
                if match:
                    env = match[1]
                    found[env] = (*found.get(env, ()), source.replace("{env}", env))
        return found
    for name in ("inventories", "inventory"):
        folder = project / name
        envs = (
            [each for each in sorted(folder.iterdir()) if _is_env(each)] if folder.is_dir() else []
        )
        if envs:
            return {each.name: (f"{name}/{each.name}",) for each in envs}
    for name in ("inventory", "inventory.yml", "inventory.yaml", "inventory.ini", "hosts"):
        if (project / name).exists():
            return {"": (name,)}
    return {"": ()}


def _is_env(path: Path) -> bool:
    return path.is_dir() and path.name not in ("group_vars", "host_vars") and path.name[0] != "."


def _group_envs(flat: Inventory, own: Own) -> dict[str, Inventory]:
    """The envs of a flat inventory are groups of it."""
    names = own.envs or tuple(sorted(CUSTOMARY_ENVS & flat.groups.keys()))
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


def _by_env(
    hosts: Mapping[str, tuple[str, ...]], envs: Mapping[str, Inventory]
) -> dict[str, tuple[str, ...]]:
    """A playbook's hosts in each env, those of group envs out of the flat inventory's."""
    flat = hosts.get("", ())
    return {
        env: hosts.get(env, tuple(host for host in flat if host in inventory.hosts))
        for env, inventory in envs.items()
    }


def _roles(project: Path, config: Config) -> dict[str, Role]:
    folders: dict[str, Path] = {}
    for path in roles_paths(project, config):
        for each in sorted(path.iterdir()) if path.is_dir() else ():
            if (each / "tasks").is_dir() or (each / "meta").is_dir():
                folders.setdefault(each.name, each)
    for each in sorted((project / "collections").glob("ansible_collections/*/*/roles/*")):
        if each.is_dir():
            folders[".".join((each.parts[-4], each.parts[-3], each.name))] = each
    texts = {name: "\n".join(_yaml_texts(folder)) for name, folder in folders.items()}
    metas = {name: _meta(folder) for name, folder in folders.items()}
    return {name: Role(name, _summary(metas[name]), _alone(name, texts, metas)) for name in folders}


def _yaml_texts(folder: Path) -> Iterator[str]:
    for part in ("tasks", "handlers", "templates", "defaults", "vars", "meta"):
        for file in sorted((folder / part).rglob("*")):
            if file.is_file():
                yield file.read_text(errors="replace")


def _meta(folder: Path) -> dict[str, Any]:
    for name in ("main.yml", "main.yaml"):
        file = folder / "meta" / name
        if file.is_file():
            try:
                found = yaml.safe_load(file.read_text())
            except yaml.YAMLError:
                return {}
            return found if isinstance(found, dict) else {}
    return {}


def _summary(meta: Mapping[str, Any]) -> str:
    info = meta.get("galaxy_info")
    return str(info.get("description") or "") if isinstance(info, dict) else ""


def _alone(name: str, texts: Mapping[str, str], metas: Mapping[str, Mapping[str, Any]]) -> str:
    """Why a role's result could depend on which hosts share its play; "" when it cannot."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        role = waiting.pop()
        if role in seen:
            continue
        seen.add(role)
        if role not in texts:
            return f"it takes in a role that is not known beforehand ({role})"
        if found := _ALONE.search(texts[role]):
            return f"{role} uses {found[1]}"
        waiting += _INCLUDED.findall(texts[role])
        for need in metas[role].get("dependencies") or ():
            waiting.append(
                str(need.get("role") or need.get("name")) if isinstance(need, dict) else need
            )
    return ""


def _playbooks(project: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    """name → (its first play's name, the host patterns of its plays)."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for folder in (project, project / "playbooks"):
        for file in sorted(folder.glob("*")):
            if file.suffix in _YAML and file.is_file():
                plays = _plays(file, project)
                if plays:
                    name = str(file.relative_to(project))
                    summary = str(plays[0].get("name") or "")
                    patterns = [_pattern(play["hosts"]) for play in plays if "hosts" in play]
                    found[name] = (summary, tuple(dict.fromkeys(patterns)))
    return found


def _pattern(hosts: Any) -> str:
    return ",".join(map(str, hosts)) if isinstance(hosts, list) else str(hosts)


def _plays(file: Path, project: Path, depth: int = 0) -> list[dict[str, Any]]:
    """The plays of a playbook and of those it imports; none when it is something else."""
    try:
        parts = yaml.load(file.read_text(), Loader=_Tolerant)
    except (yaml.YAMLError, UnicodeDecodeError, OSError):
        return []
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        return []
    plays: list[dict[str, Any]] = []
    for part in parts:
        named = part.get("import_playbook") or part.get("ansible.builtin.import_playbook")
        if named and depth < 10:  # noqa: PLR2004
            inner = (file.parent / str(named)).resolve()
            if inner.is_relative_to(project.resolve()):
                plays += _plays(inner, project, depth + 1)
        elif "hosts" in part:
            plays.append(part)
    return plays


class _Tolerant(yaml.SafeLoader):  # type: ignore[misc]
    """Plain YAML, in which Ansible's own tags (!vault, !unsafe) are just text."""


_Tolerant.add_multi_constructor("!", lambda loader, suffix, node: str(getattr(node, "value", "")))


def _ask_ansible(
    project: Path,
    sources: Mapping[str, tuple[str, ...]],
    books: Mapping[str, tuple[str, tuple[str, ...]]],
    vault: Mapping[str, str],
) -> Answer:
    question = Question(
        str(project),
        {env: tuple(str(project / each) for each in names) for env, names in sources.items()},
        {name: patterns for name, (_, patterns) in books.items()},
        dict(vault),
    )
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bootstrapper.playbooks.inventory"],
            input=msgspec.json.encode(question), capture_output=True, check=False,
            timeout=INVENTORY_SECONDS, env=_environment(project),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"the inventory took longer than {INVENTORY_SECONDS} s") from error
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise Refused(f"the inventory cannot be read: {lines[-1] if lines else 'no reason given'}")
    answer = msgspec.json.decode(done.stdout, type=Answer)
    warnings = [
        line.removeprefix("[WARNING]: ")
        for line in done.stderr.decode(errors="replace").splitlines()
        if line.startswith("[WARNING]")
    ]
    return msgspec.structs.replace(answer, notes=(*answer.notes, *warnings))


def _environment(project: Path) -> dict[str, str]:
    """Neither the caller's ANSIBLE_* nor any ansible.cfg decides what an inventory is."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("ANSIBLE_")}
    return {
        **kept,
        "ANSIBLE_CONFIG": str(project / ".no-ansible.cfg"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    }
