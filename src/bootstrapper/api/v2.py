"""etcd's v2 keys API over HTTP: requests in, etcd's bodies, headers and statuses out.

Everything that blocks has threads of its own, so that a store that is away stops no other caller.
Those who wait for an event hold no thread: the following thread wakes them through the hub.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import anyio
import anyio.to_thread
import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Match, Route
from starlette.types import Scope

from bootstrapper.api.stream import Hub
from bootstrapper.api.v2_access import UNAUTHORIZED, Access
from bootstrapper.api.v2_site import Site
from bootstrapper.errors import Error, Mistake, Refused
from bootstrapper.kv.v2 import discovery
from bootstrapper.kv.v2.errors import Code, V2Error, told
from bootstrapper.kv.v2.keys import Answer, V2Keys
from bootstrapper.kv.v2.request import Request as V2Request
from bootstrapper.kv.v2.request import read_request
from bootstrapper.kv.v2.tree import parents
from bootstrapper.kv.v2.views import Happened

PREFIX = "/v2/keys"
WATCH_SECONDS = 300.0  # then a watch ends without an event, as etcd's does
QUIET = 60.0  # seconds between a watcher's own looks
THREADS = 16
FORM = "application/x-www-form-urlencoded"
T = TypeVar("T")
R = TypeVar("R", bound=Response)
Read = Callable[[Request], Awaitable[bytes]]


class KeysRoute(Route):
    """All paths below too, whatever is in them: a route's own pattern knows no line's end."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        below = scope["type"] == "http" and scope["path"].startswith(f"{PREFIX}/")
        return super().matches({**scope, "path": PREFIX} if below else scope)


