"""On a real HAProxy of each version: what is applied is what runs, and what may not be is not."""

import threading
import urllib.request
from collections.abc import Callable
from contextlib import suppress

import pytest

from bootstrapper.errors import Unavailable
from bootstrapper.haproxy.answers import read_stat
from bootstrapper.haproxy.apply import Applied, NeedsReload, Proxy
from bootstrapper.haproxy.changes import Mode, told
from haproxy.conftest import Start
from support.eventually import eventually
from support.haproxy import Haproxy, HttpBackend
from support.services import free_port

CHECKED = "server w1 127.0.0.1:1001 check inter 5s weight 5"


def web(*servers: str, more: str = "") -> str:
    lines = "".join(f"    {each}\n" for each in (*more.split("\n"), *servers) if each)
    return f"backend web\n{lines}"


def change(haproxy: Haproxy, proxy: Proxy, *servers: str, more: str = "") -> Applied | NeedsReload:
    """The file gets these servers, and HAProxy is told."""
    old = haproxy.file.read_text()
    new = old[: old.index("\nbackend web") + 1] + web(*servers, more=more)
    haproxy.file.write_text(new)
    return proxy.apply(old, new)


def running(haproxy: Haproxy) -> dict[str, tuple[str, int, Mode]]:
    rows = Proxy(str(haproxy.socket)).socket.states("web")
    return {row.name: (row.place, row.weight, row.mode) for row in rows}


LIVE = [
    # servers before and after, what is told to have been done
    ((), ("server w1 127.0.0.1:1",), ["+web/w1 127.0.0.1:1"]),
    ((CHECKED,), (CHECKED, "server w2 [::1]:2 backup maxconn 5"), ["+web/w2 [::1]:2"]),
    ((CHECKED, "server w2 127.0.0.1:2"), (CHECKED,), ["-web/w2"]),
    ((CHECKED,), (CHECKED.replace("1001", "1002"),), ["web/w1 to 127.0.0.1:1002"]),
    ((CHECKED,), (CHECKED.replace("weight 5", "weight 9"),), ["web/w1 weight 9"]),
    ((CHECKED,), (CHECKED + " disabled",), ["web/w1 off"]),
    ((CHECKED + " disabled",), (CHECKED,), ["web/w1 on"]),
    ((CHECKED, "server w2 127.0.0.1:2"), (CHECKED, "server w2 127.0.0.1:3 check"),
     ["web/w2 anew at 127.0.0.1:3"]),
    (("server w1 127.0.0.1:1",), ("server w2 127.0.0.1:1",), ["+web/w2 127.0.0.1:1", "-web/w1"]),
    ((CHECKED,), ("server w1 127.0.0.2:7 check inter 5s weight 7 disabled",),
     ["web/w1 off", "web/w1 weight 7", "web/w1 to 127.0.0.2:7"]),
    ((), ("server w1 127.0.0.1:1 check disabled",), ["+web/w1 127.0.0.1:1"]),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "told_of"), LIVE)
def test_a_change_of_servers_is_live(
    start: Start, before: tuple[str, ...], after: tuple[str, ...], told_of: list[str]
) -> None:
    haproxy = start(web(*before))
    worker = haproxy.worker()
    proxy = Proxy(str(haproxy.socket))

    done = change(haproxy, proxy, *after)

    assert isinstance(done, Applied), done
    assert [told(each) for each in done.changes] == told_of
    assert proxy.finish_drains() == ()
    live = running(haproxy)
    assert haproxy.worker() == worker
    haproxy.reload()
    assert live == running(haproxy)


def test_an_added_server_is_checked(start: Start) -> None:
    haproxy = start(web())
    dead = free_port()

    change(haproxy, Proxy(str(haproxy.socket)), f"server w1 127.0.0.1:{dead} check inter 50ms")

    eventually(lambda: ",DOWN," in haproxy.say("show stat web 4 1"))


def test_a_server_that_comes_back_at_another_address_need_not_wait_for_its_checks(
    start: Start,
) -> None:
    line = f"server w1 127.0.0.1:{free_port()} check inter 60s fastinter 20ms fall 1"
    backend = HttpBackend("w1").start()
    haproxy = start(web(line))
    eventually(lambda: ",DOWN," in haproxy.say("show stat web 4 1"))

    change(haproxy, Proxy(str(haproxy.socket)), line.replace(line.split()[2], backend.address))

    assert ",UP" in haproxy.say("show stat web 4 1")
    backend.stop()


