"""The server: Slack's addresses on one port, in a thread; it can go away and come back."""

import asyncio
import json
import threading
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from support.eventually import eventually
from support.services import free_port
from support.slack.api import Api
from support.slack.chat_methods import respond
from support.slack.socket import Sockets
from support.slack.values import Trouble


class Server:
    """`down`: answers 503. `slow`: seconds that each answer of a method ("" for all) takes."""

    def __init__(self, api: Api, sockets: Sockets) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.down = False
        self.slow: dict[str, float] = {}
        self._api = api
        self._sockets = sockets
        self._uvicorn: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._uvicorn is not None:
            return
        config = uvicorn.Config(self._app(), "127.0.0.1", self.port, log_config=None,
                                lifespan="off", ws="websockets-sansio", access_log=False,
                                timeout_keep_alive=60)  # fmt: skip
        self._uvicorn = server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
        self._thread.start()
        eventually(lambda: server.started, what="Slack listens")

    def stop(self) -> None:
        """Connections are cut, and new ones refused."""
        if self._uvicorn is None or self._thread is None:
            return
        self._sockets.drop()
        self._uvicorn.force_exit = self._uvicorn.should_exit = True
        self._thread.join(10)
        self._uvicorn = self._thread = None

    def _app(self) -> Starlette:
        return Starlette(routes=[
            Route("/api/{method}", self._call, methods=["GET", "POST"]),
            Route("/response/{key}", self._respond, methods=["POST"]),
            Route("/upload/{file}", self._upload, methods=["POST", "PUT"]),
            WebSocketRoute("/link/", self._link)])  # fmt: skip

    async def _call(self, request: Request) -> Response:
        method = request.path_params["method"]
        await asyncio.sleep(self.slow.get(method, self.slow.get("", 0.0)))
        if self.down:
            return PlainTextResponse("service unavailable", 503)
        args = await _args(request)
        given = request.headers.get("authorization", "")
        token = given.removeprefix("Bearer ") or str(args.pop("token", ""))
        answer = self._api.call(method, token.strip(), args)
        return JSONResponse(answer.body, answer.status, answer.headers)

    async def _respond(self, request: Request) -> Response:
        if self.down:
            return PlainTextResponse("service unavailable", 503)
        try:
            with self._api.space.lock:
                respond(self._api.space, request.path_params["key"], await request.json())
        except Trouble as trouble:
            status = trouble.status if trouble.status != 200 else 400
            return JSONResponse({"ok": False, "error": trouble.word}, status)
        return PlainTextResponse("ok")

    async def _upload(self, request: Request) -> Response:
        file = self._api.space.uploads.get(request.path_params["file"])
        content = await request.body()
        if self.down or file is None:
            return PlainTextResponse("", 503 if self.down else 404)
        if len(content) != file.size:
            return PlainTextResponse("wrong length", 400)
        file.content = content
        return PlainTextResponse(f"OK - {len(content)}")

    async def _link(self, socket: WebSocket) -> None:
        ticket = socket.query_params.get("ticket", "")
        if self.down or ticket not in self._api.space.tickets:
            await socket.close()  # before it is accepted: a 403
            return
        self._api.space.tickets.discard(ticket)  # each is good once
        await self._sockets.serve(socket)


async def _args(request: Request) -> dict[str, Any]:
    """From the query, a form or JSON."""
    body = await request.body()
    args: dict[str, Any] = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        return {**args, **json.loads(body or b"{}")}
    return {**args, **dict(parse_qsl(body.decode(), keep_blank_values=True))}
