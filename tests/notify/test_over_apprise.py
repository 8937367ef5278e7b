"""Whatever apprise reaches: here its own JSON over real HTTP."""

import msgspec
import pytest

from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.notify.receiver import Receiver
from bootstrapper.notify.receivers import receivers_of
from bootstrapper.settings import Notify, NotifyReceiver, Secret
from support.http_server import Answer, HttpServer
from support.notices import a_notice, a_sending


def receiver() -> Receiver:
    part = Notify(receivers=(NotifyReceiver(name="phone", apprise=Secret(env="APPRISE_URLS")),))
    return receivers_of(part)["phone"]


def test_every_url_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    server = HttpServer(lambda request: Answer(200, {})).start()
    url = f"json://127.0.0.1:{server.port}"
    monkeypatch.setenv("APPRISE_URLS", f"{url}/a\n{url}/b\n")

    receiver().send(a_sending(a_notice(text="job failed: a <b> & *c*")))
    server.stop()

    assert sorted(each.path for each in server.asked) == ["/a", "/b"]
    said = msgspec.json.decode(server.asked[0].body)
    assert (said["title"], said["type"]) == ("[error] job failed", "failure")
    assert said["message"].endswith("job failed: a <b> & *c*")


def test_who_took_it_is_spared_when_it_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"/a": 200, "/b": 500}
    server = HttpServer(lambda request: Answer(answers[request.path], {})).start()
    url = f"json://127.0.0.1:{server.port}"
    monkeypatch.setenv("APPRISE_URLS", f"{url}/a {url}/b")
    phone, sending = receiver(), a_sending(a_notice())

    with pytest.raises(Refused, match="1 of 2"):
        phone.send(sending)
    answers["/b"] = 200
    phone.send(sending)
    server.stop()

    assert [each.path for each in server.asked] == ["/a", "/b", "/b"]


def test_one_that_does_not_take_it_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    server = HttpServer(lambda request: Answer(500, {})).start()
    monkeypatch.setenv("APPRISE_URLS", f"json://127.0.0.1:{server.port}/")

    with pytest.raises(Unavailable):
        receiver().send(a_sending(a_notice()))
    server.stop()


@pytest.mark.parametrize("urls", ["", "no-such-thing://x"])
def test_a_bad_url_is_a_mistake_that_does_not_tell_it(
    monkeypatch: pytest.MonkeyPatch, urls: str
) -> None:
    monkeypatch.setenv("APPRISE_URLS", urls)

    with pytest.raises(Mistake) as caught:
        receiver().send(a_sending(a_notice()))

    assert "no-such-thing" not in str(caught.value)
