"""Messages to whatever apprise reaches. It cannot tell a double: they arrive at least once."""

import logging

from apprise import Apprise, NotifyFormat, NotifyType

from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.notify.group import Sending
from bootstrapper.notify.notice import SEVERITIES
from bootstrapper.notify.taken import Taken
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
        self._taken = Taken()

    def send(self, sending: Sending) -> None:
        """Refused when some took it and others did not: that must not hold up what comes after."""
        mood = MOODS[sending.severity] if sending.opened else NotifyType.SUCCESS
        services = self._services()
        for url in self._taken.left(sending.id, services):
            taken = services[url].notify(
                body=text_of(sending), title=title_of(sending), notify_type=mood,
                body_format=NotifyFormat.TEXT,
            )  # fmt: skip
            if taken:
                self._taken.add(sending.id, [url])
        left = self._taken.left(sending.id, services)
        if len(left) == len(services):
            raise Unavailable("apprise: no service took it")
        if left:
            raise Refused(f"apprise: {len(left)} of {len(services)} services did not take it")
        self._taken.forget(sending.id)

    def _services(self) -> dict[str, Apprise]:
        """By URL."""
        place, secret = f"notify.receivers {self._receiver.name}: apprise", self._receiver.apprise
        urls = read_secret_value(place, secret).split() if secret else []
        services = {url: Apprise() for url in urls}
        for number, url in enumerate(services, 1):
            if not services[url].add(url):
                raise Mistake(f"{place}: apprise cannot read URL {number}")
        if not urls:
            raise Mistake(f"{place}: there is no URL")
        return services
