"""The inside of an action: declarations, commands and their operands; and how tokens are read."""

from bootstrapper.templates.gotemplate import nodes
from bootstrapper.templates.gotemplate.errors import Fault
from bootstrapper.templates.gotemplate.numbers import number
from bootstrapper.templates.gotemplate.quoting import quote, unquote
from bootstrapper.templates.gotemplate.tokens import Item, Token

OPERANDS = frozenset(
    {
        Token.BOOL,
        Token.CHAR_CONSTANT,
        Token.COMPLEX,
        Token.DOT,
        Token.FIELD,
        Token.IDENTIFIER,
        Token.LEFT_PAREN,
        Token.NIL,
        Token.NUMBER,
        Token.RAW_STRING,
        Token.STRING,
        Token.VARIABLE,
    }
)
LITERALS = (nodes.Bool, nodes.String, nodes.Number, nodes.Nil, nodes.Dot)
SHOWN = 10  # characters of a token in an error


class Pipelines:
    def __init__(self, name: str, items: list[Item], functions: frozenset[str]) -> None:
        self.name = name
        self.functions = functions
        self.variables = ["$"]
        self.action_line = 0
        self._items = items
        self._at = 0
        self._seen = 0

    @property
    def line(self) -> int:
        """Of the last token that was looked at."""
        return self._items[max(self._seen - 1, 0)].line

    @property
    def last(self) -> Item:
        return self._items[self._at - 1]

    def next(self) -> Item:
        item = self._items[min(self._at, len(self._items) - 1)]
        self._at += 1
        self._seen = min(max(self._seen, self._at), len(self._items))
        return item

    def peek(self) -> Item:
        item = self.next()
        self._at -= 1
        return item

    def back(self) -> None:
        self._at -= 1

    def mark(self) -> int:
        return self._at

    def back_to(self, mark: int) -> None:
        self._at = mark

    def next_after_space(self) -> Item:
        item = self.next()
        while item.token is Token.SPACE:
            item = self.next()
        return item

    def peek_after_space(self) -> Item:
        item = self.next_after_space()
        self._at -= 1
        return item

    def expect(self, token: Token, context: str) -> Item:
        item = self.next_after_space()
        if item.token is not token:
            raise self.unexpected(item, context)
        return item

    def unexpected(self, item: Item, context: str) -> Fault:
        if item.token is not Token.ERROR:
            return Fault(f"unexpected {_shown(item)} in {context}")
        if self.action_line in {0, item.line}:
            return Fault(item.text)
        began = f" started at {self.name}:{self.action_line}"
        within = "" if item.text.endswith(" action") else " in action"
        return Fault(f"{item.text}{within}{began}")

    def pipeline(self, context: str, end: Token) -> nodes.Pipeline:
        position = self.peek_after_space().position
        declared, assigns = self._declarations(context)
        commands: list[nodes.Command] = []
        while True:
            item = self.next_after_space()
            if item.token is end:
                break
            if item.token not in OPERANDS:
                raise self.unexpected(item, context)
            self.back()
            commands.append(self._command())
        _check(commands, context)
        return nodes.Pipeline(position, tuple(commands), declared, assigns)

    def _declarations(self, context: str) -> tuple[tuple[nodes.Variable, ...], bool]:
        declared: list[nodes.Variable] = []
        while (item := self.peek_after_space()).token is Token.VARIABLE:
            self.next_after_space()
            mark = self.mark()
            after = self.next_after_space()
            variable = nodes.Variable(item.position, (item.text,))
            if after.token in {Token.ASSIGN, Token.DECLARE}:
                self.variables.append(item.text)
                return (*declared, variable), after.token is Token.ASSIGN
            if after.token is Token.CHAR and after.text == ",":
                self.variables.append(item.text)
                declared.append(variable)
                self._one_more(context, len(declared))
                continue
            self.back_to(mark - 1)
            break
        return tuple(declared), False

    def _one_more(self, context: str, declared: int) -> None:
        if context != "range" or declared > 1:
            raise Fault(f"too many declarations in {context}")
        follows = self.peek_after_space().token
        if follows not in {Token.VARIABLE, Token.RIGHT, Token.RIGHT_PAREN}:
            raise Fault("range can only initialize variables")

    def _command(self) -> nodes.Command:
        position = self.peek_after_space().position
        operands: list[nodes.Operand] = []
        while True:
            self.peek_after_space()
            while self.peek().token is Token.SPACE:
                self.next()
            if (operand := self._operand()) is not None:
                operands.append(operand)
            item = self.next()
            if item.token is Token.SPACE:
                continue
            if item.token in {Token.RIGHT, Token.RIGHT_PAREN}:
                self.back()
            elif item.token is not Token.PIPE:
                raise self.unexpected(item, "operand")
            break
        if not operands:
            raise Fault("empty command")
        return nodes.Command(position, tuple(operands))

    def _operand(self) -> nodes.Operand | None:
        term = self._term()
        if term is None or self.peek().token is not Token.FIELD:
            return term
        position = self.peek().position
        names: list[str] = []
        while self.peek().token is Token.FIELD:
            names.append(self.next().text[1:])
        if isinstance(term, nodes.Field):
            return nodes.Field(position, (*term.names, *names))
        if isinstance(term, nodes.Variable):
            return nodes.Variable(position, (*term.names, *names))
        if isinstance(term, LITERALS):
            raise Fault(f"unexpected . after term {quote(str(term))}")
        return nodes.Chain(position, term, tuple(names))

    def _term(self) -> nodes.Operand | None:
        item = self.next_after_space()
        at, text = item.position, item.text
        match item.token:
            case Token.IDENTIFIER | Token.VARIABLE:
                return self._known(item)
            case Token.FIELD:
                return nodes.Field(at, (text[1:],))
            case Token.LEFT_PAREN:
                return self.pipeline("parenthesized pipeline", Token.RIGHT_PAREN)
        if (constant := _constant(item)) is None:
            self.back()
        return constant

    def _known(self, item: Item) -> nodes.Identifier | nodes.Variable:
        if item.token is Token.VARIABLE:
            if item.text not in self.variables:
                raise Fault(f"undefined variable {quote(item.text)}")
            return nodes.Variable(item.position, (item.text,))
        if item.text not in self.functions:
            raise Fault(f"function {quote(item.text)} not defined")
        return nodes.Identifier(item.position, item.text)


def _constant(item: Item) -> nodes.Operand | None:
    at, text = item.position, item.text
    match item.token:
        case Token.DOT:
            return nodes.Dot(at)
        case Token.NIL:
            return nodes.Nil(at)
        case Token.BOOL:
            return nodes.Bool(at, text == "true")
        case Token.CHAR_CONSTANT | Token.COMPLEX | Token.NUMBER:
            return number(at, text)
        case Token.STRING | Token.RAW_STRING:
            return nodes.String(at, text, unquote(text))
    return None


def _check(commands: list[nodes.Command], context: str) -> None:
    if not commands:
        raise Fault(f"missing value for {context}")
    for stage, command in enumerate(commands[1:], start=2):
        if isinstance(command.operands[0], LITERALS):
            raise Fault(f"non executable command in pipeline stage {stage}")


def _shown(item: Item) -> str:
    if item.token is Token.EOF:
        return "EOF"
    if item.token in {Token.DOT, Token.KEYWORD, Token.NIL}:
        return f"<{item.text}>"
    return f"{quote(item.text[:SHOWN])}..." if len(item.text) > SHOWN else quote(item.text)
