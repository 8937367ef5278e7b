"""Behind a proxy the caller's network is the one that the proxy saw, and nobody else's word."""

from collections.abc import Iterator

import httpx
import pytest

from support.control import ControlPlane, api_alone

PROXY, STRANGER = "127.0.0.2", "127.0.0.3"
POLICY = """
[networks]
here = ["127.0.0.0/8"]
office = ["10.1.0.0/16"]
vault = ["10.9.0.0/16", "2001:db8::/32"]
"""


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    api = {"trust_networks": True, "trusted_proxies": [PROXY]}
    with api_alone({"api": api}, POLICY) as made:
        yield made


def actor(plane: ControlPlane, peer: str, *forwarded: str) -> str:
    """As which actor a caller is taken whose connection comes from `peer`."""
    transport = httpx.HTTPTransport(local_address=peer)
    headers = [("X-Forwarded-For", each) for each in forwarded]
    with httpx.Client(transport=transport, base_url=plane.url, headers=headers) as client:
        answer = client.get("/api/v1/whoami")
    return str(answer.json()["actor"]) if answer.status_code == 200 else str(answer.status_code)


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        pytest.param(PROXY, [], "network:here", id="the proxy itself"),
        pytest.param(PROXY, ["10.1.2.3"], "network:office", id="whom the proxy saw"),
        pytest.param(PROXY, ["2001:db8::1"], "network:vault", id="an address of version 6"),
        pytest.param(PROXY, ["10.9.9.9, 10.1.2.3"], "network:office", id="a caller's own word"),
        pytest.param(
            PROXY, ["10.9.9.9", "10.1.2.3"], "network:office", id="a proxy that adds a line"
        ),
        pytest.param(PROXY, ["10.9.9.9, 192.0.2.1"], "401", id="from no known network"),
        pytest.param(PROXY, ["10.9.9.9, nonsense"], "401", id="no address"),
        pytest.param(PROXY, ["10.9.9.9,"], "401", id="an empty end"),
        pytest.param(STRANGER, ["10.9.9.9"], "network:here", id="not by a trusted proxy"),
        pytest.param(STRANGER, [f"10.9.9.9, {PROXY}"], "network:here", id="who names a proxy"),
    ],
)
def test_whose_word_counts(
    plane: ControlPlane, peer: str, forwarded: list[str], expected: str
) -> None:
    assert actor(plane, peer, *forwarded) == expected
