"""A user's token for etcd: asked for when it is needed, and again when etcd calls it over.

etcd's simple tokens end five minutes after their last use (--auth-token-ttl), each member counts
for itself, and a change of users or roles makes all of them old.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from bootstrapper.errors import Refused
from bootstrapper.kv.etcd_replies import Fault, Token

UNAUTHENTICATED = 16  # gRPC's code
_OLD = ("user name is empty", "revision of auth store is old")


class TokenOver(Exception):
    """Never leaves this room: either a new token helps, or it becomes an error of ours."""


class Reply(Protocol):
    def read(self) -> bytes: ...


Send = Callable[[str, object], Reply]


def is_token_fault(fault: Fault) -> bool:
    return fault.code == UNAUTHENTICATED or any(word in fault.error for word in _OLD)


class Login:
    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self._password = password
        self._token = ""

    def token(self, send: Send) -> str:
        """The one in hand, or a new one by `send` (path, body)."""
        if not self._token:
            body = {"name": self._username, "password": self._password}
            try:
                reply = send("/v3/auth/authenticate", body)
            except Refused as error:
                raise Refused(f"{error} (kv.username, kv.password)") from error
            self._token = msgspec.json.decode(reply.read(), type=Token).token
        return self._token

    def forget(self) -> None:
        self._token = ""
