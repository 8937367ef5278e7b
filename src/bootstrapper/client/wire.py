"""One HTTP exchange: errors in the product's own words, and nothing kept between.

The standard library's client, because it is there in 30 ms where httpx takes 250: a command
that only asks a question should not feel slow. TLS is verified (SSL_CERT_FILE names other CAs).
"""

import http.client
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from bootstrapper.client.problems import problem
from bootstrapper.client.server import Lost
from bootstrapper.errors import Mistake, Unavailable

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@contextmanager
def exchange(
    url: str,
    method: str,
    target: str,
    body: bytes | None,
    headers: Mapping[str, str],
    timeout: float,
) -> Iterator[http.client.HTTPResponse]:
    """The answer, when it is a good one; a problem is raised as the error that it tells of."""
    connection = _connection(url, timeout)
    try:
        with _translated(url, Unavailable):
            connection.connect()
        with _translated(url, Lost):
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            if answer.status >= http.client.MULTIPLE_CHOICES:
                raise problem(answer.status, answer.read())
            yield answer
    finally:
        connection.close()


def _connection(url: str, timeout: float) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port, timeout=timeout)
    context = ssl.create_default_context()
    return http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=context)


def _hint(url: str, error: OSError) -> str:
    """Nobody listens on this very machine: then it is for the caller to start it."""
    here = urlsplit(url).hostname in LOOPBACK
    refused = isinstance(error, ConnectionRefusedError)
    return ": is it running? `bootstrapper up` starts it" if here and refused else ""


@contextmanager
def _translated(url: str, kind: type[Unavailable]) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise Mistake(f"{url}: {error.verify_message}", field="url") from error
    except TimeoutError as error:
        raise kind(f"{url}: no answer in time") from error
    except OSError as error:
        raise kind(f"{url}: {error.strerror or error}{_hint(url, error)}") from error
    except http.client.HTTPException as error:
        raise kind(f"{url}: {type(error).__name__}: {error}") from error
