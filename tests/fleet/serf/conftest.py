"""Real agents: one with a key that many tests ask, and those that a test starts for itself."""

from collections.abc import Iterator

import pytest

from support.serf import Agent, Agents, serf_agents

KEY = "open sesame"


@pytest.fixture
def agents() -> Iterator[Agents]:
    with serf_agents() as made:
        yield made


@pytest.fixture(scope="package")
def agent() -> Iterator[Agent]:
    """It wants a key. Tests may tag it, and leave it as they like."""
    with serf_agents() as made:
        yield made.start("asked", key=KEY, tags={"role": "web"})
