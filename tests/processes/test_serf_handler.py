"""A handler is done in 100 ms, as Serf counts them: its next event waits for that."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bootstrapper.fleet.serf.script import script
from support.eventually import eventually
from support.http_server import Answer, HttpServer
from support.services import need

MEMBERS = b"".join(b"web%d\t10.0.%d.1\tweb\trole=web,zone=a\n" % (n, n) for n in range(250))
OURS = (sys.executable, "-m", "bootstrapper", "serf-handler")
NOTHING = (sys.executable, "-c", "pass")


def seconds(words: tuple[str, ...], environ: dict[str, str]) -> float:
    """Until its pipes are closed, too: the agent reads them to their end."""
    began = time.monotonic()
    subprocess.run(words, input=MEMBERS, env=environ, capture_output=True, check=True)
    return time.monotonic() - began


@pytest.mark.parametrize("who", ["ours", "the script"])
def test_serf_waits_less_than_100_ms_for_a_handler(tmp_path: Path, who: str) -> None:
    """Where Python alone takes that long, twice and a half as long as Python alone."""
    need("curl")
    (tmp_path / "handler.sh").write_text(script())
    words = OURS if who == "ours" else ("sh", str(tmp_path / "handler.sh"))
    server = HttpServer(lambda asked: Answer(200, {})).start()
    own = {
        "SERF_EVENT": "member-failed",
        "SERF_SELF_NAME": "lb1",
        "BOOTSTRAPPER_URL": server.url,
        "BOOTSTRAPPER_TOKEN": "bst_secret",
    }

    environ = {**os.environ, **own}

    def quick() -> bool:
        return seconds(words, environ) < max(0.1, 2.5 * seconds(NOTHING, environ))

    try:
        eventually(quick, within=20)
    finally:
        server.stop()