class V2:
    """The API's part for v2; `read` reads a body within the API's limits."""

    def __init__(self, keys: V2Keys, access: Access, site: Site, hub: Hub) -> None:
        self._keys = keys
        self._access = access
        self._site = site
        self._hub = hub
        self._limiter: anyio.CapacityLimiter | None = None
        keys.following.listener = self._wake

    def routes(self, read: Read) -> list[Route]:
        async def keys(request: Request) -> Response:
            return await self._guarded(request, lambda: self._keys_answer(request, read))

        async def new(request: Request) -> Response:
            return await self._guarded(request, lambda: self._new_token(request))

        methods = ["GET", "PUT", "POST", "DELETE"]
        return [
            KeysRoute(PREFIX, keys, methods=methods),
            Route("/new", new, methods=["GET", "PUT"]),
            *(Route(path, self._page(path)) for path in self._site.pages),
        ]

    def _page(self, path: str) -> Callable[[Request], Awaitable[Response]]:
        async def page(request: Request) -> Response:
            async def answer() -> Response:
                body = self._site.pages[path](_base(request))
                media = "text/plain" if isinstance(body, str) else "application/json"
                raw = body.encode() if isinstance(body, str) else msgspec.json.encode(body)
                return self._response(raw, 200, 0, media=media)

            return await self._guarded(request, answer)

        return page

    async def _guarded(
        self, request: Request, answer: Callable[[], Awaitable[Response]]
    ) -> Response:
        """What goes wrong is said in v2's words."""
        try:
            peer = request.client.host if request.client else ""
            headers = {n: ", ".join(request.headers.getlist(n)) for n in request.headers}
            self._access.check(headers, peer)
            return await answer()
        except ClientDisconnect:
            return Response(status_code=400)
        except HTTPException as error:
            fault = V2Error(Code.INVALID_FORM, str(error.detail), status=error.status_code)
            return self._fault(fault)
        except Error as error:
            return self._fault(_v2_error(error))

    async def _keys_answer(self, request: Request, read: Read) -> Response:
        asked = await _read_request(request, read)
        if asked.wait:
            return await self._watch(request, asked)
        answer = await self._in_thread(self._keys.answer, asked)
        return self._event(answer)

    async def _watch(self, request: Request, asked: V2Request) -> Response:
        """The head at once, so that the caller knows that the watch stands; then its event."""
        index, since = await self._in_thread(self._keys.begin_watch, asked)
        await self._in_thread(self._keys.next_event, asked, since)
        headers = self._headers(index)
        if request.method == "HEAD":
            return _cased(Response(headers=headers, media_type="application/json"))
        events = self._events(asked, since)
        return _cased(StreamingResponse(events, headers=headers, media_type="application/json"))

    async def _events(self, asked: V2Request, since: int) -> AsyncIterator[bytes]:
        name = f"v2:{asked.path}"
        woken = self._hub.enter(name)
        until = anyio.current_time() + WATCH_SECONDS
        try:
            while not self._hub.ending.is_set():
                found = await self._in_thread(self._keys.next_event, asked, since)
                if found is not None:
                    yield msgspec.json.encode(found.event) + b"\n"
                    if not asked.stream:
                        return
                    since = found.index + 1
                    continue
                left = until - anyio.current_time()
                if left <= 0:
                    return
                await self._hub.quiet(name, woken, min(left, QUIET))
        except V2Error:  # it fell behind the history: it asks again, and is told so
            return
        finally:
            self._hub.leave(name, woken)

    def _wake(self, events: list[Happened]) -> None:
        """By the following thread; who watches below a folder that is gone could be anybody."""
        if any(event.deleted_dir for event in events):
            self._hub.wake(None)
            return
        for path in {path for event in events for path in ("/", *parents(event.key), event.key)}:
            self._hub.wake(f"v2:{path}")

    async def _new_token(self, request: Request) -> Response:
        size = request.query_params.get("size", "3")
        if not (size.isascii() and size.isdigit() and len(size) <= 4):  # noqa: PLR2004
            raise V2Error(Code.INVALID_FIELD, 'invalid value for "size"')
        following, folder = self._keys.following, self._site.discovery
        token = await self._in_thread(
            discovery.create, following.store, following.places, folder, int(size)
        )
        url = discovery.url_of(self._site.url or _base(request), folder, token)
        return self._response(url.encode(), 200, 0, media="text/plain")

    async def _in_thread(self, call: Callable[..., T], *arguments: Any) -> T:
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(THREADS)
        return await anyio.to_thread.run_sync(call, *arguments, limiter=self._limiter)

    def _event(self, answer: Answer) -> Response:
        raw = msgspec.json.encode(answer.event) + b"\n"
        return self._response(raw, 201 if answer.created else 200, answer.index)

    def _fault(self, error: V2Error) -> Response:
        raw = msgspec.json.encode(told(error)) + b"\n"
        response = self._response(raw, error.status, error.index)
        if error.status == UNAUTHORIZED:
            response.raw_headers.append((b"WWW-Authenticate", b'Basic realm="etcd"'))
        return response

    def _response(
        self, raw: bytes, status: int, index: int, media: str = "application/json"
    ) -> Response:
        headers = self._headers(index)
        return _cased(Response(raw, status_code=status, headers=headers, media_type=media))

    def _headers(self, index: int) -> dict[str, str]:
        return {
            "X-Etcd-Cluster-Id": self._site.cluster,
            "X-Etcd-Index": str(index),
            "X-Raft-Index": str(index),
            "X-Raft-Term": "1",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }


async def _read_request(request: Request, read: Read) -> V2Request:
    body = await read(request)
    media = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if body and media != FORM:
        raise V2Error(Code.INVALID_FORM, f"a form is expected as {FORM}, this is {media}")
    method = "GET" if request.method == "HEAD" else request.method
    raw: bytes = request.scope["raw_path"]
    if method == "GET":
        body = b""
    return read_request(method, raw[len(PREFIX) :], request.scope["query_string"], body)


def _v2_error(error: Error) -> V2Error:
    match error:
        case V2Error():
            return error
        case Mistake():
            return V2Error(Code.INVALID_FIELD, str(error))
        case Refused():
            return V2Error(Code.INTERNAL, str(error), status=502)
        case _:
            return V2Error(Code.INTERNAL, str(error))


def _cased(response: R) -> R:
    """Names as etcd writes them: scripts look for X-Etcd-Index with grep."""
    response.raw_headers = [(name.title(), value) for name, value in response.raw_headers]
    return response


def _base(request: Request) -> str:
    """How this caller reaches us."""
    return str(request.base_url).rstrip("/")
