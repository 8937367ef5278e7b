"""What a run leaves in its `artifacts/` folder, kept with the job."""

from pathlib import Path

from bootstrapper.errors import Unknown
from bootstrapper.redis_link import Client, translated


class Artifacts:
    """<prefix>artifacts:<job>: a hash, name → content; `most` bytes of a job at most."""

    def __init__(self, client: Client, prefix: str, most: int) -> None:
        self._redis = client
        self._prefix = prefix
        self._most = most

    def keep(self, job_id: str, folder: Path) -> list[str]:
        """Answers the names of those that were too large to be kept."""
        if not folder.is_dir():
            return []
        kept: dict[str, bytes] = {}
        left_out: list[str] = []
        room = self._most
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            name = str(path.relative_to(folder))
            size = path.stat().st_size
            if size > room:
                left_out.append(name)
                continue
            room -= size
            kept[name] = path.read_bytes()
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
