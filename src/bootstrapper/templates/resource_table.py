"""From one TOML table to a checked Resource: every key's type, range and meaning."""

import math
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bootstrapper.errors import Mistake
from bootstrapper.templates.paths import join
from bootstrapper.templates.resource import HaproxyResource, Resource

Table = Mapping[str, Any]
MOST_MODE = 0o7777
MOST_ID = 2**32 - 2  # the next one means "leave it"
LONGEST = 86_400.0  # seconds for an answer: what is more, a socket cannot count
_KEYS = (
    "src", "dest", "keys", "prefix", "uid", "gid", "owner", "group", "mode", "check_cmd",
    "reload_cmd", "min_keys", "max_removed", "window", "haproxy",
)  # fmt: skip


def resource(table: Table, *, name: str, path: str, confdir: str, prefix: str) -> Resource:
    part = _table(table, "template")
    if part is None:
        raise Mistake(f"no [template]{_near('template', table)}", field="template")
    part = _known(part, _KEYS, f"{path}: template")
    owner, group = _user(part), _group(part)
    return Resource(
        name=name,
        path=path,
        src=os.path.join(confdir, "templates", _needed(part, "src").lstrip("/")),
        dest=_needed(part, "dest"),
        prefix=join("/", prefix or _string(part, "prefix")),
        keys=_strings(part, "keys"),
        uid=os.geteuid() if owner is None else owner,
        gid=os.getegid() if group is None else group,
        mode=_mode(part),
        check_cmd=_string(part, "check_cmd"),
        reload_cmd=_string(part, "reload_cmd"),
        min_keys=_whole(part, "min_keys") or 0,
        max_removed=_number(part, "max_removed", 1.0, most=1.0),
        window=_number(part, "window", 60.0),
        haproxy=_haproxy(part, path),
    )


def _haproxy(part: Table, path: str) -> HaproxyResource | None:
    found = _table(part, "haproxy", "template.")
    if found is None:
        return None
    found = _known(found, ("socket", "drain", "timeout"), f"{path}: template.haproxy")
    return HaproxyResource(
        socket=_needed(found, "socket", "template.haproxy."),
        drain=_number(found, "drain", 30.0, "template.haproxy."),
        timeout=_number(found, "timeout", 5.0, "template.haproxy.", most=LONGEST),
    )


def _known(part: Table, keys: Iterable[str], place: str) -> Table:
    """Keys in any case, as confd's reader of TOML takes them; a strange one is told, and left."""
    keys = tuple(keys)
    for key in part:
        if key.lower() not in keys:
            from logging import getLogger  # noqa: PLC0415 seldom needed

            from bootstrapper.nearest import nearest  # noqa: PLC0415 seldom needed

            near = nearest(key.lower(), keys)
            getLogger(__name__).warning("%s.%s: no such key%s", place, key, near)
    return {key.lower(): value for key, value in part.items()}


def _near(name: str, table: Table) -> str:
    from bootstrapper.nearest import nearest  # noqa: PLC0415 seldom needed

    return nearest(name, table).replace("did you mean", "is it").replace("?", " that was meant?")


def _table(table: Table, key: str, place: str = "") -> Table | None:
    found = next((value for name, value in table.items() if name.lower() == key), None)
    if found is not None and not isinstance(found, dict):
        raise Mistake(f"{place}{key}: a table is expected", field=place + key)
    return found


def _string(part: Table, key: str, place: str = "template.") -> str:
    value = part.get(key, "")
    if not isinstance(value, str) or "\0" in value:
        raise Mistake(f"{place}{key}: a string is expected, not {value!r}", field=place + key)
    return value


def _needed(part: Table, key: str, place: str = "template.") -> str:
    value = _string(part, key, place)
    if not value:
        raise Mistake(f"{place}{key} is missing", field=place + key)
    return value


def _strings(part: Table, key: str) -> tuple[str, ...]:
    value = part.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Mistake(f"template.{key}: an array of strings is expected", field=f"template.{key}")
    return tuple(dict.fromkeys(value))


def _whole(part: Table, key: str) -> int | None:
    """-1 is confd's own word for "not said"."""
    value = part.get(key, -1)
    if not isinstance(value, int) or isinstance(value, bool) or value < -1:
        raise Mistake(f"template.{key}: a whole number is expected", field=f"template.{key}")
    return None if value == -1 else value


def _number(
    part: Table, key: str, default: float, place: str = "template.", *, most: float = math.inf
) -> float:
    value = part.get(key, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most:
        limit = "of at least 0" if most == math.inf else f"from 0 to {most:g}"
        raise Mistake(f"{place}{key}: a number {limit} is expected", field=place + key)
    return float(value)


def _mode(part: Table) -> int | None:
    """As confd reads it, but for what it misreads: there "644" is decimal, and becomes 0204."""
    text = _string(part, "mode")
    if not text:
        return None
    if not text.startswith("0"):
        made = f": confd makes it {int(text) & 0o777:04o}" if text.isdecimal() else ""
        raise Mistake(f'mode = "{text}" is not octal{made}; write "0644"', field="template.mode")
    try:
        mode = int(text, 16 if text[1:2] in "xX" and len(text) > 1 else 8)
    except ValueError:
        raise Mistake(f'mode = "{text}" is not octal', field="template.mode") from None
    if mode > MOST_MODE:
        raise Mistake(f'mode = "{text}" is more than 07777', field="template.mode")
    return mode


def _user(part: Table) -> int | None:
    def number(name: str) -> int:
        import pwd  # noqa: PLC0415 only where a name is to be looked up

        return pwd.getpwnam(name).pw_uid

    return _owner(part, "uid", "owner", number)


def _group(part: Table) -> int | None:
    def number(name: str) -> int:
        import grp  # noqa: PLC0415

        return grp.getgrnam(name).gr_gid

    return _owner(part, "gid", "group", number)


def _owner(part: Table, key: str, name_key: str, number: Callable[[str], int]) -> int | None:
    """The number by number or by name; where both are given they must mean the same."""
    given, name = _whole(part, key), _string(part, name_key)
    if given is not None and given > MOST_ID:
        raise Mistake(f"template.{key} is more than {MOST_ID}", field=f"template.{key}")
    if not name:
        return given
    try:
        named = int(name) if name.isdecimal() else number(name)
    except KeyError:
        raise Mistake(f"template.{name_key}: there is no {name!r} here",
                      field=f"template.{name_key}") from None  # fmt: skip
    if given is not None and given != named:
        raise Mistake(
            f"template.{key} is {given}, but {name_key} {name!r} is {named}",
            field=f"template.{name_key}",
        )
    return named
