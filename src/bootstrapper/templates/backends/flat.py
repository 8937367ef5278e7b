"""A secret of several fields as keys: its JSON at its own key, its fields below (pure)."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bootstrapper.templates.paths import join

_IN_GO = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026",
                        "\u2028": "\\u2028", "\u2029": "\\u2029"})  # fmt: skip


def flat(key: str, fields: Mapping[str, Any]) -> dict[str, str]:
    """One lone field `value` that is a text is the key's own text. Of the others, texts and maps
    of texts have keys; numbers and lists are in the JSON alone.
    """
    if set(fields) == {"value"} and isinstance(fields["value"], str):
        return {key: fields["value"]}
    return {key: go_json(fields), **dict(_below(key, fields))}


def go_json(value: object) -> str:
    """As Go's encoding/json writes it: sorted keys, no spaces, <, > and & escaped."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.translate(_IN_GO)


def _below(key: str, fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        if isinstance(value, str):
            yield join(key, name), value
        elif isinstance(value, dict):
            yield from _below(join(key, name), value)