RELOADS: list[tuple[Callable[[Haproxy], object], str]] = [
    (lambda x: x.say("set server web/w1 addr 127.0.0.9 port 9"), "w1 is at 127.0.0.9:9"),
    (lambda x: x.say("add server web/odd 127.0.0.1:5; set server web/odd state ready"), "web/odd"),
    (lambda x: x.say("set server web/w1 state maint; del server web/w1"), "no server web/w1"),
]


@pytest.mark.parametrize(("done_by_others", "why"), RELOADS)
def test_where_what_runs_is_not_what_the_file_says_it_is_a_reload(
    start: Start, done_by_others: Callable[[Haproxy], object], why: str
) -> None:
    haproxy = start(web(CHECKED))
    done_by_others(haproxy)

    done = change(haproxy, Proxy(str(haproxy.socket)), CHECKED, "server w2 127.0.0.1:2")

    assert isinstance(done, NeedsReload)
    assert why in done.reason


def test_what_haproxy_refuses_is_a_reload_with_its_words(start: Start) -> None:
    haproxy = start(web(CHECKED))
    line = "server w2 127.0.0.1:2 ssl verify required ca-file /nowhere.pem"

    done = change(haproxy, Proxy(str(haproxy.socket)), CHECKED, line)

    assert isinstance(done, NeedsReload)
    assert "/nowhere.pem" in done.reason


def test_without_haproxy_it_is_unavailable(start: Start) -> None:
    haproxy = start(web(CHECKED))
    proxy = Proxy(str(haproxy.socket))
    haproxy.stop()

    with pytest.raises(Unavailable):
        change(haproxy, proxy)


def test_a_reload_by_others_is_noticed(start: Start) -> None:
    haproxy = start(web(CHECKED))
    proxy = Proxy(str(haproxy.socket))
    change(haproxy, proxy, CHECKED, "server w2 127.0.0.1:2")
    change(haproxy, proxy, CHECKED)
    haproxy.reload()

    done = change(haproxy, proxy, CHECKED, "server w3 127.0.0.1:3")

    assert isinstance(done, Applied)
    assert sorted(running(haproxy)) == ["w1", "w3"]
    assert proxy.finish_drains() == ()


def test_a_drain_of_before_a_reload_does_not_touch_a_server_that_came_back(start: Start) -> None:
    haproxy = start(web(CHECKED, "server w2 127.0.0.1:2"))
    proxy = Proxy(str(haproxy.socket))
    text = haproxy.file.read_text()
    change(haproxy, proxy, CHECKED)
    haproxy.reload(text)

    assert proxy.finish_drains(1e12) == ()
    assert running(haproxy)["w2"] == ("127.0.0.1:2", 1, Mode.READY)


def fronted(*servers: str) -> tuple[str, str]:
    """The sections, and the URL of their frontend."""
    port = free_port()
    front = f"frontend f\n    bind 127.0.0.1:{port}\n    default_backend web\n"
    return front + web(*servers), f"http://127.0.0.1:{port}"


class Slow:
    """A request under way, which its backend does not answer before it is told to."""

    def __init__(self, url: str, backend: HttpBackend) -> None:
        self.answers: list[bytes] = []
        self._backend = backend
        self._thread = threading.Thread(target=self._ask, args=(url,))
        self._thread.start()
        assert backend.slow.acquire(timeout=10)

    def _ask(self, url: str) -> None:
        with suppress(OSError), urllib.request.urlopen(f"{url}/slow") as answer:
            self.answers.append(answer.read())

    def answer(self) -> bytes:
        self._backend.go_on.set()
        self._thread.join(10)
        return self.answers[0]


def test_a_removed_server_finishes_its_requests_and_gets_no_new_ones(start: Start) -> None:
    one, two = HttpBackend("one").start(), HttpBackend("two").start()
    sections, url = fronted(f"server one {one.address}")
    haproxy = start(sections)
    proxy = Proxy(str(haproxy.socket))
    slow = Slow(url, one)

    done = change(haproxy, proxy, f"server two {two.address}")

    assert isinstance(done, Applied)
    assert {urllib.request.urlopen(url).read() for _ in range(5)} == {b"two"}
    assert [drain.name for drain in proxy.finish_drains()] == ["one"]
    assert slow.answer() == b"one"
    eventually(lambda: not proxy.finish_drains(), within=15)
    assert list(running(haproxy)) == ["two"]
    one.stop()
    two.stop()


