"""Function calls as lines of Python: arguments in Go's order, converted where a run must look.

Where an argument's type is known and fits, it is passed as it is; a literal is converted here. What
can only fail fails in the line that Go would fail in.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from bootstrapper.templates.gotemplate import nodes
from bootstrapper.templates.gotemplate.builtins import BUILTINS
from bootstrapper.templates.gotemplate.convert import parameter, wrong_count
from bootstrapper.templates.gotemplate.errors import Fault
from bootstrapper.templates.gotemplate.literals import literal
from bootstrapper.templates.gotemplate.steps import Result, Steps
from bootstrapper.templates.gotemplate.types import (
    ANY,
    STRING,
    VALUE,
    Function,
    Kind,
    Type,
    assignable,
)


class Calls(Steps, ABC):
    @abstractmethod
    def pipeline(self, pipe: nodes.Pipeline) -> Result: ...

    @abstractmethod
    def field_node(
        self, node: nodes.Field, operands: Sequence[nodes.Operand], final: Result | None
    ) -> Result: ...

    @abstractmethod
    def chain(
        self, node: nodes.Chain, operands: Sequence[nodes.Operand], final: Result | None
    ) -> Result: ...

    @abstractmethod
    def variable_node(
        self, node: nodes.Variable, operands: Sequence[nodes.Operand], final: Result | None
    ) -> Result: ...

    def function(
        self,
        node: nodes.Identifier,
        called: nodes.Node,
        operands: Sequence[nodes.Operand],
        final: Result | None,
    ) -> Result:
        self.at(node)
        return self.call(node.name, self.functions[node.name], called, operands, final, None)

    def call(
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
            codes.append(self.argument(operand, parameter(function, number)))
        if final is not None:
            codes.append(self.converted(final, parameter(function, len(arguments))))
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
        self.source.line(f"{result} = {self.argument(arguments[number], VALUE)}")
        if number < last:
            with self.source.block(f"if {test}:"):
                self._short_from(result, test, arguments, final, number + 1, last)

    def argument(self, operand: nodes.Operand, wanted: Type) -> str:
        self.at(operand)
        match operand:
            case nodes.Dot():
                return self.converted(self.dot, wanted)
            case nodes.Nil():
                return self._literal(operand, wanted)
            case nodes.Field():
                return self.converted(self.field_node(operand, (), None), wanted)
            case nodes.Variable():
                return self.converted(self.variable_node(operand, (), None), wanted)
            case nodes.Pipeline():
                return self.converted(self.pipeline(operand), wanted)
            case nodes.Identifier():
                return self.converted(self.function(operand, operand, (), None), wanted)
            case nodes.Chain():
                return self.converted(self.chain(operand, (), None), wanted)
        return self._literal(operand, wanted)

    def _literal(
        self, node: nodes.Bool | nodes.Nil | nodes.Number | nodes.String, wanted: Type
    ) -> str:
        try:
            value = literal(node, wanted)
        except Fault as fault:
            return self.fail(str(fault)).code
        if value is None or value.__class__ in {int, str, float, bool}:
            return repr(value)
        return self.source.constant(value)

    def converted(self, value: Result, wanted: Type) -> str:
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
