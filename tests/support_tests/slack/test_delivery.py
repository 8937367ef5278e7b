"""What the fake Slack tells an app, by the real Bolt: in Socket Mode, and by signed HTTP."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from slack_bolt import BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from support.eventually import eventually
from support.services import free_port
from support.slack import BOT, FakeSlack, View
from support.slack.hearing import BUTTONS, Heard


@pytest.fixture
def app(slack: FakeSlack) -> Heard:
    return Heard(slack)


@pytest.fixture
def linked(slack: FakeSlack, app: Heard) -> Iterator[SocketModeHandler]:
    handler = SocketModeHandler(app.app, slack.app_token, web_client=app.client, ping_interval=1)
    handler.connect()  # type: ignore[no-untyped-call]
    eventually(lambda: slack.connections == 1)
    yield handler
    handler.client.auto_reconnect_enabled = False
    slack.away()  # the client waits for what it reads
    handler.close()  # type: ignore[no-untyped-call]


@pytest.fixture
def posted(slack: FakeSlack, app: Heard) -> Iterator[str]:
    """The app behind a URL."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            headers: dict[str, Any] = dict(self.headers.items())
            answer = app.app.dispatch(BoltRequest(body=body, headers=headers))
            self.send_response(answer.status)
            self.end_headers()
            self.wfile.write((answer.body or "").encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Door)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/slack/events"
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["socket", "http"])
def way(request: pytest.FixtureRequest, slack: FakeSlack) -> str:
    if request.param == "socket":
        request.getfixturevalue("linked")
    else:
        slack.by_http(request.getfixturevalue("posted"))
    return str(request.param)


@pytest.mark.usefixtures("way")
def test_people_speak_click_and_fill_in_forms(slack: FakeSlack, app: Heard) -> None:
    ann = slack.user("ann")
    ops = slack.channel("ops", ann)
    slack.says(ann, ops, "nothing to the bot")
    slack.says(ann, ops, "<@BOT> status")
    slack.says(ann, slack.direct(ann), "status")
    eventually(lambda: app.of("app_mention") and app.of("message"))
    assert [b["event"]["channel_type"] for b in app.of("message")] == ["im"]
    assert len(slack.deliveries) == 2

    assert slack.command(ann, ops, "/b", "run").ack() == {"text": "taken"}
    eventually(lambda: [w.text for w in slack.whispers(ann)] == ["taken"])
    view: View = eventually(lambda: slack.opened(ann))[0]
    with pytest.raises(AssertionError, match="has to be filled in"):
        slack.fills(ann, view, {"version": "v1"})
    with pytest.raises(AssertionError, match="no option"):
        slack.fills(ann, view, {"version": "v1", "where": "moon"})
    answer = slack.fills(ann, view, {"version": "bad", "where": "staging"})
    assert answer["response_action"] == "errors"
    assert view.errors == {"version": "no such version"}
    assert slack.fills(ann, view, {"version": "v1", "where": "Staging"}) == {}
    assert not slack.opened(ann)
    assert app.of("view") == [("bad", "carried"), ("v1", "carried")]

    app.client.chat_postMessage(channel=ops, text="may it?", blocks=BUTTONS)
    message = slack.said(ops)[-1]
    with pytest.raises(AssertionError, match=r"has no deny, but \['approve'\]"):
        slack.click(ann, message, "deny")
    slack.click(ann, message, "approve").ack()
    eventually(lambda: message.text == "approved")
    assert app.of("action") == ["J1"]
    assert all(delivery.acked for delivery in slack.deliveries)


def test_the_app_connects_anew_when_it_is_asked_to(
    slack: FakeSlack, app: Heard, linked: SocketModeHandler
) -> None:
    first = linked.client.session_id()
    slack.disconnect("refresh_requested")
    eventually(lambda: slack.connections == 1 and slack.sockets.opened == 2, within=10)
    eventually(lambda: linked.client.session_id() != first)
    ann = slack.user("ann")
    slack.says(ann, slack.channel("ops", ann), "<@BOT> after")
    eventually(lambda: app.of("app_mention"))


