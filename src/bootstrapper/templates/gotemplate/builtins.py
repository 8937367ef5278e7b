"""The functions that every template has."""

from typing import Any

from bootstrapper.templates.gotemplate import comparing, escaping, indexing
from bootstrapper.templates.gotemplate.printing import sprint, sprintln
from bootstrapper.templates.gotemplate.types import ANY, BOOL, INT, STRING, VALUE, Function
from bootstrapper.templates.gotemplate.verbs import sprintf


def _compiled(*values: Any) -> Any:
    """and, or and call are compiled in place: they decide which arguments count, and how."""
    raise NotImplementedError


def _not(value: Any) -> bool:
    return not value


BUILTINS = {
    "and": Function(_compiled, (VALUE,), VALUE, VALUE),
    "call": Function(_compiled, (VALUE,), VALUE, VALUE),
    "eq": Function(comparing.eq, (VALUE,), BOOL, VALUE),
    "ge": Function(comparing.ge, (VALUE, VALUE), BOOL),
    "gt": Function(comparing.gt, (VALUE, VALUE), BOOL),
    "html": Function(escaping.html, (), STRING, ANY),
    "index": Function(indexing.index, (VALUE,), VALUE, VALUE),
    "js": Function(escaping.js, (), STRING, ANY),
    "le": Function(comparing.le, (VALUE, VALUE), BOOL),
    "len": Function(indexing.size_of, (VALUE,), INT),
    "lt": Function(comparing.lt, (VALUE, VALUE), BOOL),
    "ne": Function(comparing.ne, (VALUE, VALUE), BOOL),
    "not": Function(_not, (VALUE,), BOOL),
    "or": Function(_compiled, (VALUE,), VALUE, VALUE),
    "print": Function(sprint, (), STRING, ANY),
    "printf": Function(sprintf, (STRING,), STRING, ANY),
    "println": Function(sprintln, (), STRING, ANY),
    "slice": Function(indexing.cut, (VALUE,), VALUE, VALUE),
    "urlquery": Function(escaping.urlquery, (), STRING, ANY),
}
