"""The store of keys, for those who answer requests: opened once, when somebody first asks."""

import threading

from bootstrapper.control.parts import Parts
from bootstrapper.kv.open import open_store
from bootstrapper.kv.store import Keys
from bootstrapper.settings import Settings

_opened: list[tuple[Settings, Keys]] = []
_turn = threading.Lock()


def keys_of(parts: Parts) -> Keys:
    with _turn:
        for settings, store in _opened:
            if settings is parts.settings:
                return store
        store = open_store(parts.settings)
        _opened.append((parts.settings, store))
        return store
