"""confd's template functions, each with its Go signature: what `{{…}}` can call in a *.tmpl."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from bootstrapper.templates import decoding, numbers, texts
from bootstrapper.templates.go_time_methods import NOW
from bootstrapper.templates.gotemplate import (
    ANY,
    BOOL,
    INT,
    STRING,
    Fault,
    Function,
    Map,
    Slice,
    map_of,
    slice_of,
)
from bootstrapper.templates.keys import KVPAIR, KVPAIRS, STRINGS, Keys
from bootstrapper.templates.lookups import SRVS, lookup_ip, lookup_ipv4, lookup_ipv6, lookup_srv
from bootstrapper.templates.slash_paths import base, directory

PAIRS = slice_of(KVPAIR)
INTS = slice_of(INT)
OBJECT = map_of(STRING, ANY)
ANYTHING = slice_of(ANY)
MOST_NUMBERS = 10_000_000


def functions(keys: Keys) -> Mapping[str, Function]:
    return {**OF_VALUES, **_of_keys(keys)}


def _of_keys(keys: Keys) -> Mapping[str, Function]:
    return {
        "exists": Function(keys.exists, (STRING,), BOOL),
        "get": Function(keys.get, (STRING,), KVPAIR),
        "gets": Function(keys.gets, (STRING,), KVPAIRS),
        "getv": Function(keys.getv, (STRING,), STRING, STRING),
        "getvs": Function(keys.getvs, (STRING,), STRINGS),
        "ls": Function(keys.ls, (STRING,), STRINGS),
        "lsdir": Function(keys.lsdir, (STRING,), STRINGS),
    }


def create_map(*given: Any) -> dict[str, Any]:
    if len(given) % 2:
        raise Fault("invalid map call")
    if not all(isinstance(key, str) for key in given[::2]):
        raise Fault("map keys must be strings")
    return dict(zip(given[::2], given[1::2], strict=True))


def seq(first: int, last: int) -> Slice:
    """Too many numbers are a fault here, where confd would take all the memory there is."""
    if last - first >= MOST_NUMBERS:
        raise Fault(f"more than {MOST_NUMBERS} numbers")
    return Slice(INTS, range(first, last + 1), is_nil=last < first)


def reverse(values: Any) -> Any:
    """In place, and only what confd knows: strings and pairs (`gets` gives a type of its own)."""
    if isinstance(values, Slice) and values.go_type.name in {"[]string", "[]memkv.KVPair"}:
        values.reverse()
    return values


def sort_by_length(values: Slice) -> Slice:
    values.sort(key=texts.size)
    return values


def sort_pairs_by_length(values: Slice) -> Slice:
    return Slice(PAIRS, sorted(values, key=lambda pair: texts.size(pair.Key)))


def getenv(name: str, *default: str) -> str:
    return os.environ.get(name) or (default[0] if default else "")


def file_exists(path: str) -> bool:
    """Like confd, only a clear "no such file" counts as no."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        return isinstance(error, NotADirectoryError)
    except (OSError, ValueError):
        return True
    return True


def parse_object(data: str) -> Any:
    value = decoding.parse(data)
    if value is None:
        return Map(OBJECT, is_nil=True)
    if not isinstance(value, dict):
        raise Fault(decoding.unfit(value, OBJECT))
    return value


def parse_array(data: str) -> Any:
    value = decoding.parse(data)
    if value is None:
        return Slice(ANYTHING, is_nil=True)
    if not isinstance(value, list):
        raise Fault(decoding.unfit(value, ANYTHING))
    return value


def _encrypted(name: str) -> Callable[..., Any]:
    def refuse(*_: Any) -> Any:
        raise Fault(f"{name} is unsupported: encrypted values (-secret-keyring) are not read")

    return refuse


def _text(call: Callable[..., Any], parameters: int = 1, result: Any = STRING) -> Function:
    return Function(call, (STRING,) * parameters, result)


def _sum(call: Callable[[int, int], int]) -> Function:
    return Function(call, (INT, INT), INT)


OF_VALUES: Mapping[str, Function] = {
    "add": _sum(numbers.add),
    "atoi": _text(numbers.atoi, result=INT),
    "base": _text(base),
    "base64Decode": _text(decoding.base64_decode),
    "base64Encode": _text(decoding.base64_encode),
    "cget": _text(_encrypted("cget"), result=KVPAIR),
    "cgets": _text(_encrypted("cgets"), result=KVPAIRS),
    "cgetv": _text(_encrypted("cgetv")),
    "cgetvs": _text(_encrypted("cgetvs"), result=STRINGS),
    "contains": _text(texts.contains, 2, BOOL),
    "datetime": NOW,
    "dir": _text(directory),
    "div": _sum(numbers.div),
    "fileExists": _text(file_exists, result=BOOL),
    "getenv": Function(getenv, (STRING,), STRING, STRING),
    "join": Function(texts.join, (STRINGS, STRING), STRING),
    "json": _text(parse_object, result=OBJECT),
    "jsonArray": _text(parse_array, result=ANYTHING),
    "lookupIP": _text(lookup_ip, result=STRINGS),
    "lookupIPV4": _text(lookup_ipv4, result=STRINGS),
    "lookupIPV6": _text(lookup_ipv6, result=STRINGS),
    "lookupSRV": _text(lookup_srv, 3, SRVS),
    "map": Function(create_map, (), OBJECT, ANY),
    "mod": _sum(numbers.mod),
    "mul": _sum(numbers.mul),
    "parseBool": _text(numbers.parse_bool, result=BOOL),
    "replace": Function(texts.replace, (STRING, STRING, STRING, INT), STRING),
    "reverse": Function(reverse, (ANY,)),
    "seq": Function(seq, (INT, INT), INTS),
    "sortByLength": Function(sort_by_length, (STRINGS,), STRINGS),
    "sortKVByLength": Function(sort_pairs_by_length, (PAIRS,), PAIRS),
    "split": _text(texts.split, 2, STRINGS),
    "sub": _sum(numbers.sub),
    "toLower": _text(texts.lower),
    "toUpper": _text(texts.upper),
    "trimSuffix": _text(texts.trim_suffix, 2),
}
