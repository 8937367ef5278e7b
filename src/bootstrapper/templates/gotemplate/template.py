"""A parsed template: compiled when it is made, rendered as often as wanted, also by threads."""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from bootstrapper.templates.gotemplate.access import elements, field, invoke, pairs
from bootstrapper.templates.gotemplate.builtins import BUILTINS
from bootstrapper.templates.gotemplate.compiler import WHERE, compiled, entry
from bootstrapper.templates.gotemplate.convert import call_value, convert
from bootstrapper.templates.gotemplate.errors import Fault, TemplateError
from bootstrapper.templates.gotemplate.parser import trees
from bootstrapper.templates.gotemplate.printing import text
from bootstrapper.templates.gotemplate.quoting import quote
from bootstrapper.templates.gotemplate.source import Place
from bootstrapper.templates.gotemplate.types import Function
from bootstrapper.templates.gotemplate.values import NO_VALUE, as_bytes

RUNTIME = {
    "Fault": Fault,
    "NO_VALUE": NO_VALUE,
    "call_value": call_value,
    "convert": convert,
    "field": field,
    "invoke": invoke,
    "text": text,
}


def parse(
    name: str,
    source: str,
    functions: Mapping[str, Function],
    *,
    range_over_integers: bool = True,
) -> "Template":
    """Raises TemplateError. Go ranges over integers from 1.22 on; before, that was an error."""
    known = {**BUILTINS, **functions}
    parsed = trees(name, source, known.keys())
    made, code = compiled(parsed, known)
    scope: dict[str, Any] = {
        **RUNTIME,
        **made.constants,
        "elements": elements(range_over_integers),
        "pairs": pairs(range_over_integers),
    }
    exec(code, scope)
    start = scope[entry(list(parsed.defined).index(name))]
    return Template(name, source, start, made.places)


class Template:
    def __init__(
        self,
        name: str,
        source: str,
        start: Callable[[Any, Callable[[str], None]], None],
        places: Mapping[int, Place],
    ) -> None:
        self.name = name
        self._source = source
        self._start = start
        self._places = places

    def render(self, data: object = None) -> str:
        """Raises TemplateError; there is no half output."""
        parts: list[str] = []
        try:
            self._start(NO_VALUE if data is None else data, parts.append)
        except Exception as error:
            raise TemplateError(self._told(error)) from error
        return "".join(parts)

    def _told(self, error: Exception) -> str:
        place = self._place(error.__traceback__)
        what = _what(error)
        if place is None or place.node is None:
            return f"template: {self.name}: {what}"
        if place.callee:
            what = f"error calling {place.callee}: {what}"
        where = f"{self.name}:{self._line_and_column(place.node.position)}"
        return f"template: {where}: executing {quote(place.template)} at <{place.node}>: {what}"

    def _place(self, traceback: TracebackType | None) -> Place | None:
        """Of the innermost line that is a template's."""
        found: Place | None = None
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename == WHERE:
                found = self._places.get(traceback.tb_lineno, found)
            traceback = traceback.tb_next
        return found

    def _line_and_column(self, position: int) -> str:
        before = self._source[:position]
        line = before.count("\n") + 1
        column = len(as_bytes(before[before.rfind("\n") + 1 :]))
        return f"{line}:{column}"


def _what(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "exceeded maximum template depth"
    if isinstance(error, ZeroDivisionError):
        return "runtime error: integer divide by zero"
    if isinstance(error, UnboundLocalError):
        return "undefined variable"
    return str(error)
