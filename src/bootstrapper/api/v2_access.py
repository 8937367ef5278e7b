"""Who may use etcd's v2 API: callers of the chosen networks, and users with their password.

Etcd's v2 knew no bearer tokens, and neither do its clients. Passwords are compared in constant
time; a browser's request for somebody else's page has no authority of its network.
"""

import base64
import hmac
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from bootstrapper.api.identity import caller, of_another_page
from bootstrapper.errors import Mistake
from bootstrapper.kv.v2.errors import Code, V2Error
from bootstrapper.secret import read_secret_value
from bootstrapper.settings import Api, Settings

UNAUTHORIZED, FORBIDDEN = 401, 403
Network = IPv4Network | IPv6Network


class Access:
    """Made once, so that a faulty network or a missing password stops the start."""

    def __init__(self, settings: Settings) -> None:
        self._api: Api = settings.api
        self._networks = tuple(_network(each) for each in settings.etcd2.networks)
        self._users = {
            name: read_secret_value(f"etcd2.users.{name}", secret).encode()
            for name, secret in settings.etcd2.users.items()
        }

    def check(self, headers: Mapping[str, str], peer: str) -> None:
        """Raises V2Error: 401 where a password would help, 403 where nothing does."""
        given = headers.get("authorization", "")
        if given and self._knows(given):
            return
        address = caller(self._api, headers, peer)
        if not given and not of_another_page(headers) and self._is_near(address):
            return
        if self._users:
            cause = "another user or password" if given else "send a user and password"
            raise V2Error(Code.UNAUTHORIZED, cause, status=UNAUTHORIZED)
        cause = f"{address or 'this address'} is in none of etcd2.networks"
        raise V2Error(Code.UNAUTHORIZED, cause, status=FORBIDDEN)

    def _knows(self, given: str) -> bool:
        scheme, _, credentials = given.partition(" ")
        try:
            raw = base64.b64decode(credentials.strip(), validate=True)
        except ValueError:
            return False
        name, _, password = raw.partition(b":")
        wanted = self._users.get(name.decode(errors="replace"), b"")
        same = hmac.compare_digest(wanted or b"nobody's", password)
        return scheme.lower() == "basic" and bool(wanted) and same

    def _is_near(self, text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None) or address
        return any(mapped in network for network in self._networks)


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise Mistake(f"etcd2.networks: {error}", field="etcd2.networks") from error
