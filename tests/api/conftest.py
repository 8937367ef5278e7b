"""The API as it answers over HTTP: the session's site, spoken to without our own client."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from support.rules import policy
from support.site import Site, new_site
from support.sshd import Sshd

Launch = Callable[..., dict[str, Any]]
QUEUE_RULES = """
[[rule]]
name = "lists"
verdict = "allow"
actors = ["token:half", "token:none"]
actions = ["jobs.list"]

[[rule]]
name = "half"
verdict = "allow"
actors = ["token:half"]
actions = ["jobs.*"]
envs = ["staging"]
"""


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


@pytest.fixture(scope="package")
def queue(sshd: Sshd) -> Iterator[Site]:
    """A control plane whose workers have gone: what it accepts stays as it is.

    It takes this machine for the network `here`; `token:half` sees the jobs of one env.
    """
    with new_site(sshd, {"api": {"trust_networks": True}}) as made:
        made.plane.stop("work")
        (made.plane.folder / "policy.toml").write_text(policy() + QUEUE_RULES)
        yield made
