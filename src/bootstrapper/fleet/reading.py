"""The fleet as its records say: read whole, or kept up to date decoding only what changed."""

import logging
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from bootstrapper.errors import Mistake
from bootstrapper.fleet.paths import (
    ALIVE,
    FLAPS,
    HELD,
    INSTANCES,
    MARKS,
    NODES,
    OFFERS,
    SAID,
    Paths,
    unescaped,
)
from bootstrapper.fleet.records import decode, decoder_of
from bootstrapper.fleet.values import Fleet, Held, Instance, Mark, Node, Offer, Said
from bootstrapper.kv.mirror import View

logger = logging.getLogger(__name__)


def _is(kind: Any) -> Callable[[str], Any]:
    decoder_of(kind)
    return lambda text: decode(text, kind)


_TABLES: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    NODES: ("nodes", _is(Node)),
    INSTANCES: ("instances", _is(Instance)),
    ALIVE: ("alive", str),
    MARKS: ("marks", _is(Mark)),
    HELD: ("held", _is(Held)),
    SAID: ("said", _is(Said)),
    FLAPS: ("flaps", _is(tuple[float, ...])),
    OFFERS: ("offers", _is(Offer)),
}
"""Folder below the prefix → the field of `Fleet`, and how its records are read."""


def _named(name: str, record: Any) -> Any:
    """Whoever finds a record by its name must find it under that name. Raises Mistake."""
    match record:
        case Node() | Held():
            own = record.name
        case Instance():
            own = record.key
        case Said():
            own = record.node
        case Offer():
            own = f"{name.partition('/')[0]}/{record.id}"
        case ():
            raise Mistake("nothing is in it")
        case _:
            return record
    if own != name:
        raise Mistake(f"it is a record of {own!r}")
    return record


def fleet_of(values: Mapping[str, str], paths: Paths, revision: int) -> Fleet:
    """All of it, from all keys below `paths.prefix` (others are passed over)."""
    tables = _Tables(paths)
    tables.put(values)
    return tables.fleet(revision)


class Following:
    """The fleet of one consumer's view, for one thread; a table that did not change stays itself.

    `is` tells whether a table of the fleet is the one that was looked at before.
    """

    def __init__(self, view: View, paths: Paths) -> None:
        self.view = view
        self._prefix = paths.prefix
        self._tables = _Tables(paths)
        self._tables.put(view.values)
        self._fleet = self._tables.fleet(view.revision)

    def fleet(self) -> Fleet:
        news = self.view.take()
        if news is not None:
            self._tables.put(news.put)
            self._tables.drop(news.gone)
            self._fleet = self._tables.fleet(news.revision)
        return self._fleet

    def seen(self) -> int:
        """Up to which revision the next `fleet` has all records; readers' keys may be behind."""
        return self.view.reached(self._prefix)


class _Tables:
    def __init__(self, paths: Paths) -> None:
        self._prefix = paths.prefix
        self._rows: dict[str, dict[str, Any]] = {field: {} for field, _ in _TABLES.values()}
        self._shown: dict[str, Mapping[str, Any]] = {}

    def put(self, values: Mapping[str, str]) -> None:
        for key, text in values.items():
            if (place := self._place(key)) is None:
                continue
            field, name, read = place
            self._shown.pop(field, None)
            try:
                self._rows[field][name] = _named(name, read(text))
            except Mistake as error:
                logger.warning("%s is passed over: %s", key, error)
                self._rows[field].pop(name, None)

    def drop(self, keys: Iterable[str]) -> None:
        for key in keys:
            if (place := self._place(key)) is not None:
                self._shown.pop(place[0], None)
                self._rows[place[0]].pop(place[1], None)

    def fleet(self, revision: int) -> Fleet:
        """Tables that changed are copied, so that a fleet that was handed out never changes."""
        for field, rows in self._rows.items():
            if field not in self._shown:
                self._shown[field] = MappingProxyType(rows.copy())
        return Fleet(**self._shown, revision=revision)

    def _place(self, key: str) -> tuple[str, str, Callable[[str], Any]] | None:
        if not key.startswith(self._prefix):
            return None
        folder, slash, name = key[len(self._prefix) :].partition("/")
        table = _TABLES.get(folder + slash)
        return (table[0], unescaped(name), table[1]) if table and name else None
