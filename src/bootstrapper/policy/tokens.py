"""API tokens: `bst_<id>_<secret>`, shown once; only the SHA-256 of the secret is stored.

    <prefix>token:<id>     hash: the token, and `secret`, the digest
    <prefix>tokens         set of ids
    <prefix>token-names    hash: name → id, so that a name is one token's

The secret is 32 random bytes, so a plain digest is enough: there is nothing to guess.
"""

import hmac
import re
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from importlib.resources import files
from typing import Any

import redis
from msgspec import Struct

from bootstrapper.clock import from_text, to_text
from bootstrapper.errors import Conflict, Mistake, Unidentified, Unknown
from bootstrapper.policy.faults import name as checked_name
from bootstrapper.redis_link import translated

FORM = re.compile(r"bst_([0-9a-f]{12})_([\w-]{43})", re.ASCII)
USED_EVERY = timedelta(minutes=1)  # how exact `used` is, to spare a write per request
NOBODY = "0" * 64  # what a secret is compared with when there is no such token


class Token(Struct, frozen=True, kw_only=True):
    """`actor` is who its bearer is; `used` is within a minute of its last use."""

    id: str
    name: str
    actor: str
    created: datetime
    expires: datetime | None = None
    used: datetime | None = None

    def expired(self, now: datetime) -> bool:
        return self.expires is not None and self.expires <= now


class Tokens:
    def __init__(self, redis: redis.Redis, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix
        folder = files("bootstrapper.policy") / "lua"
        self._create, self._revoke, self._touch = (
            redis.register_script((folder / f"{name}.lua").read_text())
            for name in ("create_token", "revoke_token", "touch_token")
        )

    def create(
        self,
        name: str,
        *,
        actor: str | None = None,
        expires: datetime | None = None,
        now: datetime,
    ) -> tuple[Token, str]:
        """The token and its text, which nobody can see again. Conflict: a live one has the name."""
        token = _new(name, actor, expires, now)
        secret = secrets.token_urlsafe(32)
        fields = _fields(token) | {"secret": _digest(secret)}
        arguments = (token.id, token.name, repr(now.timestamp()), *_pairs(fields))
        with translated("creating a token"):
            if not self._create(keys=[self._prefix], args=arguments):
                raise Conflict(f"there is a token {name!r} already; revoke it first", field="name")
        return token, f"bst_{token.id}_{secret}"

    def verify(self, text: str, now: datetime) -> Token:
        """Unidentified, in the same words, for what is unknown, wrong, expired or revoked."""
        form = FORM.fullmatch(text)
        fields = self._read(form[1]) if form else {}
        digest = _digest(form[2] if form else text)
        same = hmac.compare_digest(digest, fields.get("secret", NOBODY))
        token = _token(fields) if same else None
        if token is None or token.expired(now):
            raise Unidentified("this token is not valid")
        if token.used is None or now - token.used >= USED_EVERY:
            with translated("noting a token's use"):
                self._touch(keys=[self._key(token.id)], args=[to_text(now)])
        return token

    def list(self) -> tuple[Token, ...]:
        """By name; those that have expired too, until they are revoked or their name is reused."""
        with translated("listing tokens"):
            ids: Any = self._redis.smembers(f"{self._prefix}tokens")
            found = [self._read(each.decode()) for each in ids]
        return tuple(sorted(map(_token, filter(None, found)), key=lambda token: token.name))

    def revoke(self, id_or_name: str) -> Token:
        """At once: the next request with it is refused."""
        with translated("revoking a token"):
            found: Any = self._redis.hget(f"{self._prefix}token-names", id_or_name)
            token_id = found.decode() if found else id_or_name
            fields = self._read(token_id)
            if not fields:
                raise Unknown(f"no token {id_or_name!r}")
            self._revoke(keys=[self._prefix], args=[token_id])
        return _token(fields)

    def _read(self, token_id: str) -> dict[str, str]:
        with translated("reading a token"):
            raw: Any = self._redis.hgetall(self._key(token_id))
        return {key.decode(): value.decode() for key, value in raw.items()}

    def _key(self, token_id: str) -> str:
        return f"{self._prefix}token:{token_id}"


def _new(name: str, actor: str | None, expires: datetime | None, now: datetime) -> Token:
    try:
        checked_name(name)
    except Mistake as error:
        raise Mistake(str(error), field="name") from None
    actor = actor or f"token:{name}"
    if not all(actor.partition(":")):
        raise Mistake(f"{actor!r} is no actor: write user:{actor}", field="actor")
    if expires and expires <= now:
        raise Mistake("the token would have expired already", field="expires")
    return Token(id=secrets.token_hex(6), name=name, actor=actor, created=now, expires=expires)


def _digest(secret: str) -> str:
    return sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _fields(token: Token) -> dict[str, str]:
    return {
        "id": token.id,
        "name": token.name,
        "actor": token.actor,
        "created": to_text(token.created),
        # For people and for the script that compares it, which knows no time zones.
        **({"expires": to_text(token.expires)} if token.expires else {}),
        **({"ends": repr(token.expires.timestamp())} if token.expires else {}),
    }


def _token(fields: dict[str, str]) -> Token:
    return Token(
        id=fields["id"],
        name=fields["name"],
        actor=fields["actor"],
        created=from_text(fields["created"]),
        expires=from_text(fields["expires"]) if "expires" in fields else None,
        used=from_text(fields["used"]) if "used" in fields else None,
    )


def _pairs(fields: dict[str, str]) -> tuple[str, ...]:
    return tuple(part for pair in fields.items() for part in pair)
