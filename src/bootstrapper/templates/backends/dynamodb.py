"""A DynamoDB table of items {key, value}, both strings."""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from bootstrapper.lifecycle import Stop
from bootstrapper.templates.backends.aws import Service
from bootstrapper.templates.backends.port import nothing_to_hear
from bootstrapper.templates.confd.config import Config

logger = logging.getLogger(__name__)


class Table:
    """Keys match by how they begin, as in confd; a key that is an item is that alone."""

    watches = False

    def __init__(self, name: str) -> None:
        self._name = name
        self._service = Service("dynamodb", local=("DYNAMODB_LOCAL", "http://localhost:8000"))

    def values(self, keys: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        with self._service.client() as client:
            for key in dict.fromkeys(keys):
                item = client.get_item(TableName=self._name, Key={"key": {"S": key}}).get("Item")
                items = [item] if item and "value" in item else self._below(client, key)
                found |= dict(_texts(items))
        return found

    def wait(self, prefix: str, keys: Sequence[str], since: int, stop: Stop) -> int:
        return nothing_to_hear(since, stop)

    def _below(self, client: Any, key: str) -> Iterator[Any]:
        """All pages: one scan gives a megabyte at most."""
        for page in client.get_paginator("scan").paginate(
            TableName=self._name,
            FilterExpression="begins_with(#key, :key)",
            ProjectionExpression="#key, #value",
            ExpressionAttributeNames={"#key": "key", "#value": "value"},
            ExpressionAttributeValues={":key": {"S": key}},
        ):
            yield from page["Items"]


def _texts(items: Any) -> Iterator[tuple[str, str]]:
    for item in items:
        name = item["key"]["S"]
        if "S" in item.get("value", {}):
            yield name, item["value"]["S"]
        else:
            logger.warning("dynamodb: %s is passed over: its value is no string", name)


def make(config: Config) -> Table:
    return Table(config.source.table)
