"""Signs of life: of jobs that run, and of the workers that run them."""

from collections.abc import Iterable

from bootstrapper.clock import to_text, utc_now
from bootstrapper.redis_link import Client, translated

WORKER_SECONDS = 5  # without a sign until a worker counts as gone


class Signs:
    def __init__(self, client: Client, prefix: str) -> None:
        self._redis = client
        self._prefix = prefix

    def beat(self, ids: Iterable[str]) -> None:
        with translated("showing a sign of life"):
            self._redis.hset(f"{self._prefix}beats", mapping=dict.fromkeys(ids, to_text(utc_now())))

    def worker_lives(self, name: str, slots: int) -> None:
        with translated("showing a sign of life"):
            self._redis.set(f"{self._prefix}worker:{name}", slots, ex=WORKER_SECONDS)

    def workers(self) -> dict[str, int]:
        """The workers alive: name → slots."""
        with translated("looking for workers"):
            keys = list(self._redis.scan_iter(f"{self._prefix}worker:*", count=1000))
            slots = self._redis.mget(keys) if keys else []
        start = len(f"{self._prefix}worker:")
        return {
            key.decode()[start:]: int(count)
            for key, count in zip(keys, slots, strict=True)
            if count is not None
        }

    def beats(self) -> dict[str, str]:
        with translated("looking for signs of life"):
            found = self._redis.hgetall(f"{self._prefix}beats")
        return {key.decode(): value.decode() for key, value in found.items()}
