"""Reading the settings: a file, then the environment over it; all faults are told at once."""

import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from bootstrapper.errors import Mistake
from bootstrapper.settings.leaves import leaves, row_of
from bootstrapper.settings.notify_faults import notify_faults
from bootstrapper.settings.section import Secret, is_section
from bootstrapper.settings.sections import Settings

ENVIRONMENT = "BOOTSTRAPPER_"
OTHERS = {"SETTINGS", "URL", "TOKEN", "TOKEN_FILE", "RUN", "ARTIFACTS"}
"""Variables of ours that are no settings: the command line's, and those that a run is given."""
NEAR = 0.75


def find() -> Path | None:
    """The settings file that is used when none is named."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    places = (Path("/etc/bootstrapper"), Path(home) / "bootstrapper")
    files = (place / "bootstrapper.toml" for place in places)
    return next((file for file in files if file.is_file()), None)


def load(file: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read and check everything; a Mistake lists all faults at once."""
    named = environ.get(ENVIRONMENT + "SETTINGS")
    file = file or (Path(named) if named else find())
    raw: dict[str, Any] = {}
    if file is not None:
        try:
            raw = tomllib.loads(file.read_text())
        except OSError as error:
            raise Mistake(f"{file}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Mistake(f"{file}: {error}") from error
    faults: list[str] = []
    _overlay(raw, environ, faults)
    _check_environment(raw, environ, faults)
    settings: Settings = _section(Settings, raw, "", faults)
    _check_names(settings, faults)
    if faults:
        raise Mistake("\n".join(faults))
    return settings


def _check_environment(raw: dict[str, Any], environ: Mapping[str, str], faults: list[str]) -> None:
    """A name that is nearly one of ours, or below one of our sections, is a slip of the pen."""
    known = {leaf.variable for leaf in leaves()} | OTHERS
    sections = {leaf.path[0] for leaf in leaves() if len(leaf.path) > 1}
    for name in sorted(environ):
        own = name.removeprefix(ENVIRONMENT)
        if own == name or own in known or name in _secret_variables(raw):
            continue
        near = get_close_matches(own, known, 1, NEAR)
        if near or own.startswith(tuple(f"{each.upper()}_" for each in sections)):
            hint = f"; {ENVIRONMENT}{near[0]}?" if near else ""
            faults.append(f"{name}: no such setting{hint}")


def _secret_variables(raw: Any) -> set[str]:
    """The variables that `env` of any secret names: theirs may be any name."""
    if not isinstance(raw, dict):
        return set()
    below = set().union(*(_secret_variables(each) for each in raw.values()))
    return below | ({raw["env"]} if isinstance(raw.get("env"), str) else set())


def _overlay(raw: dict[str, Any], environ: Mapping[str, str], faults: list[str]) -> None:
    """BOOTSTRAPPER_API_BIND=… says the same as bind = "…" below [api]."""
    for leaf in leaves():
        name = ENVIRONMENT + leaf.variable
        plain = get_args(leaf.kind)[0]
        if name not in environ or leaf.path == ("secrets",):
            continue
        if row_of(plain) is not None:
            faults.append(f"{name}: tables are set in the file, as [[{'.'.join(leaf.path)}]]")
            continue
        below: Any = raw
        for part in leaf.path[:-1]:
            below = below.setdefault(part, {}) if isinstance(below, dict) else None
        if isinstance(below, dict):
            value = _from_text(environ[name], plain, name, faults)
            if value is not None:
                below[leaf.path[-1]] = value


def _from_text(text: str, kind: Any, name: str, faults: list[str]) -> Any:
    if kind is str or get_origin(kind) is Literal:
        return text
    if get_origin(kind) is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        faults.append(f"{name}: {text!r} is not a TOML value")
        return None


def _section(kind: Any, raw: Any, place: str, faults: list[str]) -> Any:
    """Field by field, so that one fault does not hide the next."""
    if not isinstance(raw, dict):
        faults.append(f"{place}: a table is expected")
        raw = {}
    values = _fields(kind, raw, place, faults)
    return kind(**values)


def _fields(kind: Any, raw: dict[str, Any], place: str, faults: list[str]) -> dict[str, Any]:
    """What could be read, by the names that the section has for it."""
    hints = get_type_hints(kind, include_extras=True)
    known = {field.encode_name: field.name for field in msgspec.structs.fields(kind)}
    values: dict[str, Any] = {}
    for key, value in raw.items():
        where = f"{place}.{key}" if place else key
        if key not in known:
            near = get_close_matches(key, known, 1)
            faults.append(f"{where}: no such setting" + (f"; {near[0]}?" if near else ""))
            continue
        hint = hints[known[key]]
        if is_section(hint):
            values[key] = _section(hint, value, where, faults)
        elif hint == hints.get("secrets") and isinstance(value, dict):
            read_all = ((name, f"{where}.{name}", one) for name, one in value.items())
            values[key] = {name: _value(Secret, one, at, faults) for name, at, one in read_all}
        elif (row := row_of(get_args(hint)[0])) is not None and isinstance(value, list):
            values[known[key]] = _rows(row, value, where, faults)
        elif (read := _value(hint, value, where, faults)) is not None:
            values[known[key]] = read
    return values


def _rows(kind: Any, raw: list[Any], place: str, faults: list[str]) -> tuple[Any, ...]:
    """Those that are whole."""
    found = []
    for number, row in enumerate(raw):
        where = f"{place}[{number}]"
        if not isinstance(row, dict):
            faults.append(f"{where}: a table is expected")
            continue
        needed = [each for each in msgspec.structs.fields(kind) if each.required]
        missing = [each.encode_name for each in needed if each.encode_name not in row]
        faults += [f"{where}.{name}: is missing" for name in missing]
        values = _fields(kind, row, where, faults)
        if all(each.name in values for each in needed):
            found.append(kind(**values))
    return tuple(found)


def _value(kind: Any, raw: Any, place: str, faults: list[str]) -> Any:
    """None after a fault."""
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        fault = f"{place}: {error}".replace("`", "")
    plain = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if get_origin(plain) is Literal:
        fault += f"; it is one of {', '.join(get_args(plain))}"
    faults.append(fault)
    return None


def _check_names(settings: Settings, faults: list[str]) -> None:
    """What one field says of another."""
    known = settings.secrets
    wanted = {
        "content.ssh_key": settings.content.ssh_key,
        "ansible.ssh_key": settings.ansible.ssh_key,
        **{f"ansible.vault.{name}": secret for name, secret in settings.ansible.vault.items()},
    }
    for place, name in wanted.items():
        if name and name not in known:
            faults.append(f"{place}: no secret {name!r} below [secrets]")
    if settings.content.path and settings.content.git:
        faults.append("content: name path or git, not both")
    if bool(settings.api.tls_certificate) != bool(settings.api.tls_key):
        faults.append("api: tls_certificate and tls_key go together")
    if bool(settings.kv.certificate) != bool(settings.kv.key):
        faults.append("kv: certificate and key go together")
    if (
        settings.kv.password
        and not settings.kv.username
        and settings.kv.url.startswith(("etcd", "http"))
    ):
        faults.append("kv: a password without a username")
    faults.extend(notify_faults(settings.notify))
    host, _, port = settings.api.bind.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004
        faults.append(f"api.bind: {settings.api.bind!r} is not address:port")
