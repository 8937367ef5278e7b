"""etcd v3, through the key-value room's own client."""

from bootstrapper.errors import Mistake
from bootstrapper.kv.etcd import EtcdStore
from bootstrapper.kv.etcd_auth import Login
from bootstrapper.kv.etcd_http import Gateway, Tls
from bootstrapper.templates.backends.followed import Followed
from bootstrapper.templates.confd.config import Config

PORT = 2379


def make(config: Config) -> Followed:
    """A node without a scheme is HTTPS where there are certificates or `-scheme=https`."""
    source = config.source
    login, tls = source.login, source.tls
    if not source.nodes:
        raise Mistake("no node of etcdv3: use -node", field="node")
    if tls.insecure:
        raise Mistake("-client-insecure is not for etcdv3: use -client-ca-keys",
                      field="client-insecure")  # fmt: skip
    scheme = "https" if tls.ca or (tls.cert and tls.key) else source.scheme
    return Followed(
        EtcdStore(
            Gateway(
                tuple(_url(node, scheme) for node in source.nodes),
                tls=Tls(tls.ca, tls.cert, tls.key),
                login=Login(login.username, login.password) if login.basic_auth else None,
            )
        )
    )


def _url(node: str, scheme: str) -> str:
    url = node.rstrip("/") if "://" in node else f"{scheme}://{node}"
    host = url.partition("://")[2].rpartition("]")[2]
    return url if ":" in host else f"{url}:{PORT}"
