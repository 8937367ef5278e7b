"""Requests at a steady rate through a proxy, from a process of their own, and what became of each.

As a program: `load.py ADDRESS PORT RATE FILE`; FILE gets a line for each request: the monotonic
times at which it was sent and answered, and who served it, or ! and what went wrong.
"""

import contextlib
import http.client
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

RATE = 400.0
THREADS = 24
PATIENCE = 10.0
"""Seconds for an answer; a request that a proxy sends on to the next server takes longer."""
OK = 200


class Request(NamedTuple):
    """`served_by`: a name; empty where it failed, and `error` says how."""

    sent: float
    answered: float
    served_by: str
    error: str = ""


class Load:
    """Runs until `stop`; each of `requests()` and `failures()` tells what is known by then."""

    def __init__(self, folder: Path, address: str, port: int, rate: float = RATE) -> None:
        self._file = folder / f"load-{time.monotonic_ns()}.txt"
        self._words = (address, str(port), str(rate), str(self._file))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Load":
        self._file.touch()
        self._process = subprocess.Popen(
            (sys.executable, "-IS", __file__, *self._words),
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        return self

    def stop(self) -> None:
        """Those on their way are waited for."""
        if self._process is not None:
            self._process.communicate(timeout=2 * PATIENCE)
            self._process = None

    def __enter__(self) -> "Load":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def requests(self, since: float = 0.0) -> list[Request]:
        lines = self._file.read_text().split("\n")[:-1]
        return [each for each in map(_parsed, lines) if each.sent >= since]

    def failures(self, since: float = 0.0) -> list[Request]:
        return [each for each in self.requests(since) if each.error]

    def served_by(self, since: float = 0.0) -> set[str]:
        return {each.served_by for each in self.requests(since)} - {""}


def _parsed(line: str) -> Request:
    sent, answered, who = line.split(" ", 2)
    failed = who.startswith("!")
    return Request(
        float(sent), float(answered), "" if failed else who, who[1:] or "?" if failed else ""
    )


class _Sender:
    def __init__(self, address: str, port: int, rate: float, file: str) -> None:
        self._where = (address, port)
        self._gap = 1 / rate
        self._due: queue.SimpleQueue[float | None] = queue.SimpleQueue()
        self._file = open(file, "a", buffering=1, encoding="utf-8")  # noqa: SIM115 (until the end)

    def run(self) -> None:
        """Until standard input ends. A due request waits for a thread, not for an answer."""
        threads = [threading.Thread(target=self._send, daemon=True) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        over = threading.Event()
        threading.Thread(target=_when_told, args=(over,), daemon=True).start()
        due = time.monotonic()
        while not over.wait(max(0.0, due - time.monotonic())):
            self._due.put(due)
            due += self._gap
        for _ in threads:
            self._due.put(None)
        for thread in threads:
            thread.join(PATIENCE)

    def _send(self) -> None:
        link = http.client.HTTPConnection(*self._where, timeout=PATIENCE)
        while self._due.get() is not None:
            sent = time.monotonic()
            told = self._ask(link)
            self._file.write(f"{sent:.6f} {time.monotonic():.6f} {told}\n")

    def _ask(self, link: http.client.HTTPConnection) -> str:
        try:
            link.request("GET", "/")
            reply = link.getresponse()
            body = reply.read().decode(errors="replace").strip()
        except (OSError, http.client.HTTPException) as error:
            with contextlib.suppress(OSError):
                link.close()
            return f"!{error!r}".replace("\n", " ")
        return body if reply.status == OK else f"!{reply.status}"


def _when_told(over: threading.Event) -> None:
    sys.stdin.read()
    over.set()


if __name__ == "__main__":
    _Sender(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]).run()
