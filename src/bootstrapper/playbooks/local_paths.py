"""What an ad-hoc module may touch on the control machine: files of the content, and no others.

Some modules read a file here and send it, or write here what they fetched. A caller who may use
them on a host must not thereby reach the owner's token, a key, or another run. Pure.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from bootstrapper.errors import Mistake

READS = {
    "copy": "no",
    "uri": "no",
    "patch": "no",
    "unarchive": "no",
    "win_copy": "no",
    "assemble": "yes",
    "template": "",
    "win_template": "",
}
"""Module → whether its `src` is on the host unless `remote_src` says so; "": it never is."""
RUNS_HERE = frozenset({"synchronize"})
"""They start a program on this machine, with the caller's options."""
YES = frozenset({"yes", "true", "1", "on", "y", "t"})
EXPANDED = set("~$\"'\\")
"""What Ansible expands or takes away before it looks where a path leads."""


def check_local_paths(module: str, args: Mapping[str, Any]) -> None:
    """Raises a Mistake for what leads out of the content."""
    short = module.rpartition(".")[2]
    if short in RUNS_HERE:
        raise Mistake(f"{module!r} cannot be run ad hoc: it runs on this machine", field="module")
    for text in _paths(short, args):
        path = PurePosixPath(text)
        if path.is_absolute() or ".." in path.parts or EXPANDED & set(text):
            raise Mistake(f"{text!r} is no path within the content", field="args")


def _paths(short: str, args: Mapping[str, Any]) -> Iterator[str]:
    if short == "script":
        for name in ("_raw_params", "cmd"):
            yield from str(args.get(name) or "").split()[:1]
    elif short == "fetch":
        yield str(args.get("dest", "")).strip()
    elif short in READS and not _is_remote(short, args):
        yield str(args.get("src") or "").strip()


def _is_remote(short: str, args: Mapping[str, Any]) -> bool:
    said = str(args.get("remote_src", READS[short])).strip().lower()
    return bool(READS[short]) and said in YES
