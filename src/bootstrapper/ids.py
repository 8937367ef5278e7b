"""Sortable ids: UUIDv7 (RFC 9562, sections 5.7 and 6.2), so that newer jobs come after older."""

import os
import time
import uuid


def new_id() -> str:
    """48 bits of Unix time in milliseconds, 12 of its fraction, then 62 random bits."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = (rest << 12) // 1_000_000
    value = milliseconds << 80 | fraction << 64 | int.from_bytes(os.urandom(8))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
