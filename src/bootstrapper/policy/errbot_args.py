"""errbot's patterns of arguments as the policy's regular expressions."""

from collections.abc import Iterable
from fnmatch import translate


def regexes_of(patterns: Iterable[str]) -> tuple[str, ...]:
    r"""errbot's arguments come after the command's name; a plugin is judged on all that was said.

    `\Z` lets a pattern that takes no arguments fit the name alone.
    """
    return tuple(rf"\S+(?:\s+|\Z){_body(pattern)}" for pattern in patterns)


def _body(pattern: str) -> str:
    return translate(pattern).removesuffix(r"\Z").removesuffix(r"\z")
