"""The process that limbo's plugins run in: `python -m bootstrapper.chat.limbo.host FOLDER …`.

It does one thing after the other, as it is told in lines of JSON on a pipe, and answers each with
one line on another: stdout is the plugins' own. It may be killed at any moment, and often is: who
hangs is not waited for (`plugins`). It trusts nobody, and nobody trusts it.
"""

import argparse
import importlib.util
import json
import os
import resource
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from bootstrapper.chat.limbo.server import Server
from bootstrapper.jobs.process_tree import adopt_orphans, die_with_parent

LETTERS = 12_000
"""Of a reply, at most: what is longer is cut."""
MEMORY = 1 << 30  # bytes that a process may write to


def load(folder: Path, name: str) -> ModuleType:
    """A plugin that another one has imported as its neighbour is not made twice."""
    path = folder / f"{name}.py"
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) == str(path):
        return known
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    if known is None:  # a plugin called `json` must not take that name from all others
        sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        if known is None:
            sys.modules.pop(name, None)
        raise
    return module


class Host:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._plugins: dict[str, Callable[..., Any]] = {}
        self._server = Server()

    def answer(self, told: dict[str, Any]) -> dict[str, Any]:
        """To `load` a plugin, or to `ask` it; `fault` is what it raised, for people."""
        try:
            if "load" in told:
                return self._load(told["load"])
            return self._ask(told)
        except BaseException as error:  # noqa: BLE001  argparse exits; plugins raise anything
            return {"fault": _fault(error, self._folder)}

    def _load(self, name: str) -> dict[str, Any]:
        # Its own neighbours come first while it is loaded; later they hide nothing from others.
        sys.path.insert(0, str(self._folder))
        try:
            module = load(self._folder, name)
        finally:
            sys.path.remove(str(self._folder))
            if str(self._folder) not in sys.path:
                sys.path.append(str(self._folder))
        doc = (module.__doc__ or "").strip()
        hook = getattr(module, "on_message", None)
        if hook is None:
            return {"hook": False}
        self._server.docs |= {name: doc} if doc else {}
        self._plugins[name] = hook
        fault = ""
        if begin := getattr(module, "on_init", None):
            try:
                begin(self._server)
            except BaseException as error:  # noqa: BLE001  as with limbo, the plugin stays
                fault = _fault(error, self._folder)
        return {"hook": True, "doc": doc[:LETTERS], "fault": fault}

    def _ask(self, told: dict[str, Any]) -> dict[str, Any]:
        asked = self._server.for_message(told["message"], told["who"], told["allowed"])
        reply = self._plugins[told["ask"]](dict(told["message"]), asked)
        said = [*asked.slack.posted, *([reply] if reply else [])]
        text = "\n".join(_cut(f"{each}") for each in said)
        return {"reply": _cut(text)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    for name in ("listen", "answer", "parent"):
        parser.add_argument(name, type=int)
    args = parser.parse_args()
    die_with_parent()
    if os.getppid() != args.parent:  # it ended before that
        return
    adopt_orphans()
    _limit()
    listen, answer, me = args.listen, args.answer, os.getpid()
    for pipe in (listen, answer):
        os.set_inheritable(pipe, False)
        os.register_at_fork(after_in_child=partial(os.close, pipe))
    host = Host(args.folder)
    with os.fdopen(listen, "rb") as told, os.fdopen(answer, "wb") as said:
        for line in told:
            given = host.answer(json.loads(line))
            if os.getpid() != me:  # a plugin forked, and came back twice
                os._exit(0)
            sys.stdout.flush()
            said.write(json.dumps(given).encode() + b"\n")
            said.flush()


def _limit() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _cut(text: str) -> str:
    return text if len(text) <= LETTERS else text[: LETTERS - 1] + "…"


def _fault(error: BaseException, folder: Path) -> str:
    """What was raised, and the line of the plugin that did."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if Path(each.filename).parent == folder]
    where = f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""
    return f"{type(error).__name__}: {error}"[:500] + where


if __name__ == "__main__":
    main()
