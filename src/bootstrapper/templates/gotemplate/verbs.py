"""printf: its flags, widths and argument indexes, and Go's notes on what does not fit."""

from typing import Any

from bootstrapper.templates.gotemplate.flags import Flags
from bootstrapper.templates.gotemplate.printing import shown
from bootstrapper.templates.gotemplate.values import NO_VALUE, bare, type_of
from bootstrapper.templates.gotemplate.verb_values import written

MARKS = frozenset("#0+- ")
MOST = 1_000_000  # the widest width
DIGITS = 8


def sprintf(form: str, *values: Any) -> str:
    return _Printf(form, values).text()


class _Printf:
    def __init__(self, form: str, values: tuple[Any, ...]) -> None:
        self.form = form
        self.values = values
        self.position = 0
        self.argument = 0
        self.reordered = False
        self.good = True

    def text(self) -> str:
        parts: list[str] = []
        end = len(self.form)
        while self.position < end:
            percent = self.form.find("%", self.position)
            if percent < 0:
                parts.append(self.form[self.position :])
                break
            parts.append(self.form[self.position : percent])
            self.position = percent + 1
            parts.append(self._directive())
        if not self.reordered and self.argument < len(self.values):
            parts.append(f"%!(EXTRA {', '.join(map(_typed, self.values[self.argument :]))})")
        return "".join(parts)

    def _directive(self) -> str:
        self.good = True
        flags = self._flags()
        after_index = self._index()
        notes, flags, after_index = self._width(flags, after_index)
        more, flags, after_index = self._precision(flags, after_index)
        notes += more
        if not after_index:
            self._index()
        if self.position >= len(self.form):
            return f"{notes}%!(NOVERB)"
        verb = self.form[self.position]
        self.position += 1
        if verb == "%":
            return f"{notes}%"
        if not self.good:
            return f"{notes}%!{verb}(BADINDEX)"
        if self.argument >= len(self.values):
            return f"{notes}%!{verb}(MISSING)"
        value = self.values[self.argument]
        self.argument += 1
        return notes + written(value, verb, _for_v(flags, verb))

    def _flags(self) -> Flags:
        start = self.position
        while self.form[self.position : self.position + 1] in MARKS:
            self.position += 1
        marks = self.form[start : self.position]
        minus = "-" in marks
        return Flags("#" in marks, "0" in marks and not minus, "+" in marks, minus, " " in marks)

    def _index(self) -> bool:
        """`[n]`: the next argument is number n."""
        if not self.form.startswith("[", self.position):
            return False
        self.reordered = True
        close = self.form.find("]", self.position)
        if close < 0:
            self.good = False
            self.position += 1
            return False
        number = self.form[self.position + 1 : close]
        self.position = close + 1
        known = number.isascii() and number.isdigit()
        if known and 1 <= int(number[:DIGITS]) <= len(self.values):
            self.argument = int(number[:DIGITS]) - 1
        else:
            self.good = False
        return known

    def _width(self, flags: Flags, after_index: bool) -> tuple[str, Flags, bool]:
        if self.form.startswith("*", self.position):
            self.position += 1
            width = self._from_argument()
            if width is None:
                return "%!(BADWIDTH)", flags, False
            if width < 0:
                flags = flags._replace(minus=True, zero=False)
            return "", flags._replace(width=abs(width)), False
        number = self._number()
        if number is None:
            return "", flags, after_index
        if after_index:
            self.good = False
        return "", flags._replace(width=number), after_index

    def _precision(self, flags: Flags, after_index: bool) -> tuple[str, Flags, bool]:
        if not self.form.startswith(".", self.position):
            return "", flags, after_index
        self.position += 1
        if after_index:
            self.good = False
        after_index = self._index()
        if self.form.startswith("*", self.position):
            self.position += 1
            precision = self._from_argument()
            if precision is None or precision < 0:
                return "%!(BADPREC)", flags, False
            return "", flags._replace(precision=precision), False
        return "", flags._replace(precision=self._number() or 0), after_index

    def _from_argument(self) -> int | None:
        if self.argument >= len(self.values):
            return None
        value = bare(self.values[self.argument])
        self.argument += 1
        if value.__class__ is not int or abs(value) > MOST:
            return None
        return int(value)

    def _number(self) -> int | None:
        start = self.position
        while "0" <= self.form[self.position : self.position + 1] <= "9":
            self.position += 1
        digits = self.form[start : self.position]
        if digits[:-1].lstrip("0")[DIGITS:] or int(digits[:-1] or 0) > MOST:
            self.position = len(self.form)  # no number: nothing after it is read
            return None
        return int(digits) if digits else None


def _for_v(flags: Flags, verb: str) -> Flags:
    """`%#v` is Go syntax, `%+v` names a struct's fields: no flags of the values' own then."""
    if verb != "v":
        return flags
    return flags._replace(sharp=False, go_syntax=flags.sharp, plus=False, names=flags.plus)


def _typed(value: Any) -> str:
    if value is None or value is NO_VALUE:
        return "<nil>"
    return f"{type_of(value)}={shown(value)}"
