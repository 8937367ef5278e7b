import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.playbooks.batches import batches


@pytest.mark.parametrize(
    ("hosts", "canary", "serial", "expected"),
    [
        pytest.param("abcd", 0, 0, ["abcd"], id="all at once"),
        pytest.param("abcd", 1, 0, ["a", "bcd"], id="a canary, then all the rest"),
        pytest.param("abcd", 0, 3, ["abc", "d"], id="three at a time"),
        pytest.param("abcdef", 1, 2, ["a", "bc", "de", "f"], id="a canary, then two at a time"),
        pytest.param("a", 1, 2, ["a"], id="only the canary"),
        pytest.param("ab", 5, 0, ["ab"], id="a canary larger than the flock"),
        pytest.param("", 1, 2, [], id="nobody"),
    ],
)
def test_who_comes_when(hosts: str, canary: int, serial: int, expected: list[str]) -> None:
    assert ["".join(batch) for batch in batches(hosts, canary, serial)] == expected


@given(st.lists(st.text(max_size=3)), st.integers(0, 9), st.integers(0, 9))
def test_everybody_comes_once_in_order_and_no_batch_is_too_large(
    hosts: list[str], canary: int, serial: int
) -> None:
    found = batches(hosts, canary, serial)

    assert [host for batch in found for host in batch] == hosts
    assert all(found)
    assert all(len(batch) <= serial for batch in found[1 if canary else 0 :] if serial)
