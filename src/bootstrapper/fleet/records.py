"""Records as text and back. One that cannot be read is nobody's, and told once by its reader."""

import json
import threading
from typing import Any, TypeVar

import msgspec

from bootstrapper.errors import Mistake

T = TypeVar("T")
_making = threading.Lock()
"""msgspec crashes where two threads look at a new type at once."""
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def encode(record: Any) -> str:
    """Bytes that are no UTF-8 (somebody's key) stand in it as escapes, which `json` reads."""
    try:
        return msgspec.json.encode(record).decode()
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(record))


def decode(text: str, kind: type[T]) -> T:
    """Raises Mistake."""
    try:
        return decoder_of(kind).decode(text)  # type: ignore[no-any-return]
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Mistake(f"not a record of a {kind}: {error}") from error


def decoder_of(kind: Any) -> msgspec.json.Decoder[Any]:
    """Asked for where a module is loaded, no thread is the first to look at the type."""
    decoder = _decoders.get(kind)
    if decoder is None:
        with _making:
            decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    return decoder
