"""Tokens to trees: actions, pipelines and control structures, with Go's faults.

Variables are checked here for being declared before use, functions for being known. What only a
run can tell (types, arity, missing templates) is the compiled template's business.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from bootstrapper.templates.gotemplate import nodes
from bootstrapper.templates.gotemplate.errors import Fault, TemplateError
from bootstrapper.templates.gotemplate.lexer import tokens
from bootstrapper.templates.gotemplate.nodes import Nodes, Trees
from bootstrapper.templates.gotemplate.pipelines import Pipelines
from bootstrapper.templates.gotemplate.quoting import quote, unquote
from bootstrapper.templates.gotemplate.tokens import Item, Token

CONTROL = frozenset({"if", "with", "range"})


def trees(name: str, source: str, functions: Collection[str]) -> Trees:
    """Raises TemplateError."""
    known = frozenset(functions)
    parser = _Parser(name, source, known)
    try:
        return parser.source()
    except Fault as fault:
        raise TemplateError(f"template: {name}:{parser.line}: {fault}") from None
    except RecursionError:
        raise TemplateError(f"template: {name}: nested too deeply") from None


class _Parser(Pipelines):
    def __init__(self, name: str, source: str, functions: frozenset[str]) -> None:
        super().__init__(name, list(tokens(source, functions)), functions)
        self.trees = Trees(name, source)
        self.ranges = 0

    def source(self) -> Trees:
        body: list[nodes.Text | nodes.Action | nodes.Branch | nodes.Call | nodes.Jump] = []
        while (item := self.peek()).token is not Token.EOF:
            if item.token is Token.LEFT:
                mark = self.mark()
                self.next()
                if self.next_after_space().text == "define" and self.last.token is Token.KEYWORD:
                    self._define()
                    continue
                self.back_to(mark)
            node = self._text_or_action()
            if isinstance(node, str):
                raise Fault(f"unexpected {{{{{node}}}}}")
            if node:
                body.append(node)
        self._add(self.name, tuple(body))
        return self.trees

    def _add(self, name: str, body: Nodes) -> None:
        old = self.trees.defined.get(name)
        if old is None or _empty(old):
            self.trees.defined[name] = body
        elif not _empty(body):
            raise Fault(f"template: multiple definition of template {quote(name)}")

    def _define(self) -> None:
        name = self._name_of("define clause", expected=True)
        self.expect(Token.RIGHT, "define clause")
        with self._own_scope():
            body, end = self._list()
        if end != "end":
            raise Fault(f"unexpected {{{{{end}}}}} in define clause")
        self._add(name, body)

    @contextmanager
    def _own_scope(self) -> Iterator[None]:
        """A template of its own: it sees `$` alone, and no range around it."""
        variables, ranges = self.variables, self.ranges
        self.variables, self.ranges = ["$"], 0
        yield
        self.variables, self.ranges = variables, ranges

    def _name_of(self, context: str, *, expected: bool = False) -> str:
        item = self.next_after_space()
        if item.token not in {Token.STRING, Token.RAW_STRING}:
            raise self.unexpected(item, context)
        return unquote(item.text)

    def _list(self) -> tuple[Nodes, str]:
        """Up to `end` or `else`, and which of them; the keyword's own action is taken."""
        body: list[nodes.Text | nodes.Action | nodes.Branch | nodes.Call | nodes.Jump] = []
        while self.peek_after_space().token is not Token.EOF:
            node = self._text_or_action()
            if isinstance(node, str):
                return tuple(body), node
            if node:
                body.append(node)
        raise Fault("unexpected EOF")

    def _text_or_action(
        self,
    ) -> nodes.Text | nodes.Action | nodes.Branch | nodes.Call | nodes.Jump | str | None:
        item = self.next_after_space()
        if item.token is Token.TEXT:
            return nodes.Text(item.position, item.text)
        if item.token is not Token.LEFT:
            raise self.unexpected(item, "input")
        self.action_line = item.line
        try:
            return self._action()
        finally:
            self.action_line = 0

    def _action(self) -> nodes.Action | nodes.Branch | nodes.Call | nodes.Jump | str:
        item = self.next_after_space()
        if item.token is Token.KEYWORD:
            keyword = item.text
            if keyword in CONTROL:
                return self._control(item)
            match keyword:
                case "break" | "continue":
                    return self._jump(item)
                case "end":
                    self.expect(Token.RIGHT, "end")
                    return "end"
                case "else":
                    return self._else()
                case "block":
                    return self._block()
                case "template":
                    return self._template()
        self.back()
        position = self.peek().position
        return nodes.Action(position, self.pipeline("command", Token.RIGHT))

    def _jump(self, item: Item) -> nodes.Jump:
        after = self.next_after_space()
        if after.token is not Token.RIGHT:
            raise self.unexpected(after, f"{{{{{item.text}}}}}")
        if not self.ranges:
            raise Fault(f"{{{{{item.text}}}}} outside {{{{range}}}}")
        return nodes.Jump(item.position, item.text)

    def _else(self) -> str:
        item = self.peek_after_space()
        if item.token is Token.KEYWORD and item.text in {"if", "with"}:
            return "else"
        self.expect(Token.RIGHT, "else")
        return "else"

    def _control(self, item: Item) -> nodes.Branch:
        scope = len(self.variables)
        keyword = item.text
        pipeline = self.pipeline(keyword, Token.RIGHT)
        self.ranges += keyword == "range"
        body, end = self._list()
        self.ranges -= keyword == "range"
        otherwise: Nodes | None = None
        if end == "else":
            otherwise = self._otherwise(keyword)
        del self.variables[scope:]
        return nodes.Branch(pipeline.position, keyword, pipeline, body, otherwise)

    def _otherwise(self, keyword: str) -> Nodes:
        item = self.peek()
        if item.token is Token.KEYWORD and item.text == keyword and keyword != "range":
            self.next()
            return (self._control(item),)
        body, end = self._list()
        if end != "end":
            raise Fault(f"expected end; found {{{{{end}}}}}")
        return body

    def _block(self) -> nodes.Call:
        name = self._name_of("block clause")
        position = self.last.position
        pipeline = self.pipeline("block clause", Token.RIGHT)
        with self._own_scope():
            body, end = self._list()
        if end != "end":
            raise Fault(f"unexpected {{{{{end}}}}} in block clause")
        self._add(name, body)
        return nodes.Call(position, name, pipeline)

    def _template(self) -> nodes.Call:
        name = self._name_of("template clause")
        position = self.last.position
        if self.next_after_space().token is Token.RIGHT:
            return nodes.Call(position, name)
        self.back()
        return nodes.Call(position, name, self.pipeline("template clause", Token.RIGHT))


def _empty(body: Nodes) -> bool:
    return all(isinstance(node, nodes.Text) and not node.text.strip() for node in body)
