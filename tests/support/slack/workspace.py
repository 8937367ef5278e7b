"""One fake Slack as a whole: its settings, its outages, and how it reaches the app."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from support.slack.api import Api
from support.slack.chat_methods import respond
from support.slack.delivery import SLASH, Courier, Delivery, Sending
from support.slack.limits import Limits, most_within
from support.slack.server import Server
from support.slack.signed import SECRET, Signed
from support.slack.socket import Sockets
from support.slack.state import APP_TOKEN, BOT_TOKEN, Workspace
from support.slack.values import Call, File, Token, Trouble


class SlackServer:
    """`api` is the base URL for the client. The app is reached by Socket Mode, or `by_http`."""

    bot_token = BOT_TOKEN
    app_token = APP_TOKEN
    signing_secret = SECRET

    def __init__(self) -> None:
        self.space = Workspace()
        self.limits = Limits()
        self.sockets = Sockets()
        self.web = Api(self.space, self.limits)
        self.server = Server(self.web, self.sockets)
        self.space.url = self.server.url
        self.http: Signed | None = None
        self.courier = Courier(self)

    @property
    def api(self) -> str:
        return f"{self.server.url}/api/"

    def start(self) -> Self:
        self.server.start()
        return self

    def stop(self) -> None:
        self.courier.close()
        self.server.stop()

    # The workspace

    def user(self, name: str, real_name: str = "", email: str = "") -> str:
        return self.space.user(name, real_name, email)

    def channel(self, name: str, *members: str, kind: str = "public", bot: bool = True) -> str:
        """A new one; `kind` is public or private."""
        return self.space.channel(name, *members, kind=kind, bot=bot)

    def direct(self, user: str) -> str:
        """The user's conversation with the bot."""
        return self.space.direct(user)

    def token(self, value: str, *scopes: str, kind: str = "bot") -> str:
        """A token with these scopes, new or changed."""
        self.space.tokens[value] = Token(value, kind, set(scopes))
        return value

    def revoke(self, value: str) -> None:
        self.space.tokens[value].revoked = True

    @property
    def files(self) -> list[File]:
        """Those that were shared."""
        return self.space.files

    # What the app did

    def calls(self, method: str = "", channel: str = "") -> list[Call]:
        with self.space.lock:
            return [c for c in self.space.calls
                    if method in ("", c.method) and channel in ("", c.channel)]  # fmt: skip

    def most_within(self, seconds: float, method: str = "", channel: str = "") -> int:
        """The largest number of calls in any stretch of so many seconds, refused ones too."""
        return most_within(seconds, self.calls(method, channel))

    # What goes wrong

    def away(self, *, refuse: bool = True) -> None:
        """Nobody listens; or (`refuse=False`) calls get a 503 and the connections are cut."""
        if refuse:
            self.server.stop()
        else:
            self.server.down = True
            self.sockets.drop()

    def back(self) -> None:
        self.server.down = False
        self.server.start()

    def slow(self, seconds: float, method: str = "") -> None:
        """So long each answer takes from now on: of this method, or of all."""
        self.server.slow[method] = seconds

    def fails(self, method: str, word: str, *, status: int = 200, times: int = 1) -> None:
        """The next calls of this method end with this error."""
        self.web.failing.setdefault(method, []).extend(Trouble(word, status) for _ in range(times))

    def loses(self, method: str, *, times: int = 1) -> None:
        """The next calls of this method are done, and answered with an error."""
        self.web.losing[method] = times

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Socket Mode: ask the app to connect anew. Or `warning`, `link_disabled`."""
        self.sockets.disconnect(reason)

    @property
    def connections(self) -> int:
        return len([link for link in self.sockets.links if not link.leaving])

    # How the app is reached

    def by_http(self, url: str) -> Signed:
        """From now on by signed requests to this URL."""
        self.http = Signed(url)
        return self.http

    @property
    def deliveries(self) -> list[Delivery]:
        return self.courier.deliveries

    @contextmanager
    def twice(self) -> Iterator[None]:
        """Everything within is delivered twice, as Slack may."""
        self.courier.copies = 2
        try:
            yield
        finally:
            self.courier.copies = 1

    @contextmanager
    def reordered(self) -> Iterator[list[Delivery]]:
        """Everything within is held back, and delivered last first at the end."""
        held: list[Delivery] = []
        self.courier.held = held
        try:
            yield held
        finally:
            self.courier.held = None
            for delivery in reversed(held):
                self.courier.begin(delivery)

    def send(self, delivery: Delivery, attempt: int, reason: str, within: float) -> Sending:
        line = self.http or self.sockets
        sending = line.send(delivery, attempt, reason, within)
        if sending.acked and delivery.kind == SLASH and sending.answer:
            self._show(delivery, sending)
        return sending

    def _show(self, delivery: Delivery, sending: Sending) -> None:
        """An answer within the ack of a command is shown to who gave it."""
        key = delivery.payload["response_url"].rsplit("/", 1)[-1]
        with self.space.lock:
            respond(self.space, key, sending.answer)
