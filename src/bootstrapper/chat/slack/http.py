"""HTTP mode: Slack posts events, commands and interactions to /slack/events, signed.

Bolt verifies the signature over the body as it came, and that it is not older than 5 minutes.
https://docs.slack.dev/authentication/verifying-requests-from-slack/
"""

import asyncio
import logging
import re
import socket
import threading
from collections.abc import Sequence
from typing import Any

import uvicorn
from slack_bolt import App, BoltRequest, BoltResponse
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bootstrapper.chat.slack.manifest import PATH
from bootstrapper.errors import Mistake
from bootstrapper.lifecycle import Stop

logger = logging.getLogger(__name__)

BODY_BYTES = 1_048_576
BODY_SECONDS = 10
LOOK = 0.2  # seconds
END_SECONDS = 5  # for deliveries under way when told to end
HEADERS = (
    "content-type",
    "x-slack-request-timestamp",
    "x-slack-retry-num",
    "x-slack-retry-reason",
    "x-slack-signature",
)
TIMESTAMP = re.compile(r"[0-9]{1,12}")
SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


def serve(app: App, bind: str, stop: Stop) -> None:
    """Until `stop`. Raises Mistake when the address cannot be listened on."""
    with listening(bind) as link:
        server = uvicorn.Server(config(make_asgi(app)))
        thread = threading.Thread(target=server.run, args=([link],), name="slack-http")
        thread.start()
        logger.info("hearing Slack over HTTP", extra={"bind": bind})
        while thread.is_alive() and not stop.wait(LOOK):
            pass
        server.should_exit = True
        thread.join()


def make_asgi(app: App) -> Starlette:
    async def deliver(request: Request) -> Response:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await read(request)
        except (ClientDisconnect, TimeoutError):
            return PlainTextResponse("", status_code=400)
        if body is None:
            return PlainTextResponse("too large", status_code=413)
        if not looks_signed(request):
            return PlainTextResponse("not signed", status_code=401)
        try:
            delivery = bolt_request(request, body)
        except (ValueError, RecursionError):
            return PlainTextResponse("not readable", status_code=400)
        return starlette_response(await run_in_threadpool(app.dispatch, delivery))

    async def healthy(_: Request) -> Response:
        return PlainTextResponse("ok")

    routes = [Route(PATH, deliver, methods=["POST"]), Route("/healthz", healthy)]
    return Starlette(routes=routes)


async def read(request: Request) -> bytes | None:
    """The body; None when it is larger than Slack ever sends."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            return None
    return bytes(body)


def looks_signed(request: Request) -> bool:
    """Bolt breaks at headers that are not shaped so, where it should refuse."""
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    return bool(TIMESTAMP.fullmatch(timestamp) and SIGNATURE.fullmatch(signature))


def bolt_request(request: Request, body: bytes) -> BoltRequest:
    """With the headers that mean something: Bolt takes others for orders of its own."""
    headers: dict[str, str | Sequence[str]]
    headers = {name: request.headers[name] for name in HEADERS if name in request.headers}
    return BoltRequest(body=body.decode(), headers=headers)


def starlette_response(answer: BoltResponse) -> Response:
    return Response(answer.body, answer.status, answer.first_headers_without_set_cookie())


def listening(bind: str) -> socket.socket:
    host, _, port = bind.rpartition(":")
    try:
        if not host:
            raise ValueError("host:port is expected")
        return socket.create_server(
            (host.strip("[]"), int(port)),
            family=socket.AF_INET6 if ":" in host else socket.AF_INET,
        )
    except (OSError, ValueError, OverflowError) as error:
        raise Mistake(
            f"chat.bind: {bind} cannot be listened on: {error}", field="chat.bind"
        ) from error


def config(asgi: Any) -> uvicorn.Config:
    return uvicorn.Config(
        asgi,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=END_SECONDS,
        proxy_headers=False,
    )
