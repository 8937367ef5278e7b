"""The policy file: TOML text in, one checked Policy out, or one Mistake that lists every fault.

Places are written as the file is built, counted from 0: `rule[2].max_hosts` is the third
`[[rule]]`'s key.
"""

import tomllib
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from bootstrapper.errors import Mistake
from bootstrapper.policy.faults import Faults, actor_glob, name
from bootstrapper.policy.file_cases import read_case
from bootstrapper.policy.file_rules import DIRECT, channel_id, read_rule
from bootstrapper.policy.passwords import check_form
from bootstrapper.policy.rulebook import (
    DEFAULT,
    Policy,
    User,
    digest_of,
    network_of,
    user_of_slack,
    with_groups,
)
from bootstrapper.policy.rules import Rule

__all__ = [
    "DEFAULT",
    "Policy",
    "User",
    "load",
    "network_of",
    "parse",
    "user_of_slack",
    "with_groups",
]

SECTIONS = ("groups", "users", "networks", "channels", "rule", "case")


def load(path: Path) -> Policy:
    try:
        return parse(path.read_text())
    except OSError as error:
        raise Mistake(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Mistake(f"{path}: not UTF-8 text") from error


def parse(text: str) -> Policy:
    raw = _toml(text)
    faults = Faults()
    table = faults.table(raw, SECTIONS, "")
    groups = _groups(table.get("groups", {}), faults)
    channels = _channels(table.get("channels", {}), faults)
    rules = tuple(
        read_rule(each, place, groups, channels, faults)
        for place, each in faults.array(table.get("rule", []), "rule")
    )
    _check_rule_names(rules, faults)
    names = {rule.name for rule in rules}
    policy = Policy(
        groups=groups,
        users=_users(table.get("users", {}), faults),
        networks=_networks(table.get("networks", {}), faults),
        channels=channels,
        rules=rules,
        cases=tuple(
            read_case(each, place, names, faults)
            for place, each in faults.array(table.get("case", []), "case")
        ),
        digest=digest_of(text),
    )
    faults.raise_any()
    return policy


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise Mistake("the policy file is nested too deeply") from error
    except ValueError as error:  # TOMLDecodeError, and numbers too long for an int
        raise Mistake(f"the policy file is not TOML: {error}") from error


def _groups(raw: Any, faults: Faults) -> dict[str, tuple[str, ...]]:
    table = _named(raw, "groups", faults)
    return {key: faults.texts(actor_glob, table[key], f"groups.{key}") for key in table}


def _networks(raw: Any, faults: Faults) -> dict[str, tuple[str, ...]]:
    table = _named(raw, "networks", faults)
    return {key: faults.texts(_cidr, table[key], f"networks.{key}") for key in table}


def _channels(raw: Any, faults: Faults) -> dict[str, tuple[str, ...]]:
    table = _named(raw, "channels", faults)
    if DIRECT in table:
        faults.add(f"channels.{DIRECT}", "is the name of every direct message already")
    return {key: faults.texts(channel_id, table[key], f"channels.{key}") for key in table}


def _users(raw: Any, faults: Faults) -> dict[str, User]:
    users: dict[str, User] = {}
    owner: dict[str, str] = {}
    for key, value in _named(raw, "users", faults).items():
        users[key] = user = _user(value, f"users.{key}", faults)
        for slack in user.slack:
            if owner.setdefault(slack, key) != key:
                faults.add(f"users.{key}.slack", f"{slack!r} already is {owner[slack]}'s")
    return users


def _user(raw: Any, place: str, faults: Faults) -> User:
    table = faults.table(raw, ("slack", "password"), place)
    slack = faults.texts(name, table["slack"], f"{place}.slack") if "slack" in table else ()
    password = table.get("password", "")
    if "password" in table:
        faults.read(check_form, password, f"{place}.password")
    return User(slack=slack, password=password)


def _named(raw: Any, place: str, faults: Faults) -> dict[str, Any]:
    """A table whose keys are names of the operator's own."""
    table = faults.table(raw, raw if isinstance(raw, dict) else (), place)
    for key in table:
        faults.read(name, key, f"{place}.{key}")
    return table


def _check_rule_names(rules: tuple[Rule, ...], faults: Faults) -> None:
    first: dict[str, int] = {}
    for number, rule in enumerate(rules):
        if rule.name and first.setdefault(rule.name, number) != number:
            where = f"rule[{first[rule.name]}]"
            faults.add(f"rule[{number}].name", f"{rule.name!r} is the name of {where} already")


def _cidr(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise Mistake(f"{error}") from error
