import pytest

from bootstrapper.haproxy.changes import Live, Reload, Same, told
from bootstrapper.haproxy.compare import difference

HEAD = """\
global
    daemon
defaults
    mode http
    default-server inter 3s
frontend f
    bind :80
    default_backend web
"""


def config(*servers: str, more: str = "", head: str = HEAD, after: str = "") -> str:
    lines = "\n".join(f"    {each}" for each in (*more.split("\n"), *servers) if each)
    return f"{head}backend web\n{lines}\n{after}"


ONE = "server one 127.0.0.1:1 check"
TWO = "server two 127.0.0.1:2"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (config(ONE), config(ONE)),
        (config(ONE), config("# rendered at noon", ONE, "")),
        (config(ONE), config(ONE.replace(" ", "   ") + "  # the first")),
        (config(ONE, TWO), config(TWO, ONE)),
        (config(ONE), config("'server' one 127.0.0.1:1 check").replace("'server'", "server")),
    ],
)
def test_what_haproxy_cannot_notice_is_no_difference(old: str, new: str) -> None:
    assert difference(old, new) == Same()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (config(), config(ONE), ["+web/one 127.0.0.1:1"]),
        (config(ONE, TWO), config(TWO), ["-web/one"]),
        (config(ONE), config(TWO), ["+web/two 127.0.0.1:2", "-web/one"]),
        (config(ONE), config(ONE.replace(":1", ":9")), ["web/one to 127.0.0.1:9"]),
        (config(ONE, TWO), config(ONE + " weight 3", TWO), ["web/one weight 3"]),
        (config(ONE), config(ONE + " disabled"), ["web/one off"]),
        (config(ONE, TWO), config(ONE + " rise 9", TWO), ["web/one anew at 127.0.0.1:1"]),
        (config(ONE, more="balance leastconn"), config(more="balance leastconn"), ["-web/one"]),
        (config(ONE, more="balance first"), config(more="balance first"), ["-web/one"]),
        (
            config(ONE, after="listen l\n server a [::1]:1\n"),
            config(TWO, after="listen l\n server a [::1]:2\n"),
            ["+web/two 127.0.0.1:2", "l/a to [::1]:2", "-web/one"],
        ),
    ],
)
def test_servers_alone_are_changed_live(old: str, new: str, expected: list[str]) -> None:
    found = difference(old, new)

    assert isinstance(found, Live), found
    assert [told(each) for each in found.changes] == expected


def adding(line: str, more: str = "", head: str = HEAD) -> tuple[str, str]:
    return config(TWO, more=more, head=head), config(TWO, line, more=more, head=head)


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ((config(ONE), config(ONE, more="timeout server 3s")), "more than servers"),
        ((config(ONE), config(ONE, head=HEAD.replace("3s", "4s"))), "default-server"),
        ((config(ONE), config(ONE, after="backend b\n")), "a section came or went"),
        ((config(ONE), config(ONE).replace("\nbackend web", "\nbackend w")), "sections differ"),
        (adding("server x example.com:80"), "not an IP address"),
        (adding("server x 127.0.0.1"), "not an IP address"),
        (adding("server x 127.0.0.1:+80"), "no port"),
        (adding("server x /run/x.sock"), "not an IP address"),
        (adding("server x ${ADDRESS}:80"), "read otherwise"),
        (adding("server x 127.0.0.1:80;disable"), "read otherwise"),
        (adding("server x;y 127.0.0.1:80"), "read otherwise"),
        (adding("server x/y 127.0.0.1:80"), "no name"),
        (adding("server x 127.0.0.1:80 weight 257"), "more than 256"),
        (adding("server x [fe80::1%lo]:80"), "an interface"),
        (adding("server x 127.0.0.1:80\u00a0check"), "white space"),
        (adding("server x 127.0.0.1:80\x1fcheck"), "white space"),
        (adding("server x 127.0.0.1:80 # \0"), "white space"),
        ((config(ONE), config(ONE, TWO).rstrip()), "no end"),
        (adding("server x 127.0.0.1:80 track web/two"), "track"),
        (adding("server x 127.0.0.1:80 cookie x"), "cookie"),
        (adding("server x 127.0.0.1:80 shiny"), "not known"),
        (adding("server x 127.0.0.1:80 weight"), "wants a value"),
        (adding("server x 127.0.0.1:80 check-sni 'a b'"), "read otherwise"),
        (adding("server x 127.0.0.1:80 check-sni 'a b"), "never closed"),
        (adding("server x"), "names no address"),
        (adding("server two 127.0.0.1:80"), "two servers two"),
        (adding(TWO), "two servers two"),
        (adding(ONE, "balance source"), "balances by source"),
        (adding(ONE, "balance uri"), "balances by uri"),
        (adding(ONE, head=HEAD.replace("mode http", "balance static-rr")), "static-rr"),
        (adding(ONE, "balance first"), "order"),
        (adding(ONE, "cookie SRV insert"), "cookie"),
        (adding(ONE, "server-template t 3 127.0.0.1:80"), "server-template"),
        ((config(ONE), config(ONE + " rise 9")), "no other server stays"),
        ((config(ONE, TWO, more="balance first"), config(TWO, ONE, more="balance first")), "order"),
        ((config(ONE, TWO, more="use-server one if { path / }"),
          config(TWO, more="use-server one if { path / }")), "another line names"),
        ((config(ONE, TWO, after="backend b\n use-server x if { srv_is_up(web/one) }\n"),
          config(TWO, after="backend b\n use-server x if { srv_is_up(web/one) }\n")),
         "another line names"),
        (("peers p\n server a 127.0.0.1:1\n", "peers p\n server a 127.0.0.1:2\n"), "peers"),
        ((config(ONE, more=".if defined(X)\n.endif"), config(more=".if defined(X)\n.endif")),
         "conditional"),
    ],
)  # fmt: skip
def test_the_rest_is_a_reload_with_its_reason(texts: tuple[str, str], why: str) -> None:
    found = difference(*texts)

    assert isinstance(found, Reload), found
    assert why in found.reason


def test_newer_haproxy_can_set_cookies_at_run_time() -> None:
    old, new = adding("server x 127.0.0.1:80 cookie x", "cookie SRV insert")

    assert isinstance(difference(old, new, (2, 8)), Live)


def test_a_server_has_what_the_default_servers_above_it_say() -> None:
    old = config(TWO, more="default-server check fall 5 inter 9s\nserver-placeholder")
    new = old.replace(TWO, f"{TWO}\n    server x 127.0.0.1:80 no-check fall 7")
    found = difference(old, new)

    assert isinstance(found, Live)
    assert dict(found.changes[0].server.options) == {"inter": "9s", "fall": "7"}  # type: ignore[union-attr]
