"""Salts are fresh: no byte of the system's randomness is given twice."""

from __future__ import annotations

import secrets

import pytest

from isa_registry.runtime.randomness import Randomness


def test_every_byte_is_given_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[bytes] = []

    def token_bytes(count: int) -> bytes:
        fetched.append(bytes([len(fetched) + 1]) * count)
        return fetched[-1]

    monkeypatch.setattr(secrets, "token_bytes", token_bytes)
    randomness = Randomness()
    given = b"".join(randomness(32) for _ in range(600))

    assert 3 == len(fetched)
    assert given == b"".join(fetched)[: len(given)]


def test_no_two_salts_are_the_same() -> None:
    randomness = Randomness()

    assert 2000 == len({randomness(32) for _ in range(2000)})
    assert [0, 10, 8192] == [len(randomness(count)) for count in (0, 10, 8192)]


@pytest.mark.parametrize("count", [-1, 8193])
def test_more_than_is_fetched_at_once_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="8192"):
        Randomness()(count)
