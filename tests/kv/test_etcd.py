"""What is true of etcd alone: its members, its silence, its users and its certificates."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.ids import new_id
from bootstrapper.kv.etcd_replies import Event, KeyValue, below, encoded
from bootstrapper.kv.etcd_watch import merged
from bootstrapper.kv.open import open_store
from bootstrapper.kv.store import Change, Delete, Gap, Keys, Put, claim
from bootstrapper.settings import Kv, Secret, Settings
from support.etcd import Etcd
from support.eventually import eventually
from support.kv import hearing
from support.relay import Relay
from support.services import free_port, need, short_folder

NOTICED = 6.0  # seconds for a cut link
ELECTION = 5.0  # seconds: etcd's election takes 1 to 2, more when the votes are split


@pytest.fixture(scope="module")
def etcd() -> Iterator[Etcd]:
    with short_folder("etcd") as folder:
        server = Etcd(folder).start()
        yield server
        server.stop()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Etcd]:
    with short_folder("etcd") as folder:
        server = Etcd(folder, members=3).start()
        yield server
        server.stop()


@pytest.fixture
def at() -> str:
    return f"/{new_id()}/"


def of(etcd: Etcd, **more: object) -> Keys:
    return open_store(Settings(kv=Kv(url=",".join(etcd.urls), **more)))  # type: ignore[arg-type]


def test_where_nobody_listens_is_unavailable_at_once() -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable):
        open_store(Settings(kv=Kv(url=f"etcd://127.0.0.1:{free_port()}"))).read("/")

    assert time.monotonic() - began < 2


def test_a_dead_endpoint_costs_nothing_but_its_turn(etcd: Etcd, at: str) -> None:
    url = f"etcd://127.0.0.1:{free_port()},{etcd.address}"
    store = open_store(Settings(kv=Kv(url=url)))

    assert store.put(f"{at}a", "1")
    assert store.read(at).values == {f"{at}a": "1"}


def test_a_frozen_member_is_noticed_though_its_link_stays(etcd: Etcd, at: str) -> None:
    store = of(etcd)
    with hearing(store, at, store.read(at).revision) as heard:
        etcd.freeze()
        try:
            assert heard.ended.wait(NOTICED)
        finally:
            etcd.thaw()

    assert isinstance(heard.error, Unavailable)
    assert not isinstance(heard.error, Gap)


def test_quiet_is_no_fault(etcd: Etcd, at: str) -> None:
    store = of(etcd)
    with hearing(store, at, store.read(at).revision) as heard:
        assert not heard.ended.wait(NOTICED)
        store.put(f"{at}a", "1")
        eventually(lambda: heard.values)


def test_a_write_at_a_frozen_member_goes_to_the_next(cluster: Etcd, at: str) -> None:
    follower = next(each for each in range(3) if each != cluster.leader())
    urls = cluster.urls[follower:] + cluster.urls[:follower]
    store = open_store(Settings(kv=Kv(url=",".join(urls))))
    store.put(f"{at}a", "1")
    cluster.freeze(follower)
    try:
        began = time.monotonic()
        store.put(f"{at}a", "2")
        assert time.monotonic() - began < 1.5
    finally:
        cluster.thaw(follower)

    assert of(cluster).read(at).values == {f"{at}a": "2"}


def test_the_leader_killed_is_a_short_gap_for_writers(
    cluster: Etcd, at: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store, written, done = of(cluster), [time.monotonic()], threading.Event()

    def write() -> None:
        while not done.is_set():
            store.put(f"{at}a", str(len(written)))
            written.append(time.monotonic())

    writer = threading.Thread(target=write)
    with hearing(of(cluster), at, store.read(at).revision) as heard:
        writer.start()
        eventually(lambda: len(written) > 20)
        leader = cluster.leader()
        killed = time.monotonic()
        cluster.kill(leader)
        eventually(lambda: written[-1] > killed + 1, within=10)
        done.set()
        writer.join()
        value = str(len(written) - 1)
        eventually(lambda: heard.ended.is_set() or heard.values == {f"{at}a": value})
    cluster.start(leader)
    gap = max(after - before for before, after in pairwise(written))
    with capsys.disabled():
        sys.stdout.write(f" [{gap:.2f} s without a leader]")

    assert gap < ELECTION
    assert store.read(at).values == {f"{at}a": value}


def test_a_member_that_is_alone_is_left(cluster: Etcd, at: str) -> None:
    """Its watch would stay silent for good, though it answers."""
    alone = 0
    url = f"{cluster.urls[alone]}"
    store = open_store(Settings(kv=Kv(url=url)))
    with hearing(store, at, store.read(at).revision) as heard:
        for other in (1, 2):
            cluster.freeze(other)
        try:
            assert heard.ended.wait(NOTICED)
        finally:
            for other in (1, 2):
                cluster.thaw(other)

    assert isinstance(heard.error, Unavailable)
    eventually(lambda: of(cluster).put(f"{at}a", "1"), within=10)


@pytest.fixture
def relay(etcd: Etcd) -> Iterator[Relay]:
    relay = Relay(etcd.address)
    yield relay
    relay.close()


def through(relay: Relay) -> Keys:
    return open_store(Settings(kv=Kv(url=f"etcd://{relay.address}")))


def test_a_claim_whose_answer_was_lost_is_recognised(etcd: Etcd, relay: Relay, at: str) -> None:
    store = through(relay)
    lease = store.grant(60)
    relay.lose(2)
    revision = claim(store, f"{at}lead", "me", lease)

    assert relay.lost == 2
    entry = of(etcd).look(f"{at}lead")
    assert entry is not None
    assert entry.revision == revision
    assert claim(store, f"{at}lead", "you", lease) is None


def test_a_claim_of_somebody_else_is_not_taken_for_ours(etcd: Etcd, relay: Relay, at: str) -> None:
    store = through(relay)
    claim(of(etcd), f"{at}lead", "you", None)
    relay.lose(1)

    assert claim(store, f"{at}lead", "me", None) is None
    assert relay.lost == 1


def test_a_guarded_step_whose_answer_was_lost_is_recognised(
    etcd: Etcd, relay: Relay, at: str
) -> None:
    store = through(relay)
    old = store.put(f"{at}old", "1")
    relay.lose(1)
    revision = store.write([Put(f"{at}new", "1"), Delete(f"{at}old")], {f"{at}old": old})

    assert revision == old + 1
    assert of(etcd).read(at).values == {f"{at}new": "1"}


def test_a_lease_whose_answer_was_lost_is_granted_once(relay: Relay) -> None:
    store = through(relay)
    relay.lose(1)

    assert store.keep(store.grant(60))


def test_a_compacted_past_is_a_gap(etcd: Etcd, at: str) -> None:
    store = of(etcd)
    since = store.read(at).revision
    for number in range(3):
        store.put(f"{at}a", str(number))
    etcd.compact(store.read(at).revision)

    with hearing(store, at, since) as heard:
        assert heard.ended.wait(5)
    assert isinstance(heard.error, Gap)


def test_a_compaction_does_not_touch_who_listens(etcd: Etcd, at: str) -> None:
    store = of(etcd)
    with hearing(store, at, store.read(at).revision) as heard:
        store.put(f"{at}a", "1")
        eventually(lambda: heard.values)
        etcd.compact(store.read(at).revision)
        store.put(f"{at}a", "2")
        eventually(lambda: heard.values == {f"{at}a": "2"})


def test_a_store_that_lost_its_disk_is_a_gap(at: str) -> None:
    with short_folder("etcd") as folder:
        etcd = Etcd(folder).start()
        store = of(etcd)
        for number in range(5):
            store.put(f"{at}a", str(number))
        since = store.read(at).revision
        etcd.kill()
        etcd.wipe()
        etcd.start()
        with hearing(store, at, since) as heard:
            assert heard.ended.wait(5)
        etcd.stop()

    assert isinstance(heard.error, Gap)


@pytest.fixture(scope="module")
def guarded() -> Iterator[Etcd]:
    """Users on; a token is over two seconds after its last use."""
    with short_folder("etcd") as folder:
        etcd = Etcd(folder, flags=("--auth-token-ttl", "2")).start()
        etcd.call("/v3/auth/user/add", {"name": "root", "password": "secret"})
        etcd.call("/v3/auth/role/add", {"name": "root"})
        etcd.call("/v3/auth/user/grant", {"user": "root", "role": "root"})
        etcd.call("/v3/auth/user/add", {"name": "web", "password": "web"})
        etcd.call("/v3/auth/role/add", {"name": "web"})
        etcd.call(
            "/v3/auth/role/grant",
            {
                "name": "web",
                "perm": {
                    "permType": "READ",
                    "key": encoded("/web/"),
                    "range_end": encoded("/web0"),
                },
            },
        )
        etcd.call("/v3/auth/user/grant", {"user": "web", "role": "web"})
        etcd.call("/v3/auth/enable")
        yield etcd
        etcd.stop()


def user(etcd: Etcd, monkeypatch: pytest.MonkeyPatch, name: str, password: str) -> Keys:
    monkeypatch.setenv("KV_PASSWORD", password)
    return of(etcd, username=name, password=Secret(env="KV_PASSWORD"))


def test_a_token_that_is_over_is_replaced(
    guarded: Etcd, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    store = user(guarded, monkeypatch, "root", "secret")
    with hearing(store, at, store.read(at).revision) as heard:
        assert not heard.ended.wait(5)
        idle = user(guarded, monkeypatch, "root", "secret")
        idle.put(f"{at}a", "1")
        assert not heard.ended.wait(4)
        idle.put(f"{at}a", "2")
        lease = idle.grant(30)
        assert not heard.ended.wait(4)
        assert idle.keep(lease)
        eventually(lambda: heard.values == {f"{at}a": "2"})


def test_a_wrong_password_is_refused(guarded: Etcd, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match=r"kv\.password"):
        user(guarded, monkeypatch, "root", "wrong").read("/")


def test_nobody_is_told_to_name_a_user(guarded: Etcd) -> None:
    with pytest.raises(Refused, match=r"kv\.username"):
        of(guarded).read("/")


def test_what_a_user_may_not_is_refused(guarded: Etcd, monkeypatch: pytest.MonkeyPatch) -> None:
    store = user(guarded, monkeypatch, "web", "web")

    assert store.read("/web/").values == {}
    with pytest.raises(Refused, match="permission denied"):
        store.put("/web/a", "1")
    with hearing(store, "/web/", store.read("/web/").revision) as heard:
        user(guarded, monkeypatch, "root", "secret").put("/web/a", "1")
        eventually(lambda: heard.values == {"/web/a": "1"})


def openssl(folder: Path, *arguments: str) -> None:
    need("openssl")
    subprocess.run(("openssl", *arguments), cwd=folder, check=True, capture_output=True)


def certificates(folder: Path) -> None:
    """An authority, and what it signed for 127.0.0.1, for etcd and for a client."""
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", "/CN=tests", "-keyout", "ca.key", "-out", "ca.pem")  # fmt: skip
    for name in ("etcd", "client"):
        (folder / f"{name}.ext").write_text(
            "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n"
        )
        openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
                "-keyout", f"{name}.key", "-out", f"{name}.csr")  # fmt: skip
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext",
                "-out", f"{name}.pem")  # fmt: skip


def test_tls_with_a_client_certificate(at: str) -> None:
    with short_folder("etcd") as folder:
        certificates(folder)
        pem = {name: str(folder / name) for name in ("ca.pem", "client.pem", "client.key")}
        etcd = Etcd(
            folder,
            scheme="https",
            flags=(
                "--cert-file", str(folder / "etcd.pem"), "--key-file", str(folder / "etcd.key"),
                "--trusted-ca-file", pem["ca.pem"], "--client-cert-auth",
            ),
        ).start()  # fmt: skip
        known = open_store(
            Settings(
                kv=Kv(
                    url=f"etcd://{etcd.address}",
                    ca=pem["ca.pem"],
                    certificate=pem["client.pem"],
                    key=pem["client.key"],
                )
            )
        )
        try:
            with hearing(known, at, known.read(at).revision) as heard:
                known.put(f"{at}a", "1")
                eventually(lambda: heard.values == {f"{at}a": "1"})
            with pytest.raises(Refused, match="certificate"):
                of(etcd).read(at)
            with pytest.raises((Refused, Unavailable)):
                of(etcd, ca=pem["ca.pem"]).read(at)
        finally:
            etcd.stop()


@pytest.mark.parametrize(
    ("prefix", "first", "end"),
    [
        ("/a/", b"/a/", b"/a0"),
        ("", b"\0", b"\0"),
        ("a\udcff", b"a\xff", b"b"),
        ("\udcff", b"\xff", b"\0"),
    ],
)
def test_a_prefix_is_a_range(prefix: str, first: bytes, end: bytes) -> None:
    assert below(prefix) == {"key": encoded(first), "range_end": encoded(end)}


def test_events_are_merged_in_their_order() -> None:
    events = [
        Event(KeyValue(b"a", b"1", 5)),
        Event(KeyValue(b"a", mod_revision=6), "DELETE"),
        Event(KeyValue(b"b", mod_revision=7), "DELETE"),
        Event(KeyValue(b"b", b"2", 8)),
    ]

    assert merged(events) == Change(8, {"b": "2"}, frozenset({"a"}))


def test_a_put_whose_answer_was_lost_is_asked_again(etcd: Etcd, relay: Relay, at: str) -> None:
    store = through(relay)
    relay.lose(1)
    store.put(f"{at}a", "1")

    assert relay.lost == 1
    assert of(etcd).read(at).values == {f"{at}a": "1"}
