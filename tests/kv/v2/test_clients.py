"""Those who spoke v2 in their day, unchanged: python-etcd, etcdctl, curl."""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import etcd
import pytest

from support.control import ControlPlane
from support.services import need


@pytest.fixture
def client(plane: ControlPlane) -> etcd.Client:
    return etcd.Client(host="127.0.0.1", port=urlsplit(plane.url).port, allow_reconnect=True)


def test_python_etcd_writes_reads_and_deletes(client: etcd.Client, at: str) -> None:
    assert client.write(f"{at}/a", 1).newKey
    client.write(f"{at}/b", "2", ttl=100)
    client.write(f"{at}/c/d", "3")

    assert client.read(f"{at}/a").value == "1"
    assert client.get(f"{at}/b").ttl > 90
    found = client.read(at, recursive=True, sorted=True)
    assert {leaf.key: leaf.value for leaf in found.leaves} == {
        f"{at}/a": "1", f"{at}/b": "2", f"{at}/c/d": "3",
    }  # fmt: skip
    assert client.delete(f"{at}/a").action == "delete"
    assert f"{at}/a" not in client
    with pytest.raises(etcd.EtcdKeyNotFound):
        client.read(f"{at}/a")
    with pytest.raises(etcd.EtcdNotFile):
        client.delete(at)
    with pytest.raises(etcd.EtcdDirNotEmpty):
        client.delete(at, dir=True)
    client.delete(at, recursive=True)


def test_python_etcd_swaps(client: etcd.Client, at: str) -> None:
    first = client.write(at, "1", prevExist=False)
    with pytest.raises(etcd.EtcdAlreadyExist):
        client.write(at, "1", prevExist=False)
    with pytest.raises(etcd.EtcdCompareFailed):
        client.test_and_set(at, "2", "0")
    client.test_and_set(at, "2", "1")
    with pytest.raises(etcd.EtcdCompareFailed):
        client.write(at, "3", prevIndex=first.modifiedIndex)
    result = client.read(at)
    result.value = "3"
    client.update(result)

    assert client.read(at).value == "3"


def test_python_etcd_appends_makes_folders_and_refreshes(client: etcd.Client, at: str) -> None:
    client.write(at, None, dir=True)
    names = [client.write(at, str(number), append=True).key for number in range(3)]
    client.write(f"{at}/ttl", "1", ttl=50)
    client.refresh(f"{at}/ttl", ttl=500)

    assert names == sorted(names)
    assert client.read(f"{at}/ttl").ttl > 400
    assert client.read(f"{at}/ttl").value == "1"


def test_python_etcd_waits_for_ever(client: etcd.Client, at: str) -> None:
    """eternal_watch goes on from modifiedIndex + 1 each time."""
    index = client.write(f"{at}/0", "0").modifiedIndex
    heard: list[str] = []

    def watch() -> None:
        for event in client.eternal_watch(at, index=index, recursive=True):
            heard.append(f"{event.action} {event.value}")
            if event.value == "3":
                return

    waiter = threading.Thread(target=watch)
    waiter.start()
    for number in range(1, 4):
        client.write(f"{at}/{number}", number)
    waiter.join(10)

    assert heard == ["set 0", "set 1", "set 2", "set 3"]


def test_python_etcd_locks(plane: ControlPlane, at: str) -> None:
    """Two contenders: in-order keys, ttl and waiting together."""
    port = urlsplit(plane.url).port
    held: list[str] = []

    @contextmanager
    def locked(name: str) -> Iterator[None]:
        lock = etcd.Lock(etcd.Client(host="127.0.0.1", port=port), at.strip("/"))
        assert lock.acquire(blocking=True, lock_ttl=20)
        held.append(name)
        yield
        held.append(name)
        lock.release()

    def work(name: str) -> None:
        with locked(name):
            pass

    workers = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)

    assert held in (["a", "a", "b", "b"], ["b", "b", "a", "a"])


def test_python_etcd_asks_of_the_cluster(client: etcd.Client, plane: ControlPlane) -> None:
    assert client.machines == [plane.url]
    assert client.version.startswith("2.")
    assert [each["clientURLs"] for each in client.members.values()] == [[plane.url]]
    assert client.leader["clientURLs"] == [plane.url]
    assert client.stats["state"] == "StateLeader"


def etcdctl(plane: ControlPlane, *words: str) -> str:
    need("etcdctl")
    done = subprocess.run(
        ["etcdctl", "--endpoints", plane.url, *words], env={**os.environ, "ETCDCTL_API": "2"},
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    return (done.stdout or done.stderr).strip()


def test_etcdctl(plane: ControlPlane, at: str) -> None:
    assert etcdctl(plane, "set", f"{at}/a", "1") == "1"
    assert etcdctl(plane, "get", f"{at}/a") == "1"
    assert etcdctl(plane, "mk", f"{at}/a", "2").startswith("Error:  105: Key already exists")
    assert etcdctl(plane, "update", f"{at}/a", "2") == "2"
    assert etcdctl(plane, "mkdir", f"{at}/d") == ""
    assert etcdctl(plane, "ls", "--recursive", "--sort", at) == f"{at}/a\n{at}/d"
    assert etcdctl(plane, "rm", "--recursive", at) == ""
    assert "Key not found" in etcdctl(plane, "get", f"{at}/a")
    assert plane.url in etcdctl(plane, "member", "list")
