"""Certificates, users and passwords of etcd, in both of its APIs."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from bootstrapper.errors import Mistake, Unavailable
from bootstrapper.templates.backends.make import make
from bootstrapper.templates.backends.port import Backend
from bootstrapper.templates.confd.config import Config, Login, Source, Tls
from support.certificates import certificates
from support.etcd import Etcd
from support.services import short_folder
from templates.backends.worlds import EtcdV3World, EtcdWorld

BOTH = pytest.mark.parametrize("backend", ["etcd", "etcdv3"])


def reading(backend: str, node: str, **options: Any) -> Backend:
    return make(Config(source=Source(backend=backend, nodes=(node,), **options)))


@pytest.fixture(scope="module")
def secure() -> Iterator[Etcd]:
    with short_folder("etcd") as folder:
        certificates(folder)
        server = Etcd(
            folder, v2=True, scheme="https",
            flags=("--cert-file", str(folder / "server.pem"),
                   "--key-file", str(folder / "server.key"),
                   "--trusted-ca-file", str(folder / "ca.pem"), "--client-cert-auth"),
        ).start()  # fmt: skip
        yield server
        server.kill()


def tls(folder: Path, *, ca: bool = True, own: bool = True, insecure: bool = False) -> Tls:
    return Tls(
        ca=str(folder / "ca.pem") if ca else "",
        cert=str(folder / "client.pem") if own else "",
        key=str(folder / "client.key") if own else "",
        insecure=insecure,
    )


@BOTH
@pytest.mark.parametrize("scheme", ["https", ""])
def test_with_our_certificate_we_are_let_in(secure: Etcd, backend: str, scheme: str) -> None:
    """A node without a scheme is HTTPS by -scheme, and with etcdv3 by the certificates alone."""
    node = secure.url if scheme else secure.address
    made = reading(backend, node, tls=tls(secure.folder), scheme="https")

    assert made.values(["/k"]) == {}


@BOTH
def test_whom_we_do_not_trust_is_unavailable(secure: Etcd, backend: str) -> None:
    with pytest.raises((Unavailable, Mistake), match=r"(?i)certificate"):
        reading(backend, secure.url, tls=tls(secure.folder, ca=False)).values(["/k"])
    with pytest.raises((Unavailable, Mistake)):
        reading(backend, secure.url, tls=tls(secure.folder, own=False)).values(["/k"])


def test_certificates_may_be_left_unverified(secure: Etcd) -> None:
    made = reading("etcd", secure.url, tls=tls(secure.folder, ca=False, insecure=True))

    assert made.values(["/k"]) == {}
    with pytest.raises(Mistake, match="client-insecure"):
        reading("etcdv3", secure.url, tls=tls(secure.folder, insecure=True))


def test_users_of_the_second_version() -> None:
    with short_folder("etcd") as folder:
        world = EtcdWorld(folder)
        world.start()
        try:
            world.put("/k", "v")
            base = f"{world.server.url}/v2/auth"
            http = urllib3.PoolManager()
            user = {"user": "root", "password": "hush", "roles": ["root"]}
            assert http.request("PUT", f"{base}/users/root", json=user).status < 300
            assert http.request("PUT", f"{base}/enable").status < 300
            root = urllib3.make_headers(basic_auth="root:hush")
            assert http.request("DELETE", f"{base}/roles/guest", headers=root).status < 300

            allowed = Login(basic_auth=True, username="root", password="hush")
            wrong = Login(basic_auth=True, username="root", password="no")
            node = world.server.address
            assert reading("etcd", node, login=allowed).values(["/k"]) == {"/k": "v"}
            with pytest.raises(Mistake, match="refuses us"):
                reading("etcd", node, login=wrong).values(["/k"])
        finally:
            world.stop()


def test_users_of_the_third_version() -> None:
    with short_folder("etcd") as folder:
        world = EtcdV3World(folder)
        world.start()
        try:
            world.put("/k", "v")
            call = world.server.call
            call("/v3/auth/user/add", {"name": "root", "password": "hush"})
            call("/v3/auth/user/grant", {"user": "root", "role": "root"})
            call("/v3/auth/enable")

            allowed = Login(basic_auth=True, username="root", password="hush")
            node = world.server.address
            stop = threading.Event()
            backend = reading("etcdv3", node, login=allowed)
            assert backend.wait("/", ["/k"], 0, stop) > 0
            assert backend.values(["/k"]) == {"/k": "v"}
            with pytest.raises(Mistake, match="refuses us"):
                reading("etcdv3", node).values(["/k"])
            wrong = Login(basic_auth=True, username="root", password="no")
            with pytest.raises(Mistake, match="refuses us"):
                reading("etcdv3", node, login=wrong).values(["/k"])
        finally:
            world.stop()
