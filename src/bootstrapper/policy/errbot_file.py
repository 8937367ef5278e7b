"""errbot's config.py, read and never run: the few settings that say who may do what.

A rule that was overlooked would be a door left open: what cannot be read is a Mistake.
"""

from typing import Any

import msgspec
from msgspec import Struct

from bootstrapper.errors import Mistake
from bootstrapper.policy.python_values import read_values

LISTS = ("allowusers", "denyusers", "allowrooms", "denyrooms", "allowargs", "denyargs")
SWITCHES = ("allowmuc", "allowprivate")
WANTED = ("ACCESS_CONTROLS", "ACCESS_CONTROLS_DEFAULT", "BOT_ADMINS")


class Acl(Struct, frozen=True, kw_only=True):
    """One entry of ACCESS_CONTROLS. None: not said. Patterns are shell globs."""

    allowusers: tuple[str, ...] | None = None
    denyusers: tuple[str, ...] | None = None
    allowrooms: tuple[str, ...] | None = None
    denyrooms: tuple[str, ...] | None = None
    allowargs: tuple[str, ...] | None = None
    denyargs: tuple[str, ...] | None = None
    allowmuc: bool | None = None
    allowprivate: bool | None = None


class Controls(Struct, frozen=True, kw_only=True):
    """`commands`: pattern → what is said of it, in errbot's order: the first that fits counts.
    The default is part of each already."""

    default: Acl = Acl()
    commands: tuple[tuple[str, Acl], ...] = ()
    admins: tuple[str, ...] = ()


def read_errbot(text: str) -> Controls:
    found = read_values(text, WANTED)
    if "ACCESS_CONTROLS" not in found and "ACCESS_CONTROLS_DEFAULT" not in found:
        raise Mistake("neither ACCESS_CONTROLS nor ACCESS_CONTROLS_DEFAULT is set")
    default = _table(found.get("ACCESS_CONTROLS_DEFAULT"), "ACCESS_CONTROLS_DEFAULT")
    commands = _table(found.get("ACCESS_CONTROLS"), "ACCESS_CONTROLS")
    return Controls(
        default=_acl(default, "ACCESS_CONTROLS_DEFAULT"),
        commands=tuple(
            (pattern, _acl({**default, **_table(said, where)}, where))
            for pattern, said in commands.items()
            for where in [f"ACCESS_CONTROLS[{pattern!r}]"]
        ),
        admins=_patterns(found.get("BOT_ADMINS", ()), "BOT_ADMINS"),
    )


def _table(raw: Any, where: str) -> dict[str, Any]:
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise Mistake(f"{where}: a table is expected")
    return raw


def _acl(raw: dict[str, Any], where: str) -> Acl:
    if strange := sorted({*raw} - {*LISTS, *SWITCHES}):
        raise Mistake(f"{where}: errbot knows no {', '.join(strange)}")
    said = {key: value for key, value in raw.items() if value is not None}  # None switches it off
    for key, value in said.items():
        if key in LISTS:
            said[key] = _patterns(value, f"{where}: {key}")
        elif not isinstance(value, bool):
            raise Mistake(f"{where}: {key}: True or False is expected")
    return msgspec.convert(said, Acl)


def _patterns(raw: Any, where: str) -> tuple[str, ...]:
    found = (raw,) if isinstance(raw, str) else raw
    if not isinstance(found, tuple) or not all(isinstance(each, str) for each in found):
        raise Mistake(f"{where}: texts are expected")
    return found
