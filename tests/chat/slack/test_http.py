"""HTTP mode: only what Slack has signed just now is heard."""

import json
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest
from slack_bolt import App

from bootstrapper.chat.heard import Clicked, Place, Said
from bootstrapper.chat.message import Message
from bootstrapper.chat.slack.app import SORRY, make_app
from bootstrapper.chat.slack.http import BODY_BYTES, serve
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.errors import Mistake
from bootstrapper.settings import Chat
from support.eventually import eventually
from support.hearing import BUTTONS, ME, Kept
from support.services import free_port
from support.slack import FakeSlack
from support.slack.signed import Signed

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def slack() -> Iterator[FakeSlack]:
    made = FakeSlack().start()
    made.courier.waits = (0.1, 0.1, 0.1)
    made.limits.off()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def everything() -> Kept:
    return Kept()


@pytest.fixture
def kept(everything: Kept) -> Kept:
    everything.heard.clear()
    everything.away = False
    return everything


@pytest.fixture(scope="module")
def app(slack: FakeSlack, everything: Kept) -> App:
    return make_app(Chat(api=slack.api), ME, everything, signing_secret=slack.signing_secret)


@pytest.fixture(scope="module")
def bind() -> str:
    return f"127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def opened(slack: FakeSlack, app: App, bind: str) -> Iterator[Signed]:
    stop = threading.Event()
    thread = threading.Thread(target=serve, args=(app, bind, stop), daemon=True)
    thread.start()
    eventually(lambda: healthy(bind))
    yield slack.by_http(f"http://{bind}/slack/events")
    stop.set()
    thread.join(10)
    assert not thread.is_alive(), "serving does not end"


@pytest.fixture
def door(opened: Signed) -> Signed:
    opened.wrong, opened.age = False, 0.0
    return opened


def healthy(bind: str) -> bool:
    try:
        return httpx.get(f"http://{bind}/healthz").text == "ok"
    except httpx.HTTPError:
        return False


@pytest.mark.usefixtures("door")
class TestHeard:
    def test_a_mention(self, slack: FakeSlack, kept: Kept, ann: str, ops: str) -> None:
        slack.says(ann, ops, "<@BOT> größe 'a b'")
        slack.deliveries[-1].ack()

        heard = kept.one()
        assert isinstance(heard, Said)
        assert (heard.text, heard.how) == ("größe 'a b'", "mention")

    def test_a_command(self, slack: FakeSlack, kept: Kept, ann: str, ops: str) -> None:
        assert slack.command(ann, ops, "/bootstrapper", "jobs").ack() == {}

        heard = kept.one()
        assert isinstance(heard, Said)
        assert heard.how == "slash"

    def test_a_click(self, slack: FakeSlack, kept: Kept, voice: Voice, ann: str, ops: str) -> None:
        voice.post(Place(channel=ops), Message(text="running", blocks=(BUTTONS,)))

        slack.click(ann, slack.said(ops)[0], "cancel").ack()

        assert isinstance(kept.one(), Clicked)

    def test_what_cannot_be_kept_comes_again(
        self, slack: FakeSlack, kept: Kept, ann: str, ops: str
    ) -> None:
        kept.away = True
        assert slack.command(ann, ops, "/bootstrapper", "jobs").ack() == {"text": SORRY}
        slack.says(ann, ops, "<@BOT> jobs")
        delivery = slack.deliveries[-1]
        eventually(lambda: delivery.sendings)
        assert delivery.sendings[0].fault == "http_error"

        kept.away = False

        delivery.ack()
        assert len(kept.heard) == 1


def test_slack_is_told_that_the_url_is_ours(door: Signed) -> None:
    assert door.verify_url("a challenge") == "a challenge"


# — who is not Slack —


def mention() -> bytes:
    event = {"type": "app_mention", "user": "U1", "text": "jobs", "ts": "1.1", "channel": "C1"}
    return json.dumps(
        {"type": "event_callback", "team_id": ME.team, "event_id": "Ev1", "event": event}
    ).encode()


def test_the_signature_counts(door: Signed, kept: Kept) -> None:
    assert door.post(mention(), JSON).status_code == 200
    assert len(kept.heard) == 1


def test_another_secret_is_refused(door: Signed, kept: Kept) -> None:
    door.wrong = True

    assert door.post(mention(), JSON).status_code == 401
    assert kept.heard == []


@pytest.mark.parametrize("age", [330, 3600, -330])
def test_an_old_request_is_refused(door: Signed, kept: Kept, age: float) -> None:
    door.age = age

    assert door.post(mention(), JSON).status_code == 401
    assert kept.heard == []


def test_the_body_is_verified_as_it_came(door: Signed, kept: Kept) -> None:
    body = mention()
    stamp = str(int(time.time()))
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": door.sign(stamp, body),
        "Content-Type": JSON,
    }

    answer = httpx.post(door.url, content=body.replace(b"jobs", b"jobS"), headers=headers)
    same_meaning = httpx.post(door.url, content=body + b" ", headers=headers)

    assert (answer.status_code, same_meaning.status_code) == (401, 401)
    assert kept.heard == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "now"},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": "9" * 40},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0="},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v0=ä".encode("latin-1")},
    ],
)
def test_what_is_not_signed_is_refused(
    door: Signed, kept: Kept, headers: dict[str, str | bytes]
) -> None:
    own = {"X-Slack-Request-Timestamp": str(int(time.time())), "Content-Type": JSON}
    sent = [
        (name.encode(), value if isinstance(value, bytes) else value.encode())
        for name, value in {**own, **headers}.items()
    ]

    assert httpx.post(door.url, content=mention(), headers=sent).status_code == 401
    assert kept.heard == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", JSON),
        (b"\xff\xfe", JSON),
        (b"payload=%7B", FORM),
        (b"[" * 100_000, JSON),
    ],
)
def test_what_is_signed_but_cannot_be_read_is_refused(door: Signed, body: bytes, kind: str) -> None:
    assert door.post(body, kind).status_code == 400


@pytest.mark.parametrize("body", [b"{}", b"[]", b"", b"null", urlencode({"a": "b"}).encode()])
def test_what_is_signed_but_nothing_of_slacks_is_not_taken(
    door: Signed, kept: Kept, body: bytes
) -> None:
    assert door.post(body, JSON).status_code in (400, 404, 500)
    assert kept.heard == []


def test_a_body_that_is_too_large_is_not_read(door: Signed) -> None:
    assert door.post(b"x" * (BODY_BYTES + 1), JSON).status_code == 413


def test_other_addresses_and_methods_are_not_there(door: Signed, bind: str) -> None:
    assert httpx.get(door.url).status_code == 405
    assert httpx.post(f"http://{bind}/slack/other").status_code == 404


def test_bolts_own_orders_are_not_taken_from_outside(door: Signed, kept: Kept) -> None:
    order = {"x-slack-bolt-lazy-only": "1", "x-slack-bolt-lazy-function-name": "words"}

    assert door.post(mention(), JSON, headers=order).status_code == 200
    assert len(kept.heard) == 1


@pytest.mark.parametrize("taken", ["127.0.0.1:x", "127.0.0.1:99999", "256.1.1.1:80", "8411"])
def test_an_address_that_cannot_be_listened_on_is_a_mistake(app: App, taken: str) -> None:
    with pytest.raises(Mistake, match=r"chat\.bind"):
        serve(app, taken, threading.Event())
