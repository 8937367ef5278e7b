"""Messages under way, in threads of their own."""

from threading import Event

from bootstrapper.notify.deliveries import Deliveries
from bootstrapper.notify.group import Sending
from support.notices import a_notice, a_sending


class Endless:
    """It answers when it is told to, and not before."""

    def __init__(self) -> None:
        self.over = Event()

    def send(self, sending: Sending) -> None:
        self.over.wait(60)


def test_the_end_does_not_wait_for_a_receiver_that_never_answers() -> None:
    endless = Endless()
    deliveries = Deliveries({"ops": endless})
    deliveries.start(a_sending(a_notice()))

    deliveries.close(within=0.01)

    assert deliveries.done() == ()
    endless.over.set()


def test_the_end_waits_for_what_is_under_way() -> None:
    endless = Endless()
    deliveries = Deliveries({"ops": endless})
    deliveries.start(a_sending(a_notice()))
    endless.over.set()

    deliveries.close()

    [outcome] = deliveries.done()
    assert outcome.error is None
