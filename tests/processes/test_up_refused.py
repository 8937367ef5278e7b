"""What `bootstrapper up` cannot start with is told in one sentence, and nothing is left running."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bootstrapper.errors import Mistake
from support.processes import children
from support.services import free_port, short_folder


def up(folder: Path, state: Path) -> "subprocess.Popen[str]":
    file = folder / "bootstrapper.toml"
    file.write_text(
        f"state = {json.dumps(str(state))}\n[api]\nbind = '127.0.0.1:{free_port()}'\n"
        "[log]\nformat = 'text'\n"
    )
    return subprocess.Popen(
        [sys.executable, "-m", "bootstrapper", "up"],
        env={"BOOTSTRAPPER_SETTINGS": str(file), "PATH": "/usr/bin:/bin:/usr/sbin"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("below", "why"),
    [
        ("file", "cannot be made: File exists"),
        ("file/state", "cannot be made: Not a directory"),
        ("long" * 30, "is too long a path for a Unix socket"),
    ],
)
def test_a_state_folder_that_cannot_be(below: str, why: str) -> None:
    with short_folder("up") as folder:
        (folder / "file").write_text("no folder")

        said, _ = (refused := up(folder, folder / below)).communicate(timeout=20)

        assert refused.returncode == Mistake.exit_code
        assert why in said
        assert "Traceback" not in said


def test_a_second_up_on_one_state_folder() -> None:
    """It would use the first one's Redis, and lose it when that one ends."""
    with short_folder("up") as folder:
        first = up(folder, folder / "state")
        assert first.stdout is not None
        line = next(line for line in first.stdout if "serving" in line or "working" in line)
        assert line
        before = children(first.pid)
        try:
            second = up(folder, folder / "state")
            said, _ = second.communicate(timeout=20)

            assert second.returncode == Mistake.exit_code
            assert f"another `up` runs on {folder}/state" in said
            assert children(first.pid) == before
        finally:
            first.terminate()
            first.communicate(timeout=30)
