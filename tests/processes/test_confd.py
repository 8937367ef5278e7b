"""`bootstrapper confd` as a process: its loop, its outages, its signals, its exit codes."""

import json
import signal
import socket
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from support.confd import Confd
from support.etcd import Etcd
from support.eventually import eventually
from support.services import free_port, short_folder
from templates.backends.redis_worlds import RedisWorld

TEMPLATE = '{{range gets "/web/*"}}{{base .Key}}={{.Value}}\n{{end}}'
FILE = ("-backend", "file")


class Desk(Confd):
    """Keys in a YAML file; one template, `web`, into web.conf."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.keys = folder / "keys.yaml"
        self.template("web.tmpl", TEMPLATE)
        self.web()
        self.put(a=1)

    def web(self, more: str = "", name: str = "web") -> None:
        head = (
            f'[template]\nsrc = "web.tmpl"\ndest = "{self.folder}/{name}.conf"\nkeys = ["/web"]\n'
        )
        self.resource(name, head + more)

    def put(self, **web: object) -> None:
        part = self.keys.with_suffix(".new")
        part.write_text(json.dumps({"web": web}))
        part.replace(self.keys)

    def watch(self, *words: str) -> None:
        self.start(*FILE, "-file", str(self.keys), "-watch", *words)

    def text(self, name: str = "web") -> str:
        file = self.folder / f"{name}.conf"
        return file.read_text() if file.exists() else ""

    def becomes(self, text: str, name: str = "web", within: float = 20) -> None:
        eventually(lambda: self.text(name) == text, within=within, what=f"{name} is {text!r}")

    def lines(self, name: str) -> list[str]:
        file = self.folder / name
        return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def desk() -> Iterator[Desk]:
    with short_folder("confd") as folder:
        made = Desk(folder)
        yield made
        if made._process is not None and made._process.poll() is None:
            made.stop()


@pytest.mark.parametrize(
    ("template", "code", "words"),
    [
        (TEMPLATE, 0, ""),
        ('{{getv "/none"}}', 1, "/none"),
        ("{{getv", 1, "unclosed action"),
    ],
)
def test_a_onetime_run_exits_as_confd_does(
    desk: Desk, template: str, code: int, words: str
) -> None:
    desk.template("web.tmpl", template)
    done = desk.once(*FILE, "-file", str(desk.keys))

    assert (done.returncode, words in done.stderr) == (code, True), done.stderr
    assert desk.text() == ("a=1\n" if code == 0 else "")


def test_a_onetime_run_installs_what_it_can(desk: Desk) -> None:
    desk.resource("bad", '[template]\nsrc = "web.tmpl"\ndest = "x"\nmode = "644"\n')
    done = desk.once(*FILE, "-file", str(desk.keys))

    assert (done.returncode, desk.text()) == (1, "a=1\n")
    assert "0204" in done.stderr


def test_noop_prints_the_difference(desk: Desk) -> None:
    done = desk.once(*FILE, "-file", str(desk.keys), "-noop")

    assert (done.returncode, desk.text()) == (0, "")
    assert "+a=1" in done.stderr


def test_noop_beside_one_that_runs_says_nothing_of_its_files(desk: Desk) -> None:
    desk.watch()
    desk.becomes("a=1\n")
    desk.once(*FILE, "-file", str(desk.keys), "-noop")

    eventually(lambda: state_of(desk)[0] == "in sync", within=20, what="it is attended to")


def test_a_change_is_followed_and_a_term_ends_it_cleanly(desk: Desk) -> None:
    desk.watch()
    desk.becomes("a=1\n")
    desk.put(a=1, b=2)
    desk.becomes("a=1\nb=2\n")

    assert desk.stop() == 0


def test_without_watch_it_looks_every_interval(desk: Desk) -> None:
    desk.start(*FILE, "-file", str(desk.keys), "-interval=1")
    desk.becomes("a=1\n")
    desk.put(b=2)
    desk.becomes("b=2\n")


def test_a_new_a_changed_and_a_removed_resource_are_noticed(desk: Desk) -> None:
    desk.watch()
    desk.becomes("a=1\n")
    desk.web(name="other")
    desk.becomes("a=1\n", "other")
    desk.web('reload_cmd = "touch {{.dest}}.reloaded"\n')
    (desk.confdir / "conf.d" / "other.toml").unlink()
    numbers = count()

    def reloaded_by_now() -> bool:
        desk.put(n=next(numbers))
        return (desk.folder / "web.conf.reloaded").exists()

    eventually(reloaded_by_now, within=20, what="the new reload_cmd is run")
    other = desk.text("other")
    desk.put(c=3)
    desk.becomes("c=3\n")

    assert desk.text("other") == other


def test_a_sighup_reads_everything_again(desk: Desk) -> None:
    desk.start(*FILE, "-file", str(desk.keys), "-interval=600")
    desk.becomes("a=1\n")
    desk.put(b=2)
    desk.signal(signal.SIGHUP)
    desk.becomes("b=2\n")


def test_a_toml_that_turns_bad_goes_on_as_it_was(desk: Desk) -> None:
    desk.watch()
    desk.becomes("a=1\n")
    desk.resource("web", "[template\n")
    desk.says("web.toml")
    desk.put(b=2)
    desk.becomes("b=2\n")


def test_a_failed_reload_is_tried_again_by_itself(desk: Desk) -> None:
    desk.web(f'reload_cmd = "echo >> {desk.folder}/tries; test -e {desk.folder}/ready"\n')
    desk.watch()
    eventually(lambda: len(desk.lines("tries")) >= 2, within=20, what="a second try")
    status = state_of(desk)
    (desk.folder / "ready").touch()

    assert status[0] == "failed"
    assert "reload_cmd exited 1" in status[1]
    eventually(lambda: state_of(desk)[0] == "in sync", within=20, what="it is in sync")


def test_a_kill_between_file_and_reload_is_made_up_for(desk: Desk) -> None:
    desk.web(f'reload_cmd = "echo >> {desk.folder}/tries; sleep 60"\n')
    desk.watch("-reload-timeout", "90")
    eventually(lambda: len(desk.lines("tries")) == 1, within=20, what="the reload has begun")
    desk.kill()
    desk.web(f'reload_cmd = "echo >> {desk.folder}/tries"\n')
    desk.watch()

    eventually(lambda: state_of(desk)[0] == "in sync", within=20, what="it is in sync")
    assert (len(desk.lines("tries")), desk.text()) == (2, "a=1\n")


def test_a_held_render_waits_for_a_confirmation(desk: Desk) -> None:
    desk.web("min_keys = 1\n")
    desk.watch()
    desk.becomes("a=1\n")
    desk.put()
    eventually(lambda: state_of(desk)[0] == "held", within=20, what="it is held")
    assert desk.text() == "a=1\n"
    done = desk.bootstrapper("templates", "confirm", "web")

    assert done.returncode == 0, done.stderr
    desk.becomes("")


def test_what_is_kept_no_more_is_told_no_more(desk: Desk) -> None:
    desk.resource("other", '[template]\nsrc = "none.tmpl"\ndest = "/nowhere/x"\n')
    desk.watch()
    told = ("templates", "status")
    eventually(lambda: "none.tmpl" in desk.bootstrapper(*told).stdout, within=20, what="a failure")
    (desk.confdir / "conf.d" / "other.toml").unlink()

    eventually(lambda: desk.bootstrapper(*told).returncode == 0, within=20, what="all is well")
    assert "none.tmpl" not in desk.bootstrapper(*told).stdout


def state_of(desk: Desk) -> tuple[str, str]:
    """What `templates status` says of web: its state and why."""
    told = json.loads(desk.bootstrapper("templates", "status", "--json").stdout or "{}")
    files = {each["name"]: each for each in told.get("files", ())}
    return (files["web"]["state"], files["web"]["reason"]) if "web" in files else ("", "")


def test_a_store_that_is_away_is_waited_for_and_costs_nothing_but_time(desk: Desk) -> None:
    with short_folder("etcd") as folder:
        etcd = Etcd(folder)
        desk.start("-backend", "etcdv3", "-node", etcd.address, "-watch")
        desk.says("keeps its last content")
        etcd.start()
        try:
            etcd.call("/v3/kv/put", {"key": "L3dlYi9h", "value": "MQ=="})  # /web/a = 1
            desk.becomes("a=1\n", within=30)
            etcd.kill()
            eventually(lambda: state_of(desk)[0] == "failed", within=20, what="it is not in sync")
            etcd.start()
            etcd.call("/v3/kv/put", {"key": "L3dlYi9h", "value": "Mg=="})
            desk.becomes("a=2\n", within=30)
            eventually(lambda: state_of(desk)[0] == "in sync", within=20, what="it is in sync")
        finally:
            etcd.stop()


def test_a_store_that_never_answers_does_not_hold_up_the_end(desk: Desk) -> None:
    for number in range(30):
        desk.web(name=f"web{number}")
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        desk.start("-backend", "etcdv3", "-node", f"127.0.0.1:{deaf.getsockname()[1]}", "-watch")
        desk.says("keeps its last content")

        assert desk.stop(within=8) == 0


def test_a_store_that_refuses_is_told_though_the_file_was_true(desk: Desk) -> None:
    with short_folder("redis") as folder:
        redis = RedisWorld(folder)
        redis.start()
        try:
            redis.put("/web/a", "1")
            desk.start("-backend", "redis", "-node", f"127.0.0.1:{redis.port}/3", "-watch")
            desk.becomes("a=1\n")
            client = redis.client()
            client.config_set("requirepass", "another")
            client.client_kill_filter(_type="pubsub")
            client.client_kill_filter(_type="normal", skipme=True)
            eventually(lambda: state_of(desk)[0] == "failed", within=20, what="it is told")
            assert "refuses us" in state_of(desk)[1]
        finally:
            redis.stop()


def test_metrics_are_served_where_they_are_asked_for(desk: Desk) -> None:
    import urllib3  # noqa: PLC0415

    port = free_port()
    desk.watch("-metrics", f"127.0.0.1:{port}")
    desk.becomes("a=1\n")
    text = urllib3.request("GET", f"http://127.0.0.1:{port}/metrics").data.decode()

    assert 'bootstrapper_template_renders_total{outcome="installed",template="web"} 1.0' in text
