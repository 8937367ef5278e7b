"""What the compiling of an expression is made of: lines with their places, and the variables."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bootstrapper.templates.gotemplate import nodes
from bootstrapper.templates.gotemplate.errors import Fault
from bootstrapper.templates.gotemplate.literals import ideal
from bootstrapper.templates.gotemplate.source import Place, Source
from bootstrapper.templates.gotemplate.types import Function, Type
from bootstrapper.templates.gotemplate.values import PLAIN


class Result(NamedTuple):
    """`of` is None where only a run can tell; `boxed`: it may be an interface's, even a nil."""

    code: str
    of: Type | None = None
    boxed: bool = False


class Variable(NamedTuple):
    name: str
    result: Result


NOTHING = Result("NO_VALUE")


class Steps:
    """`_at` follows the node that Go would name if the next step failed."""

    def __init__(
        self,
        source: Source,
        functions: Mapping[str, Function],
        template: str,
        assigned: frozenset[str],
    ) -> None:
        self.source = source
        self.functions = functions
        self._template = template
        self._assigned = assigned
        self._at: nodes.Node | None = None
        self.dot = Result("x0")
        self.variables: list[Variable] = []

    def place(self, callee: str = "", node: nodes.Node | None = None) -> Place:
        return Place(self._template, node or self._at, callee)

    def at(self, node: nodes.Node) -> None:
        self._at = node

    def step(self, code: str, of: Type | None = None, boxed: bool = False) -> Result:
        name = self.source.name()
        self.source.line(f"{name} = {code}", self.place())
        return Result(name, of, boxed)

    def fail(self, message: str) -> Result:
        self.source.line(f"raise Fault({message!r})", self.place())
        return NOTHING

    def declare(self, name: str, value: Result) -> Result:
        code = self.source.name("x")
        self.source.line(f"{code} = {value.code}")
        of = None if name in self._assigned else value.of
        result = Result(code, of, value.boxed or name in self._assigned)
        self.variables.append(Variable(name, result))
        return result

    def assign(self, name: str, value: Result) -> None:
        found = self.variable(name)
        if found is None:
            self.fail(f"undefined variable: {name}")
        else:
            self.source.line(f"{found.code} = {value.code}")

    def variable(self, name: str) -> Result | None:
        for variable in reversed(self.variables):
            if variable.name == name:
                return variable.result
        return None

    def not_called(self, operands: Sequence[nodes.Operand], final: Result | None) -> Result | None:
        if len(operands) > 1 or final is not None:
            return self.fail(f"can't give argument to non-function {operands[0]}")
        return None

    def ideal_constant(self, node: nodes.Bool | nodes.Nil | nodes.Number | nodes.String) -> Result:
        self.at(node)
        try:
            value = ideal(node)
        except Fault as fault:
            return self.fail(str(fault))
        # The sign of a complex zero would get lost in Python's own notation.
        code = self.source.constant(value) if isinstance(value, complex) else repr(value)
        return Result(code, PLAIN[value.__class__])
