"""`SERVICE_…` and `SERVICE_<port>_…` of a container, in its environment and its labels.

As registrator has it: labels win over the environment, what is said for a port wins over what is
said for all of them, and an empty value is none. An unknown name is an attribute that nobody reads.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bootstrapper.fleet.docker.inspected import Config

PREFIX = "SERVICE_"
KNOWN = frozenset(("name", "id", "tags", "ignore", "weight", "cluster"))
_ODD = re.compile(rf"([^_]+)_({'|'.join(sorted(KNOWN))}|check_[a-z_]+)")


@dataclass(frozen=True, slots=True)
class Fields:
    """`values` by name as `check_http`; `own`: those that were said for this very port."""

    values: Mapping[str, str]
    labels: Mapping[str, str]
    own: frozenset[str]

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def label(self, name: str) -> str:
        """How its author wrote it: for faults."""
        return self.labels[name]


def fields_of(config: Config, port: int) -> Fields:
    values: dict[str, str] = {}
    labels: dict[str, str] = {}
    own: set[str] = set()
    for label, value in _said(config):
        name = label.removeprefix(PREFIX).lower()
        number, rest = _number_of(name)
        if number is not None and number != port:
            continue
        if number is not None:
            own.add(rest)
        elif rest in own:
            continue
        values[rest], labels[rest] = value, label
    return Fields(values, labels, frozenset(own))


def odd_names(config: Config) -> Iterator[str]:
    """Those that look as if they named a port, and name none."""
    for label, _ in _said(config):
        name = label.removeprefix(PREFIX).lower()
        if _number_of(name)[0] is None and not name.startswith("check_"):
            found = _ODD.fullmatch(name)
            if found and not found[1].isdigit():
                yield label


def environment(config: Config) -> dict[str, str]:
    return dict(each.split("=", 1) for each in config.env or () if "=" in each)


def tags_of(text: str) -> tuple[str, ...]:
    """Between commas; `\\,` is a comma in a tag."""
    parts = re.split(r"(?<!\\),", text)
    return tuple(part.replace("\\,", ",") for part in parts if part)


def _said(config: Config) -> Iterator[tuple[str, str]]:
    """The later wins."""
    labels = sorted((config.labels or {}).items())
    for label, value in (*environment(config).items(), *labels):
        if label.startswith(PREFIX):
            yield label, value


def _number_of(name: str) -> tuple[int | None, str]:
    """Of `80_name`: 80 and `name`."""
    number, found, rest = name.partition("_")
    if found and number.isascii() and number.isdigit():
        return int(number[:6]), rest
    return None, name
