"""Known secrets out of whatever is about to be written. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

MASK = "********"
_SHORTEST = 4  # a shorter "secret" would blot out ordinary words
_TELLING = re.compile(r"pass(wor[dt]|phrase)?|secret|token|api_?key|private_?key|credential", re.I)


class Scrubber:
    def __init__(self, secrets: Iterable[str]) -> None:
        lines = {
            part
            for secret in secrets
            for part in (secret, *secret.splitlines())
            if len(part.strip()) >= _SHORTEST
        }
        longest_first = sorted(lines, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if lines else None

    def text(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern else text

    def value(self, value: Any) -> Any:
        """The same shape with every string in it scrubbed, keys too."""
        if self._pattern is None:
            return value
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {self.value(key): self.value(each) for key, each in value.items()}
            case list() | tuple():
                return [self.value(each) for each in value]
            case _:
                return value


def telling(value: Any) -> list[str]:
    """The texts below names that say that they are secret, at any depth."""
    match value:
        case Mapping():
            return [
                text
                for name, each in value.items()
                for text in (_texts(each) if _TELLING.search(str(name)) else telling(each))
            ]
        case list() | tuple():
            return [text for each in value for text in telling(each)]
        case _:
            return []


def _texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case Mapping():
            return [text for each in value.values() for text in _texts(each)]
        case list() | tuple():
            return [text for each in value for text in _texts(each)]
        case _:
            return []
