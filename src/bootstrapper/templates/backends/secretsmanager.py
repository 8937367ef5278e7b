"""AWS Secrets Manager: a secret is a key; where it is a JSON map its fields are keys below it."""

import json
from collections.abc import Sequence
from typing import Any

from bootstrapper.lifecycle import Stop
from bootstrapper.templates.backends.aws import Service
from bootstrapper.templates.backends.flat import flat
from bootstrapper.templates.backends.port import nothing_to_hear
from bootstrapper.templates.confd.config import Config
from bootstrapper.templates.paths import any_at_or_below, at_or_below, join


class Secrets:
    """Names are read with or without a leading slash: `app/db` is the key /app/db."""

    watches = False

    def __init__(self) -> None:
        self._service = Service("secretsmanager")

    def values(self, keys: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        with self._service.client() as client:
            for name in self._names(client, keys):
                try:
                    secret = client.get_secret_value(SecretId=name)
                except client.exceptions.ResourceNotFoundException:
                    continue  # deleted meanwhile
                found |= _fields(join("/", name), secret)
        return {key: text for key, text in found.items() if any_at_or_below(key, keys)}

    def wait(self, prefix: str, keys: Sequence[str], since: int, stop: Stop) -> int:
        return nothing_to_hear(since, stop)

    def _names(self, client: Any, keys: Sequence[str]) -> list[str]:
        """Those at or below a key, and those above it, which may have it as a field."""
        tops = sorted({key.lstrip("/").partition("/")[0] for key in keys})
        names: dict[str, None] = {}
        for top in tops:
            filters = [{"Key": "name", "Values": [top, "/" + top]}] if top else []
            for page in client.get_paginator("list_secrets").paginate(Filters=filters):
                names |= dict.fromkeys(each["Name"] for each in page["SecretList"])
        return [name for name in names if _concerns(join("/", name), keys)]


def _concerns(secret: str, keys: Sequence[str]) -> bool:
    return any(at_or_below(secret, key) or at_or_below(key, secret) for key in keys)


def _fields(key: str, secret: Any) -> dict[str, str]:
    text = secret.get("SecretString")
    if text is None:
        return {key: secret["SecretBinary"].decode(errors="surrogateescape")}
    try:
        fields = json.loads(text)
    except ValueError:
        return {key: text}
    return {**flat(key, fields), key: text} if isinstance(fields, dict) else {key: text}


def make(config: Config) -> Secrets:
    return Secrets()
