"""What proxies do with the fleet: read off a difference, told as events, heard as a witness."""

import threading
from collections.abc import Iterator

import pytest

from bootstrapper.fleet.diary import Diary
from bootstrapper.fleet.events import FleetEvent
from bootstrapper.fleet.followed import Followed, moved
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.proxies import down_in, named
from bootstrapper.fleet.reading import Following
from bootstrapper.fleet.records import decode, encode
from bootstrapper.fleet.values import Instance
from bootstrapper.haproxy.answers import read_stat
from bootstrapper.kv.mirror import Mirror
from support.eventually import eventually
from support.kv import SERVERS, Server
from support.services import short_folder

PATHS = Paths()
DIFF = """\
--- /etc/haproxy/haproxy.cfg
+++ /etc/haproxy/haproxy.cfg
@@ -9,3 +9,3 @@
-    server w1 10.0.0.7:8080 check weight 10
-    server w2 10.0.0.8:8080 check
+    server w1 10.0.0.7:8080 check weight 20
+    server w3 [fd00::9]:8080 check
"""


def test_a_difference_says_which_places_came_and_went() -> None:
    put, gone = moved(DIFF)
    assert (put, gone) == (frozenset({"[fd00::9]:8080"}), frozenset({"10.0.0.8:8080"}))


@pytest.mark.parametrize("text", ["", "--- a:80\n+++ b:80", "+ no place here: 80", "-  x:y"])
def test_what_names_no_place_moves_nothing(text: str) -> None:
    assert moved(text) == (frozenset(), frozenset())


def test_a_server_is_down_where_no_backend_sees_it_up() -> None:
    text = (
        "# pxname,svname,status,addr,\n"
        "web,FRONTEND,OPEN,,\n"
        "web,w1,DOWN,10.0.0.7:80,\n"
        "web,w2,DOWN 1/2,10.0.0.8:80,\n"
        "api,w2,UP,10.0.0.8:80,\n"
        "api,w3,MAINT,10.0.0.9:80,\n"
    )
    assert down_in(read_stat(text)) == {"10.0.0.7:80"}


def test_places_are_those_of_instances_and_of_keys_that_scripts_wrote() -> None:
    w1 = Instance(service="web", id="w1", node="n1", address="fd00::9", port=80, since=1.0)
    values = {"/proxy/frontend/s1": "10.0.0.7:80", "/proxy/frontend/s2": "10.0.0.8:80"}

    found = named({"[fd00::9]:80", "10.0.0.7:80"}, {w1.key: w1}, values)

    assert found == {"n1/w1", "/proxy/frontend/s1"}
    assert named(set(), {w1.key: w1}, values) == frozenset()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with short_folder("proxies") as folder:
        made = SERVERS["redis"](folder)
        made.start()
        yield made
        made.stop()


def test_an_instance_that_is_gone_is_known_when_its_proxy_lets_it_go(server: Server) -> None:
    store, stop = server.store(), threading.Event()
    w2 = Instance(service="web", id="w2", node="n2", address="10.0.0.8", port=8080, since=1.0)
    mirror = Mirror(PATHS.prefix)
    store.put(PATHS.instance("n2", "w2"), encode(w2))
    mirror.load(PATHS.prefix, store.read(PATHS.prefix))
    diary = Diary(store, Following(mirror.view(), PATHS), PATHS, "lb1")
    thread = threading.Thread(target=diary.run, args=(stop,))
    thread.start()
    try:
        store.delete(PATHS.instance("n2", "w2"))
        mirror.load(PATHS.prefix, store.read(PATHS.prefix))
        diary.heard(Followed("haproxy.cfg", "at run time", DIFF, 2.0))
        told = eventually(lambda: store.read(f"{PATHS.prefix}events/").values)
    finally:
        stop.set()
        thread.join(10)
    (event,) = (decode(text, FleetEvent) for text in told.values())
    assert (event.kind, event.node, event.instance, event.by) == ("proxy_left", "n2", "w2", "lb1")
    assert event.reason == "haproxy.cfg followed at run time"
