"""The files of 2015 as they are: a boot script with curl, Serf handlers in Python and in sh."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.control import ControlPlane
from support.eventually import eventually
from support.services import need
from support.v2 import STORES, v2_server

FILES = Path(__file__).parent / "of_2015"
CONFD = """
[template]
src = "frontends.tmpl"
dest = "{dest}"
keys = ["/proxy/frontend"]
"""
FRONTENDS = '{{range gets "/proxy/frontend/*"}}server {{base .Key}} {{.Value}}\n{{end}}'


@pytest.fixture(scope="module", params=STORES)
def plane(request: pytest.FixtureRequest) -> Iterator[ControlPlane]:
    with v2_server(request.param) as made:
        yield made


def run(plane: ControlPlane, *words: str, told: str = "", **environ: str) -> str:
    done = subprocess.run(
        words, env={**os.environ, "ETCD_URL": plane.url, **environ}, input=told, text=True,
        capture_output=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def boot(plane: ControlPlane, name: str, address: str) -> None:
    need("curl", "hostname")
    run(plane, "sh", str(FILES / "bootstrap.sh"), NAME=name, FD_IP=address, FD_PORT="49153")


def keys(plane: ControlPlane, tmp_path: Path) -> str:
    """What the product's own command sees."""
    log = tmp_path / "keys"
    with log.open("wb") as out:
        assert plane.command("kv", "ls", "/proxy", log=out).wait(20) == 0
    return log.read_text()


@pytest.mark.parametrize("handler", [(sys.executable, "handler-requests"), ("sh", "handler.sh")])
def test_a_container_boots_and_fails(
    plane: ControlPlane, tmp_path: Path, handler: tuple[str, str]
) -> None:
    boot(plane, "web1", "10.0.0.1")
    boot(plane, "web2", "10.0.0.2")
    assert "/proxy/frontend/web1 = 10.0.0.1:49153\n" in keys(plane, tmp_path)

    program, file = handler
    lost = "web1\t10.0.0.1\tweb\trole=web\n"
    run(plane, program, str(FILES / file), told=lost, SERF_EVENT="member-join")
    assert "/proxy/frontend/web1 = " in keys(plane, tmp_path)
    run(plane, program, str(FILES / file), told=lost, SERF_EVENT="member-failed")

    assert keys(plane, tmp_path) == (
        "/proxy/frontend/web2 = 10.0.0.2:49153\n/proxy/serf/web2 = 10.0.0.2:7946\n"
    )


def test_templates_see_what_the_scripts_write(plane: ControlPlane, tmp_path: Path) -> None:
    """Through the store, and through confd's own way to v2."""
    boot(plane, "web9", "10.0.0.9")
    for folder in ("conf.d", "templates"):
        (tmp_path / folder).mkdir()
    dest = tmp_path / "frontends"
    (tmp_path / "conf.d/frontends.toml").write_text(CONFD.format(dest=dest))
    (tmp_path / "templates/frontends.tmpl").write_text(FRONTENDS)
    once = ("confd", "-onetime", "-confdir", str(tmp_path), "-backend", "etcd", "-node", plane.url)

    assert plane.command(*once).wait(30) == 0
    eventually(lambda: "server web9 10.0.0.9:49153\n" in dest.read_text())
