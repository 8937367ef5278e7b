"""What a parsed template is made of; a node's text is what Go's errors quote as `<…>`."""

from typing import NamedTuple

from bootstrapper.templates.gotemplate.quoting import quote


class Text(NamedTuple):
    position: int
    text: str


class Bool(NamedTuple):
    position: int
    value: bool

    def __str__(self) -> str:
        return "true" if self.value else "false"


class Dot(NamedTuple):
    position: int

    def __str__(self) -> str:
        return "."


class Nil(NamedTuple):
    position: int

    def __str__(self) -> str:
        return "nil"


class Number(NamedTuple):
    """One literal may serve as several types; each is None where it cannot."""

    position: int
    text: str
    integer: int | None = None
    unsigned: int | None = None
    real: float | None = None
    imaginary: complex | None = None

    def __str__(self) -> str:
        return self.text


class String(NamedTuple):
    position: int
    quoted: str
    value: str

    def __str__(self) -> str:
        return self.quoted


class Field(NamedTuple):
    position: int
    names: tuple[str, ...]

    def __str__(self) -> str:
        return "".join(f".{name}" for name in self.names)


class Variable(NamedTuple):
    position: int
    names: tuple[str, ...]  # the variable with its `$`, then fields

    def __str__(self) -> str:
        return ".".join(self.names)


class Identifier(NamedTuple):
    position: int
    name: str

    def __str__(self) -> str:
        return self.name


class Chain(NamedTuple):
    """Fields of something in parentheses, or of a function's result."""

    position: int
    of: "Operand"
    names: tuple[str, ...]

    def __str__(self) -> str:
        inner = f"({self.of})" if isinstance(self.of, Pipeline) else str(self.of)
        return inner + "".join(f".{name}" for name in self.names)


class Command(NamedTuple):
    position: int
    operands: "tuple[Operand, ...]"

    def __str__(self) -> str:
        return " ".join(
            f"({each})" if isinstance(each, Pipeline) else str(each) for each in self.operands
        )


class Pipeline(NamedTuple):
    position: int
    commands: tuple[Command, ...]
    declared: tuple[Variable, ...] = ()
    assigns: bool = False

    def __str__(self) -> str:
        piped = " | ".join(str(each) for each in self.commands)
        if not self.declared:
            return piped
        names = ", ".join(str(each) for each in self.declared)
        return f"{names} {'=' if self.assigns else ':='} {piped}"


Operand = Bool | Dot | Nil | Number | String | Field | Variable | Identifier | Chain | Pipeline


class Action(NamedTuple):
    position: int
    pipeline: Pipeline

    def __str__(self) -> str:
        return f"{{{{{self.pipeline}}}}}"


class Branch(NamedTuple):
    """`if`, `with` or `range`."""

    position: int
    keyword: str
    pipeline: Pipeline
    body: "Nodes"
    otherwise: "Nodes | None" = None


class Call(NamedTuple):
    """`{{template "name" pipeline}}`."""

    position: int
    name: str
    pipeline: Pipeline | None = None

    def __str__(self) -> str:
        given = f" {self.pipeline}" if self.pipeline else ""
        return f"{{{{template {quote(self.name)}{given}}}}}"


class Jump(NamedTuple):
    """`break` or `continue`."""

    position: int
    keyword: str


Nodes = tuple[Text | Action | Branch | Call | Jump, ...]


Node = Operand | Command | Action | Branch | Call | Jump | Text


class Trees:
    """One source: its own template and those it defines."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.source = source
        self.defined: dict[str, Nodes] = {}
