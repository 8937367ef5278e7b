"""A request of etcd's v2 keys API, read whole before anything is done: path, query and form.

Pure. Names, types and the order of complaints are etcd's own (`Documentation/v2/api.md`).
"""

import re
from collections.abc import Mapping

import msgspec

from bootstrapper.kv.v2.errors import Code, V2Error

LONGEST_TTL = 9_000_000_000  # seconds: what a lease of etcd holds
LONGEST_PATH, DEEPEST, LONGEST_NUMBER = 2048, 40, 40
_TRUE, _FALSE = {"1", "t", "T", "TRUE", "true", "True"}, {"0", "f", "F", "FALSE", "false", "False"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ESCAPE = re.compile(rb"%([0-9a-fA-F]{2})?")

Form = Mapping[str, str]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """`path` is `/` or `/a/b`. None: not said."""

    method: str
    path: str
    value: str = ""
    dir: bool = False
    recursive: bool = False
    sorted: bool = False
    wait: bool = False
    stream: bool = False
    wait_index: int = 0
    ttl: int | None = None
    refresh: bool = False
    prev_value: str = ""
    prev_index: int = 0
    prev_exist: bool | None = None
    no_value: bool = False

    @property
    def compares(self) -> bool:
        return self.prev_index > 0 or self.prev_value != ""


def read_request(method: str, path: bytes, query: bytes, body: bytes = b"") -> Request:
    """`path` is what follows /v2/keys, still escaped; what the body says comes before the query."""
    form = {**_pairs(query), **_pairs(body)}
    key = read_path(path)
    prev_index, wait_index = _number(form, "prevIndex"), _number(form, "waitIndex")
    flags = {
        name: _flag(form, name) or False
        for name in ("recursive", "sorted", "wait", "dir", "quorum", "stream")
    }
    if flags["wait"] and method != "GET":
        raise V2Error(Code.INVALID_FIELD, '"wait" can only be used with GET requests')
    if "prevValue" in form and not form["prevValue"]:
        raise V2Error(Code.PREV_VALUE_REQUIRED, '"prevValue" cannot be empty')
    no_value = _flag(form, "noValueOnSuccess") or False
    ttl = _ttl(form)
    prev_exist = _flag(form, "prevExist", "invalid value for prevExist")
    return Request(
        method=method,
        path=key,
        value=form.get("value", ""),
        dir=flags["dir"],
        recursive=flags["recursive"],
        sorted=flags["sorted"],
        wait=flags["wait"],
        stream=flags["stream"],
        wait_index=wait_index,
        ttl=ttl,
        refresh=_refresh(form, ttl),
        prev_value=form.get("prevValue", ""),
        prev_index=prev_index,
        prev_exist=prev_exist,
        no_value=no_value,
    )


def read_path(raw: bytes) -> str:
    """Doubled slashes are one; a part that would lead elsewhere is a mistake."""
    try:
        text = _unescaped(raw, Code.INVALID_FIELD).decode()
    except UnicodeDecodeError as error:
        raise V2Error(Code.INVALID_FIELD, "the key is not UTF-8") from error
    parts = [part for part in text.split("/") if part]
    if _CONTROL.search(text):
        raise V2Error(Code.INVALID_FIELD, "a control character is in no key")
    if any(part in (".", "..") for part in parts):
        raise V2Error(Code.INVALID_FIELD, "a part of a key is neither . nor ..")
    if len(raw) > LONGEST_PATH or len(parts) > DEEPEST:
        raise V2Error(
            Code.INVALID_FIELD, f"a key has at most {LONGEST_PATH} bytes and {DEEPEST} parts"
        )
    return "/" + "/".join(parts)


def _pairs(raw: bytes) -> dict[str, str]:
    """Of a name that is given twice the first counts."""
    found: dict[str, str] = {}
    for pair in raw.split(b"&"):
        if b";" in pair:
            raise V2Error(Code.INVALID_FORM, "invalid semicolon separator in query")
        name, _, value = pair.partition(b"=")
        if pair:
            found.setdefault(_text(name), _text(value))
    return found


def _text(raw: bytes) -> str:
    plain = _unescaped(raw.replace(b"+", b" "), Code.INVALID_FORM)
    return plain.decode(errors="surrogateescape")


def _unescaped(raw: bytes, code: Code) -> bytes:
    def one(found: re.Match[bytes]) -> bytes:
        if found[1] is None:
            piece = raw[found.start() : found.start() + 3].decode(errors="replace")
            raise V2Error(code, f'invalid URL escape "{piece}"')
        return bytes.fromhex(found[1].decode())

    return _ESCAPE.sub(one, raw)


def _flag(form: Form, name: str, complaint: str = "") -> bool | None:
    if name not in form:
        return None
    if form[name] not in _TRUE | _FALSE:
        raise V2Error(Code.INVALID_FIELD, complaint or f'invalid value for "{name}"')
    return form[name] in _TRUE


def _number(form: Form, name: str, code: Code = Code.INDEX_NOT_A_NUMBER) -> int:
    text = form.get(name, "0")
    digits = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    if not (digits and int(text) < 2**64):
        raise V2Error(code, f'invalid value for "{name}"')
    return int(text)


def _ttl(form: Form) -> int | None:
    if not form.get("ttl"):
        return None
    ttl = _number(form, "ttl", Code.TTL_NOT_A_NUMBER)
    if ttl > LONGEST_TTL:
        raise V2Error(Code.TTL_NOT_A_NUMBER, f'"ttl" is at most {LONGEST_TTL}')
    return ttl


def _refresh(form: Form, ttl: int | None) -> bool:
    refresh = _flag(form, "refresh", "invalid value for refresh") or False
    if refresh and form.get("value"):
        raise V2Error(Code.VALUE_ON_REFRESH, "A value was provided on a refresh")
    if refresh and ttl is None:
        raise V2Error(Code.TTL_ON_REFRESH, "No TTL value set")
    return refresh
