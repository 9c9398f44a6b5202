"""New identifiers, from a time and randomness that the caller brings."""

from __future__ import annotations

import re
from datetime import datetime

_CHECK = re.compile(r"chk_[0-9a-f]{32}")
_VARIANT = {f"{digit:x}": f"{digit & 3 | 8:x}" for digit in range(16)}


def uuid7(now: datetime, randomness: bytes) -> str:
    """A version 7 UUID (RFC 9562 section 5.7) from a moment and 10 random bytes, in lower case with hyphens."""
    value = (int(now.timestamp() * 1000) & (2**48 - 1)) << 80 | int.from_bytes(randomness[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def check_id(now: datetime, randomness: bytes) -> str:
    """`chk_` and the 32 hexadecimal digits of `uuid7`, which sort by time: spelt without the arithmetic, since many are
    made for one request."""
    random = randomness[:10].hex()
    return f"chk_{int(now.timestamp() * 1000):012x}7{random[1:4]}{_VARIANT[random[4]]}{random[5:]}"


def is_check_id(value: str) -> bool:
    """Whether `value` is written as `check_id` writes one."""
    return _CHECK.fullmatch(value) is not None
