"""What goes wrong: a Fault inside, which knows what; a TemplateError outside, which knows where."""


class TemplateError(Exception):
    """A template that does not parse or cannot be rendered, in Go's words.

    `template: name:line: …` from parsing, `template: name:line:column: executing "name" at <…>: …`
    from rendering.
    """


class Fault(Exception):
    """Raised by functions and by the runtime; the compiled template adds its place."""
