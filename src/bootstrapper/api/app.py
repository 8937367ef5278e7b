"""The Starlette application: routes in, problem details out. Everything blocking is in a thread."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route as StarletteRoute

from bootstrapper.actions.misfit import mistake_of
from bootstrapper.actions.registry import actions as known_actions
from bootstrapper.api import problems
from bootstrapper.api.docs_page import docs_page
from bootstrapper.api.identity import identify
from bootstrapper.api.openapi import openapi
from bootstrapper.api.route import Answer, Call, Route, read_body, read_query
from bootstrapper.api.routes import (
    actions,
    brakes,
    content,
    fleet,
    form2015,
    health,
    jobs,
    notices,
    policy,
    runs,
    schedules,
    serf,
    services,
    tokens,
)
from bootstrapper.api.stream import Hub, follow, wait_for_end
from bootstrapper.api.v2 import V2
from bootstrapper.api.views import job_view
from bootstrapper.control.parts import Parts
from bootstrapper.errors import Error, Mistake, Unknown
from bootstrapper.nearest import nearest
from bootstrapper.policy.actors import Actor
from bootstrapper.settings import Api

logger = logging.getLogger(__name__)

ACTIONS = "/api/v1/actions/"
NOBODY = Actor(name="nobody:nobody")
_ROOMS = (
    actions, jobs, content, policy, brakes, tokens, schedules, fleet, services, serf, form2015,
    health, runs,
    actions, jobs, content, policy, brakes, tokens, schedules, fleet, services, serf, notices,
    form2015, health,
)  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

Endpoint = Callable[[Request], Awaitable[Response]]


def all_routes() -> list[Route]:
    return [route for room in _ROOMS for route in room.routes()]


def make_app(parts: Parts, hub: Hub, v2: V2 | None = None) -> Starlette:
    routes = all_routes()
    for route in routes:  # before there are threads: msgspec crashes where two see a new type first
        if route.body is not None:
            msgspec.json.Decoder(route.body)
    description = openapi(routes, parts.settings.api.url)
    page = docs_page(description)

    async def describe(request: Request) -> Response:
        return JSONResponse(description)

    async def docs(request: Request) -> Response:
        return HTMLResponse(page, headers=_PAGE_HEADERS)

    async def alive(request: Request) -> Response:
        return Response(b"ok\n", media_type="text/plain")

    plain = [
        StarletteRoute("/openapi.json", describe),
        StarletteRoute("/docs", docs),
        StarletteRoute("/", docs),
        StarletteRoute("/healthz", alive),
    ]
    made = [
        StarletteRoute(route.path, _endpoint(route, parts, hub), methods=[route.method])
        for route in routes
    ]
    etcd2 = v2.routes(lambda request: _read(request, parts.settings.api)) if v2 else ()
    return Starlette(
        routes=[*plain, *made, *etcd2],
        exception_handlers={HTTPException: _http_problem, Exception: _broken},
    )


def _endpoint(route: Route, parts: Parts, hub: Hub) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            raw = await _read(request, parts.settings.api)
            if route.name == "getEvents" and _wants_stream(request):
                return await _stream(route, parts, hub, request)
            answer = await run_in_threadpool(_handle, route, parts, request, raw)
            if answer.wait_for:
                job = await wait_for_end(parts, hub, answer.wait_for, answer.wait_seconds)
                answer = msgspec.structs.replace(answer, body=job_view(job))
            return _response(answer)
        except Error as error:
            return _problem(error)
        except ClientDisconnect:
            return Response(status_code=400)

    return endpoint


def _handle(route: Route, parts: Parts, request: Request, raw: bytes) -> Answer:
    return route.handler(parts, _call(route, parts, request, raw))


def _call(route: Route, parts: Parts, request: Request, raw: bytes) -> Call:
    headers = _headers(request)
    peer = request.client.host if request.client else ""
    actor = NOBODY if route.public else identify(parts, headers, peer, "api")
    path = {name: str(value) for name, value in request.path_params.items()}
    for name, value in path.items():
        if _CONTROL.search(value):
            raise Mistake("a control character is in no name", field=name)
    pairs = _pairs(request.url.query)
    if route.form or (route.body is not None and route.method == "GET"):
        body, pairs = _form(route, raw, pairs), []
    else:
        body = raw if route.raw else read_body(route, raw)
    query = read_query(route, pairs)
    return Call(actor=actor, path=path, query=query, headers=headers, body=body)


def _headers(request: Request) -> dict[str, str]:
    """One given twice is one list, in order (RFC 9110, 5.3): a proxy may add a line of its own."""
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=200, errors="strict")
    except (ValueError, UnicodeDecodeError) as error:
        raise Mistake(f"the query cannot be read: {error}") from error


def _form(route: Route, raw: bytes, pairs: list[tuple[str, str]]) -> Any:
    """The forms of 2015; a GET has its fields in the query."""
    if route.method != "GET":
        try:
            pairs = _pairs(raw.decode())
        except UnicodeDecodeError as error:
            raise Mistake(f"the form cannot be read: {error}") from error
    try:
        return msgspec.convert(dict(pairs), route.body)
    except msgspec.ValidationError as error:
        raise mistake_of(error) from error


async def _read(request: Request, limits: Api) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.request_seconds):
            async for part in request.stream():
                size += len(part)
                if size > limits.body_bytes:
                    raise HTTPException(
                        413, f"the body is larger than api.body_bytes, {limits.body_bytes}"
                    )
                parts.append(part)
    except TimeoutError as error:
        why = problems.too_late(limits.request_seconds)
        raise HTTPException(408, why, {"Connection": "close"}) from error
    return b"".join(parts)


def _wants_stream(request: Request) -> bool:
    """Not for HEAD: its answer has no body, and the reader would wait for one that never ends."""
    return request.method == "GET" and "text/event-stream" in request.headers.get("accept", "")


async def _stream(route: Route, parts: Parts, hub: Hub, request: Request) -> Response:
    def check() -> tuple[str, int]:
        call = _call(route, parts, request, b"")
        last = call.headers.get("last-event-id", "")
        if last and not (last.isascii() and last.isdigit() and len(last) < 16):  # noqa: PLR2004
            raise Mistake(f"{last!r} is not the number of an event", field="Last-Event-ID")
        return jobs.readable(parts, call).id, int(last or call.query["after"])

    job_id, after = await run_in_threadpool(check)
    headers = {**_HEADERS, "X-Accel-Buffering": "no"}
    return StreamingResponse(
        follow(parts, hub, job_id, after), media_type="text/event-stream", headers=headers
    )


def _response(answer: Answer) -> Response:
    headers = {**_HEADERS, **answer.headers}
    if answer.status == 204:  # noqa: PLR2004
        return Response(status_code=204, headers=headers)
    body = answer.body if isinstance(answer.body, bytes) else msgspec.json.encode(answer.body)
    return Response(body, status_code=answer.status, headers=headers, media_type=answer.media)


def _problem(error: Error) -> Response:
    problem, headers = problems.problem_of(error)
    return _problem_response(problem, headers)


def _problem_response(problem: problems.Problem, headers: Mapping[str, str]) -> Response:
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        headers={**_HEADERS, **headers},
        media_type=problems.MEDIA,
    )


def _nothing_there(path: str) -> Unknown:
    name = path.removeprefix(ACTIONS)
    if name == path or not name or "/" in name:
        return Unknown(f"there is no {path}: /docs lists what is")
    return Unknown(f"this server has no action {name!r}{nearest(name, known_actions())}")


async def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:  # noqa: PLR2004
        return _problem(_nothing_there(request.url.path))
    problem = problems.Problem(
        title="HTTP error", status=error.status_code, detail=str(error.detail)
    )
    return _problem_response(problem, dict(error.headers or {}))


async def _broken(request: Request, error: Exception) -> Response:
    """The outermost edge: what nobody expected is logged whole and told in general."""
    logger.error("%s %s broke", request.method, request.url.path, exc_info=error)
    problem = problems.Problem(title="Failed", status=500, detail="see the log of `serve`")
    return _problem_response(problem, {})
