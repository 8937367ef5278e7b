"""Whose workspaces are taken away by a worker that starts."""

import os
from pathlib import Path

import pytest

from bootstrapper.ids import new_id
from bootstrapper.processes.leftovers import clear_of_slot, clear_of_the_dead

DEAD = 2**22 + 1  # more than any pid may be


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        pytest.param(f"here-{DEAD}-0a1b2c-1", False, id="of a worker that is no more"),
        pytest.param(f"here-{os.getpid()}-0a1b2c-1", True, id="of a worker that lives"),
        pytest.param(f"there-{DEAD}-0a1b2c-1", True, id="of another host"),
        pytest.param(f"not-here-{DEAD}-0a1b2c-1", True, id="of a host with a longer name"),
        pytest.param("notes", True, id="of nobody that we know"),
    ],
)
def test_only_what_the_dead_of_this_host_left_goes(tmp_path: Path, name: str, stays: bool) -> None:
    workspace = tmp_path / (f"{name}-{new_id()}" if name != "notes" else name)
    (workspace / "project").mkdir(parents=True)

    clear_of_the_dead(tmp_path, "here")

    assert workspace.exists() == stays


def test_a_slot_is_not_another_whose_number_begins_alike(tmp_path: Path) -> None:
    own, other = (tmp_path / f"here-1-0a1b2c-{slot}-{new_id()}" for slot in (1, 12))
    for each in (own, other):
        each.mkdir()

    clear_of_slot(tmp_path, "here-1-0a1b2c-1")

    assert (own.exists(), other.exists()) == (False, True)
