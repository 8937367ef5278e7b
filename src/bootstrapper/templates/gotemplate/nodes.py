"""What a parsed template is made of; a node's text is what Go's errors quote as `<…>`."""

from dataclasses import dataclass, field

from bootstrapper.templates.gotemplate.quoting import quote


@dataclass(frozen=True, slots=True)
class Node:
    position: int


@dataclass(frozen=True, slots=True)
class Text(Node):
    text: str


@dataclass(frozen=True, slots=True)
class Bool(Node):
    value: bool

    def __str__(self) -> str:
        return "true" if self.value else "false"


@dataclass(frozen=True, slots=True)
class Dot(Node):
    def __str__(self) -> str:
        return "."


@dataclass(frozen=True, slots=True)
class Nil(Node):
    def __str__(self) -> str:
        return "nil"


@dataclass(frozen=True, slots=True)
class Number(Node):
    """One literal may serve as several types; each is None where it cannot."""

    text: str
    integer: int | None = None
    unsigned: int | None = None
    real: float | None = None
    imaginary: complex | None = None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class String(Node):
    quoted: str
    value: str

    def __str__(self) -> str:
        return self.quoted


@dataclass(frozen=True, slots=True)
class Field(Node):
    names: tuple[str, ...]

    def __str__(self) -> str:
        return "".join(f".{name}" for name in self.names)


@dataclass(frozen=True, slots=True)
class Variable(Node):
    names: tuple[str, ...]  # the variable with its `$`, then fields

    def __str__(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class Identifier(Node):
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Fields of something in parentheses, or of a function's result."""

    of: "Operand"
    names: tuple[str, ...]

    def __str__(self) -> str:
        inner = f"({self.of})" if isinstance(self.of, Pipeline) else str(self.of)
        return inner + "".join(f".{name}" for name in self.names)


@dataclass(frozen=True, slots=True)
class Command(Node):
    operands: "tuple[Operand, ...]"

    def __str__(self) -> str:
        return " ".join(
            f"({each})" if isinstance(each, Pipeline) else str(each) for each in self.operands
        )


@dataclass(frozen=True, slots=True)
class Pipeline(Node):
    commands: tuple[Command, ...]
    declared: tuple[Variable, ...] = ()
    assigns: bool = False

    def __str__(self) -> str:
        piped = " | ".join(str(each) for each in self.commands)
        if not self.declared:
            return piped
        names = ", ".join(str(each) for each in self.declared)
        return f"{names} {'=' if self.assigns else ':='} {piped}"


Operand = (
    Bool | Dot | Nil | Number | String | Field | Variable | Identifier | Chain | Pipeline
)


@dataclass(frozen=True, slots=True)
class Action(Node):
    pipeline: Pipeline

    def __str__(self) -> str:
        return f"{{{{{self.pipeline}}}}}"


@dataclass(frozen=True, slots=True)
class Branch(Node):
    """`if`, `with` or `range`."""

    keyword: str
    pipeline: Pipeline
    body: "Nodes"
    otherwise: "Nodes | None" = None


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`{{template "name" pipeline}}`."""

    name: str
    pipeline: Pipeline | None = None

    def __str__(self) -> str:
        given = f" {self.pipeline}" if self.pipeline else ""
        return f"{{{{template {quote(self.name)}{given}}}}}"


@dataclass(frozen=True, slots=True)
class Jump(Node):
    """`break` or `continue`."""

    keyword: str


Nodes = tuple[Text | Action | Branch | Call | Jump, ...]


@dataclass
class Trees:
    """One source: its own template and those it defines."""

    name: str
    source: str
    defined: dict[str, Nodes] = field(default_factory=dict)
