"""What a killed worker could not take away: workspaces, with copies of the content and of keys.

A workspace is called `<host>-<pid of work>-<letters>-<slot>-<id of the run>`.
"""

import re
import shutil
from pathlib import Path

_OWNER = re.compile(r"(?P<host>.+)-(?P<pid>\d+)-[0-9a-f]{6}-\d+-[0-9a-f]{8}(-[0-9a-f]{4}){3}-.{12}")


def clear_of_slot(root: Path, slot: str) -> None:
    """When this slot has ended."""
    for each in root.glob(f"{slot}-*"):
        shutil.rmtree(each, ignore_errors=True)


def clear_of_the_dead(root: Path, host: str) -> None:
    """Of the workers of this host that are no more; those of others are for others to judge."""
    for each in root.iterdir():
        owner = _OWNER.fullmatch(each.name)
        if owner and owner["host"] == host and not Path("/proc", owner["pid"]).exists():
            shutil.rmtree(each, ignore_errors=True)