def test_connections_to_an_added_server_are_used_again(start: Start) -> None:
    one = HttpBackend("one").start()
    sections, url = fronted()
    haproxy = start(sections + " http-reuse always\n")
    old = haproxy.file.read_text()
    done = Proxy(str(haproxy.socket)).apply(old, f"{old} server one {one.address}\n")

    assert isinstance(done, Applied), done
    for _ in range(20):
        assert urllib.request.urlopen(url).read() == b"one"
    stat = next(read_stat(haproxy.say("show stat web 4 1")))
    assert int(stat["connect"]) < 10 < int(stat["reuse"])
    one.stop()


def test_a_drain_ends_at_its_time(start: Start) -> None:
    one, now = HttpBackend("one").start(), [0.0]
    sections, url = fronted(f"server one {one.address}")
    haproxy = start(sections)
    proxy = Proxy(str(haproxy.socket), drain=7, clock=lambda: now[0])
    slow = Slow(url, one)
    change(haproxy, proxy)

    assert proxy.finish_drains(6.9)
    assert running(haproxy)["one"][2] is Mode.MAINT
    eventually(lambda: not proxy.finish_drains(7), what="the server is gone")
    assert running(haproxy) == {}
    with pytest.raises(IndexError):
        slow.answer()
    one.stop()


def test_a_server_that_comes_back_while_it_drains_goes_on(start: Start) -> None:
    one = HttpBackend("one").start()
    line = f"server one {one.address}"
    sections, url = fronted(line)
    haproxy = start(sections)
    proxy = Proxy(str(haproxy.socket))
    slow = Slow(url, one)
    change(haproxy, proxy)

    done = change(haproxy, proxy, line + " weight 3")

    assert isinstance(done, Applied)
    assert running(haproxy)["one"] == (one.address, 3, Mode.READY)
    assert proxy.drains == ()
    assert slow.answer() == b"one"
    one.stop()


def test_a_busy_server_whose_options_change_is_left_to_a_reload(start: Start) -> None:
    one = HttpBackend("one").start()
    sections, url = fronted(f"server one {one.address}", CHECKED)
    haproxy = start(sections)
    haproxy.say("set server web/w1 state maint")
    slow = Slow(url, one)

    done = change(haproxy, Proxy(str(haproxy.socket)), f"server one {one.address} maxconn 9",
                  CHECKED)  # fmt: skip

    assert isinstance(done, NeedsReload)
    assert "busy" in done.reason
    assert running(haproxy)["one"][2] is Mode.READY
    assert slow.answer() == b"one"
    one.stop()


def test_what_another_began_to_drain_is_taken_over(start: Start) -> None:
    haproxy = start(web(CHECKED))
    change(haproxy, Proxy(str(haproxy.socket)), "server w2 127.0.0.1:2")
    proxy = Proxy(str(haproxy.socket))

    done = change(haproxy, proxy, "server w2 127.0.0.1:3")

    assert isinstance(done, Applied)
    assert [drain.name for drain in proxy.drains] == ["w1"]
    assert proxy.finish_drains() == ()
    assert list(running(haproxy)) == ["w2"]


def test_what_an_operator_said_outlives_a_change(start: Start) -> None:
    haproxy = start(web(CHECKED, "server w2 127.0.0.1:2", "server w3 127.0.0.1:3"))
    haproxy.say("set server web/w1 weight 77; set server web/w2 state drain")
    proxy = Proxy(str(haproxy.socket))

    done = change(haproxy, proxy, CHECKED.replace("1001", "1009"),
                  "server w2 127.0.0.1:2 maxconn 3", "server w3 127.0.0.1:3")  # fmt: skip

    assert isinstance(done, Applied), done
    assert running(haproxy)["w1"] == ("127.0.0.1:1009", 77, Mode.READY)
    assert running(haproxy)["w2"] == ("127.0.0.1:2", 1, Mode.DRAIN)


def test_a_large_backend_is_read_server_by_server(start: Start) -> None:
    servers = [f"server s{n} 127.0.{n // 250}.{n % 250 + 1}:80" for n in range(1000)]
    haproxy = start(web(*servers))
    proxy = Proxy(str(haproxy.socket))
    assert proxy.prepare(haproxy.file.read_text()) is None

    for step in range(5):
        servers = [*servers[1:], f"server n{step} 127.0.9.{step + 1}:80 weight {step}"]
        done = change(haproxy, proxy, *servers)

        assert isinstance(done, Applied), done
        assert running(haproxy)[f"n{step}"] == (f"127.0.9.{step + 1}:80", step, Mode.READY)
        assert (proxy.finish_drains() == ()) or step % 2
    assert len(running(haproxy)) == 1000
