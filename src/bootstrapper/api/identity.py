"""Who is calling: a bearer token, a user with a password, or the network they call from."""

import base64
import hashlib
import hmac
import os
import threading
import time
from collections.abc import Mapping

from bootstrapper.clock import utc_now
from bootstrapper.control.parts import Parts
from bootstrapper.errors import Unidentified
from bootstrapper.policy.actors import Actor
from bootstrapper.policy.file import Policy, network_of, with_groups
from bootstrapper.policy.passwords import verify_password
from bootstrapper.settings import Api

REMEMBERED = 60.0  # seconds: scrypt is slow on purpose, and scripts call often
_key = os.urandom(32)
_known: dict[bytes, float] = {}
_turn = threading.Lock()


def identify(parts: Parts, headers: Mapping[str, str], peer: str, via: str) -> Actor:
    """Raises Unidentified. `peer` is the address of the connection's other end."""
    policy = parts.rules.current()
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            token = parts.tokens.verify(credentials.strip(), utc_now())
            actor = Actor(name=token.actor, via=via)
        case "basic":
            actor = Actor(name=_user(policy, credentials), via=via)
        case "" if parts.settings.api.trust_networks and not of_another_page(headers):
            actor = Actor(name=_network(parts, policy, headers, peer), via=via)
        case "":
            raise Unidentified("no credentials: send a bearer token")
        case _:
            raise Unidentified("credentials are a bearer token, or basic user and password")
    return with_groups(policy, actor)


def of_another_page(headers: Mapping[str, str]) -> bool:
    """Whether a browser asks for a page of somebody else: that has no authority of its network."""
    site = headers.get("sec-fetch-site")
    return site not in ("none", "same-origin") if site else "origin" in headers


def _user(policy: Policy, credentials: str) -> str:
    refusal = Unidentified("no such user, or another password")
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode()
    except ValueError as error:  # not base64, or not UTF-8
        raise refusal from error
    name, _, password = text.partition(":")
    user = policy.users.get(name)
    stored = user.password if user else ""
    if stored and _remembered(stored, password):
        return f"user:{name}"
    if not verify_password(password, stored):
        raise refusal
    _remember(stored, password)
    return f"user:{name}"


def _mark(stored: str, password: str) -> bytes:
    return hmac.digest(_key, f"{stored}\0{password}".encode(), hashlib.sha256)


def _remembered(stored: str, password: str) -> bool:
    with _turn:
        return _known.get(_mark(stored, password), 0.0) > time.monotonic()


def _remember(stored: str, password: str) -> None:
    now = time.monotonic()
    with _turn:
        for mark in [mark for mark, until in _known.items() if until <= now]:
            del _known[mark]
        _known[_mark(stored, password)] = now + REMEMBERED


def _network(parts: Parts, policy: Policy, headers: Mapping[str, str], peer: str) -> str:
    network = network_of(policy, caller(parts.settings.api, headers, peer))
    if network is None:
        raise Unidentified("no credentials, and this address is in no network of the policy")
    return f"network:{network}"


def caller(api: Api, headers: Mapping[str, str], peer: str) -> str:
    """Of a trusted proxy's list the last address is the only one that it vouches for."""
    forwarded = headers.get("x-forwarded-for", "")
    if forwarded and peer in api.trusted_proxies:
        return forwarded.rpartition(",")[2].strip()
    return peer
