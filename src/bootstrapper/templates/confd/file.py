"""confd.toml: its keys, each checked, under the names of the flags they stand for."""

import tomllib
from collections.abc import Mapping

from bootstrapper.errors import Mistake
from bootstrapper.templates.confd.flags import FLAGS
from bootstrapper.templates.confd.go_flags import Flag, Kind, Value, duration

_OTHER_NAMES = {
    "client_cakeys": "client-ca-keys",
    "nodes": "node",
    "keepstagefile": "keep-stage-file",
    "onetime": "onetime",
}
_NOT_IN_FILES = frozenset(("version", "config-file"))


def read_file(path: str, *, needed: bool) -> dict[str, Value]:
    """No file is no mistake, unless it is `needed`, as the caller named it."""
    try:
        with open(path, "rb") as file:
            table = tomllib.load(file)
    except FileNotFoundError as error:
        if needed:
            raise Mistake(f"{path}: no such file", field="config-file") from error
        return {}
    except (OSError, ValueError) as error:
        raise Mistake(f"{path}: {error}", field="config-file") from error
    return _values(path, table)


def _values(path: str, table: Mapping[str, object]) -> dict[str, Value]:
    """Keys are written with `-` or `_`, in any case. Unknown ones are passed over, as in confd:
    files of 2015 have keys that 0.16 no longer knew.
    """
    values: dict[str, Value] = {}
    for key, value in table.items():
        low = key.lower()
        name = _OTHER_NAMES.get(low, low.replace("_", "-"))
        flag = FLAGS.get(name)
        if flag is None or name in _NOT_IN_FILES:
            _warn(f"{path}: unknown key {key!r} is ignored")
            continue
        values[name] = _value(f"{path}: {key}", key, flag, value)
    return values


def _value(place: str, key: str, flag: Flag, value: object) -> Value:
    match flag.kind, value:
        case Kind.BOOL, bool():
            return value
        case Kind.INT, int() if not isinstance(value, bool):
            return value
        case Kind.DURATION, int() | float() if not isinstance(value, bool) and value >= 0:
            return float(value)
        case Kind.DURATION, str() if (seconds := duration(value)) is not None:
            return seconds
        case Kind.STRING, str():
            return value
        case Kind.MANY, [*many] if all(isinstance(each, str) for each in many):
            return tuple(str(each) for each in many)
    raise Mistake(f"{place}: {_WANTED[flag.kind]} is expected, not {value!r}", field=key)


_WANTED = {
    Kind.BOOL: "true or false",
    Kind.INT: "a whole number",
    Kind.DURATION: 'a duration ("50ms") or a number of seconds',
    Kind.STRING: "a string",
    Kind.MANY: "an array of strings",
}


def _warn(text: str) -> None:
    import logging  # noqa: PLC0415 the start of a command is quick without it

    logging.getLogger(__name__).warning(text)
