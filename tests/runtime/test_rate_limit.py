"""Buckets that fill, and counts of different things: exact, and bounded in what they remember."""

from __future__ import annotations

from isa_registry.runtime.distinct import DistinctLimit
from isa_registry.runtime.rate_limit import RateLimit


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_fills_steadily_and_says_when_it_gives_again() -> None:
    clock = Clock()
    limit = RateLimit(2.0, 10, clock)
    assert [limit.take("a").left for _ in range(10)] == list(range(9, -1, -1))
    refused = limit.take("a", 4)
    assert (refused.allowed, refused.left, refused.wait, refused.full_in) == (False, 0, 2.0, 5.0)
    clock.now = 1.9
    assert not limit.take("a", 4).allowed
    clock.now = 2.0
    assert limit.take("a", 4).allowed
    clock.now = 100.0
    assert limit.look("a").left == 10


def test_looking_takes_nothing_and_remembers_nobody() -> None:
    limit = RateLimit(1.0, 1, Clock())
    assert limit.look("a").allowed
    assert limit.take("a").allowed
    assert not limit.look("a").allowed
    assert not limit.look("a").allowed
    for number in range(10_000):
        limit.look(number)
    assert len(limit._buckets) == 1


def test_buckets_do_not_grow_without_bound_and_forgetting_empties_nobodys() -> None:
    limit = RateLimit(1.0, 5, Clock())
    for number in range(20_000):
        limit.take(number)
    assert len(limit._buckets) == 4_096
    assert limit.take(0).left == 4


# --- different references ---------------------------------------------------------------------------------------------


def references(first: int, last: int) -> list[str]:
    return [f"s1_{number:043}" for number in range(first, last)]


def test_asking_about_the_same_child_again_is_free_and_about_many_is_not() -> None:
    limit = DistinctLimit(10, 60, Clock(), key=b"k" * 32)
    for _ in range(100):
        assert limit.allows("a", references(0, 8))
    assert not limit.allows("a", references(0, 11))
    assert limit.allows("a", references(5, 10))
    assert not limit.allows("a", references(10, 11))
    assert limit.allows("b", references(10, 20))


def test_what_was_refused_does_not_count() -> None:
    limit = DistinctLimit(10, 60, Clock(), key=b"k" * 32)
    assert not limit.allows("a", references(0, 1_000))
    assert limit.allows("a", references(2_000, 2_010))


def test_a_reference_leaves_a_window_after_it_came() -> None:
    clock = Clock()
    limit = DistinctLimit(2, 60, clock, key=b"k" * 32)
    assert limit.allows("a", references(0, 1))
    clock.now = 30
    assert limit.allows("a", references(0, 2))
    clock.now = 59.9
    assert not limit.allows("a", references(2, 3))
    clock.now = 60
    assert limit.allows("a", references(2, 3))
    assert not limit.allows("a", references(3, 4))


def test_what_is_remembered_is_no_reference_and_does_not_grow_without_bound() -> None:
    limit = DistinctLimit(3, 60, Clock(), key=b"k" * 32)
    for number in range(5_000):
        limit.allows(number, references(number, number + 3))
        limit.allows(number, references(0, 500))
    assert len(limit._callers) == 4_096
    kept = {digest for seen in limit._callers.values() for digest in seen}
    assert {len(digest) for digest in kept} == {8}
    assert max(map(len, limit._callers.values())) == 3
    other = DistinctLimit(3, 60, Clock(), key=b"l" * 32)
    other.allows(1, references(1, 4))
    assert not {digest for seen in other._callers.values() for digest in seen} & kept
