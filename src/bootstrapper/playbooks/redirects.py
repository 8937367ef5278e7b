"""One module, several names: what Ansible itself and the collections redirect to one another.

`mount` is `ansible.posix.mount` since modules moved out of Ansible; a collection says in its
`meta/runtime.yml` where its own have gone.
"""

import operator
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

BUILT_IN = ("ansible.builtin.", "ansible.legacy.")
RUNTIME = "meta/runtime.yml"
_KINDS = ("action", "modules")  # what a module decides, an action plugin of that name does not


class Index:
    """Every name of some tables with where it leads: thousands, and made once for those tables."""

    def __init__(self, redirects: tuple[Mapping[str, str], ...]) -> None:
        self._redirects = redirects
        self._followed = {
            _short(name): _short(to) for each in redirects for name, to in each.items()
        }
        self._leading: dict[str, set[str]] = {}
        for name in self._followed:
            self._leading.setdefault(_last(name, self._followed), set()).add(name)

    def is_of(self, redirects: tuple[Mapping[str, str], ...]) -> bool:
        """Of these very tables: nobody changes one that was read."""
        mine = self._redirects
        return len(mine) == len(redirects) and all(map(operator.is_, mine, redirects))

    def others(self, module: str) -> tuple[str, ...]:
        wanted = _last(_short(module), self._followed)
        names = {wanted, *self._leading.get(wanted, ())}
        return tuple(sorted(names - {module, _short(module)}))


_latest = Index(())


def other_names(module: str, *redirects: Mapping[str, str]) -> tuple[str, ...]:
    """What else this module is called, with all that leads to where it leads."""
    global _latest  # noqa: PLW0603 (of one content at a time; whoever loses a race makes it again)
    index = _latest
    if not index.is_of(redirects):
        _latest = index = Index(redirects)
    return index.others(module)


def _short(name: str) -> str:
    return next((name.removeprefix(each) for each in BUILT_IN if name.startswith(each)), name)


def _last(name: str, followed: Mapping[str, str]) -> str:
    """Where the redirects end; in a circle, at the least of its names."""
    seen = [name]
    while (name := followed.get(name, "")) and name not in seen:
        seen.append(name)
    return min(seen[seen.index(name) :]) if name else seen[-1]


@lru_cache(maxsize=1)
def built_in_redirects() -> Mapping[str, str]:
    """Ansible's own, which takes 0.1 s to read once."""
    found = find_spec("ansible")
    folder = Path(found.origin).parent if found and found.origin else None
    return _read(folder / "config" / "ansible_builtin_runtime.yml", "") if folder else {}


def collection_redirects(project: Path) -> dict[str, str]:
    """Those of the content's collections and of this machine's."""
    places = (project / "collections", *_machine())
    found: dict[str, str] = {}
    for place in dict.fromkeys(places):
        for file in sorted((place / "ansible_collections").glob(f"*/*/{RUNTIME}")):
            collection = file.parents[1]
            prefix = f"{collection.parent.name}.{collection.name}."
            found = {**_read_known(file, prefix, file.stat().st_mtime_ns), **found}
    return found


def _machine() -> Iterable[Path]:
    yield Path.home() / ".ansible" / "collections"
    yield Path("/usr/share/ansible/collections")
    yield from (Path(each) for each in sys.path if each)


@lru_cache(maxsize=512)
def _read_known(file: Path, prefix: str, modified: int) -> Mapping[str, str]:
    return _read(file, prefix)


def _read(file: Path, prefix: str) -> dict[str, str]:
    """Names with `prefix` to where they lead; a file that is no YAML leads nowhere."""
    import yaml  # noqa: PLC0415 (only where content is read)

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        text = yaml.load(file.read_text(), Loader=loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    found: dict[str, str] = {}
    for kind in _KINDS:
        for name, entry in _table(_table(text, "plugin_routing"), kind).items():
            to = _table(entry).get("redirect")
            if isinstance(name, str) and isinstance(to, str):
                found[prefix + name] = to
    return found


def _table(value: Any, key: str = "") -> dict[Any, Any]:
    """`value`, or what it has at `key`, as a table; an empty one where there is none."""
    value = value.get(key) if key and isinstance(value, dict) else value
    return value if isinstance(value, dict) else {}
