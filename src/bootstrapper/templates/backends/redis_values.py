"""What is in Redis at and below keys, read in few round trips."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import redis

from bootstrapper.templates.paths import join

BATCH = 1000


class Names:
    """Redis's own names of keys: with another separator than / they lose the first one."""

    def __init__(self, separator: str) -> None:
        self._separator = separator or "/"

    def name(self, key: str) -> str:
        if self._separator == "/":
            return key
        return key.removeprefix("/").replace("/", self._separator)

    def key(self, name: str) -> str:
        name = name if name.startswith("/") else "/" + name
        return name.replace(self._separator, "/")

    def below(self, key: str) -> str:
        """The glob of everything below a key."""
        return "*" if key == "/" else _escaped(self.name(key + "/")) + "*"

    def pattern(self, prefix: str) -> str:
        return "*" if prefix == "/" else _escaped(self.name(prefix)) + "*"


def read_values(client: Any, names: Names, keys: Sequence[str]) -> dict[str, str]:
    """A key that is a string is that alone; the keys below it are looked for only otherwise,
    as that goes through the whole database.
    """
    wanted = list(dict.fromkeys(key.replace("/*", "") or "/" for key in keys))
    direct = dict(_read(client, names, [names.name(key) for key in wanted]))
    found: dict[str, str] = {}
    for key in wanted:
        here = direct.get(names.name(key), {})
        found |= here
        if not here:
            for batch in _batches(client.scan_iter(match=names.below(key), count=BATCH)):
                for _, values in _read(client, names, batch):
                    found |= values
    return found


def _read(client: Any, names: Names, batch: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each name with the keys and texts it holds; what is neither string nor hash holds none."""
    kinds = dict(zip(batch, _all(client, "type", batch), strict=True))
    strings = [name for name, kind in kinds.items() if kind == "string"]
    hashes = [name for name, kind in kinds.items() if kind == "hash"]
    for name, text in zip(strings, _all(client, "get", strings), strict=True):
        if isinstance(text, str):
            yield name, {names.key(name): text}
    for name, fields in zip(hashes, _all(client, "hgetall", hashes), strict=True):
        if isinstance(fields, dict):
            yield name, {join(names.key(name), field): text for field, text in fields.items()}


def _all(client: Any, command: str, batch: list[str]) -> list[Any]:
    """One round trip. A key that was replaced in between by another kind answers with an error."""
    if not batch:
        return []
    pipe = client.pipeline(transaction=False)
    for name in batch:
        getattr(pipe, command)(name)
    answers = pipe.execute(raise_on_error=False)
    for answer in answers:
        if isinstance(answer, redis.RedisError) and "WRONGTYPE" not in str(answer):
            raise answer
    return list(answers)


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    waiting = iter(names)
    while batch := list(islice(waiting, BATCH)):
        yield batch


def _escaped(name: str) -> str:
    return "".join("\\" + each if each in "*?[]\\^" else each for each in name)
