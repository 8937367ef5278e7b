"""A program: the smallest web server, for containers and namespaces. It needs Python alone.

    tiny_server.py NAME PORT [FILE [DELAY]]

Answers every GET with NAME; `/health` with 503 until DELAY seconds have passed. FILE gets one line
for the first good `/health` and one for the first other request: what, and the monotonic time.
After SIGTERM it serves half a second more, as servers that finish what they have.
"""

import selectors
import signal
import socket
import sys
import time

LINGER = 0.5  # seconds
Told = dict[str, float]


class Server:
    def __init__(self, name: str, port: int, file: str = "", delay: float = 0.0) -> None:
        self._body = name.encode()
        self._file = file
        self._well = time.monotonic() + delay
        self._told: Told = {}
        self._ready = selectors.DefaultSelector()
        self._listener = socket.create_server(("", port), backlog=256, reuse_port=False)
        self._listener.setblocking(False)
        self._ready.register(self._listener, selectors.EVENT_READ)

    def serve(self) -> None:
        while True:
            for key, _ in self._ready.select():
                if key.fileobj is self._listener:
                    self._accept()
                else:
                    self._answer(key.fileobj)  # type: ignore[arg-type]

    def _accept(self) -> None:
        try:
            link, _ = self._listener.accept()
        except OSError:
            return
        link.setblocking(False)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._ready.register(link, selectors.EVENT_READ)

    def _answer(self, link: socket.socket) -> None:
        """A request of a test fits into one read, and its answer into one write."""
        try:
            asked = link.recv(65536)
            if asked:
                link.sendall(self._reply(asked))
                return
        except OSError:
            pass
        self._ready.unregister(link)
        link.close()

    def _reply(self, asked: bytes) -> bytes:
        health = asked.split(b" ", 2)[1] == b"/health"
        well = not health or time.monotonic() >= self._well
        if well:
            self._tell("health" if health else "served")
        status = b"200 OK" if well else b"503 Service Unavailable"
        length = str(len(self._body)).encode()
        return b"HTTP/1.1 %s\r\nContent-Length: %s\r\n\r\n%s" % (status, length, self._body)

    def _tell(self, what: str) -> None:
        if self._file and what not in self._told:
            self._told[what] = time.monotonic()
            with open(self._file, "a", encoding="ascii") as file:
                file.write(f"{what} {self._told[what]}\n")


def end(*_: object) -> None:
    sys.exit(0)


def end_soon(*_: object) -> None:
    signal.setitimer(signal.ITIMER_REAL, LINGER)


def main() -> None:
    if len(sys.argv) not in (3, 4, 5):
        sys.exit(__doc__)
    name, port, file, delay = (*sys.argv[1:], *("", "0")[len(sys.argv) - 3 :])
    signal.signal(signal.SIGALRM, end)
    signal.signal(signal.SIGTERM, end_soon)
    Server(name, int(port), file, float(delay)).serve()


if __name__ == "__main__":
    main()
