"""Whatever servers come, go and change: what is applied is what a fresh start would have."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bootstrapper.haproxy.apply import Applied, Proxy
from bootstrapper.haproxy.state import fault, wanted
from haproxy.conftest import Start
from support.haproxy import preamble

SERVER = st.tuples(
    st.integers(1, 9),
    st.sampled_from(["", " weight 7", " check", " backup maxconn 4"]),
    st.booleans(),
)
SETS = st.lists(st.dictionaries(st.sampled_from("abcde"), SERVER), min_size=2, max_size=5)


def text(folder: Path, servers: dict[str, tuple[int, str, bool]]) -> str:
    lines = (
        f" server {name} 127.0.0.{host}:80{options}{' disabled' if off else ''}\n"
        for name, (host, options, off) in servers.items()
    )
    return preamble(folder) + "backend web\n server stays 127.0.0.1:1\n" + "".join(lines)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=SETS)
def test_any_change(start: Start, folder: Path, steps: list[dict[str, tuple[int, str, bool]]]):  # type: ignore[no-untyped-def]  # noqa: ANN201
    if not (folder / "admin.sock").exists():
        start("backend web\n server stays 127.0.0.1:1\n")
    proxy = Proxy(str(folder / "admin.sock"))
    clean = preamble(folder) + "backend web\n server stays 127.0.0.1:1\n"
    for old, new in zip([clean, *(text(folder, x) for x in steps)],
                        [*(text(folder, x) for x in steps), clean], strict=True):  # fmt: skip
        assert isinstance(proxy.apply(old, new), Applied)
        assert proxy.finish_drains() == ()
        rows = {row.name: row for row in proxy.socket.states("web")}
        asked = wanted(new)["web"]
        assert fault("web", asked, rows, set()) == ""
        for name, server in asked.items():
            assert server is not None
            assert rows[name].weight == server.weight
            assert (rows[name].mode == "maint") == server.has("disabled")
        assert set(rows) == set(asked)
