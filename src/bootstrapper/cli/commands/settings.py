"""The settings, offline: settings check, show."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from bootstrapper import settings as settings_file
from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.telling.lines import table
from bootstrapper.settings import Settings

_USERINFO = re.compile(r"(\w+://)[^/@\s]*@")


class Shown(msgspec.Struct, frozen=True):
    """`value` as it would stand in the TOML file, with passwords in URLs masked."""

    name: str
    value: Any
    default: str
    type: str
    doc: str


def shown(settings: Settings) -> Iterator[Shown]:
    """Every setting; a secret is shown as where it is found, which is all that is known here."""
    values = msgspec.to_builtins(settings)
    for name, kind, default, doc in settings_file.describe():
        if "[]" in name:  # a field of rows, which are shown as a whole
            continue
        value: Any = values
        for part in name.split("."):
            value = value[part]
        yield Shown(name, masked(value), default, kind, doc)


def masked(value: Any) -> Any:
    match value:
        case str():
            return _USERINFO.sub(r"\1***@", value)
        case list() | tuple():
            return [masked(each) for each in value]
        case dict():
            return {name: masked(each) for name, each in value.items()}
        case _:
            return value


def _check(session: Session) -> int:
    file = session.settings_file
    loaded = session.settings
    where = str(file) if file else "no file: the defaults and the environment"
    session.out.done({"file": file and str(file), "state": str(loaded.state_dir)},
                     f"{where}; no mistakes")  # fmt: skip
    return 0


def _show(session: Session) -> int:
    rows = tuple(shown(session.settings))
    session.out.show(
        rows,
        lambda found: table(
            ("SETTING", "VALUE", "DEFAULT", "WHAT IT IS"),
            ((x.name, _toml(x.value), x.default, x.doc) for x in found),
        ),
    )
    return 0


def _toml(value: Any) -> str:
    return msgspec.json.encode(value).decode()


COMMANDS = (
    Command(
        name="settings",
        summary="the settings: check, show",
        parts=(
            Command(name="check", summary="read everything and start nothing", run=_check),
            Command(name="show", summary="list every setting and its value", run=_show),
        ),
    ),
)
