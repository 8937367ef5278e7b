"""The source as tokens: text, and what stands between `{{` and `}}`.

A fault of the text becomes the last token (ERROR), so that the parser says where it stood. Trim
markers and comments are dealt with here; nobody else sees them.
"""

import re
from collections.abc import Iterator

from bootstrapper.templates.gotemplate.tokens import (
    CHAR,
    KEYWORDS,
    NUMBER,
    QUOTED,
    SINGLE,
    SPACES,
    Item,
    Token,
    alphanumeric,
    code_point,
)


class _Stop(Exception):
    """The text cannot be read further; its message is the last token's text."""


def tokens(source: str, functions: frozenset[str] = frozenset()) -> Iterator[Item]:
    """All tokens, the last one EOF or ERROR. A function named break or continue is no keyword."""
    keywords = KEYWORDS - ({"break", "continue"} & functions)
    lexer = _Lexer(source, keywords)
    try:
        yield from lexer.text()
    except _Stop as stop:
        yield lexer.item(Token.ERROR, str(stop))


class _Lexer:
    def __init__(self, source: str, keywords: frozenset[str]) -> None:
        self.source = source
        self.keywords = keywords
        self.position = 0
        self.start = 0
        self._counted = 0
        self._line = 1
        self.depth = 0

    def item(self, token: Token, text: str) -> Item:
        self._line += self.source.count("\n", self._counted, self.start)
        self._counted = max(self._counted, self.start)
        return Item(token, text, self.start, self._line)

    def take(self, token: Token, end: int) -> Item:
        self.start, self.position = self.position, end
        return self.item(token, self.source[self.start : end])

    def stop(self, message: str) -> _Stop:
        return _Stop(message)

    def text(self) -> Iterator[Item]:
        while True:
            left = self.source.find("{{", self.position)
            if left < 0:
                break
            inside, trims = self._after_left(left)
            text = self.source[self.position : left]
            if trims:
                text = text.rstrip(SPACES)
            if text:
                yield self.take(Token.TEXT, self.position + len(text))
            self.start = self.position = left
            if self.source.startswith("/*", inside):
                self._skip_comment(inside)
            else:
                yield self.take(Token.LEFT, left + 2)
                self.position = inside
                self.depth = 0
                yield from self.action()
        if self.position < len(self.source):
            yield self.take(Token.TEXT, len(self.source))
        yield self.take(Token.EOF, self.position)

    def _after_left(self, left: int) -> tuple[int, bool]:
        after = self.source[left + 2 : left + 4]
        trims = len(after) == len("- ") and after[0] == "-" and after[1] in SPACES
        return left + 2 + 2 * trims, trims

    def _skip_comment(self, inside: int) -> None:
        end = self.source.find("*/", inside + len("/*"))
        if end < 0:
            raise self.stop("unclosed comment")
        self.position = end + 2
        if (closed := self.at_right()) is None:
            raise self.stop("comment ends before closing delimiter")
        self.position = closed

    def at_right(self) -> int | None:
        """Where the text goes on, when the action ends here; spaces it trims are skipped."""
        source, here = self.source, self.position
        if source.startswith("}}", here):
            return here + 2
        if source[here : here + 1] in SPACES and source.startswith("-}}", here + 1):
            after = here + len(" -}}")
            while source[after : after + 1] and source[after] in SPACES:
                after += 1
            return after
        return None

    def action(self) -> Iterator[Item]:
        while True:
            if (end := self.at_right()) is not None and self.position < len(self.source):
                if self.depth > 0:
                    self.start = self.position
                    raise self.stop("unclosed left paren")
                item = self.take(Token.RIGHT, end)
                yield Item(Token.RIGHT, "}}", item.position, item.line)
                return
            yield self._inside()

    def _inside(self) -> Item:
        source, here = self.source, self.position
        self.start = here
        if here >= len(source):
            raise self.stop("unclosed action")
        char, after = source[here], source[here + 1 : here + 2]
        if char in SPACES:
            return self.take(Token.SPACE, self._spaces())
        if char in SINGLE:
            return self.take(SINGLE[char], here + 1)
        if char == ":":
            if after != "=":
                raise self.stop("expected :=")
            return self.take(Token.DECLARE, here + 2)
        if char in "\"`'":
            return self._quoted(char)
        if char == "$" or (char == "." and not ("0" <= after <= "9")):
            return self._name(char)
        if char in "+-." or "0" <= char <= "9":
            return self._number()
        if alphanumeric(char):
            return self._word()
        return self._sign(char)

    def _spaces(self) -> int:
        source, end = self.source, self.position
        while end < len(source) and source[end] in SPACES:
            end += 1
        # The last of them belongs to a closing ` -}}`.
        if source.startswith("-}}", end) and end - self.position > 1:
            end -= 1
        return end

    def _sign(self, char: str) -> Item:
        if char == "(":
            self.depth += 1
            return self.take(Token.LEFT_PAREN, self.position + 1)
        if char == ")":
            self.depth -= 1
            return self.take(Token.RIGHT_PAREN, self.position + 1)
        if char.isascii() and char.isprintable():
            return self.take(Token.CHAR, self.position + 1)
        raise self.stop(f"unrecognized character in action: {code_point(char)}")

    def _quoted(self, quote: str) -> Item:
        if quote == "`":
            end = self.source.find("`", self.position + 1)
            if end < 0:
                raise self.stop("unterminated raw quoted string")
            return self.take(Token.RAW_STRING, end + 1)
        pattern, token, what = (
            (QUOTED, Token.STRING, "quoted string")
            if quote == '"'
            else (CHAR, Token.CHAR_CONSTANT, "character constant")
        )
        found = re.compile(pattern).match(self.source, self.position)
        if found is None or found["end"] is None:
            raise self.stop(f"unterminated {what}")
        return self.take(token, found.end())

    def _name(self, char: str) -> Item:
        end = self._run(self.position + 1)
        self._terminated(end)
        bare = end == self.position + 1
        if char == "$":
            return self.take(Token.VARIABLE, end)
        return self.take(Token.DOT if bare else Token.FIELD, end)

    def _word(self) -> Item:
        end = self._run(self.position)
        word = self.source[self.position : end]
        self._terminated(end)
        if word in self.keywords:
            return self.take(Token.NIL if word == "nil" else Token.KEYWORD, end)
        return self.take(Token.BOOL if word in {"true", "false"} else Token.IDENTIFIER, end)

    def _run(self, end: int) -> int:
        while end < len(self.source) and alphanumeric(self.source[end]):
            end += 1
        return end

    def _terminated(self, end: int) -> None:
        char = self.source[end : end + 1]
        if char and char not in " \t\r\n.,|:)(" and not self.source.startswith("}}", end):
            raise self.stop(f"bad character {code_point(char)}")

    def _number(self) -> Item:
        token, end = Token.NUMBER, self._scan(self.position)
        if self.source[end : end + 1] in {"+", "-"}:
            token, end = Token.COMPLEX, self._scan(end)
            if self.source[end - 1] != "i":
                raise self.stop(f'bad number syntax: "{self.source[self.position : end]}"')
        return self.take(token, end)

    def _scan(self, start: int) -> int:
        found = re.compile(NUMBER).match(self.source, start)
        end = found.end() if found else start
        if alphanumeric(self.source[end : end + 1]):
            raise self.stop(f'bad number syntax: "{self.source[self.position : end + 1]}"')
        return end
