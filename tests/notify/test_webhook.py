"""Webhooks, over real HTTP."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from threading import Thread

import pytest

from bootstrapper.errors import Error, Mistake, Refused, Unavailable
from bootstrapper.notify.receiver import Later
from bootstrapper.notify.webhook import Webhook, judge
from bootstrapper.settings import NotifyReceiver, Secret
from support.http_server import Answer
from support.notices import a_notice, a_sending
from support.webhooks import Hook


def receiver(hook: Hook, variable: str = "HOOK_SECRET") -> Webhook:
    secret = Secret(env=variable)
    return Webhook(NotifyReceiver(name="ops", webhook=hook.url, secret=secret))


def test_a_message_is_signed_json(hook: Hook) -> None:
    sending = a_sending(a_notice(env="prod"), labels=(("env", "prod"),))

    receiver(hook).send(sending)

    payload = hook.got[sending.id]
    assert payload["title"] == "[error] job failed (prod)"
    assert (payload["type"], payload["severity"], payload["labels"]) == (
        "notices", "error", {"env": "prod"},
    )  # fmt: skip
    assert payload["opened"][0]["type"] == "job_failed"


def test_another_secret_is_refused(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER", "whsec_AAAA")

    with pytest.raises(Refused, match="401"):
        receiver(hook, "OTHER").send(a_sending(a_notice()))


def test_a_secret_that_is_not_there_is_a_mistake(hook: Hook) -> None:
    with pytest.raises(Mistake, match="NOT_THERE"):
        receiver(hook, "NOT_THERE").send(a_sending(a_notice()))


def test_an_empty_secret_signs_nothing_and_so_nothing_is_sent(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", "")

    with pytest.raises(Mistake, match="is empty"):
        receiver(hook).send(a_sending(a_notice()))
    assert not hook.got


def test_a_redirect_is_not_followed(hook: Hook) -> None:
    hook.answers = [Answer(307, {}, {"Location": hook.url})]

    with pytest.raises(Refused, match="307"):
        receiver(hook).send(a_sending(a_notice()))

    assert len(hook.tries) == 1


def test_one_that_is_away_is_unavailable_and_its_url_not_told(hook: Hook) -> None:
    hook.server.stop()

    with pytest.raises(Unavailable) as caught:
        receiver(hook).send(a_sending(a_notice()))

    assert "/hook" not in str(caught.value)


@pytest.fixture
def odd() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def answered(odd: socket.socket, *parts: bytes) -> Thread:
    """One answer of exactly these bytes, and the rest as long as it is taken."""

    def serve() -> None:
        link, _ = odd.accept()
        with link, suppress(OSError):
            link.recv(65_536)
            for part in parts:
                link.sendall(part)
            link.recv(1)

    thread = Thread(target=serve, daemon=True)
    thread.start()
    return thread


def test_headers_that_are_none_do_not_bring_the_url_into_the_log(
    odd: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"http://127.0.0.1:{odd.getsockname()[1]}/secret-path"
    answered(odd, b"HTTP/1.1 200 OK\r\nfoo\r\n bar\r\nContent-Length: 0\r\n\r\n")

    Webhook(NotifyReceiver(name="ops", webhook=url)).send(a_sending(a_notice()))

    assert "secret-path" not in caplog.text


def test_an_answer_without_end_is_not_read(odd: socket.socket) -> None:
    url = f"http://127.0.0.1:{odd.getsockname()[1]}/"
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"
    server = answered(odd, head, *[b"x" * 1_000_000] * 999)

    Webhook(NotifyReceiver(name="ops", webhook=url)).send(a_sending(a_notice()))

    server.join(5)
    assert not server.is_alive()


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (400, {}, Refused), (404, {}, Refused), (410, {}, Refused), (301, {}, Refused),
        (408, {}, Unavailable), (429, {}, Unavailable), (500, {}, Unavailable),
        (503, {"Retry-After": "x"}, Unavailable), (503, {"Retry-After": "7"}, Later),
        (429, {"Retry-After": "Fri, 31 Dec 2199 23:59:59 GMT"}, Later),
        (429, {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}, Unavailable),
    ],
)  # fmt: skip
def test_what_an_answer_means(status: int, headers: dict[str, str], kind: type[Error]) -> None:
    with pytest.raises(Error) as caught:
        judge(status, headers)

    assert type(caught.value) is kind


def test_nobody_waits_longer_than_an_hour() -> None:
    with pytest.raises(Later) as caught:
        judge(503, {"Retry-After": "999999999999"})

    assert caught.value.seconds == 3600
