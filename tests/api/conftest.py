"""The API as it answers over HTTP: the session's site, spoken to without our own client."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from support.site import Site

Launch = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def api(site: Site) -> Iterator[httpx.Client]:
    """As the owner."""
    with site.plane.http() as client:
        yield client


@pytest.fixture(scope="module")
def anybody(site: Site) -> Iterator[httpx.Client]:
    """Without any credentials."""
    with site.plane.http("") as client:
        yield client


@pytest.fixture(autouse=True)
def tidy(site: Site) -> Iterator[None]:
    yield
    site.tidy()
