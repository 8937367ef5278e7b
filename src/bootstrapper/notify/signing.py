"""Signatures of webhooks, as Standard Webhooks has them. Pure. https://www.standardwebhooks.com"""

import base64
import binascii
import hashlib
import hmac

from bootstrapper.errors import Mistake

PREFIX = "whsec_"


def signed_headers(secret: str, message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """`seconds`: Unix time of this try. Without a secret there is no signature."""
    headers = {"webhook-id": message_id, "webhook-timestamp": str(seconds)}
    if secret:
        content = f"{message_id}.{seconds}.".encode() + body
        digest = hmac.digest(key_of(secret), content, hashlib.sha256)
        headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
    return headers


def key_of(secret: str) -> bytes:
    """`whsec_` and base64, as the standard writes it; any other text is the key itself. Raises a
    Mistake for what only looks like the standard's: no receiver would read it as we do."""
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise Mistake("what follows whsec_ is not base64", field="secret") from error
