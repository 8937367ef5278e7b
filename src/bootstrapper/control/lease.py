"""Who of several equal processes does a thing: the one that holds its lease in Redis."""

from bootstrapper.control.parts import Parts
from bootstrapper.ids import new_id
from bootstrapper.redis_link import translated

SECONDS = 3.0


class Lease:
    """Ask again within `SECONDS`, or another may hold it."""

    def __init__(self, parts: Parts, name: str) -> None:
        self._redis = parts.redis
        self._key = f"{parts.settings.redis.prefix}{name}"
        self._holder = new_id()

    def held(self) -> bool:
        with translated("leading"):
            if self._redis.set(self._key, self._holder, nx=True, px=int(SECONDS * 1000)):
                return True
            if self._redis.get(self._key) != self._holder.encode():
                return False
            self._redis.pexpire(self._key, int(SECONDS * 1000))
            return True

    def let_go(self) -> None:
        with translated("leading"):
            if self._redis.get(self._key) == self._holder.encode():
                self._redis.delete(self._key)
