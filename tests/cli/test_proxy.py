import json
from collections.abc import Iterator

import pytest

from bootstrapper.cli.commands.proxy import named
from bootstrapper.cli.main import main
from bootstrapper.errors import Mistake, Unknown
from support.haproxy import Haproxy, preamble
from support.services import short_folder

NAMES = ("web/a", "web/b", "api/b")


@pytest.fixture
def haproxy() -> Iterator[Haproxy]:
    with short_folder("haproxy") as folder:
        backend = "backend web\n server a 127.0.0.1:1\n"
        running = Haproxy(folder, preamble(folder) + backend).start()
        yield running
        running.stop()


def test_an_operator_says_what_a_server_is_to_do(
    haproxy: Haproxy, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--socket", str(haproxy.socket)]

    assert main(["proxy", "drain", *at, "a"]) == 0
    assert main(["proxy", "weight", *at, "web/a", "7"]) == 0
    assert "web/a drains" in capsys.readouterr().out
    assert main(["proxy", "status", *at, "--json"]) == 0

    server = json.loads(capsys.readouterr().out)[0]
    assert (server["server"], server["state"], server["weight"]) == ("a", "DRAIN", 7)
    assert main(["proxy", "ready", *at, "a"]) == 0
    assert main(["proxy", "status", *at]) == 0
    assert "no check" in capsys.readouterr().out


def test_what_cannot_be_done_has_its_exit_code(haproxy: Haproxy) -> None:
    at = ["--socket", str(haproxy.socket)]

    assert main(["proxy", "drain", *at, "nobody"]) == 2
    assert main(["proxy", "weight", *at, "a", "300"]) == 2
    assert main(["proxy", "status", "--socket", "/nowhere/s"]) == 75


def test_a_server_has_its_full_name_or_one_that_only_it_has() -> None:
    assert named(NAMES, "a") == "web/a"
    assert named(NAMES, "api/b") == "api/b"
    with pytest.raises(Mistake, match="web/b, api/b"):
        named(NAMES, "b")
    with pytest.raises(Unknown):
        named(NAMES, "c")
