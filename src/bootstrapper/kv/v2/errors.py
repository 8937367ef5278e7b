"""The errors of etcd's v2 API: a number, its fixed words, a cause, and the HTTP status.

See etcd's `Documentation/v2/errorcode.md`.
"""

from collections.abc import Mapping
from enum import IntEnum

import msgspec

from bootstrapper.errors import Mistake


class Code(IntEnum):
    NOT_FOUND = 100
    COMPARE_FAILED = 101
    NOT_A_FILE = 102
    NOT_A_DIRECTORY = 104
    EXISTS = 105
    READ_ONLY = 107
    NOT_EMPTY = 108
    UNAUTHORIZED = 110
    PREV_VALUE_REQUIRED = 201
    TTL_NOT_A_NUMBER = 202
    INDEX_NOT_A_NUMBER = 203
    INVALID_FIELD = 209
    INVALID_FORM = 210
    VALUE_ON_REFRESH = 211
    TTL_ON_REFRESH = 212
    INTERNAL = 300
    CLEARED = 401


WORDS: Mapping[Code, str] = {
    Code.NOT_FOUND: "Key not found",
    Code.COMPARE_FAILED: "Compare failed",
    Code.NOT_A_FILE: "Not a file",
    Code.NOT_A_DIRECTORY: "Not a directory",
    Code.EXISTS: "Key already exists",
    Code.READ_ONLY: "Root is read only",
    Code.NOT_EMPTY: "Directory not empty",
    Code.UNAUTHORIZED: "The request requires user authentication",
    Code.PREV_VALUE_REQUIRED: "PrevValue is Required in POST form",
    Code.TTL_NOT_A_NUMBER: "The given TTL in POST form is not a number",
    Code.INDEX_NOT_A_NUMBER: "The given index in POST form is not a number",
    Code.INVALID_FIELD: "Invalid field",
    Code.INVALID_FORM: "Invalid POST form",
    Code.VALUE_ON_REFRESH: "Value provided on refresh",
    Code.TTL_ON_REFRESH: "A TTL must be provided on refresh",
    Code.INTERNAL: "Raft Internal Error",
    Code.CLEARED: "The event in requested index is outdated and cleared",
}
_STATUS: Mapping[Code, int] = {
    Code.NOT_FOUND: 404,
    Code.NOT_A_FILE: 403,
    Code.NOT_EMPTY: 403,
    Code.UNAUTHORIZED: 401,
    Code.COMPARE_FAILED: 412,
    Code.EXISTS: 412,
    Code.INTERNAL: 503,
}


class V2Error(Mistake):
    """`status` stands in for the code's own where HTTP has a better word."""

    def __init__(self, code: Code, cause: str = "", *, index: int = 0, status: int = 0) -> None:
        super().__init__(f"{WORDS[code]}: {cause}")
        self.code = code
        self.cause = cause
        self.index = index
        self.status = status or _STATUS.get(code, 400)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An error's body; a cause that is empty is left out."""

    errorCode: int
    message: str
    cause: str | msgspec.UnsetType = msgspec.UNSET
    index: int


def told(error: V2Error) -> Told:
    return Told(
        errorCode=int(error.code),
        message=WORDS[error.code],
        cause=readable(error.cause) or msgspec.UNSET,
        index=error.index,
    )


def readable(text: str) -> str:
    """JSON has no bytes: what is not UTF-8 is shown as U+FFFD."""
    return text.encode(errors="surrogateescape").decode(errors="replace")
