"""The options of a `server` line, and which of them a server added at run time may have. Pure.

From the HAProxy 2.6 and 2.8 manuals (configuration 5.2, management `add server`), and what both
binaries said when they were asked.
"""

from collections.abc import Iterable, Sequence

from bootstrapper.errors import Mistake

Version = tuple[int, int]
Options = tuple[tuple[str, str], ...]
"""Name and value ("" for a flag), in the order of the line, each name once."""

FLAGS = frozenset((
    "agent-check", "allow-0rtt", "backup", "check", "check-send-proxy", "check-ssl",
    "check-via-socks4", "disabled", "force-sslv3", "force-tlsv10", "force-tlsv11",
    "force-tlsv12", "force-tlsv13", "no-ssl-reuse", "no-sslv3", "no-tls-tickets", "no-tlsv10",
    "no-tlsv11", "no-tlsv12", "no-tlsv13", "send-proxy", "send-proxy-v2", "send-proxy-v2-ssl",
    "send-proxy-v2-ssl-cn", "ssl", "tfo",
))  # fmt: skip
VALUES = frozenset((
    "addr", "agent-addr", "agent-inter", "agent-port", "agent-send", "alpn", "ca-file",
    "check-alpn", "check-proto", "check-sni", "ciphers", "ciphersuites", "crl-file", "crt",
    "downinter", "error-limit", "fall", "fastinter", "id", "inter", "maxconn", "maxqueue",
    "minconn", "npn", "observe", "on-error", "on-marked-down", "on-marked-up", "pool-low-conn",
    "pool-max-conn", "pool-purge-delay", "port", "proto", "proxy-v2-options", "rise",
    "slowstart", "sni", "source", "ssl-max-ver", "ssl-min-ver", "verify", "verifyhost", "weight",
    "ws",
))  # fmt: skip
SINCE: dict[str, Version] = {"cookie": (2, 8), "shard": (2, 8)}
"""Options with a value that a server added at run time may have from this version on."""
NEVER = frozenset((
    "max-reuse", "namespace", "non-stick", "redir", "socks4", "stick", "tcp-ut", "track",
    "usesrc", "interface", "log-proto",
))  # fmt: skip
NAMES_ONLY = frozenset((
    "init-addr", "resolvers", "resolve-prefer", "resolve-net", "resolve-opts",
))  # fmt: skip
"""About names that are looked up: without a meaning for a server with an address."""
OPPOSITES = {
    "enabled": "disabled",
    "ssl-reuse": "no-ssl-reuse",
    "tls-tickets": "no-tls-tickets",
    **{f"no-{flag}": flag for flag in FLAGS if not flag.startswith(("no-", "force-"))},
    "no-verifyhost": "verifyhost",
}
"""Words that take another one back, as one from a `default-server`."""


def read_options(words: Sequence[str], version: Version) -> Options:
    """Of a whole line, what it inherits first. Mistake for what cannot be had at run time."""
    found: dict[str, str] = {}
    at = 0
    while at < len(words):
        name = words[at]
        at += 1
        if name in OPPOSITES:
            found.pop(OPPOSITES[name], None)
        elif name in FLAGS:
            found[name] = ""
        elif name in NAMES_ONLY:
            at += 1
        elif name in VALUES or SINCE.get(name, (99, 0)) <= version:
            if at >= len(words):
                raise Mistake(f"{name} wants a value")
            found[name] = words[at]
            at += 1
        else:
            raise Mistake(_not_at_run_time(name, version))
    return tuple(found.items())


def _not_at_run_time(name: str, version: Version) -> str:
    asked = f"{version[0]}.{version[1]}"
    if name in SINCE or name in NEVER:
        return f"HAProxy {asked} gives no server added at run time the option {name}"
    return f"the option {name} is not known"


def as_words(options: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(word for pair in options for word in pair if word)
