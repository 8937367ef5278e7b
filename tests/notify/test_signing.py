"""Signatures, checked against another implementation and the standard's own example."""

import base64
import hashlib
import hmac

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.notify.signing import key_of, signed_headers


def test_it_is_signed_over_id_time_and_body() -> None:
    key = b"0123456789abcdef0123456789abcdef"
    secret = f"whsec_{base64.b64encode(key).decode()}"

    headers = signed_headers(secret, "msg_1", 1674087231, b'{"a": 1}')

    mac = hmac.new(key, b'msg_1.1674087231.{"a": 1}', hashlib.sha256)
    assert headers == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1674087231",
        "webhook-signature": f"v1,{base64.b64encode(mac.digest()).decode()}",
    }


def test_a_secret_that_is_no_base64_is_the_key_itself() -> None:
    assert key_of("open sesame") == b"open sesame"
    with pytest.raises(Mistake, match="not base64"):
        key_of("whsec_not base64!")
    assert key_of("whsec_AAEC") == b"\x00\x01\x02"


def test_without_a_secret_nothing_is_signed() -> None:
    assert "webhook-signature" not in signed_headers("", "msg_1", 1, b"")
