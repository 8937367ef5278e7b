"""Sortable ids: UUIDv7 (RFC 9562, section 5.7), so that newer jobs sort after older ones."""

import os
import time
import uuid


def new_id() -> str:
    """48 bits of Unix time in milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    value = milliseconds << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
