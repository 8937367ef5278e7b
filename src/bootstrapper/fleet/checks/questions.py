"""What a check asks, made ready once: where to connect and what to send, or what to run. Pure.

`http`: `/path` asks the service itself; a URL asks what it names, with its host in the `Host`
line; a query may hold a secret and is not told. `tcp`: nothing, `port` or `host:port`. An https
answer counts whoever signed it: a check asks whether something serves here, by an address that
certificates do not name.
"""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from bootstrapper.errors import Mistake
from bootstrapper.fleet.values import Check, Offer

PORTS = {"http": 80, "https": 443}
LAST_PORT = 65535
_KEPT = "/:@!$&'()*+,;=~%?#[]-._"


@dataclass(frozen=True, slots=True)
class Connect:
    """`request` is empty for a tcp check. `told`: how it is called in a reason."""

    host: str
    port: int
    told: str
    request: bytes = b""
    tls: bool = False


@dataclass(frozen=True, slots=True)
class Execute:
    """`about`: what its environment tells it, by name."""

    words: tuple[str, ...]
    about: tuple[tuple[str, str], ...]


Question = Connect | Execute


def question(check: Check, offer: Offer) -> Question:
    """Raises Mistake where the target says nothing that could be asked."""
    if check.kind == "command":
        return _execute(check, offer)
    if not isinstance(check.target, str):
        raise Mistake(f"the target of a check by {check.kind} is one word, not several")
    return _http(check.target, offer) if check.kind == "http" else _tcp(check.target, offer)


def _execute(check: Check, offer: Offer) -> Execute:
    words = check.target
    if isinstance(words, str) or not words or not words[0]:
        raise Mistake("a check by command is a program and its arguments, word by word")
    if any("\0" in word for word in words):
        raise Mistake("a command holds no NUL")
    return Execute(
        words,
        (
            ("BOOTSTRAPPER_SERVICE", offer.service),
            ("BOOTSTRAPPER_ID", offer.id),
            ("BOOTSTRAPPER_ADDRESS", offer.address),
            ("BOOTSTRAPPER_PORT", str(offer.port)),
        ),
    )


def _tcp(target: str, offer: Offer) -> Connect:
    host, separator, port = target.rpartition(":")
    if target and not separator:
        host, port = "", target
    if target and not (port.isascii() and port.isdigit() and 0 < int(port) <= LAST_PORT):
        raise Mistake(f"{target!r} is neither a port nor host:port")
    where = host.removeprefix("[").removesuffix("]") or offer.address
    number = int(port) if target else offer.port
    return Connect(where, number, f"{_bracketed(where)}:{number}")


def _http(target: str, offer: Offer) -> Connect:
    own = f"http://{_bracketed(offer.address)}:{offer.port}"
    url = target if "://" in target else f"{own}/{target.removeprefix('/')}"
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise Mistake(f"{target!r} is no URL: {error}") from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise Mistake(f"{target!r} is neither a path nor an http or https URL")
    if any(letter <= " " or letter == "\x7f" for letter in parts.netloc):
        raise Mistake(f"{target!r} names no host")
    path = quote(parts.path or "/", safe=_KEPT) + (
        f"?{quote(parts.query, safe=_KEPT)}" if parts.query else ""
    )
    host = parts.netloc.rpartition("@")[2]
    lines = (
        f"GET {path} HTTP/1.1", f"Host: {host}", "User-Agent: bootstrapper", "Accept: */*",
        "Connection: close", "", "",
    )  # fmt: skip
    told = f"GET {parts.scheme}://{host}{path.partition('?')[0]}" + ("?…" if parts.query else "")
    try:
        request = "\r\n".join(lines).encode("ascii")
    except UnicodeEncodeError:
        raise Mistake(f"{target!r}: a host outside of ASCII is written as xn--…") from None
    return Connect(parts.hostname, port, told, request, parts.scheme == "https")


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
