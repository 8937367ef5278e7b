"""Vault: secrets of both versions of its KV engine, as keys. It tells of no change.

A version 2 secret is known by its plain path, /secret/app; a path that has `data/` in it, as
confd needs there, is read as it is. Protocol: developer.hashicorp.com/vault/api-docs
"""

import os
import threading
from collections.abc import Sequence

from bootstrapper.errors import Mistake, Unavailable
from bootstrapper.lifecycle import Stop
from bootstrapper.templates.backends.flat import flat
from bootstrapper.templates.backends.http import Nodes, Reply
from bootstrapper.templates.backends.port import nothing_to_hear
from bootstrapper.templates.backends.vault_login import check, log_in
from bootstrapper.templates.backends.vault_tree import Tree
from bootstrapper.templates.confd.config import Config, Login
from bootstrapper.templates.paths import join

_FORBIDDEN, _MISSING, _ERRORS = 403, 404, 400


class Vault:
    watches = False

    def __init__(self, nodes: Nodes, login: Login) -> None:
        check(login)
        self._nodes = nodes
        self._login = login
        self._logging_in = threading.Lock()
        self._token = ""

    def values(self, keys: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        tree = Tree(self._ask)
        for path in dict.fromkeys(path for key in keys for path in tree.walk(join("/", key))):
            reply = self._ask("GET", tree.address(path, "data"))
            if reply.status != _MISSING:
                found |= flat(path, tree.fields(path, _checked(path, reply).json()))
        return found

    def wait(self, prefix: str, keys: Sequence[str], since: int, stop: Stop) -> int:
        return nothing_to_hear(since, stop)

    def _ask(self, method: str, address: str) -> Reply:
        """A token that has expired is Forbidden: then one more login, and one more try."""
        if not self._token:
            self._log_in("")
        token = self._token
        reply = self._with(token, method, address)
        if reply.status == _FORBIDDEN and self._login.auth_type != "token" and method == "GET":
            self._log_in(token)
            reply = self._with(self._token, method, address)
        return reply

    def _with(self, token: str, method: str, address: str) -> Reply:
        return self._nodes.ask(method, address, headers={"X-Vault-Token": token})

    def _log_in(self, expired: str) -> None:
        with self._logging_in:
            if self._token == expired:  # nobody was quicker
                self._token = log_in(self._nodes, self._login)


def _checked(path: str, reply: Reply) -> Reply:
    text = reply.body.decode(errors="replace").strip()
    if reply.status == _FORBIDDEN:
        raise Mistake(f"vault refuses us {path}: {text}")
    if reply.status >= _ERRORS:
        raise Unavailable(f"vault: {path}: {reply.status} {text}")
    return reply


def make(config: Config) -> Vault:
    namespace = os.environ.get("VAULT_NAMESPACE", "")
    headers = {"X-Vault-Request": "true"} | ({"X-Vault-Namespace": namespace} if namespace else {})
    return Vault(Nodes(config.source, headers), config.source.login)
