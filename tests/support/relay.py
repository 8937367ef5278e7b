"""A wire with a fault: it carries what is asked to a server, and loses some of the answers."""

import socket
import threading
from contextlib import suppress


class Relay:
    """Listens on a port of its own; `lose` says how many answers from now on get lost.

    `address`: the server's, `host:port` or `unix:///path`.
    """

    def __init__(self, address: str) -> None:
        self._target = address
        self._lose = 0
        self.lost = 0
        self._door = socket.create_server(("127.0.0.1", 0))
        self._links: list[socket.socket] = []
        self.address = f"127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def lose(self, answers: int) -> None:
        """The link of a lost answer stays open and silent."""
        self._lose, self.lost = answers, 0

    def close(self) -> None:
        for link in (self._door, *self._links):
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
            link.close()

    def cut(self) -> None:
        """Every link, now; new ones may come."""
        for link in self._links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def _reached(self) -> socket.socket:
        if self._target.startswith("unix://"):
            link = socket.socket(socket.AF_UNIX)
            link.connect(self._target.removeprefix("unix://"))
            return link
        host, _, port = self._target.rpartition(":")
        return socket.create_connection((host, int(port)))

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._door.accept()
                server = self._reached()
                self._links += [client, server]
                threading.Thread(target=self._ask, args=(client, server), daemon=True).start()
                threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if self._lose:
                    self._lose -= 1
                    self.lost += 1
                else:
                    client.sendall(data)
            client.shutdown(socket.SHUT_WR)
