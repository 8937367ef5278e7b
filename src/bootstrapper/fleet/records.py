"""Records as text and back. One that cannot be read is nobody's, and told once by its reader."""

from typing import Any, TypeVar

import msgspec

from bootstrapper.errors import Mistake

T = TypeVar("T")
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def encode(record: Any) -> str:
    return msgspec.json.encode(record).decode()


def decode(text: str, kind: type[T]) -> T:
    """Raises Mistake."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    try:
        return decoder.decode(text)  # type: ignore[no-any-return]
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Mistake(f"not a record of a {kind}: {error}") from error
