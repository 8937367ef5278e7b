"""Proxies that can be changed at run time: one for each admin socket, kept between turns."""

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from bootstrapper.errors import Error
from bootstrapper.haproxy.apply import NeedsReload, Proxy
from bootstrapper.templates.resource import HaproxyResource

logger = logging.getLogger(__name__)

LOOK = 0.1  # seconds between looks at what drains, where somebody waits for it


class Live:
    def __init__(self) -> None:
        self._proxies: dict[HaproxyResource, Proxy] = {}

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
    def reloading(self, resources: Iterable[HaproxyResource | None]) -> Iterator[None]:
        """Around a reload: what operators set at run time is there again afterwards."""
        proxies = [self._proxy(each) for each in resources if each is not None]
        yield
        for proxy in proxies:
            proxy.forget()

    def finish_drains(self) -> None:
        """Delete the servers that are done, or whose time is over."""
        for proxy in self._proxies.values():
            try:
                proxy.finish_drains()
            except Error as error:
                logger.warning("servers go on draining: %s", error)

    def wait_for_drains(self) -> None:
        """For who ends: what was begun is finished first, within the drain time."""
        while any(proxy.drains for proxy in self._proxies.values()):
            time.sleep(LOOK)
            self.finish_drains()

    def _proxy(self, resource: HaproxyResource) -> Proxy:
        if resource not in self._proxies:
            self._proxies[resource] = Proxy(
                resource.socket, drain=resource.drain, timeout=resource.timeout
            )
        return self._proxies[resource]
