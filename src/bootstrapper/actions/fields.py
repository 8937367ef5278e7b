"""The fields that several actions have, each with its documentation and its flags in the CLI."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta

from bootstrapper.errors import Mistake

Hosts = Annotated[
    tuple[str, ...],
    Meta(
        description="names of the inventory or IP addresses; groups, `all` and globs where the "
        "policy allows patterns",
        extra={"positional": "HOSTS"},
    ),
]
Env = Annotated[
    str,
    Meta(description="the environment; empty: the hosts' own", extra={"flags": ["-E", "--env"]}),
]
ExtraVars = Annotated[
    dict[str, Any],
    Meta(
        description="extra variables: JSON values, never templates",
        extra={"flags": ["-e", "--extra-vars"]},
    ),
]
Tags = Annotated[
    tuple[str, ...],
    Meta(description="only tasks with one of these tags", extra={"flags": ["-t", "--tags"]}),
]
SkipTags = Annotated[
    tuple[str, ...],
    Meta(description="no task with one of these tags", extra={"flags": ["--skip-tags"]}),
]
Check = Annotated[
    bool,
    Meta(description="change nothing; say what would change", extra={"flags": ["-C", "--check"]}),
]
Diff = Annotated[
    bool, Meta(description="show the differences in files", extra={"flags": ["-D", "--diff"]})
]
Become = Annotated[
    bool, Meta(description="run as root, by sudo", extra={"flags": ["-b", "--become"]})
]
Forks = Annotated[
    int,
    Meta(
        description="hosts at once; 0: as the settings say",
        ge=0,
        le=500,
        extra={"flags": ["-f", "--forks"]},
    ),
]
Serial = Annotated[
    int,
    Meta(
        description="hosts in one batch, each finished before the next begins; 0: all at once",
        ge=0,
        extra={"flags": ["--serial"]},
    ),
]

STEERING = ("ansible_", "mitogen_")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*")


def connection_vars(extra_vars: Mapping[str, Any]) -> tuple[str, ...]:
    """The names that would steer Ansible or Mitogen themselves; the policy must allow each."""
    for name in extra_vars:
        if not _VARIABLE.fullmatch(name):
            raise Mistake(f"{name!r} is not a variable's name", field="extra_vars")
        if name == "env":
            raise Mistake("the env is a field of its own: leave it out here", field="extra_vars")
    return tuple(sorted(name for name in extra_vars if name.startswith(STEERING)))


def check_tags(tags: tuple[str, ...], field: str = "tags") -> tuple[str, ...]:
    for index, tag in enumerate(tags):
        if not _WORD.fullmatch(tag):
            raise Mistake(f"{tag!r} is not a tag", field=f"{field}[{index}]")
    return tags


def all_tags(tags: tuple[str, ...], skip_tags: tuple[str, ...]) -> tuple[str, ...]:
    """Every tag that a rule must know of; leaving some out is asking for all of the others."""
    skipped = check_tags(skip_tags, "skip_tags")
    wanted = check_tags(tags)
    return (*(wanted or ("all",)), *skipped) if skipped else wanted
