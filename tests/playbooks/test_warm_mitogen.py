"""What the worker works out for Mitogen is what Mitogen would work out by itself."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

process = pytest.importorskip("ansible_mitogen.process")
core, master = (pytest.importorskip(f"mitogen.{name}") for name in ("core", "master"))

from ansible.executor.module_common import _MODULE_UTILS_PATH  # noqa: E402
from ansible.plugins.loader import module_loader  # noqa: E402
from ansible_mitogen import affinity, module_finder, services  # noqa: E402

from bootstrapper.playbooks.warm_mitogen import warm_mitogen  # noqa: E402

BASIC = "ansible.module_utils.basic"


@pytest.fixture(scope="module")
def cold() -> Any:
    return keeper()


@pytest.fixture(scope="module")
def warm(cold: Any) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(affinity, "policy", affinity.policy)
        patch.setattr(module_finder, "compile", compile, raising=False)
        patch.setattr(process, "_setup_responder", process._setup_responder)
        warm_mitogen(module_loader.find_plugin, _MODULE_UTILS_PATH)
        yield keeper()


def test_a_runs_own_process_begins_with_what_every_host_asks_for(cold: Any, warm: Any) -> None:
    assert BASIC not in cold._cache
    assert {*services.ContextService.ALWAYS_PRELOAD} <= {*warm._cache}
    assert "ansible.module_utils.urls" in warm._cache  # of get_url and uri


def test_a_host_gets_the_same_as_from_mitogen_alone(cold: Any, warm: Any) -> None:
    names = [BASIC, "ansible", "ansible.release", "ansible_mitogen.target", "mitogen.service"]

    for name in names:
        assert warm._build_tuple(name) == cold._build_tuple(name)


def test_a_module_is_looked_through_the_same_way_the_second_time(warm: Any) -> None:
    path = module_loader.find_plugin("copy")

    first, second = (module_finder.scan("copy", path, (_MODULE_UTILS_PATH,)) for _ in range(2))

    assert first == second
    assert BASIC in [name for name, *_ in first]


def test_runs_are_pinned_to_no_core(warm: Any) -> None:
    assert type(affinity.policy) is affinity.Policy


def keeper() -> Any:
    """As a run's own process makes it; it is never asked over a line."""
    nowhere = SimpleNamespace(add_handler=lambda **_: None)
    made = master.ModuleResponder(nowhere, core.ImportPolicy())
    process._setup_responder(made)
    return made
