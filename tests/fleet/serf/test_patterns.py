"""What is let through is taken by a real agent; what it would hang up on is a Mistake."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.fleet.serf.patterns import fault, whole
from support.serf import Agent

KNOWN = [
    "web-.*", "(web|db)-[0-9]+", r"web\.example\.org", "", "a{2,5}", "(?:a|b)?c*", r"[^\d.]+",
    r"\bweb\b", "(?P<site>[a-z]+)-1", "[]a-]", "é+", "a+?", "x{,5}", r"\w\s\D", "^web$", r"a\{2}",
]  # fmt: skip
UNKNOWN = [
    "(", "*a", "[z-a]", "a(?=b)", "(?<!a)b", r"(a)\1", "(?P<a>.)(?P=a)", "(?>a)", "a++", "a{2}+",
    "a{1001}", "(?:a{500}){3}", r"a\Z", r"\u00e9", "(?#no)", "(?(1)a)", "[[:alpha:]]", r"[\b]",
    "a\\", "caf\udce9", r"\07", "(?P<é>a)", r"\N{DIGIT ONE}",
]  # fmt: skip


@pytest.mark.parametrize("pattern", KNOWN)
def test_what_both_read_alike_is_let_through(agent: Agent, pattern: str) -> None:
    with agent.connect() as rpc:
        rpc.members_filtered(name=pattern, tags={"role": pattern})


@pytest.mark.parametrize("pattern", UNKNOWN)
def test_what_serf_does_not_read_is_a_mistake(pattern: str) -> None:
    with pytest.raises(Mistake) as told:
        whole(pattern, "name")

    assert told.value.field == "name"


@given(st.lists(st.sampled_from([*r"ab.*+?()[]{}|^$\-,:!=<>#&~P1dDwbBZzQE", "(?", "{2}"])))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_pattern_that_is_let_through_makes_a_real_agent_hang_up(
    shared: Agent, pieces: list[str]
) -> None:
    pattern = "".join(pieces)
    if fault(pattern):
        return
    with shared.connect() as rpc:
        try:
            rpc.members_filtered(name=pattern)
        except (Unavailable, Refused) as error:
            raise AssertionError(f"{pattern!r}: {error}") from error


@pytest.fixture(scope="module")
def shared(agent: Agent) -> Agent:
    return agent
