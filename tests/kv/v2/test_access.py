"""Who is near: by the connection, or by what a trusted proxy says of it; and faulty settings."""

import pytest

from bootstrapper.api.v2_access import Access
from bootstrapper.errors import Mistake
from bootstrapper.kv.v2.errors import V2Error
from bootstrapper.settings import Api, Etcd2, Secret, Settings

NETWORKS = ("10.0.0.0/8", "fd00::/8", "192.0.2.7/32")


@pytest.fixture(scope="module")
def access() -> Access:
    etcd2 = Etcd2(enabled=True, networks=NETWORKS)
    return Access(Settings(api=Api(trusted_proxies=("192.0.2.1",)), etcd2=etcd2))


@pytest.mark.parametrize(
    ("peer", "forwarded", "near"),
    [
        ("10.1.2.3", "", True),
        ("::ffff:10.1.2.3", "", True),
        ("fd00::1", "", True),
        ("192.0.2.7", "", True),
        ("192.0.2.8", "", False),
        ("11.0.0.1", "", False),
        ("fe80::1", "", False),
        ("", "", False),
        ("a name", "", False),
        ("192.0.2.1", "10.1.2.3", True),
        ("192.0.2.1", "10.1.2.3, 11.0.0.1", False),
        ("192.0.2.1", "11.0.0.1, 10.1.2.3", True),
        ("11.0.0.1", "10.1.2.3", False),
    ],
)
def test_a_network_is_that_of_the_caller(
    access: Access, peer: str, forwarded: str, near: bool
) -> None:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    if near:
        access.check(headers, peer)
        return
    with pytest.raises(V2Error) as told:
        access.check(headers, peer)
    assert told.value.status == 403


@pytest.mark.parametrize(
    ("etcd2", "said"),
    [
        (Etcd2(networks=("10.0.0.1/8",)), "etcd2.networks: .* has host bits set"),
        (Etcd2(networks=("here",)), "etcd2.networks"),
        (Etcd2(users={"a": Secret(env="NO_SUCH_PASSWORD")}), "etcd2.users.a"),
    ],
)
def test_faulty_settings_stop_the_start(etcd2: Etcd2, said: str) -> None:
    with pytest.raises(Mistake, match=said):
        Access(Settings(etcd2=etcd2))
