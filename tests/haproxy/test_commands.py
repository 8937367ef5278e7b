import pytest

from bootstrapper.haproxy.changes import Add, Change, Move, Remove, Reweigh, Switch
from bootstrapper.haproxy.commands import steps_for
from bootstrapper.haproxy.options import Version
from bootstrapper.haproxy.server import Server


def server(*options: tuple[str, str]) -> Server:
    return Server("w1", "127.0.0.1", 80, options)


POOL = "pool-max-conn -1 pool-purge-delay 5s"
TABLE: list[tuple[Change, Version, list[str]]] = [
    (Add("web", server()), (2, 6),
     [f"add server web/w1 127.0.0.1:80 {POOL}", "set server web/w1 state ready"]),
    (Add("web", server(("pool-max-conn", "9"))), (2, 6),
     ["add server web/w1 127.0.0.1:80 pool-max-conn 9 pool-purge-delay 5s",
      "set server web/w1 state ready"]),
    (Add("web", server(("check", ""), ("inter", "1s"))), (2, 8),
     ["add server web/w1 127.0.0.1:80 check inter 1s", "enable health web/w1",
      "set server web/w1 state ready"]),
    (Add("web", server(("disabled", ""), ("agent-check", ""))), (2, 8),
     ["add server web/w1 127.0.0.1:80 agent-check", "enable agent web/w1"]),
    (Remove("web", server()), (2, 8), ["set server web/w1 state maint"]),
    (Remove("web", server(("on-marked-down", "shutdown-sessions"))), (2, 8),
     ["set server web/w1 state drain"]),
    (Move("web", server()), (2, 8), ["set server web/w1 addr 127.0.0.1 port 80"]),
    (Move("web", server(("check", ""))), (2, 8),
     ["set server web/w1 addr 127.0.0.1 port 80", "set server web/w1 health up"]),
    (Reweigh("web", server(("weight", "7"))), (2, 8), ["set server web/w1 weight 7"]),
    (Switch("web", server(("disabled", ""))), (2, 8), ["set server web/w1 state maint"]),
    (Switch("web", server()), (2, 8), ["set server web/w1 state ready"]),
]  # fmt: skip


@pytest.mark.parametrize(("change", "version", "lines"), TABLE)
def test_what_is_said_for_a_change(change: Change, version: Version, lines: list[str]) -> None:
    assert [step.line for step in steps_for(change, version)] == lines
