"""The WebSocket of Socket Mode: the library's client, with what it lacks.

By itself it stays on a closed line when the first reconnect fails, waits out a rate limit where
nobody can stop it, and reads in a tight circle for up to 50 s after the far end has closed without
a farewell. So it connects when it is told to; it still pings, drops a line that answers none, and
moves to a new one when Slack asks for that. https://docs.slack.dev/apis/events-api/using-socket-mode/
"""

import contextlib
import select
import socket
import time

from slack_bolt import App
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bootstrapper.chat.slack.answers import answered
from bootstrapper.chat.slack.quiet import quiet_logger
from bootstrapper.chat.slack.voice import web_client
from bootstrapper.errors import Unavailable

PING = 5.0  # seconds; after four without an answer the line is dropped
BUFFER = 16_384  # bytes
DELIVERIES = 10  # at once
HUNG_UP = select.POLLRDHUP | select.POLLHUP | select.POLLERR


class Line(SocketModeClient):
    """`dial` it, look with `alive` whether it stands, and `dial` again; `close` it in the end."""

    def __init__(self, app: App, app_token: str, api: str) -> None:
        super().__init__(
            app_token=app_token,
            logger=quiet_logger(),
            web_client=web_client("", api),
            auto_reconnect_enabled=False,
            ping_interval=PING,
            receive_buffer_size=BUFFER,
            concurrency=DELIVERIES,
        )
        self._app = app
        self.socket_mode_request_listeners.append(self._deliver)

    def dial(self) -> None:
        """Raises Busy, Unavailable, or SlackRefused for a token that is none."""
        self.connect_to_new_endpoint()
        if not self.is_connected():
            raise Unavailable("Slack's WebSocket takes no connection")

    def alive(self) -> bool:
        """Whether it stands; one whose far end has closed is put down."""
        session, state = self.current_session, self.current_session_state
        link = session.sock if session else None
        if session is None or link is None:
            return False
        looking = select.poll()
        try:
            looking.register(link, HUNG_UP)
            if not looking.poll(0):
                return True
        except (OSError, ValueError):  # put down just now, perhaps as another has taken its place
            return self.is_connected()
        state.terminated = True
        session.disconnect()
        return False

    def connect(self) -> None:
        """Each session, when it is put down, first wakes its reader: that holds the socket for
        seconds, in which neither a new session would be read nor the process could end."""
        super().connect()
        if session := self.current_session:
            put_down = session.disconnect

            def wake_and_put_down() -> None:
                if link := session.sock:
                    with contextlib.suppress(OSError):
                        link.shutdown(socket.SHUT_RDWR)
                put_down()

            session.disconnect = wake_and_put_down  # type: ignore[method-assign]

    def close(self) -> None:
        """No delivery is begun any more; a line that was being renewed goes too."""
        self.closed = True
        self.message_queue.put(None)  # its reader waits for a second else
        super().close()
        self.disconnect()

    def issue_new_wss_url(self) -> str:
        """A rate limit is the caller's to wait out."""
        with answered("apps.connections.open"):
            return str(self.web_client.apps_connections_open(app_token=self.app_token)["url"])

    def _deliver(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        began = time.time()
        send_response(client, request, run_bolt_app(self._app, request), began)
