"""What a run leaves in its `artifacts/` folder, kept with the job."""

import os
from pathlib import Path

from bootstrapper.errors import Unknown
from bootstrapper.redis_link import Client, translated

FILES = 1000
"""Of one job at most: empty ones need no room, but their names do."""


class Artifacts:
    """<prefix>artifacts:<job>: a hash, name → content; `most` bytes of a job at most."""

    def __init__(self, client: Client, prefix: str, most: int) -> None:
        self._redis = client
        self._prefix = prefix
        self._most = most

    def keep(self, job_id: str, folder: Path) -> list[str]:
        """Answers the names of those that could not be kept: too large, or too many."""
        kept: dict[str, bytes] = {}
        left_out: list[str] = []
        room = self._most
        for path in _files(folder):
            name = os.fsencode(path.relative_to(folder)).decode(errors="replace")
            try:
                content = path.read_bytes() if path.stat().st_size <= room else None
            except OSError:  # whatever still writes there may take it away again
                content = None
            if content is None or len(content) > room or len(kept) == FILES:
                left_out.append(name)
                continue
            room -= len(content)
            kept[name] = content
        if kept:
            with translated("keeping artifacts"):
                self._redis.hset(f"{self._prefix}artifacts:{job_id}", mapping=kept)
        return left_out

    def sizes(self, job_id: str) -> dict[str, int]:
        with translated("listing artifacts"):
            key = f"{self._prefix}artifacts:{job_id}"
            names = [name.decode() for name in self._redis.hkeys(key)]
            return {name: self._redis.hstrlen(key, name) for name in sorted(names)}

    def get(self, job_id: str, name: str) -> bytes:
        with translated("reading an artifact"):
            content = self._redis.hget(f"{self._prefix}artifacts:{job_id}", name)
        if content is None:
            raise Unknown(f"the job left no artifact {name!r}")
        return bytes(content)


def _files(folder: Path) -> list[Path]:
    """Real ones alone, below a real folder. What still writes there may take them away again."""
    if folder.is_symlink():
        return []
    found = [Path(root, name) for root, _, names in os.walk(folder) for name in names]
    return sorted(path for path in found if not path.is_symlink() and path.is_file())
