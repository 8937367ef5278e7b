"""The plain values that a Python file gives to some variables, read without running it.

What is no plain value, or may be changed where reading cannot follow, is a Mistake with its line.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from msgspec import Struct

from bootstrapper.errors import Mistake

ORDERED = ("OrderedDict", "dict")
LISTED = ("tuple", "list", "set", "frozenset")


class _Unread(Struct, frozen=True):
    """A variable whose value cannot be known without running the file; `why` is told on use."""

    why: str


class _Values:
    """`links`: variable → those that may hold the same list or table: a change may show there."""

    def __init__(self) -> None:
        self.read: dict[str, Any] = {}
        self.star = 0  # the line of a `from … import *`
        self._links: dict[str, set[str]] = {}

    def take(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._assign(name, value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self._assign(name, value)
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                self.star = statement.lineno
            case ast.Import() | ast.ImportFrom():
                for each in statement.names:
                    self._forget((each.asname or each.name).split(".")[0], statement.lineno)
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                for name in _touched(statement):
                    self._forget(name, statement.lineno)

    def _assign(self, name: str, node: ast.expr) -> None:
        self._links.pop(name, None)
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and isinstance(self.read.get(each.id), dict | tuple):
                self._links.setdefault(name, set()).add(each.id)
                self._links.setdefault(each.id, set()).add(name)
        try:
            self.read[name] = _read(node, self.read)
        except Mistake as error:  # whatever it does, it may do that to others on the way
            for other in _touched(node):
                if other in self.read and not isinstance(self.read[other], str):
                    self._forget(other, node.lineno)
            self.read[name] = _Unread(f"{error}")

    def _forget(self, name: str, line: int) -> None:
        waiting = [name]
        while waiting:
            each = waiting.pop()
            waiting += self._links.pop(each, ())
            self.read[each] = _Unread(f"line {line}: {each} may be changed here; write it out")


def read_values(text: str, wanted: Collection[str]) -> dict[str, Any]:
    """Lists, tuples and sets come as tuples. What is not set is not there."""
    values = _Values()
    try:
        for statement in ast.parse(text).body:
            values.take(statement)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Mistake(f"not Python: {error}") from error
    missing = [name for name in wanted if name not in values.read]
    if values.star and missing:
        raise Mistake(
            f"line {values.star}: {', '.join(missing)} may come from there: put it into this file"
        )
    return {name: _known(values.read[name]) for name in wanted if name in values.read}


def _touched(node: ast.AST) -> Iterator[str]:
    """Every variable below that it may change, as far as it names it: in a text too."""
    for each in ast.walk(node):
        match each:
            case (
                ast.Name(id=name)
                | ast.Constant(value=str(name))
                | ast.ExceptHandler(name=str(name))
            ):
                yield name
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                yield name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name
            case ast.MatchMapping(rest=str(name)):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((each.asname or each.name).split(".")[0] for each in names)


def _read(node: ast.expr, values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
            return tuple(_read(each, values) for each in elements)
        case ast.Dict(keys=keys, values=below):
            return _dict(node, [(key, each) for key, each in zip(keys, below, strict=True)], values)
        case ast.Name(id=name) if name in values:
            return _known(values[name])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _sum(node, _read(left, values), _read(right, values))
        case ast.Call(func=called, args=[], keywords=[]) if _called(called) in ORDERED:
            return {}
        case ast.Call(func=called, args=[given], keywords=[]) if _called(called) in ORDERED:
            read = _read(given, values)
            return read if isinstance(read, dict) else _pairs(node, read)
        case ast.Call(func=called, args=[given], keywords=[]) if _called(called) in LISTED:
            read = _read(given, values)
            return tuple(read) if isinstance(read, tuple) else _fail(node, "a list is expected")
    return _fail(node, f"{ast.unparse(node)[:60]!r} is no plain value: write it out")


def _dict(
    node: ast.expr, pairs: list[tuple[ast.expr | None, ast.expr]], values: Mapping[str, Any]
) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for key, each in pairs:
        below = _read(each, values)
        if key is not None:
            made[_hashed(node, _read(key, values))] = below
        elif isinstance(below, dict):
            made |= below
        else:
            _fail(node, "a table is expected after **")
    return made


def _pairs(node: ast.expr, read: Any) -> Any:
    if not isinstance(read, tuple) or any(
        not isinstance(each, tuple) or len(each) != 2  # noqa: PLR2004
        for each in read
    ):
        return _fail(node, "pairs of a name and a table are expected")
    return {_hashed(node, key): value for key, value in read}


def _hashed(node: ast.expr, key: Any) -> Any:
    return key if isinstance(key, str) else _fail(node, f"{key!r} is no name of a command or key")


def _sum(node: ast.expr, left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, tuple) and isinstance(right, tuple):
        return left + right
    return _fail(node, "only lists, or texts, can be added up")


def _called(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _known(value: Any) -> Any:
    if isinstance(value, _Unread):
        raise Mistake(value.why)
    return value


def _fail(node: ast.AST, text: str) -> Any:
    raise Mistake(f"line {getattr(node, 'lineno', 0)}: {text}")
