"""Email, over a real SMTP server."""

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from bootstrapper.errors import Error, Refused, Unavailable
from bootstrapper.notify.mail import Mail
from bootstrapper.settings import NotifyReceiver, Smtp
from support.notices import a_notice, a_sending
from support.services import free_port


class Sink:
    """Takes what comes; `says` answers the next commands of these names instead."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.says: dict[str, str] = {}

    @property
    def messages(self) -> list[EmailMessage]:
        found = (each.content for each in self.envelopes)
        policy = email.policy.default
        return [email.message_from_bytes(each, policy=policy) for each in found]  # type: ignore[arg-type]

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if said := self.says.get(address):
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        if said := self.says.get("DATA"):
            return said
        self.envelopes.append(envelope)
        return "250 OK"


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def server(sink: Sink) -> Iterator[Controller]:
    made = Controller(sink, hostname="127.0.0.1", port=free_port())
    made.start()
    yield made
    made.stop()


def mail(server: Controller, *addresses: str, **smtp: Any) -> Mail:
    where: dict[str, Any] = {"host": server.hostname, "port": server.port, "tls": "none"}
    settings = Smtp(**(where | {"sender": "bootstrapper@example.org"} | smtp))
    to = addresses or ("ops@example.org",)
    return Mail(NotifyReceiver(name="mail", email=to), settings)


def test_a_message_comes_as_it_was_meant(server: Controller, sink: Sink) -> None:
    sending = a_sending(a_notice(text="job failed: wéb"), labels=(("env", "prod"),))

    mail(server, "a@example.org", "b@example.org").send(sending)

    [message] = sink.messages
    assert sink.envelopes[0].rcpt_tos == ["a@example.org", "b@example.org"]
    assert message["Subject"] == "[error] job failed (prod)"
    assert message["From"] == "Bootstrapper <bootstrapper@example.org>"
    assert message["Message-ID"] == f"<{sending.id}@example.org>"
    assert message.get_content().strip() == "job:web: job failed: wéb"


def test_the_same_message_has_the_same_id(server: Controller, sink: Sink) -> None:
    sending = a_sending(a_notice())

    mail(server).send(sending)
    mail(server).send(sending)

    first, second = sink.messages
    assert first["Message-ID"] == second["Message-ID"]


def test_headers_cannot_be_injected(server: Controller, sink: Sink) -> None:
    evil = "x\r\nBcc: all@example.org\r\n\r\nHello"

    mail(server).send(a_sending(a_notice("x_y", evil, text=evil), labels=(("env", evil),)))

    [message] = sink.messages
    assert message["Bcc"] is None
    assert "Hello" in message["Subject"]


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        ({"DATA": "451 later"}, Unavailable),
        ({"DATA": "554 no"}, Refused),
        ({"ops@example.org": "450 later"}, Unavailable),
        ({"ops@example.org": "550 nobody of that name"}, Refused),
    ],
)
def test_what_the_server_says(
    server: Controller, sink: Sink, says: dict[str, str], kind: type[Error]
) -> None:
    sink.says = says

    with pytest.raises(Error) as caught:
        mail(server).send(a_sending(a_notice()))

    assert type(caught.value) is kind


def test_one_bad_address_does_not_keep_the_others_from_it(
    server: Controller, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    sink.says = {"gone@example.org": "550 nobody of that name"}

    mail(server, "gone@example.org", "ops@example.org").send(a_sending(a_notice()))

    assert sink.envelopes[0].rcpt_tos == ["ops@example.org"]
    assert "refuses gone@example.org (550)" in caplog.text


def test_an_address_that_is_put_off_gets_it_later_and_no_other_gets_it_twice(
    server: Controller, sink: Sink
) -> None:
    grey, sending = "grey@example.org", a_sending(a_notice())
    to = mail(server, grey, "ops@example.org")
    sink.says = {grey: "450 try again"}
    for _ in range(2):
        with pytest.raises(Refused, match="1 of 2"):
            to.send(sending)
    sink.says = {}

    to.send(sending)

    assert [each.rcpt_tos for each in sink.envelopes] == [["ops@example.org"], [grey]]
    assert {message["To"] for message in sink.messages} == {f"{grey}, ops@example.org"}


def test_a_server_that_is_away_is_unavailable() -> None:
    smtp = Smtp(host="127.0.0.1", port=free_port(), tls="none", sender="a@example.org")

    with pytest.raises(Unavailable):
        Mail(NotifyReceiver(name="mail", email=("a@b",)), smtp).send(a_sending(a_notice()))


def test_nothing_goes_unencrypted_where_encryption_is_wanted(
    server: Controller, sink: Sink
) -> None:
    with pytest.raises(Refused, match="STARTTLS"):
        mail(server, tls="starttls").send(a_sending(a_notice()))

    assert sink.envelopes == []
