"""Identifiers made by the caller: UUID version 7 (RFC 9562 section 5.7)."""

import re
import secrets
import time
import uuid

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_CHECK = re.compile(r"chk_[A-Za-z0-9_-]{1,64}")


def uuid7(milliseconds: int, entropy: bytes) -> str:
    """Return the UUID of a Unix time in milliseconds (48 bits) and ten bytes of entropy, of which 74 bits are used.

    Raises `ValueError` if either is out of range.
    """
    if not 0 <= milliseconds < 2**48 or len(entropy) != 10:
        raise ValueError("a UUID version 7 takes a 48-bit time and ten bytes of entropy")
    random_a, random_b = entropy[:2], entropy[2:]
    value = (
        milliseconds << 80
        | 0x7 << 76
        | (int.from_bytes(random_a, "big") & 0xFFF) << 64
        | 0b10 << 62
        | (int.from_bytes(random_b, "big") & (2**62 - 1))
    )
    return str(uuid.UUID(int=value))


def new_event_id() -> str:
    """Return a fresh UUID version 7 of this moment."""
    return uuid7(time.time_ns() // 1_000_000, secrets.token_bytes(10))


def is_event_id(text: str) -> bool:
    """Say whether the text is a UUID version 7 in its canonical, lower-case form."""
    return _UUID7.fullmatch(text) is not None


def is_check_id(text: str) -> bool:
    """Say whether the text can be the id of a check."""
    return _CHECK.fullmatch(text) is not None
