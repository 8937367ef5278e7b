"""The content's roles: where they are, what they say of themselves, and which must play alone."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from bootstrapper.playbooks.ansible_cfg import Config, filter_config
from bootstrapper.playbooks.catalogue import Role
from bootstrapper.playbooks.galaxy import ROLES

_ALONE = re.compile(
    r"\b(run_once|any_errors_fatal|max_fail_percentage|ansible_play_(?:hosts|batch)(?:_all)?"
    r"|play_hosts|end_play|end_batch)\b"
)
_INCLUDED = re.compile(r"(?:include|import)_role:\s*(?:\n\s+)?(?:\{)?\s*name:\s*[\"']?([^\s\"'}]+)")
_TAKES_IN = re.compile(r"(?:include|import)_role[\"']?\s*:")


def read_config(project: Path) -> Config:
    file = project / "ansible.cfg"
    return filter_config(file.read_text()) if file.is_file() else Config("", ())


def roles_paths(project: Path, config: Config) -> tuple[Path, ...]:
    """Inside the project only."""
    named = [(project / part).resolve() for part in config.roles_path]
    inside = [path for path in named if path.is_relative_to(project.resolve())]
    return tuple(dict.fromkeys([project / "roles", *inside, project / ROLES]))


def read_roles(project: Path, config: Config) -> dict[str, Role]:
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
        named = _INCLUDED.findall(texts[role])
        if len(named) < len(_TAKES_IN.findall(texts[role])):  # written in a way we do not read
            return f"it takes in a role that is not known beforehand (by {role})"
        waiting += named
        for need in metas[role].get("dependencies") or ():
            waiting.append(
                str(need.get("role") or need.get("name")) if isinstance(need, dict) else need
            )
    return ""
