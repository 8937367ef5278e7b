"""Proxies that can be changed at run time: one for each admin socket, kept between turns."""

import logging
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import msgspec

from bootstrapper.errors import Error, Refused, Unavailable
from bootstrapper.haproxy.apply import NeedsReload, Proxy
from bootstrapper.haproxy.reload import (
    Master,
    Restart,
    find_master,
    restore_states,
    save_states,
    wait_for_worker,
)
from bootstrapper.haproxy.state import Kept
from bootstrapper.templates.resource import HaproxyResource

logger = logging.getLogger(__name__)

WORKER_SECONDS = 10.0  # until a reloaded HAProxy must have a new worker
LOOK = 0.1  # seconds between looks at what drains, where somebody waits for it


class Passage(msgspec.Struct, frozen=True):
    """From one text of a proxy's file to the next.

    `bystander`: the command is another file's, and may reload this proxy, too, or may not.
    """

    resource: HaproxyResource
    old: str
    new: str
    bystander: bool = False


class Live:
    def __init__(self) -> None:
        self._proxies: dict[HaproxyResource, Proxy] = {}
        self._away: set[HaproxyResource] = set()

    def look(self, resource: HaproxyResource, text: str) -> None:
        """Once, while the file is true: large backends are read before their first change."""
        if resource in self._proxies:
            return
        try:
            drift = self._proxy(resource).prepare(text)
        except Error as error:
            logger.info("%s is not looked at: %s", resource.socket, error)
        else:
            if drift:
                logger.warning("%s is not as its file: %s", resource.socket, drift.reason)

    def apply(self, resource: HaproxyResource, old: str, new: str) -> bool:
        """Whether the running proxy now is as `new` says; else it wants a reload, and the log says
        why.
        """
        try:
            outcome = self._proxy(resource).apply(old, new)
        except Error as error:
            outcome = NeedsReload(str(error))
        if isinstance(outcome, NeedsReload):
            logger.info("%s wants a reload: %s", resource.socket, outcome.reason)
            return False
        return True

    @contextmanager
    def reloading(self, passages: Sequence[Passage]) -> Iterator[None]:
        """Around a reload: it is over when a new worker serves, and what operators set at run time
        is there again. Refused when none comes: HAProxy did not like the file.
        """
        served = [each for passage in passages if (each := self._before(passage))]
        yield
        for passage, worker, kept in served:
            if not passage.bystander:
                self._after(passage, worker, kept, find_master(worker) or Restart(()))
            elif kept:  # else a new worker has nothing to be told
                with suppress(Error):
                    self._after(passage, worker, kept, Restart(()))

    def _after(
        self, passage: Passage, worker: int, kept: Sequence[Kept], how: Master | Restart
    ) -> None:
        proxy = self._proxy(passage.resource)
        wait_for_worker(proxy.socket, worker, how, WORKER_SECONDS)
        restore_states(proxy.socket, kept, passage.new)
        proxy.forget()

    def reload(self, resource: HaproxyResource) -> None:
        """For a resource without a command of its own: the master is told to take the file."""
        master = find_master(self._proxy(resource).socket.info().pid)
        if master is None:
            raise Refused(f"the HAProxy at {resource.socket} has no master: give a reload_cmd")
        os.kill(master.pid, signal.SIGUSR2)

    def _before(self, passage: Passage) -> tuple[Passage, int, tuple[Kept, ...]] | None:
        socket = self._proxy(passage.resource).socket
        try:
            return passage, socket.info().pid, save_states(socket, passage.old)
        except Unavailable:
            return None  # it does not run: there is nothing to carry over, nor to wait for
        except Error:
            if passage.bystander:
                return None
            raise

    def finish_drains(self) -> None:
        """Delete the servers that are done, or whose time is over. A proxy that is away is told
        of once: it is asked again, as it may only be busy.
        """
        for resource, proxy in self._proxies.items():
            try:
                proxy.finish_drains()
                self._away.discard(resource)
            except Error as error:
                level = logging.DEBUG if resource in self._away else logging.WARNING
                logger.log(level, "servers go on draining: %s", error)
                self._away.add(resource)

    def wait_for_drains(self) -> None:
        """For who ends: what was begun is finished first, within the drain time. With a proxy that
        is away nothing can be.
        """
        while any(proxy.drains for each, proxy in self._proxies.items() if each not in self._away):
            time.sleep(LOOK)
            self.finish_drains()

    def _proxy(self, resource: HaproxyResource) -> Proxy:
        if resource not in self._proxies:
            self._proxies[resource] = Proxy(
                resource.socket, drain=resource.drain, timeout=resource.timeout
            )
        return self._proxies[resource]
