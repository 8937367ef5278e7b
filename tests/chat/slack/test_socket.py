"""Socket Mode through refreshes, cuts, silence and outages."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from slack_bolt import App

from bootstrapper.chat.busy import SlackRefused
from bootstrapper.chat.slack.line import Line
from bootstrapper.chat.slack.socket import listen
from support.eventually import eventually
from support.hearing import Kept, hearing
from support.relay import Relay
from support.slack import FakeSlack


@pytest.fixture(autouse=True)
def reconnects_are_not_limited(slack: FakeSlack) -> None:
    slack.limits.off()


@pytest.fixture
def relay(slack: FakeSlack) -> Iterator[Relay]:
    """In the way of the WebSocket, but not of the Web API."""
    with closing(Relay(slack.server.url.removeprefix("http://"))) as made:
        slack.space.url = f"http://{made.address}"
        yield made


def opened(slack: FakeSlack) -> int:
    return slack.sockets.opened


def test_slack_asks_for_another_connection_and_gets_it_first(
    slack: FakeSlack, app: App, kept: Kept, ann: str, ops: str
) -> None:
    with hearing(slack, app):
        slack.disconnect("refresh_requested")
        eventually(lambda: opened(slack) == 2 and slack.connections == 1)

        slack.says(ann, ops, "<@BOT> jobs")

        kept.one()
    assert opened(slack) == 2  # and no third


def test_a_warning_is_taken_up(slack: FakeSlack, app: App, kept: Kept, ann: str, ops: str) -> None:
    with hearing(slack, app):
        slack.disconnect("warning")
        eventually(lambda: opened(slack) == 2 and len(slack.sockets.links) == 1)

        slack.says(ann, ops, "<@BOT> jobs")

        kept.one()


def test_a_connection_that_is_closed_is_made_again(
    slack: FakeSlack, app: App, kept: Kept, ann: str, ops: str
) -> None:
    with hearing(slack, app):
        slack.sockets.drop()
        eventually(lambda: opened(slack) == 2 and slack.connections == 1)

        slack.says(ann, ops, "<@BOT> jobs")

        kept.one()


def test_a_connection_that_ends_without_a_farewell_is_made_again(
    slack: FakeSlack, app: App, relay: Relay, kept: Kept, ann: str, ops: str
) -> None:
    with hearing(slack, app):
        relay.cut()
        eventually(lambda: opened(slack) == 2)

        slack.says(ann, ops, "<@BOT> jobs")

        kept.one()


def test_a_connection_that_answers_no_ping_is_put_down(
    slack: FakeSlack, app: App, relay: Relay
) -> None:
    line = Line(app, slack.app_token, slack.api)
    with closing(line):
        line.ping_interval = line.current_app_monitor.interval_seconds = 0.2
        line.dial()
        eventually(lambda: line.current_session and line.current_session.last_ping_pong_time)
        assert line.alive()

        relay.lose(1_000_000)

        eventually(lambda: not line.alive(), within=10)


@pytest.mark.parametrize("refuse", [True, False])
def test_an_outage_is_outlived(
    slack: FakeSlack, app: App, kept: Kept, ann: str, ops: str, refuse: bool
) -> None:
    with hearing(slack, app):
        slack.away(refuse=refuse)
        eventually(lambda: slack.connections == 0)
        slack.back()
        eventually(lambda: slack.connections == 1)

        slack.says(ann, ops, "<@BOT> jobs")

        kept.one()


def test_an_outage_is_told_once_and_so_is_its_end(
    slack: FakeSlack, app: App, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "bootstrapper")
    with hearing(slack, app):
        slack.fails("apps.connections.open", "internal_error", times=2)
        slack.sockets.drop()
        eventually(lambda: len(slack.calls("apps.connections.open")) == 4)
        eventually(lambda: "again" in caplog.messages[-1])

    ours = [each.getMessage() for each in caplog.records if "bootstrapper" in each.name]
    assert ours == [
        "hearing Slack",
        "Slack cannot be heard: Slack cannot do apps.connections.open now: internal_error; "
        "it is tried again",
        "hearing Slack again",
    ]


def test_a_rate_limit_is_waited_out(slack: FakeSlack, app: App) -> None:
    slack.limits.refuse("apps.connections.open", 1)

    with hearing(slack, app):
        first, second = slack.calls("apps.connections.open")

    assert (first.status, second.status) == (429, 200)
    assert second.at - first.at >= 1


def test_it_ends_while_it_waits_out_a_rate_limit(slack: FakeSlack, app: App) -> None:
    slack.limits.refuse("apps.connections.open", 600)
    stop = threading.Event()
    thread = threading.Thread(target=listen, args=(app, slack.app_token, slack.api, stop))
    thread.start()
    eventually(lambda: slack.calls("apps.connections.open"))

    stop.set()

    thread.join(10)
    assert not thread.is_alive()


def test_a_token_that_is_none_ends_it(slack: FakeSlack, app: App) -> None:
    with pytest.raises(SlackRefused, match="invalid_auth"):
        listen(app, "xapp-wrong", slack.api, threading.Event())


def test_when_it_ends_the_connection_does(slack: FakeSlack, app: App) -> None:
    before = threading.active_count()
    with hearing(slack, app):
        pass

    eventually(lambda: slack.connections == 0)
    eventually(lambda: threading.active_count() <= before + 1)
