"""Messages to whatever apprise reaches. It cannot tell a double: they arrive at least once."""

import logging

from apprise import Apprise, NotifyFormat, NotifyType

from bootstrapper.errors import Mistake, Unavailable
from bootstrapper.notify.group import Sending
from bootstrapper.notify.notice import SEVERITIES
from bootstrapper.notify.wording import text_of, title_of
from bootstrapper.secret import read_secret_value
from bootstrapper.settings.notify import NotifyReceiver

MOODS = dict(
    zip(
        SEVERITIES,
        (NotifyType.INFO, NotifyType.WARNING, NotifyType.FAILURE, NotifyType.FAILURE),
        strict=True,
    )
)
logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its words have the URLs, which are secret


class OverApprise:
    def __init__(self, receiver: NotifyReceiver) -> None:
        self._receiver = receiver

    def send(self, sending: Sending) -> None:
        mood = MOODS[sending.severity] if sending.opened else NotifyType.SUCCESS
        taken = self._services().notify(
            body=text_of(sending), title=title_of(sending), notify_type=mood,
            body_format=NotifyFormat.TEXT,
        )  # fmt: skip
        if not taken:
            raise Unavailable("apprise: not every service took it")

    def _services(self) -> Apprise:
        place, secret = f"notify.receivers {self._receiver.name}: apprise", self._receiver.apprise
        urls = read_secret_value(place, secret).split() if secret else []
        services = Apprise()
        for number, url in enumerate(urls, 1):
            if not services.add(url):
                raise Mistake(f"{place}: apprise cannot read URL {number}")
        if not urls:
            raise Mistake(f"{place}: there is no URL")
        return services
