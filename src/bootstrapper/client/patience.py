"""How long a reader puts up with a lost connection, and how soon it tries again."""

import time
from collections.abc import Callable

from bootstrapper.errors import Unavailable

PAUSES = (0.1, 0.5, 1.0, 2.0)  # seconds before each next attempt, the last again and again

OnLoss = Callable[[Unavailable], None]


class Patience:
    """`limit`: seconds of silence after which the loss is raised. `on_loss`: told once a loss."""

    def __init__(self, limit: float, on_loss: OnLoss | None) -> None:
        self._limit = limit
        self._on_loss = on_loss
        self._attempt = 0
        self._since = 0.0

    def heard(self) -> None:
        self._attempt = 0

    def lost(self, error: Unavailable) -> None:
        """Pause before the next attempt, or raise."""
        now = time.monotonic()
        if self._attempt == 0:
            self._since = now
            if self._on_loss:
                self._on_loss(error)
        if now - self._since >= self._limit:
            raise error
        time.sleep(PAUSES[min(self._attempt, len(PAUSES) - 1)])
        self._attempt += 1
