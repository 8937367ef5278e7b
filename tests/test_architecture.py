"""Who may import whom: the contracts of pyproject.toml, and where Ansible and our IO live."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("bootstrapper", include_external_packages=True)


def importers(graph: grimp.ImportGraph, package: str) -> Iterator[str]:
    for module in graph.modules:
        if module.split(".")[0] == package:
            yield from graph.find_modules_that_directly_import(module)


def test_the_contracts_are_kept() -> None:
    # a process of its own: it switches off every logger that there is
    program = Path(sys.executable).with_name("lint-imports")
    said = subprocess.run([program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (said.returncode, "0 broken" in said.stdout) == (0, True), said.stdout


@pytest.mark.parametrize(
    ("package", "modules"),
    [
        (
            "ansible",
            {
                "ansible_plugins.callback.bootstrapper",
                "ansible_plugins.inventory.bootstrapper",
                "playbooks.callback",
                "playbooks.engine",
                "playbooks.inventory",
            },
        ),
        ("rq", {"jobs.slot", "jobs.tickets"}),
        ("starlette", {"api.app", "api.v2", "chat.slack.http"}),
        ("uvicorn", {"api.slow_callers", "chat.slack.http", "processes.serve"}),
        ("croniter", {"control.schedules"}),
        (
            "prometheus_client",
            {"api.routes.health", "exposition", "fleet.metrics", "templates.metrics"},
        ),
        ("msgpack", {"fleet.serf.wire"}),
        ("jinja2", {"templates.jinja"}),
        ("apprise", {"notify.over_apprise"}),
        ("kazoo", {"templates.backends.zookeeper"}),
    ],
)
def test_a_library_is_known_in_its_own_rooms_only(
    graph: grimp.ImportGraph, package: str, modules: set[str]
) -> None:
    assert set(importers(graph, package)) == {f"bootstrapper.{module}" for module in modules}
