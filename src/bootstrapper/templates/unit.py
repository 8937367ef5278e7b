"""One resource at work: its compiled template, and what it remembers from turn to turn."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from bootstrapper.errors import Mistake
from bootstrapper.templates.guard import Limits, Memory, Verdict, judge
from bootstrapper.templates.install import Target
from bootstrapper.templates.keys import Keys
from bootstrapper.templates.plain_file import read_plain
from bootstrapper.templates.resource import Resource

JINJA = ".j2"


class Template(Protocol):
    def render(self) -> str:
        """Whole, or a TemplateError."""
        ...


class Unit:
    """`hold`: what is held names itself so, for who confirms it; "" while nothing is held.

    `passes`: what would be held, had nobody confirmed it.
    """

    def __init__(self, resource: Resource, memory: Memory | None = None) -> None:
        self.resource = resource
        self.target = Target(
            path=Path(resource.dest), mode=resource.mode, uid=resource.uid, gid=resource.gid
        )
        self.failures = 0
        self.hold = ""
        self.passes = ""
        self.memory = memory or Memory()
        self._keys = Keys()
        self._template: Template | None = None
        self._stamp: tuple[int, int, int] | None = None

    @property
    def name(self) -> str:
        return self.resource.name

    @property
    def limits(self) -> Limits:
        part = self.resource
        return Limits(min_keys=part.min_keys, max_removed=part.max_removed, window=part.window)

    def judge(self, keys: Iterable[str], now: float) -> Verdict:
        return judge(self.limits, self.memory, keys, now)

    def render(self, values: Mapping[str, str]) -> str:
        """Raises Mistake: of the template, or of a key that it needs."""
        from bootstrapper.templates.gotemplate import TemplateError  # noqa: PLC0415 (where needed)

        try:
            template = self._compiled()
            self._keys.replace(values)
            return template.render()
        except TemplateError as error:
            raise Mistake(str(error)) from error

    def template_changed(self) -> bool:
        """Since it was compiled."""
        try:
            return self._stamp is not None and _stamp(Path(self.resource.src)) != self._stamp
        except OSError:
            return False

    def _compiled(self) -> Template:
        """The template, read again when its file has changed."""
        source = Path(self.resource.src)
        try:
            stamp = _stamp(source)
            if self._template is None or stamp != self._stamp:
                self._template = self._compile(source, read_plain(source).decode())
                self._stamp = stamp
        except (OSError, UnicodeDecodeError) as error:
            raise Mistake(f"{source} cannot be read: {error}") from error
        return self._template

    def _compile(self, source: Path, text: str) -> Template:
        if source.suffix == JINJA:
            from bootstrapper.templates.jinja import parse_jinja  # noqa: PLC0415

            return parse_jinja(source.name, text, self._keys)
        from bootstrapper.templates.confd_template import parse_confd  # noqa: PLC0415

        return parse_confd(source.name, text, self._keys)


def _stamp(file: Path) -> tuple[int, int, int]:
    stat = file.stat()
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def hold_id(keys: Iterable[str]) -> str:
    """What a confirmation is bound to: exactly these keys."""
    return hashlib.sha256("\0".join(sorted(keys)).encode("utf-8", "surrogatepass")).hexdigest()[:12]
