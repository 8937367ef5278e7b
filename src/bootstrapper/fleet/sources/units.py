"""systemd units by name: what they serve is offered while they are active.

All are asked for in one call each second; between the calls their main processes are watched, so
a death is known in milliseconds. While systemd does not answer, nothing is said anew.
"""

import logging
import os
import select
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.fleet.offers import Telling
from bootstrapper.fleet.sources.unit_states import (
    UnitState,
    command,
    full_name,
    offered,
    read_states,
)
from bootstrapper.fleet.values import Offer, Signal
from bootstrapper.lifecycle import Stop

logger = logging.getLogger(__name__)

SOURCE = "systemd"
LOOK = 1.0  # seconds between calls of systemctl
SOON = 0.2  # the same, while a unit is between two states
BETWEEN = ("activating", "deactivating")
AWAY = 10.0  # seconds until a systemctl that is missing or fails is tried again
ANSWER = 5.0  # seconds that it may take
STEP = 0.25  # seconds between looks whether to stop


class Units:
    """`wanted`: unit → what it serves (`static.unit_offers`). Raises Mistake for a broken name."""

    def __init__(self, wanted: Mapping[str, tuple[Offer, ...]], telling: Telling) -> None:
        self._wanted = wanted
        self._telling = telling
        self._command = command(wanted)
        self._states: Mapping[str, UnitState] = {}
        self._pidfds: dict[str, tuple[int, int]] = {}
        self._ended: dict[str, int] = {}
        self._told: Mapping[str, Offer] | None = None
        self._missing: frozenset[str] = frozenset()
        self._warned = False

    def run(self, stop: Stop) -> None:
        """The loop; it says nothing before the first answer."""
        try:
            while not stop.is_set():
                until = time.monotonic() + self.turn()
                while not stop.is_set() and (left := until - time.monotonic()) > 0:
                    if self._wait(min(STEP, left)):
                        break
        finally:
            for _, pidfd in self._pidfds.values():
                os.close(pidfd)
            self._pidfds.clear()

    def turn(self) -> float:
        """Look once; seconds until the next look."""
        try:
            self._states = ask(self._command)
        except (Refused, Unavailable) as error:
            if not self._warned:
                logger.warning("units are not followed: %s", error)
            self._warned = True
            return AWAY
        self._warned = False
        self._tell_missing()
        died = self._follow_processes()
        self._tell(Signal.PROCESS_ENDED if died else Signal.UNIT_STOPPED)
        return SOON if self._unsettled() else LOOK

    def _unsettled(self) -> bool:
        """One is about to be another: it is started again, say."""
        states = (self._states.get(full_name(unit)) for unit in self._wanted)
        return bool(self._ended) or any(each and each.active in BETWEEN for each in states)

    def _wait(self, seconds: float) -> bool:
        """Whether a main process ended; that is told before systemd is asked about it."""
        poll = select.poll()
        for _, pidfd in self._pidfds.values():
            poll.register(pidfd, select.POLLIN)
        ready = {fd for fd, _ in poll.poll(seconds * 1000)}
        for unit, (pid, pidfd) in list(self._pidfds.items()):
            if pidfd in ready:
                self._ended[unit] = pid
                self._forget(unit)
        if ready:
            self._tell(Signal.PROCESS_ENDED)
        return bool(ready)

    def _follow_processes(self) -> bool:
        """Whether one had died before it could be followed."""
        died = False
        for unit in self._wanted:
            state = self._states.get(full_name(unit))
            pid = state.pid if state else 0
            if self._ended.get(unit) not in (None, pid):
                del self._ended[unit]
            if self._pidfds.get(unit, (0, 0))[0] == pid or self._ended.get(unit) == pid:
                continue
            self._forget(unit)
            try:
                if pid:
                    self._pidfds[unit] = pid, os.pidfd_open(pid)
            except ProcessLookupError:
                self._ended[unit] = pid
                died = True
            except OSError as error:
                logger.debug("the main process of %s is not watched: %s", unit, error)
        return died

    def _forget(self, unit: str) -> None:
        if held := self._pidfds.pop(unit, None):
            os.close(held[1])

    def _tell(self, ending: Signal) -> None:
        """`ending`: what it was if something serves no longer."""
        now = offered(self._wanted, self._states, self._ended)
        before, self._told = self._told, now
        if before == now:
            return
        ended = any(
            name not in now or (now[name].draining and not offer.draining)
            for name, offer in (before or {}).items()
        )
        self._telling.set(SOURCE, now, ending if ended else Signal.REGISTERED)

    def _tell_missing(self) -> None:
        missing = frozenset(
            unit
            for unit in self._wanted
            if (state := self._states.get(full_name(unit))) is None or not state.found
        )
        for unit in sorted(missing - self._missing):
            logger.warning("systemd knows no unit %s: what it would serve is not offered", unit)
        self._missing = missing


def ask(words: tuple[str, ...]) -> dict[str, UnitState]:
    """Raises Refused where there is no systemctl, Unavailable when it fails."""
    environment = os.environ | {"LC_ALL": "C", "SYSTEMD_COLORS": "0"}
    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=ANSWER, check=False,
            env=environment,
        )  # fmt: skip
    except FileNotFoundError:
        raise Refused("there is no systemctl on this machine") from None
    except subprocess.TimeoutExpired:
        raise Unavailable(f"systemctl does not answer within {ANSWER:g} s") from None
    except OSError as error:
        raise Unavailable(f"systemctl does not start: {error.strerror}") from error
    if done.returncode:
        said = " ".join(done.stderr.decode(errors="replace").split())[:200]
        raise Unavailable(f"systemctl exited {done.returncode}: {said}")
    with suppress(ValueError):
        return read_states(done.stdout.decode(errors="replace"))
    raise Unavailable("systemctl's answer cannot be read")
