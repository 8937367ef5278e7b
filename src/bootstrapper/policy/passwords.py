"""Passwords of users that log in by HTTP basic: `scrypt$n$r$p$salt$hash` (RFC 7914).

Salt and hash are URL-safe base64 without padding.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import scrypt

from bootstrapper.errors import Mistake

N, R, P = 2**14, 8, 1  # 16 MiB and some 50 ms on one core
MAX_MEMORY = 128 * 2**20
FORM = re.compile(
    r"scrypt\$([0-9]{1,7})\$([0-9]{1,2})\$([0-9]{1,2})\$([\w-]{16,64})\$([\w-]{43})", re.ASCII
)


def hash_password(password: str) -> str:
    salt = secrets.token_bytes(16)
    digest = _derive(password, salt, N, R, P)
    return f"scrypt${N}${R}${P}${_encode(salt)}${_encode(digest)}"


def verify_password(password: str, stored: str) -> bool:
    """False also where nothing is stored (""), after the same time: who exists does not show."""
    n, r, p, salt, digest = _parts(stored or _NOBODY)
    same = hmac.compare_digest(_derive(password, salt, n, r, p), digest)
    return same and bool(stored)


def check_form(stored: str) -> None:
    """Raises a Mistake unless `verify_password` could use it."""
    n, r, p, _, _ = _parts(stored)
    if n < N or n & (n - 1) or not r or not p or 128 * n * r * p > MAX_MEMORY:
        raise Mistake(f"scrypt needs n a power of 2, at least {N}, and at most 128 MiB of memory")


def _parts(stored: str) -> tuple[int, int, int, bytes, bytes]:
    found = FORM.fullmatch(stored)
    if not found:
        raise Mistake("not a password hash: make one with `bootstrapper policy password`")
    return int(found[1]), int(found[2]), int(found[3]), _decode(found[4]), _decode(found[5])


def _derive(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    secret = password.encode(errors="surrogatepass")
    return scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=2 * MAX_MEMORY, dklen=32)


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise Mistake("not a password hash: its base64 is damaged") from error


_NOBODY = f"scrypt${N}${R}${P}${_encode(bytes(16))}${_encode(bytes(32))}"
