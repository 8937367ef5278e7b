"""What people put in the way: a hold on a host, an env or a name; a freeze of changes."""

from datetime import datetime

import msgspec

from bootstrapper.clock import from_text, to_text, utc_now
from bootstrapper.errors import Conflict, Mistake, Unknown
from bootstrapper.ids import new_id
from bootstrapper.policy.verdicts import Freeze
from bootstrapper.redis_link import Client, translated

KINDS = ("host", "env", "name")


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A lock that a person holds. `until` "": until it is taken away."""

    resource: str
    by: str
    reason: str
    since: str
    until: str = ""

    @property
    def holder(self) -> str:
        return f"{self.by} ({self.reason})" if self.reason else self.by


def resource_of(text: str) -> str:
    """`prod` is `env:prod`; `host:…`, `env:…` and `name:…` are themselves."""
    kind, colon, name = text.partition(":")
    if not colon:
        kind, name = "env", text
    if kind not in KINDS or not name or len(name) > 200:  # noqa: PLR2004
        raise Mistake(f"{text!r} is not host:…, env:… or name:…", field="resource")
    return f"{kind}:{name}"


class Holds:
    """Kept beside the jobs' locks, in the same hashes that a claim looks at."""

    def __init__(self, client: Client, prefix: str) -> None:
        self._redis = client
        self._prefix = prefix

    def put(self, hold: Hold) -> None:
        with translated("locking"):
            text = msgspec.json.encode(hold)
            if not self._redis.hsetnx(f"{self._prefix}holds", hold.resource, text):
                other = self.get(hold.resource)
                raise Conflict(f"{hold.resource} is held already, by {other.holder}")
            self._redis.hset(f"{self._prefix}lock:{hold.resource}", hold.holder, "x")

    def get(self, resource: str) -> Hold:
        with translated("reading locks"):
            text = self._redis.hget(f"{self._prefix}holds", resource)
        if text is None:
            raise Unknown(f"nobody holds {resource!r}")
        return msgspec.json.decode(text, type=Hold)

    def take_away(self, resource: str) -> Hold:
        hold = self.get(resource)
        with translated("unlocking"), self._redis.pipeline() as pipe:
            pipe.hdel(f"{self._prefix}lock:{resource}", hold.holder)
            pipe.hdel(f"{self._prefix}holds", resource)
            pipe.execute()
        return hold

    def all(self) -> list[Hold]:
        with translated("reading locks"):
            found = self._redis.hvals(f"{self._prefix}holds")
        holds = [msgspec.json.decode(text, type=Hold) for text in found]
        return sorted(holds, key=lambda hold: hold.resource)

    def mend(self) -> None:
        """Make the lock's hash say what the hold says: a kill may have come between the two."""
        for hold in self.all():
            if hold.until and from_text(hold.until) <= utc_now():
                self.take_away(hold.resource)
                continue
            with translated("locking"):
                self._redis.hset(f"{self._prefix}lock:{hold.resource}", hold.holder, "x")

    def waiters(self, resource: str) -> list[str]:
        """The jobs that wait for it, in their order."""
        with translated("reading locks"):
            found = self._redis.zrange(f"{self._prefix}queue:{resource}", 0, -1)
        return [each.decode() for each in found]

    def held_by(self, resource: str) -> dict[str, str]:
        """holder → mode, jobs and people."""
        with translated("reading locks"):
            found = self._redis.hgetall(f"{self._prefix}lock:{resource}")
        return {holder.decode(): mode.decode() for holder, mode in found.items()}


class Freezes:
    def __init__(self, client: Client, prefix: str) -> None:
        self._redis = client
        self._key = f"{prefix}freezes"

    def add(self, env: str, reason: str, by: str, until: datetime | None) -> Freeze:
        freeze = Freeze(id=new_id(), env=env, reason=reason, by=by, since=utc_now(), until=until)
        with translated("freezing"):
            self._redis.hset(self._key, freeze.id, msgspec.json.encode(freeze))
        return freeze

    def end(self, freeze_id: str) -> Freeze:
        with translated("ending a freeze"):
            text = self._redis.hget(self._key, freeze_id)
            if text is None:
                raise Unknown(f"no freeze {freeze_id!r}")
            self._redis.hdel(self._key, freeze_id)
        return msgspec.json.decode(text, type=Freeze)

    def all(self) -> tuple[Freeze, ...]:
        """Those that hold now or later; those that are over go."""
        with translated("reading freezes"):
            found = self._redis.hvals(self._key)
        freezes = [msgspec.json.decode(text, type=Freeze) for text in found]
        now = utc_now()
        over = [freeze.id for freeze in freezes if freeze.until and freeze.until <= now]
        if over:
            with translated("ending freezes"):
                self._redis.hdel(self._key, *over)
        return tuple(sorted((f for f in freezes if f.id not in over), key=lambda freeze: freeze.id))


def text_of(moment: datetime | None) -> str:
    return to_text(moment) if moment else ""
