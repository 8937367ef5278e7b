"""Pipelines, commands and fields as lines of Python, in the order in which Go evaluates them.

Each step gives a Result: the code of its value, and its Go type where that is known before any
run. Where it is known, no check and no conversion is compiled in.
"""

from collections.abc import Sequence

from bootstrapper.templates.gotemplate import nodes
from bootstrapper.templates.gotemplate.calls import Calls
from bootstrapper.templates.gotemplate.convert import LITERALS
from bootstrapper.templates.gotemplate.steps import NOTHING, Result
from bootstrapper.templates.gotemplate.types import STRING, VALUE, Kind


class Evaluator(Calls):
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

    def _command(self, command: nodes.Command, final: Result | None) -> Result:
        first = command.operands[0]
        match first:
            case nodes.Field():
                return self.field_node(first, command.operands, final)
            case nodes.Chain():
                return self.chain(first, command.operands, final)
            case nodes.Identifier():
                return self.function(first, command, command.operands, final)
            case nodes.Pipeline():
                return self.not_called(command.operands, final) or self.pipeline(first)
            case nodes.Variable():
                return self.variable_node(first, command.operands, final)
        self.at(first)
        if called := self.not_called(command.operands, final):
            return called
        if isinstance(first, nodes.Dot):
            return self.dot
        return self.ideal_constant(first)

    def field_node(
        self, node: nodes.Field, operands: Sequence[nodes.Operand], final: Result | None
    ) -> Result:
        self.at(node)
        return self._fields(self.dot, node, node.names, operands, final)

    def chain(
        self, node: nodes.Chain, operands: Sequence[nodes.Operand], final: Result | None
    ) -> Result:
        self.at(node)
        inner = node.of
        self.at(inner)
        if isinstance(inner, nodes.Pipeline):
            receiver = self.pipeline(inner)
        elif isinstance(inner, nodes.Identifier):
            receiver = self.function(inner, inner, (), None)
        else:
            return self.fail(f"can't handle {inner} for arg of type <nil>")
        return self._fields(receiver, node, node.names, operands, final)

    def variable_node(
        self, node: nodes.Variable, operands: Sequence[nodes.Operand], final: Result | None
    ) -> Result:
        self.at(node)
        value = self.variable(node.names[0])
        if value is None:
            return self.fail(f"undefined variable: {node.names[0]}")
        if len(node.names) == 1:
            return self.not_called(operands or (node,), final) or value
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
            return self.call(name, method, node, operands, final, receiver)
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
        if of is not None and of.kind is Kind.MAP and of.key is STRING:
            return self.step(f"{receiver.code}.get({name!r}, NO_VALUE)", boxed=True)
        boxed = ", True" if receiver.boxed else ""
        return self.step(f"field({receiver.code}, {name!r}{boxed})", boxed=True)

    def _raw(self, operand: nodes.Operand) -> str:
        """An argument whose parameter only a run can know: literals stay what is written."""
        if isinstance(operand, LITERALS):
            return self.source.constant(operand)
        return self.argument(operand, VALUE)
