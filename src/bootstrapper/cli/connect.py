"""Which server a command talks to, and as whom. No token is ever an argument: `ps` shows those."""

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from bootstrapper.errors import Mistake
from bootstrapper.settings import Settings

OWNER_TOKEN = "owner.token"


def server_url(settings: Settings) -> str:
    """Where this machine's own server is, as its settings say."""
    if settings.api.url:
        return settings.api.url
    host, _, port = settings.api.bind.rpartition(":")
    here = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)
    scheme = "https" if settings.api.tls_certificate else "http"
    return f"{scheme}://{here}:{port}"


def choose_url(
    named: str | None, environ: Mapping[str, str], settings: Callable[[], Settings]
) -> str:
    return named or environ.get("BOOTSTRAPPER_URL") or server_url(settings())


def find_token(
    named: Path | None, url: str, environ: Mapping[str, str], settings: Callable[[], Settings]
) -> str:
    """ "" when there is none: the server may take the caller's network for enough."""
    if named:
        return _read(named)
    if token := _given(environ, "BOOTSTRAPPER_TOKEN"):
        return token
    if file := _given(environ, "BOOTSTRAPPER_TOKEN_FILE"):
        return _read(Path(file))
    if not (_is_here(url) or url == server_url(settings())):
        return ""  # the owner's token of this machine is none of another server's business
    try:
        return (settings().state_dir / OWNER_TOKEN).read_text().strip()
    except OSError:
        return ""


def _given(environ: Mapping[str, str], name: str) -> str:
    """ "" when it is not set. Set to nothing is a slip, and must not end in the owner's token."""
    value = environ.get(name)
    if value is not None and not value.strip():
        raise Mistake(f"{name} is set, but empty: give it a value, or unset it")
    return value or ""


def _read(file: Path) -> str:
    try:
        token = file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a text"
        raise Mistake(f"{file}: {why}", field="token-file") from error
    if not token:
        raise Mistake(f"{file}: empty", field="token-file")
    return token


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
