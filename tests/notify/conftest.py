"""Real receivers on this machine, and a real Redis, each test below a key prefix of its own."""

from collections.abc import Iterator

import pytest

from bootstrapper.ids import new_id
from support.webhooks import SECRET, Hook


@pytest.fixture
def prefix() -> str:
    return f"{new_id()}:"


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    made = Hook()
    made.server.start()
    yield made
    made.server.stop()
