"""Values of others written as TOML, so that no name can become a key or a rule."""

import json
from collections.abc import Iterable

from bootstrapper.errors import Mistake
from bootstrapper.policy.faults import NAME

COMMENT = 97  # letters in a line


def text(value: str) -> str:
    """A basic string. JSON's is one too, but for DEL and halves of surrogate pairs."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Mistake(f"{value!r} is no text") from error
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def array(values: Iterable[str]) -> str:
    return f"[{', '.join(map(text, values))}]"


def key(value: str) -> str:
    if not NAME.fullmatch(value):
        raise Mistake(f"{value!r} is no name: letters, digits and . _ @ + - are")
    return text(value)


def comment(value: str) -> str:
    """In lines of its own, whatever it holds."""
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in value)
    lines = [""]
    for word in shown.split(" "):
        if lines[-1] and len(lines[-1]) + len(word) >= COMMENT:
            lines.append("")
        lines[-1] += f" {word}"
    return "\n".join(f"#{line}" for line in lines)
