"""Pipelines, commands and operands as lines of Python, in the order in which Go evaluates them.

Each step gives a Result: the code of its value, and its Go type where that is known before any
run. Where it is known, no check and no conversion is compiled in. `_at` follows the node that Go
would name if the next step failed.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bootstrapper.templates.gotemplate import nodes
from bootstrapper.templates.gotemplate.builtins import BUILTINS
from bootstrapper.templates.gotemplate.convert import LITERALS, parameter, wrong_count
from bootstrapper.templates.gotemplate.errors import Fault
from bootstrapper.templates.gotemplate.literals import ideal, literal
from bootstrapper.templates.gotemplate.source import Place, Source
from bootstrapper.templates.gotemplate.types import (
    ANY,
    MAP,
    STRING,
    VALUE,
    Function,
    Kind,
    Type,
    assignable,
)
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


class Evaluator:
    def __init__(
        self,
        source: Source,
        functions: Mapping[str, Function],
        template: str,
        assigned: frozenset[str],
    ) -> None:
        self.source = source
        self._functions = functions
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

    # --- pipelines and commands

    def pipeline(self, pipe: nodes.Pipeline) -> Result:
        self.at(pipe)
        value: Result | None = None
        for command in pipe.commands:
            value = self._unboxed(self._command(command, value))
        result = value or NOTHING
        if pipe.declared:
            self.source.flush()
        for variable in pipe.declared:
            if pipe.assigns:
                self.assign(variable.names[0], result)
            else:
                self.declare(variable.names[0], result)
        return result

    def _unboxed(self, value: Result) -> Result:
        """A pipeline's nil interface is no value."""
        if not value.boxed:
            return value
        return self.step(f"NO_VALUE if {value.code} is None else {value.code}", value.of)

    def declare(self, name: str, value: Result) -> Result:
        code = self.source.name("x")
        self.source.line(f"{code} = {value.code}")
        of = None if name in self._assigned else value.of
        result = Result(code, of, value.boxed or name in self._assigned)
        self.variables.append(Variable(name, result))
        return result

    def assign(self, name: str, value: Result) -> None:
        found = self._variable(name)
        if found is None:
            self.fail(f"undefined variable: {name}")
        else:
            self.source.line(f"{found.code} = {value.code}")

    def _variable(self, name: str) -> Result | None:
        for variable in reversed(self.variables):
            if variable.name == name:
                return variable.result
        return None

    def _command(self, command: nodes.Command, final: Result | None) -> Result:
        first = command.operands[0]
        match first:
            case nodes.Field():
                return self._field_node(first, command.operands, final)
            case nodes.Chain():
                return self._chain(first, command.operands, final)
            case nodes.Identifier():
                return self._function(first, command, command.operands, final)
            case nodes.Pipeline():
                return self._not_called(command.operands, final) or self.pipeline(first)
            case nodes.Variable():
                return self._variable_node(first, command.operands, final)
        self.at(first)
        if called := self._not_called(command.operands, final):
            return called
        if isinstance(first, nodes.Dot):
            return self.dot
        return self._ideal(first)

    def _not_called(self, operands: Sequence[nodes.Operand], final: Result | None) -> Result | None:
        if len(operands) > 1 or final is not None:
            return self.fail(f"can't give argument to non-function {operands[0]}")
        return None

    def _ideal(self, node: nodes.Bool | nodes.Nil | nodes.Number | nodes.String) -> Result:
        self.at(node)
        try:
            value = ideal(node)
        except Fault as fault:
            return self.fail(str(fault))
        return Result(repr(value), PLAIN[value.__class__])

    # --- fields

    def _field_node(
        self, node: nodes.Field, operands: Sequence[nodes.Operand], final: Result | None
    ) -> Result:
        self.at(node)
        return self._fields(self.dot, node, node.names, operands, final)

    def _chain(
        self, node: nodes.Chain, operands: Sequence[nodes.Operand], final: Result | None
    ) -> Result:
        self.at(node)
        inner = node.of
        self.at(inner)
        if isinstance(inner, nodes.Pipeline):
            receiver = self.pipeline(inner)
        elif isinstance(inner, nodes.Identifier):
            receiver = self._function(inner, inner, (), None)
        else:
            return self.fail(f"can't handle {inner} for arg of type <nil>")
        return self._fields(receiver, node, node.names, operands, final)

    def _variable_node(
        self, node: nodes.Variable, operands: Sequence[nodes.Operand], final: Result | None
    ) -> Result:
        self.at(node)
        value = self._variable(node.names[0])
        if value is None:
            return self.fail(f"undefined variable: {node.names[0]}")
        if len(node.names) == 1:
            return self._not_called(operands or (node,), final) or value
        return self._fields(value, node, node.names[1:], operands, final)

    def _fields(
        self,
        receiver: Result,
        node: nodes.Node,
        names: Sequence[str],
        operands: Sequence[nodes.Operand],
        final: Result | None,
    ) -> Result:
        for name in names[:-1]:
            receiver = self._field(receiver, node, name, (), None)
        return self._field(receiver, node, names[-1], operands, final)

    def _field(
        self,
        receiver: Result,
        node: nodes.Node,
        name: str,
        operands: Sequence[nodes.Operand],
        final: Result | None,
    ) -> Result:
        of = receiver.of
        if of is not None and (method := of.methods.get(name)):
            return self._call(name, method, node, operands, final, receiver)
        if len(operands) > 1 or final is not None:
            given = ", ".join(self._raw(each) for each in operands[1:])
            piped = "" if final is None else f"{final.code},"
            code = f"invoke({receiver.code}, {name!r}, ({given}{',' if given else ''}), ({piped}))"
            return self.step(code, boxed=True)
        if of is not None and of.kind is Kind.STRUCT and name[:1].isupper():
            its = of.field(name)
            if its is not None:
                known = its.kind is not Kind.INTERFACE
                return Result(f"{receiver.code}.{name}", its if known else None, not known)
        if of is MAP:
            return self.step(f"{receiver.code}.get({name!r}, NO_VALUE)", boxed=True)
        boxed = ", True" if receiver.boxed else ""
        return self.step(f"field({receiver.code}, {name!r}{boxed})", boxed=True)

    def _raw(self, operand: nodes.Operand) -> str:
        """An argument whose parameter only a run can know: literals stay what is written."""
        if isinstance(operand, LITERALS):
            return self.source.constant(operand)
        return self._argument(operand, VALUE)

    # --- functions

    def _function(
        self,
        node: nodes.Identifier,
        called: nodes.Node,
        operands: Sequence[nodes.Operand],
        final: Result | None,
    ) -> Result:
        self.at(node)
        return self._call(node.name, self._functions[node.name], called, operands, final, None)

    def _call(
        self,
        name: str,
        function: Function,
        node: nodes.Node,
        operands: Sequence[nodes.Operand],
        final: Result | None,
        receiver: Result | None,
    ) -> Result:
        arguments = operands[1:]
        if wrong := wrong_count(name, function, len(arguments), final is not None):
            return self.fail(wrong)
        builtin = receiver is None and function is BUILTINS.get(name)
        if builtin and name in {"and", "or"}:
            return self._short(name, arguments, final)
        codes = [] if receiver is None else [receiver.code]
        for number, operand in enumerate(arguments):
            codes.append(self._argument(operand, parameter(function, number)))
        if final is not None:
            codes.append(self._converted(final, parameter(function, len(arguments))))
        if builtin and name == "call":
            shown = str(arguments[0]) if arguments else "<piped>"
            code = f"call_value({shown!r}, {', '.join(codes)})"
        else:
            known = self.source.constant(function.call, "f")
            code = f"{known}({', '.join(codes)})"
        result = self.source.name()
        self.source.line(f"{result} = {code}", self.place(name, node))
        of = function.result
        dynamic = of is None or of.kind is Kind.INTERFACE
        return Result(result, None if dynamic else of, dynamic)

    def _short(self, name: str, arguments: Sequence[nodes.Operand], final: Result | None) -> Result:
        """`and`, `or`: what follows the deciding argument is not evaluated."""
        result = self.source.name()
        test = result if name == "and" else f"not {result}"
        last = len(arguments) - (final is None)
        self._short_from(result, test, arguments, final, 0, last)
        return Result(result, None, True)

    def _short_from(
        self,
        result: str,
        test: str,
        arguments: Sequence[nodes.Operand],
        final: Result | None,
        number: int,
        last: int,
    ) -> None:
        if number == len(arguments):
            if final is not None:
                self.source.line(f"{result} = {final.code}")
            return
        self.source.line(f"{result} = {self._argument(arguments[number], VALUE)}")
        if number < last:
            with self.source.block(f"if {test}:"):
                self._short_from(result, test, arguments, final, number + 1, last)

    def _argument(self, operand: nodes.Operand, wanted: Type) -> str:
        self.at(operand)
        match operand:
            case nodes.Dot():
                return self._converted(self.dot, wanted)
            case nodes.Nil():
                return self._literal(operand, wanted)
            case nodes.Field():
                return self._converted(self._field_node(operand, (), None), wanted)
            case nodes.Variable():
                return self._converted(self._variable_node(operand, (), None), wanted)
            case nodes.Pipeline():
                return self._converted(self.pipeline(operand), wanted)
            case nodes.Identifier():
                return self._converted(self._function(operand, operand, (), None), wanted)
            case nodes.Chain():
                return self._converted(self._chain(operand, (), None), wanted)
        return self._literal(operand, wanted)

    def _literal(
        self, node: nodes.Bool | nodes.Nil | nodes.Number | nodes.String, wanted: Type
    ) -> str:
        try:
            value = literal(node, wanted)
        except Fault as fault:
            return self.fail(str(fault)).code
        if value is None or value.__class__ in {int, str, float, bool, complex}:
            return repr(value)
        return self.source.constant(value)

    def _converted(self, value: Result, wanted: Type) -> str:
        if wanted is VALUE:
            return value.code
        if value.of is not None and assignable(value.of, wanted):
            return value.code
        if wanted is ANY:
            return self.step(f"None if {value.code} is NO_VALUE else {value.code}").code
        known = self.source.constant(wanted, "t")
        code = f"convert({value.code}, {known})"
        if wanted is STRING and value.of is None:
            code = f"{value.code} if {value.code}.__class__ is str else {code}"
        return self.step(code).code
