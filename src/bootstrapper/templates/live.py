"""Proxies that can be changed at run time: one for each admin socket, kept between turns."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from bootstrapper.templates.resource import HaproxyResource


class Live:
    """`tell` gets why a change could not be made at run time, in words."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._proxies: dict[str, "Proxy"] = {}

    def apply(self, resource: HaproxyResource, old: str, new: str) -> bool:
        """Whether the running proxy now is as `new` says; else it wants a reload."""
        ...

    @contextmanager
    def reloading(
        self, resources: Sequence[HaproxyResource | None]
    ) -> Iterator[Callable[[], None]]:
        """Around a reload: what operators set at run time is there again afterwards.

        Gives the reload for those that have no command of their own.
        """
        with ExitStack() as stack:
            ...

    def finish_drains(self) -> None:
        """Delete the servers whose time to finish is over."""
        ...
