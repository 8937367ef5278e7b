"""The whole policy as a value: what the file says, and what can be looked up in it."""

from datetime import datetime
from fnmatch import fnmatchcase
from hashlib import sha256
from ipaddress import ip_address, ip_network

import msgspec
from msgspec import Struct

from bootstrapper.policy.actors import Actor
from bootstrapper.policy.rules import Ask, Effect, Rule


class User(Struct, frozen=True, kw_only=True):
    """`slack`: the chat ids that are this user; `password`: a hash, for HTTP basic ("": none)."""

    slack: tuple[str, ...] = ()
    password: str = ""


class Case(Struct, frozen=True, kw_only=True):
    """The operator's own test: at `at`, `ask` must get `expect`, by `rule` where one is named."""

    ask: Ask
    at: datetime
    expect: Effect
    rule: str | None = None


class Policy(Struct, frozen=True, kw_only=True):
    """`groups`: name → actors or globs of them; `networks`: name → CIDRs; `channels`:
    name → chat channels' ids; `digest`: SHA-256."""

    groups: dict[str, tuple[str, ...]] = {}
    users: dict[str, User] = {}
    networks: dict[str, tuple[str, ...]] = {}
    channels: dict[str, tuple[str, ...]] = {}
    rules: tuple[Rule, ...] = ()
    cases: tuple[Case, ...] = ()
    digest: str = ""


def digest_of(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


DEFAULT = Policy(
    rules=(
        Rule(
            name="owner",
            verdict=Effect.ALLOW,
            actors=("system:owner",),
            patterns=True,
            connection_vars=("*",),
            during_freeze=True,
        ),
    ),
    digest=digest_of(""),
)
"""Without a file only whoever owns this machine may act."""


def with_groups(policy: Policy, actor: Actor) -> Actor:
    found = {
        name
        for name, members in policy.groups.items()
        if any(fnmatchcase(actor.name, member) for member in members)
    }
    return msgspec.structs.replace(actor, groups=actor.groups | found)


def user_of_slack(policy: Policy, slack_id: str) -> str | None:
    """The user (`alice`) whose chat id this is."""
    return next((name for name, user in policy.users.items() if slack_id in user.slack), None)


def channel_of(policy: Policy, channel: str) -> str:
    """What the policy calls the chat channel of this id; "" where it does not."""
    return next((name for name, ids in policy.channels.items() if channel in ids), "")


def network_of(policy: Policy, address: str) -> str | None:
    """The name of the narrowest network that holds the address; a Unix socket is in none."""
    try:
        caller = ip_address(address)
    except ValueError:
        return None
    # A socket that serves both families shows an IPv4 caller as ::ffff:10.0.0.1.
    caller = getattr(caller, "ipv4_mapped", None) or caller
    holding = [
        (ip_network(cidr).prefixlen, name)
        for name, cidrs in policy.networks.items()
        for cidr in cidrs
        if caller in ip_network(cidr)
    ]
    return max(holding, default=(0, None))[1]
