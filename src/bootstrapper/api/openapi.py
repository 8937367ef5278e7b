"""The OpenAPI 3.1 description, made from the routes and their types. Pure."""

import re
from typing import Any

import msgspec

from bootstrapper import __version__
from bootstrapper.api.problems import Problem
from bootstrapper.api.route import Parameter, Route
from bootstrapper.api.views import JobView

_TEMPLATE = "#/components/schemas/{name}"
_PROBLEMS = {
    "401": "not identified",
    "403": "the policy says no",
    "404": "no such thing",
    "408": "the request did not come in time",
    "409": "a conflict",
    "413": "the body is too large",
    "422": "the request is wrong",
    "503": "try again later",
}


def openapi(routes: list[Route], url: str) -> dict[str, Any]:
    bodies = [route.body for route in routes if route.body is not None]
    answers = [route.answer for route in routes if route.answer is not None]
    types = list(dict.fromkeys([Problem, JobView, *bodies, *answers]))
    schemas, components = msgspec.json.schema_components(types, ref_template=_TEMPLATE)
    refs = dict(zip(types, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = re.sub(r":path\}", "}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, refs)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bootstrapper",
            "version": __version__,
            "description": "Run Ansible through one door, under one policy, with one journal.",
            "license": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
        },
        "servers": [{"url": url or "/"}],
        "security": [{"token": []}, {"password": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "password": {"type": "http", "scheme": "basic"},
            },
        },
    }


def _operation(route: Route, refs: dict[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.group],
        "responses": _responses(route, refs),
    }
    parameters = [_path_parameter(name) for name in re.findall(r"\{(\w+)", route.path)]
    parameters += [_query_parameter(parameter) for parameter in route.query]
    if route.method == "GET" and route.body is not None:
        parameters += _fields_as_query(route.body)
    elif route.body is not None:
        media = "application/x-www-form-urlencoded" if route.form else "application/json"
        operation["requestBody"] = {
            "required": True,
            "content": {media: {"schema": refs[route.body]}},
        }
        example = getattr(route.body, "EXAMPLE", None)
        if example:
            operation["requestBody"]["content"][media]["example"] = example
        doc = (getattr(route.body, "__doc__", "") or "").strip()
        if getattr(route.body, "NAME", "") and doc:
            operation["description"] = re.sub(r"\s*\n\s*", " ", doc)
    if parameters:
        operation["parameters"] = parameters
    if route.public:
        operation["security"] = []
    return operation


def _responses(route: Route, refs: dict[Any, Any]) -> dict[str, Any]:
    ok: dict[str, Any] = {"description": route.summary}
    if route.status != 204:  # noqa: PLR2004
        schema = refs[route.answer] if route.answer is not None else {}
        ok["content"] = {route.media: {"schema": schema}}
    responses: dict[str, Any] = {str(route.status): ok}
    if route.name.startswith("launch"):
        responses = {
            "200": {"description": "the plan (with plan=1)", "content": ok["content"]},
            "202": {
                "description": "the job, safely queued",
                "headers": {"Location": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": refs[JobView]}},
            },
        }
    if route.name == "getEvents":
        ok["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    if route.name == "ready":
        responses["503"] = ok
    problem = {"application/problem+json": {"schema": refs[Problem]}}
    for status, text in _PROBLEMS.items():
        responses.setdefault(status, {"description": text, "content": problem})
    return responses


def _path_parameter(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1},
    }


def _query_parameter(parameter: Parameter) -> dict[str, Any]:
    schema = msgspec.json.schema(parameter.kind, ref_template=_TEMPLATE)
    schema = {**schema, **schema.pop("$defs", {}).get(getattr(parameter.kind, "__name__", ""), {})}
    schema.pop("$ref", None)
    if not parameter.many and parameter.default not in (None, ""):
        schema["default"] = msgspec.to_builtins(parameter.default)
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "schema": schema,
    }


def _fields_as_query(body: Any) -> list[dict[str, Any]]:
    return [
        {
            "name": field.name,
            "in": "query",
            "required": field.required,
            "schema": msgspec.json.schema(field.type),
        }
        for field in msgspec.structs.fields(body)
    ]