@pytest.mark.usefixtures("linked")
def test_a_delivery_may_come_twice_and_in_another_order(slack: FakeSlack, app: Heard) -> None:
    ann = slack.user("ann")
    ops = slack.channel("ops", ann)
    with slack.twice():
        slack.says(ann, ops, "<@BOT> one")
    eventually(lambda: len(app.of("app_mention")) == 2)
    assert len({body["event_id"] for body in app.of("app_mention")}) == 1
    with slack.reordered() as held:
        slack.says(ann, ops, "<@BOT> two")
        slack.says(ann, ops, "<@BOT> three")
    eventually(lambda: all(delivery.acked for delivery in held))
    assert held[1].sendings[0].sent < held[0].sendings[0].sent


def test_an_event_without_an_ack_comes_again_and_a_command_does_not(
    slack: FakeSlack, app: Heard, request: pytest.FixtureRequest
) -> None:
    slack.courier.waits = (0.05,) * 40
    ann = slack.user("ann")
    ops = slack.channel("ops", ann)
    command = slack.command(ann, ops, "/b", "run")
    slack.says(ann, ops, "<@BOT> is anybody there")
    request.getfixturevalue("linked")
    eventually(lambda: len(app.of("app_mention")) == 1)
    event = eventually(lambda: [d for d in slack.deliveries if d is not command and d.acked])[0]
    assert {s.fault for s in event.sendings[:-1]} == {"no_connection"}
    assert command.failed == "no_connection"
    assert len(command.sendings) == 1


def test_a_ticket_is_good_for_one_connection(slack: FakeSlack, app: Heard) -> None:
    url = app.client.apps_connections_open(app_token=slack.app_token)["url"]
    with connect(url) as link:
        assert json.loads(link.recv(5))["type"] == "hello"
    with pytest.raises(InvalidStatus), connect(url):
        pass


def test_envelopes_go_to_one_of_several_connections_in_turn(slack: FakeSlack, app: Heard) -> None:
    slack.courier.waits = ()
    ann = slack.user("ann")
    ops = slack.channel("ops", ann)
    urls = [app.client.apps_connections_open(app_token=slack.app_token)["url"] for _ in range(2)]
    with connect(urls[0]) as one, connect(urls[1]) as two:
        assert [json.loads(link.recv(5))["num_connections"] for link in (one, two)] == [1, 2]
        eventually(lambda: slack.connections == 2)
        for word in ("a", "b"):
            slack.says(ann, ops, f"<@BOT> {word}")
        told = [json.loads(link.recv(5)) for link in (one, two)]
        assert {t["payload"]["event"]["text"] for t in told} == {f"<@{BOT}> a", f"<@{BOT}> b"}
        for link, envelope in zip((one, two), told, strict=True):
            link.send(json.dumps({"envelope_id": envelope["envelope_id"]}))
        eventually(lambda: all(delivery.acked for delivery in slack.deliveries))


def test_an_event_that_is_not_acknowledged_says_so_when_it_comes_again(
    slack: FakeSlack, app: Heard
) -> None:
    slack.courier.waits, slack.courier.ack_within = (0.0,), 0.1
    ann = slack.user("ann")
    url = app.client.apps_connections_open(app_token=slack.app_token)["url"]
    with connect(url) as link:
        link.recv(5)
        eventually(lambda: slack.connections == 1)
        slack.says(ann, slack.direct(ann), "hello")
        told = [json.loads(link.recv(5)) for _ in range(2)]
    assert [(t["retry_attempt"], t["retry_reason"]) for t in told] == [(0, ""), (1, "timeout")]
    assert told[0]["payload"] == told[1]["payload"]
    assert told[0]["envelope_id"] != told[1]["envelope_id"]


def test_requests_are_signed_and_bolt_refuses_wrong_and_stale_ones(
    slack: FakeSlack, app: Heard, posted: str
) -> None:
    slack.courier.waits, slack.courier.ack_within = (), 10.0
    ann = slack.user("ann")
    ops = slack.channel("ops", ann)
    http = slack.by_http(posted)
    assert http.verify_url("say this") == "say this"
    http.wrong = True
    slack.says(ann, ops, "<@BOT> forged")
    http.wrong, http.age = False, 600.0
    slack.says(ann, ops, "<@BOT> stale")
    eventually(lambda: all(d.failed == "http_error" for d in slack.deliveries), within=15)
    http.age = 0.0
    slack.says(ann, ops, "<@BOT> true")
    eventually(lambda: slack.deliveries[-1].acked and app.of("app_mention"))
    assert [a.status_code for a in http.answers] == [200, 401, 401, 200]
    assert len(app.of("app_mention")) == 1
