"""What Mitogen works out anew in each of its processes, worked out once in the worker.

A run's connections live in a process of their own that Mitogen forks from it. There it minifies
and compresses itself and each of Ansible's files that a host asks for, and compiles each to see
what it imports. All of it follows from installed files alone, so forks may inherit it.
"""

import builtins
import logging
from collections.abc import Callable
from types import CodeType, SimpleNamespace
from typing import Any

logger = logging.getLogger(__name__)

MODULES = """apt apt_repository assemble blockinfile command copy cron file find get_url git group
    hostname known_hosts lineinfile package_facts ping pip replace service service_facts setup
    slurp stat systemd unarchive uri user wait_for""".split()  # noqa: SIM905
"""Those that most plays use; others are looked through when a play comes to them."""

FindModule = Callable[[str], str | None]


def warm_mitogen(find_module: FindModule, module_utils: str) -> None:
    """For the worker, before it forks; starts no thread. `module_utils`: Ansible's own folder."""
    from ansible_mitogen import affinity, module_finder  # noqa: PLC0415 (an extra)

    # its pinning is made for one run a machine: all of ours would share the same two cores
    affinity.policy = affinity.Policy()
    module_finder.compile = _Compiled()
    try:
        # master first: with it the core is minified, which parent alone would send whole
        from mitogen import master, parent  # noqa: F401, PLC0415

        parent.get_core_source_partial()
        _hand_down(_filled(_needed(module_finder, find_module, module_utils)))
    except (AttributeError, TypeError) as error:  # another release may keep these things elsewhere
        logger.warning("Mitogen starts cold in every run: %s", error)


class _Compiled:
    """`compile`, remembering; for who only looks at the code."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], CodeType] = {}

    def __call__(self, *args: Any) -> CodeType:
        if args not in self._known:
            self._known[args] = builtins.compile(*args)
        return self._known[args]


def _needed(finder: Any, find_module: FindModule, module_utils: str) -> list[str]:
    """Names of the Python modules that hosts will ask for."""
    from ansible_mitogen import services  # noqa: PLC0415

    names = dict.fromkeys(services.ContextService.ALWAYS_PRELOAD)
    for module in MODULES:
        if path := find_module(module):
            names |= dict.fromkeys(each for each, *_ in finder.scan(module, path, (module_utils,)))
    return list(names)


def _filled(names: list[str]) -> Any:
    """Mitogen's keeper of sources with these in its caches, and with nobody to send them to."""
    from ansible_mitogen import process  # noqa: PLC0415
    from mitogen import core, master  # noqa: PLC0415

    nowhere = SimpleNamespace(add_handler=lambda **_: None)
    responder = master.ModuleResponder(nowhere, core.ImportPolicy())
    process._setup_responder(responder)
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in responder._cache:
            parents = responder._finder.generate_parent_names(name)
            waiting += [*responder._build_tuple(name)[4], *parents]
    return responder


def _hand_down(filled: Any) -> None:
    """To the keeper that a run's own process will make."""
    from ansible_mitogen import process  # noqa: PLC0415

    set_up = process._setup_responder

    def set_up_warm(responder: Any) -> None:
        set_up(responder)
        responder._cache.update(filled._cache)
        responder._finder._found_cache.update(filled._finder._found_cache)
        responder._finder._related_cache.update(filled._finder._related_cache)

    process._setup_responder = set_up_warm
