"""Hear of changes in etcd: one long answer of its gateway, read line by line in a thread.

A gateway may stay silent for good: when the link is cut, when its member is alone without the
others, and after a cancelled watch, whose stream it leaves open. So silence is never believed: a
tiny read that needs a majority asks the same member every few seconds.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any

import msgspec
import urllib3
from urllib3.exceptions import HTTPError

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.kv.etcd_http import EtcdFault, Gateway
from bootstrapper.kv.etcd_replies import Event, Range, Watched, Watching, below, encoded, text
from bootstrapper.kv.store import Change, Gap
from bootstrapper.lifecycle import Stop

LOOK = 0.25  # seconds between looks at `stop`
QUIET = 2.0  # seconds of silence until the member is asked whether it lives
PROBE = 1.5  # seconds for its answer
OUT_OF_RANGE = 11  # gRPC's code

_decoder = msgspec.json.Decoder(Watching, strict=False)
"""Made before there are threads: msgspec crashes where two of them look at a new type at once."""

Line = bytes | Exception | None
"""None: the stream ended."""


def watch(gateway: Gateway, prefix: str, since: int, stop: Stop) -> Iterator[Change]:
    if stop.is_set():
        return
    first = gateway.answer("/v3/kv/range", _tiny(prefix), Range)
    _check_since(first.value, prefix, since)
    create = {"create_request": below(prefix) | {"start_revision": str(since + 1)}}
    response = gateway.open(first.url, "/v3/watch", create, gateway.try_seconds)
    with _lines(response) as lines:
        heard = time.monotonic()
        while not stop.is_set():
            try:
                line = lines.get(timeout=LOOK)
            except Empty:
                if time.monotonic() - heard < QUIET:
                    continue
                probe = gateway.ask_at(first.url, "/v3/kv/range", _tiny(prefix), Range, PROBE)
                _check_since(probe, prefix, since)
            else:
                told = _told(gateway, first.url, line, prefix, since)
                if told.created:
                    yield Change(since)
                if told.events:
                    change = merged(told.events)
                    since = change.revision
                    yield change
            heard = time.monotonic()


def merged(events: Sequence[Event]) -> Change:
    """What is different after all of them, in their order."""
    put: dict[str, str] = {}
    gone: set[str] = set()
    revisions: dict[str, int] = {}
    for event in events:
        key = text(event.kv.key)
        if event.type == "DELETE":
            put.pop(key, None)
            gone.add(key)
        else:
            gone.discard(key)
            put[key] = text(event.kv.value)
            revisions[key] = event.kv.mod_revision
    last = max(event.kv.mod_revision for event in events)
    return Change(last, put, frozenset(gone), revisions)


def _tiny(prefix: str) -> dict[str, Any]:
    """A question about one key: answered by a majority, with the revision of now."""
    return {"key": encoded(prefix or "\0"), "keys_only": True}


def _check_since(now: Range, prefix: str, since: int) -> None:
    if now.header.revision < since:
        raise Gap(f"etcd is at revision {now.header.revision}, {prefix!r} was read at {since}")


def _told(gateway: Gateway, url: str, line: Line, prefix: str, since: int) -> Watched:
    place = f"etcd's watch on {prefix!r} at {url}"
    if line is None or isinstance(line, Exception):
        _check_compacted(gateway, url, prefix, since)
        raise Unavailable(f"{place} ended: {line or 'without a word'}")
    try:
        told = _decoder.decode(line)
    except msgspec.DecodeError as error:
        raise Unavailable(f"{place} is garbled: {error}") from error
    if told.result is None:
        raise Unavailable(f"{place} ended: {told.error and told.error.message}")
    if told.result.compact_revision:
        raise Gap(f"{place}: compacted up to {told.result.compact_revision}, known up to {since}")
    if told.result.canceled:
        gateway.forget_token()
        reason = told.result.cancel_reason
        kind = Refused if "permission denied" in reason else Unavailable
        raise kind(f"{place} was cancelled: {reason or 'without a reason'}")
    return told.result


def _check_compacted(gateway: Gateway, url: str, prefix: str, since: int) -> None:
    """A stream that ends without a word may have been behind a compaction."""
    body = _tiny(prefix) | {"revision": str(since + 1)}
    try:
        gateway.ask_at(url, "/v3/kv/range", body, Range, PROBE)
    except EtcdFault as error:
        if error.code == OUT_OF_RANGE and "compacted" in str(error):
            raise Gap(str(error)) from error


@contextmanager
def _lines(response: urllib3.BaseHTTPResponse) -> Iterator["SimpleQueue[Line]"]:
    """The stream's lines as they come; the thread ends with the block."""
    link: Any = getattr(response.connection, "sock", None)
    if link is None:
        response.close()
        raise Unavailable("etcd's watch was closed at once: by a proxy before it?")
    link.settimeout(None)  # quiet is no fault here, and is looked after elsewhere
    lines: SimpleQueue[Line] = SimpleQueue()
    reader = threading.Thread(target=_read, args=(response, lines), name="etcd-watch", daemon=True)
    reader.start()
    try:
        yield lines
    finally:
        with suppress(ValueError, RuntimeError, OSError):  # the stream has ended by itself
            response.shutdown()
        reader.join(PROBE)
        response.close()


def _read(response: urllib3.BaseHTTPResponse, lines: "SimpleQueue[Line]") -> None:
    try:
        for line in response:
            lines.put(line)
        lines.put(None)
    except (HTTPError, OSError, ValueError) as error:  # ValueError: closed while it was read
        lines.put(error)
