"""`bootstrapper serve`: the HTTP API, its event stream, and the thread that hears of changes."""

import asyncio
import hashlib
import logging
import os
import resource
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn

from bootstrapper.api.app import make_app
from bootstrapper.api.slow_callers import protocol
from bootstrapper.api.stream import Hub
from bootstrapper.api.v2 import V2
from bootstrapper.api.v2_access import Access
from bootstrapper.api.v2_site import Site
from bootstrapper.clock import utc_now
from bootstrapper.control.parts import Parts, make_parts, redis_url
from bootstrapper.errors import Error, Mistake, Unavailable, Unidentified, Unknown
from bootstrapper.jobs.hearing import listen
from bootstrapper.kv.open import open_store
from bootstrapper.kv.v2.following import Following
from bootstrapper.kv.v2.keys import V2Keys
from bootstrapper.kv.v2.records import places
from bootstrapper.lifecycle import Loop, Stop
from bootstrapper.logs import start_logging
from bootstrapper.processes.crowd import Crowd
from bootstrapper.processes.systemd import notify
from bootstrapper.settings import Settings

logger = logging.getLogger(__name__)

OWNER = "system:owner"
END_SECONDS = 5  # for requests under way when told to end


def run(settings: Settings) -> int:
    start_logging(settings.log, "serve")
    _allow_many_readers()
    parts = make_parts(settings)
    parts.rules.current()  # a faulty policy must stop the start, not the first request
    hub = Hub()
    stop = threading.Event()
    keys = _v2_keys(settings) if settings.etcd2.enabled else None
    v2 = V2(keys, Access(settings), Site(settings), hub) if keys else None
    loops: list[tuple[str, Loop]] = [
        ("listen", lambda stop: listen(settings, redis_url(settings), hub.wake, stop)),
        ("begin", lambda stop: begin(parts, stop)),
        *((("follow", keys.following.follow), ("reap", keys.reap)) if keys else ()),
    ]
    for name, loop in loops:
        threading.Thread(target=loop, args=(stop,), name=name, daemon=True).start()
    server = Server(_config(settings, make_app(parts, hub, v2)), parts, hub)
    server.run()
    stop.set()
    return 0 if server.started else 1


def _v2_keys(settings: Settings) -> V2Keys:
    shown = places(settings.etcd2.prefix, (settings.fleet.prefix,))
    return V2Keys(Following(open_store(settings), shown))


class Server(uvicorn.Server):
    """uvicorn, with a word to systemd and an end to idle streams."""

    def __init__(self, config: uvicorn.Config, parts: Parts, hub: Hub) -> None:
        super().__init__(config)
        self._parts = parts
        self._hub = hub

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.open()
        asyncio.get_running_loop().set_exception_handler(Crowd())
        await super().startup(sockets)
        if self.started:
            notify("READY=1")
            logger.info("serving", extra={"url": url_of(self._parts.settings)})

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        notify("STOPPING=1")
        self._hub.end()
        await super().shutdown(sockets)


def begin(parts: Parts, stop: Stop) -> None:
    """What is done once, as soon as Redis answers: the owner's token, and the first sync."""
    while not stop.is_set():
        try:
            keep_owner_token(parts)
            content = parts.settings.content
            if (content.path or content.git) and not parts.library.synced():
                parts.library.sync()
            return
        except Unavailable as error:
            logger.warning("beginning waits: %s", error)
        except Error as error:
            logger.error("the content cannot be synced: %s", error)
            return
        stop.wait(1.0)


def keep_owner_token(parts: Parts) -> Path:
    """`owner.token` in the state folder: who may read it owns this control plane."""
    file = parts.settings.state_dir / "owner.token"
    name = _owner_name(file)
    now = utc_now()
    try:
        parts.tokens.verify(file.read_text().strip(), now)
        return file
    except (OSError, Unidentified):
        pass
    with suppress(Unknown):
        parts.tokens.revoke(name)
    _, secret = parts.tokens.create(name, actor=OWNER, now=now)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = file.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(secret + "\n")
    new.replace(file)
    return file


def _owner_name(file: Path) -> str:
    """One for each state folder: machines of the same name must not revoke each other's."""
    machine = b""
    with suppress(OSError):
        machine = Path("/etc/machine-id").read_bytes()
    place = hashlib.sha256(machine + os.fsencode(file.absolute())).hexdigest()[:8]
    return f"owner@{socket.gethostname()}-{place}"


def url_of(settings: Settings) -> str:
    scheme = "https" if settings.api.tls_certificate else "http"
    return settings.api.url or f"{scheme}://{settings.api.bind}"


def _config(settings: Settings, app: Any) -> uvicorn.Config:
    host, _, port = settings.api.bind.rpartition(":")
    config = uvicorn.Config(
        app,
        host=host.strip("[]"),
        port=int(port),
        http=protocol(settings.api.request_seconds),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=END_SECONDS,
        timeout_keep_alive=30,
        proxy_headers=False,
        backlog=4096,
        ssl_certfile=settings.api.tls_certificate or None,
        ssl_keyfile=settings.api.tls_key or None,
    )
    try:
        config.load()
    except OSError as error:  # the certificate or its key: not there, no PEM, or not a pair
        why = error.strerror or str(error)
        raise Mistake(f"api.tls_certificate, api.tls_key: {why}", field="api") from error
    return config


def _allow_many_readers() -> None:
    """Each idle reader of the event stream is a file descriptor."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
