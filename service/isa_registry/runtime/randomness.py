"""Random bytes from the operating system, fetched many at a time: a call for each would cost more than an answer."""

from __future__ import annotations

import secrets

_FETCHED = 8192


class Randomness:
    """Gives each byte that the system's generator gave once, and never again.

    Make one in each process, after it was forked: two that share a buffer would give the same salts.
    """

    def __init__(self) -> None:
        self._bytes = b""
        self._used = 0

    def __call__(self, count: int) -> bytes:
        """`count` fresh random bytes; at most 8192."""
        if not 0 <= count <= _FETCHED:
            raise ValueError("ask for at most 8192 random bytes")
        if self._used + count > len(self._bytes):
            self._bytes, self._used = secrets.token_bytes(_FETCHED), 0
        taken = self._bytes[self._used : self._used + count]
        self._used += count
        return taken
