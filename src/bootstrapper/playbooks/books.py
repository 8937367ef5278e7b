"""The content's playbooks: their names, and the host patterns of their plays."""

from pathlib import Path
from typing import Any

import msgspec
import yaml

_YAML = (".yml", ".yaml")
DEEPEST = 10  # playbooks that import playbooks


class Book(msgspec.Struct, frozen=True):
    """`summary` is its first play's name; `patterns` are what its plays name as hosts."""

    summary: str
    patterns: tuple[str, ...]


def read_books(project: Path) -> dict[str, Book]:
    """By name, as a path below the project."""
    found: dict[str, Book] = {}
    for folder in (project, project / "playbooks"):
        for file in sorted(folder.glob("*")):
            if file.suffix in _YAML and file.is_file():
                plays = _plays(file, project)
                if plays:
                    name = str(file.relative_to(project))
                    summary = str(plays[0].get("name") or "")
                    patterns = [_pattern(play["hosts"]) for play in plays if "hosts" in play]
                    found[name] = Book(summary, tuple(dict.fromkeys(patterns)))
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
        if named and depth < DEEPEST:
            inner = (file.parent / str(named)).resolve()
            if inner.is_relative_to(project.resolve()):
                plays += _plays(inner, project, depth + 1)
        elif "hosts" in part:
            plays.append(part)
    return plays


class _Tolerant(yaml.SafeLoader):  # type: ignore[misc]
    """Plain YAML, in which Ansible's own tags (!vault, !unsafe) are just text."""


_Tolerant.add_multi_constructor("!", lambda loader, suffix, node: str(getattr(node, "value", "")))
