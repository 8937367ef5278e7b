"""A route as a value: what it takes, what it answers, and the function that does it.

The Starlette routes and the OpenAPI schema are both made from these.
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import Meta

from bootstrapper.actions.misfit import mistake_of
from bootstrapper.control.parts import Parts
from bootstrapper.errors import Mistake
from bootstrapper.jobs.job import ONE_LINE
from bootstrapper.policy.actors import Actor


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request, parsed. `path` and `query` are checked by the route's `Parameter`s."""

    actor: Actor
    path: Mapping[str, str]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`body` is a value for JSON, or bytes as they are. `wait_for`: hold it until that job ends."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = {}
    media: str = "application/json"
    wait_for: str = ""
    wait_seconds: float = 0.0


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    kind: Any
    description: str
    default: Any = None
    many: bool = False


Handler = Callable[[Parts, Call], Answer]


class Route(msgspec.Struct, frozen=True, kw_only=True):
    method: str
    path: str
    name: str
    summary: str
    handler: Handler
    query: tuple[Parameter, ...] = ()
    body: Any = None
    form: bool = False
    raw: bool = False
    answer: Any = None
    status: int = 200
    media: str = "application/json"
    public: bool = False
    group: str = ""


DEEPEST = 100
"""Levels of a body. What can be read, but is too deep to be written, would break every listing."""
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=ONE_LINE)]


def read_query(route: Route, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """The query's values in their types; an unknown or twice-given name is a Mistake."""
    known = {parameter.name: parameter for parameter in route.query}
    texts: dict[str, list[str]] = {}
    for name, text in pairs:
        if name not in known:
            raise Mistake(f"no such parameter {name!r}", field=name)
        texts.setdefault(name, []).append(text)
    values = {parameter.name: parameter.default for parameter in route.query}
    for name, given in texts.items():
        parameter = known[name]
        if len(given) > 1 and not parameter.many:
            raise Mistake("given twice", field=name)
        value = given if parameter.many else given[0]
        values[name] = _convert(value, parameter)
    return values


def _convert(value: Any, parameter: Parameter) -> Any:
    kind = parameter.kind
    plain = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if plain is bool:
        words = {"1": True, "true": True, "0": False, "false": False}
        if value.lower() not in words:
            raise Mistake(f"{value!r} is neither 1 nor 0", field=parameter.name)
        return words[value.lower()]
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        message = str(error).replace("`", "").partition(" - at ")[0]
        raise Mistake(message, field=parameter.name) from error


def read_body(route: Route, raw: bytes) -> Any:
    if route.body is None:
        return None
    if _nesting(raw) > DEEPEST:
        raise Mistake(f"the body is nested deeper than {DEEPEST} levels")
    try:
        return msgspec.json.decode(raw or b"{}", type=route.body)
    except msgspec.ValidationError as error:
        raise mistake_of(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Mistake(f"the body is not JSON: {error}") from error


def _nesting(raw: bytes) -> int:
    """How deep the JSON is; brackets within texts do not count."""
    if raw.count(b"[") + raw.count(b"{") <= DEEPEST:
        return 0
    depth = deepest = 0
    for bracket in _BRACKET.findall(_TEXT.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest
