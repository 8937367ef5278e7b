"""Trees to Python: one function a template, `for` for range, `if` for if and with.

The source is compiled once; a run only calls the functions. Variables are Python's locals.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import CodeType

from bootstrapper.templates.gotemplate import nodes
from bootstrapper.templates.gotemplate.errors import TemplateError
from bootstrapper.templates.gotemplate.evaluate import Evaluator
from bootstrapper.templates.gotemplate.nodes import Nodes, Trees
from bootstrapper.templates.gotemplate.quoting import quote
from bootstrapper.templates.gotemplate.source import Source
from bootstrapper.templates.gotemplate.steps import NOTHING, Result
from bootstrapper.templates.gotemplate.types import INT, STRING, Function, Kind

WHERE = "<gotemplate>"  # the file name of compiled templates in tracebacks


def entry(number: int) -> str:
    return f"template_{number}"


def compiled(trees: Trees, functions: Mapping[str, Function]) -> tuple[Source, CodeType]:
    """Raises TemplateError for what nests deeper than Python can."""
    source = Source()
    names = {name: entry(number) for number, name in enumerate(trees.defined)}
    try:
        for name, body in trees.defined.items():
            assigned = frozenset(_assigned(body))
            _Compiler(source, functions, name, assigned, names).template(names[name], body)
        return source, compile(source.text(), WHERE, "exec", dont_inherit=True)
    except (RecursionError, MemoryError, SyntaxError):
        raise TemplateError(f"template: {trees.name}: nested too deeply") from None


class _Compiler(Evaluator):
    def __init__(
        self,
        source: Source,
        functions: Mapping[str, Function],
        template: str,
        assigned: frozenset[str],
        names: Mapping[str, str],
    ) -> None:
        super().__init__(source, functions, template, assigned)
        self._names = names

    def template(self, name: str, body: Nodes) -> None:
        with self.source.block(f"def {name}(x0, write):"):
            self.dot = Result("x0")
            self.variables.clear()
            self.declare("$", self.dot)
            self.body(body)

    def body(self, body: Nodes) -> None:
        for node in body:
            match node:
                case nodes.Text():
                    self.source.write_text(node.text)
                case nodes.Action():
                    self._action(node)
                case nodes.Branch(keyword="range"):
                    self._range(node)
                case nodes.Branch():
                    self._if_or_with(node)
                case nodes.Call():
                    self._call_template(node)
                case nodes.Jump():
                    self.source.flush()
                    self.source.line(node.keyword)

    def _action(self, node: nodes.Action) -> None:
        self.at(node)
        value = self.pipeline(node.pipeline)
        if node.pipeline.declared:
            return
        self.at(node)
        if value.of is STRING or value.of is INT:
            self.source.write_value(value.code)
            return
        code = f"text({value.code}, {str(node)!r})"
        if value.of is None:
            code = f"{value.code} if {value.code}.__class__ is str else {code}"
        self.source.write_value(self.step(code).code)

    @contextmanager
    def _scope(self) -> Iterator[None]:
        variables, dot = self.variables.copy(), self.dot
        yield
        self.variables, self.dot = variables, dot

    def _if_or_with(self, node: nodes.Branch) -> None:
        self.source.flush()
        self.at(node)
        with self._scope():
            value = self.pipeline(node.pipeline)
            always = value.of is not None and value.of.kind is Kind.STRUCT
            with self.source.block(f"if {'True' if always else value.code}:"), self._scope():
                if node.keyword == "with":
                    self.dot = self._kept(value)
                self.body(node.body)
            if node.otherwise is not None:
                with self.source.block("else:"), self._scope():
                    self.body(node.otherwise)

    def _kept(self, value: Result) -> Result:
        """Dot stays what it was when the variable that gave it is assigned anew."""
        code = self.source.name("d")
        self.source.line(f"{code} = {value.code}")
        return value._replace(code=code)

    def _range(self, node: nodes.Branch) -> None:
        self.source.flush()
        self.at(node)
        with self._scope():
            value = self.pipeline(node.pipeline)
            numbered = len(node.pipeline.declared) > 1
            sequence, element = self._sequence(value, numbered)
            if node.otherwise is None:
                self._loop(node, sequence, element, numbered)
                return
            with self.source.block(f"if {sequence}:"):
                self._loop(node, sequence, element, numbered)
            with self.source.block("else:"), self._scope():
                self.body(node.otherwise)

    def _sequence(self, value: Result, numbered: bool) -> tuple[str, Result]:
        """What to walk over, and what its elements are known to be."""
        name = self.source.name("d")
        of = value.of
        if of is not None and of.kind is Kind.SLICE and of.element is not None:
            known = of.element.kind is not Kind.INTERFACE
            element = Result(name, of.element if known else None, not known)
            return (self.step(f"list(enumerate({value.code}))").code if numbered else value.code), (
                element
            )
        walk = "pairs" if numbered else "elements"
        return self.step(f"{walk}({value.code})").code, Result(name, None, True)

    def _loop(self, node: nodes.Branch, sequence: str, element: Result, numbered: bool) -> None:
        index = self.source.name("i")
        head = f"{index}, {element.code}" if numbered else element.code
        with self.source.block(f"for {head} in {sequence}:"), self._scope():
            pipe = node.pipeline
            values = [Result(index, boxed=True), element] if numbered else [element]
            if pipe.assigns:
                for variable, value in zip(pipe.declared, values, strict=False):
                    self.assign(variable.names[0], value)
            elif pipe.declared:
                del self.variables[-len(pipe.declared) :]
                for variable, value in zip(pipe.declared, values, strict=False):
                    self.declare(variable.names[0], value)
            self.dot = element
            self.body(node.body)

    def _call_template(self, node: nodes.Call) -> None:
        self.source.flush()
        self.at(node)
        if node.name not in self._names:
            self.fail(f"template {quote(node.name)} not defined")
            return
        value = self.pipeline(node.pipeline) if node.pipeline else NOTHING
        self.at(node)
        self.source.line(f"{self._names[node.name]}({value.code}, write)", self.place())


def _assigned(body: Nodes) -> Iterator[str]:
    """Variables that `=` gives a new value, of whatever type."""
    for node in body:
        if isinstance(node, nodes.Action | nodes.Branch | nodes.Call) and node.pipeline:
            yield from _assigned_in(node.pipeline)
        if isinstance(node, nodes.Branch):
            yield from _assigned(node.body)
            yield from _assigned(node.otherwise or ())


def _assigned_in(pipe: nodes.Pipeline) -> Iterator[str]:
    if pipe.assigns:
        for variable in pipe.declared:
            yield variable.names[0]
    for command in pipe.commands:
        for operand in command.operands:
            inner = operand.of if isinstance(operand, nodes.Chain) else operand
            if isinstance(inner, nodes.Pipeline):
                yield from _assigned_in(inner)
