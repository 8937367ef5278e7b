"""A *.j2: Jinja2 with confd's functions, as globals and as filters, on plain Python values.

An undefined name is an error, never an empty string. Jinja's own filters keep their names: `join`,
`map`, `replace` and `reverse` are Jinja's as filters and confd's as functions.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateSyntaxError
from jinja2 import Template as Compiled

from bootstrapper.templates.dns import services
from bootstrapper.templates.functions import functions
from bootstrapper.templates.gotemplate import Fault, TemplateError
from bootstrapper.templates.keys import Keys


class JinjaTemplate:
    def __init__(self, name: str, template: Compiled) -> None:
        self.name = name
        self._template = template

    def render(self, data: Mapping[str, object] | None = None) -> str:
        """Raises TemplateError; there is no half output."""
        try:
            return self._template.render(data or {})
        except Exception as error:
            line = _line(error.__traceback__, self._template.filename)
            raise TemplateError(f"template: {self.name}:{line}: {_told(error)}") from error


def parse_jinja(name: str, source: str, keys: Keys) -> JinjaTemplate:
    """Raises TemplateError."""
    environment = Environment(
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    known = plain_functions(keys)
    environment.globals.update(known)
    for each, call in known.items():
        environment.filters.setdefault(each, call)
    try:
        code = environment.compile(source, name, name)
        template = Compiled.from_code(environment, code, environment.make_globals(None))
    except TemplateSyntaxError as error:
        raise TemplateError(f"template: {name}:{error.lineno}: {error.message}") from error
    except (RecursionError, MemoryError, SyntaxError) as error:
        raise TemplateError(f"template: {name}: nested too deeply") from error
    return JinjaTemplate(name, template)


def plain_functions(keys: Keys) -> Mapping[str, Callable[..., Any]]:
    """confd's functions by name, with Python's values where Go's would be strange."""
    return {
        **{name: function.call for name, function in functions(keys).items()},
        "datetime": lambda: datetime.now(UTC).astimezone(),
        "json": json.loads,
        "jsonArray": json.loads,
        "lookupSRV": _services,
    }


def _services(service: str, protocol: str, name: str) -> list[dict[str, Any]]:
    asked = f"_{service}._{protocol}.{name}" if service or protocol else name
    return [
        {
            "Target": each.target,
            "Port": each.port,
            "Priority": each.priority,
            "Weight": each.weight,
        }
        for each in services(asked)
    ]


def _line(traceback: TracebackType | None, name: str | None) -> int:
    """Of the innermost frame that is the template's."""
    line = 1
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == name:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, Fault) or str(error) else type(error).__name__
