"""A *.tmpl of confd: Go's template language with confd's functions over the keys."""

from bootstrapper.templates.functions import functions
from bootstrapper.templates.gotemplate import Template, parse
from bootstrapper.templates.keys import Keys


def parse_confd(name: str, source: str, keys: Keys) -> Template:
    """Raises TemplateError. What confd 0.16 refuses is refused: it ranges over no integers."""
    return parse(name, source, functions(keys), range_over_integers=False)
