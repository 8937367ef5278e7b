"""The keys that a template sees: confd's store in memory, with its order and its globs.

A set of values is replaced as a whole. Its sorted keys are made when they are first asked for and
each answer is kept, so that templates which ask the same again are answered at once.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import takewhile
from typing import Any

from bootstrapper.templates.gotemplate import STRING, Fault, Slice, Struct, slice_of, struct_of
from bootstrapper.templates.patterns import compiled, literal_prefix
from bootstrapper.templates.slash_paths import base, clean

KVPAIR = struct_of("memkv.KVPair", {"Key": STRING, "Value": STRING})
KVPAIRS = slice_of(KVPAIR, "memkv.KVPairs")
STRINGS = slice_of(STRING)


class KVPair(Struct):
    __slots__ = ("Key", "Value")
    go_type = KVPAIR

    def __init__(self, key: str, value: str) -> None:
        self.Key = key
        self.Value = value


class Keys:
    """Every method raises Fault for what confd's own would return as an error."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._now = _Snapshot(values or {})

    def replace(self, values: Mapping[str, str]) -> None:
        self._now = _Snapshot(values)

    def __len__(self) -> int:
        return len(self._now.values)

    def exists(self, key: str) -> bool:
        return key in self._now.values

    def get(self, key: str) -> KVPair:
        return KVPair(key, self._value(key))

    def getv(self, key: str, *default: str) -> str:
        return self._now.values.get(key, default[0]) if default else self._value(key)

    def _value(self, key: str) -> str:
        try:
            return self._now.values[key]
        except KeyError:
            raise Fault(f"key does not exist: {key}") from None

    def gets(self, pattern: str) -> Slice:
        return Slice(KVPAIRS, self._now.matching(pattern))

    def getvs(self, pattern: str) -> Slice:
        return Slice(STRINGS, sorted(pair.Value for pair in self._now.matching(pattern)))

    def ls(self, path: str) -> Slice:
        return Slice(STRINGS, self._now.kept(("ls", path), lambda: self._now.listed(path)))

    def lsdir(self, path: str) -> Slice:
        return Slice(STRINGS, self._now.kept(("lsdir", path), lambda: self._now.directories(path)))


class _Snapshot:
    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = dict(values)
        self._answers: dict[tuple[str, str], list[Any]] = {}

    @cached_property
    def names(self) -> list[str]:
        return sorted(self.values)

    def kept(self, question: tuple[str, str], answer: Callable[[], Iterable[Any]]) -> list[Any]:
        found = self._answers.get(question)
        if found is None:
            found = self._answers[question] = list(answer())
        return found

    def matching(self, pattern: str) -> list[KVPair]:
        return self.kept(("gets", pattern), lambda: self._matches(pattern))

    def _matches(self, pattern: str) -> Iterable[KVPair]:
        if not self.values:
            return ()
        values = self.values
        return [KVPair(name, values[name]) for name in self._matching_names(pattern)]

    def _matching_names(self, pattern: str) -> Iterable[str]:
        matches = compiled(pattern).fullmatch
        prefix = literal_prefix(pattern)
        near = self._starting_with(prefix)
        if pattern == f"{prefix}*":
            start = len(prefix)
            return [name for name in near if name.find("/", start) < 0]
        return [name for name in near if matches(name)]

    def _starting_with(self, prefix: str) -> list[str]:
        names = self.names
        start = bisect_left(names, prefix)
        end = bisect_left(names, f"{prefix}\U0010ffff", start)
        # Keys that go on with the very last character sort behind it.
        more = takewhile(lambda name: name.startswith(prefix), names[end:])
        return [*names[start:end], *more]

    @cached_property
    def folders(self) -> dict[str, list[str]]:
        """Each key's directory, as it is written, in its parts."""
        heads = {key.rpartition("/")[0] for key in self.values}
        return {head: terms(f"{head}/") for head in heads}

    def _folder(self, key: str) -> list[str]:
        head, slash, _ = key.rpartition("/")
        return self.folders[head] if slash else ["."]

    def listed(self, path: str) -> Iterable[str]:
        """Names right below a path; of a path that is a key its own name."""
        wanted = terms(path)
        names: set[str] = set()
        for key in self.values:
            if key == path:
                names.add(base(key))
            elif _starts(self._folder(key), wanted):
                names.add(_below(key, path)[0])
        return sorted(names)

    def directories(self, path: str) -> Iterable[str]:
        """As `listed`, of those only that have something below them."""
        wanted = terms(path)
        names: set[str] = set()
        for key in self.values:
            if key.startswith(path):
                found = self._folder(key)
                if _starts(found, wanted) and len(found) > len(wanted):
                    names.add(found[len(wanted)])
        return sorted(names)


def terms(path: str) -> list[str]:
    return clean(path).split("/")


def _starts(found: list[str], wanted: list[str]) -> bool:
    return found[: len(wanted)] == wanted


def _below(key: str, path: str) -> list[str]:
    return key.removeprefix(path).removeprefix("/").split("/")
