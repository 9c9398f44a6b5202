"""What only the times of cosignatures can show (docs/formats/policy.md).

A log's own times are its operator's statement. A quorum of witnesses that cosigned a checkpoint at some time bounds
them: what the checkpoint covers was in the log by then, and what it does not cover came after.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from isa_verify.errors import VerificationError
from isa_verify.policy import Policy
from isa_verify.signed_checkpoint import SignedCheckpoint

SKEW_SECONDS: Final = 120
"""How far the clocks of the registry and its witnesses may be apart."""


@dataclass(frozen=True, slots=True, order=True)
class Sighting:
    """A quorum had cosigned the checkpoint of this size by this time, in POSIX seconds."""

    size: int
    time: int


def sighting_of(signed: SignedCheckpoint, policy: Policy | None) -> Sighting | None:
    """Return what a checkpoint's cosignatures show, None where no witness of the policy cosigned it."""
    if policy is None or not signed.cosigners:
        return None
    time = policy.met_at(signed.cosigners)
    return None if time is None else Sighting(signed.checkpoint.size, time)


def with_sighting(sightings: Iterable[Sighting], new: Sighting | None) -> tuple[Sighting, ...]:
    """Return all sightings by rising size, of each size the earliest.

    Raises `VerificationError` `cosignature-time-fell` where a larger log was seen before a smaller one.
    """
    earliest: dict[int, int] = {}
    for one in (*sightings, *(() if new is None else (new,))):
        earliest[one.size] = min(one.time, earliest.get(one.size, one.time))
    ordered = tuple(Sighting(size, earliest[size]) for size in sorted(earliest))
    for smaller, larger in itertools.pairwise(ordered):
        if larger.time < smaller.time - SKEW_SECONDS:
            raise VerificationError(
                "cosignature-time-fell",
                f"Witnesses saw {larger.size} entries before they saw the first {smaller.size} of them.",
            )
    return ordered


def indexes_to_compare(sightings: Iterable[Sighting]) -> frozenset[int]:
    """Return the entries whose times `check_windows` needs: the last that each sighting covers and the next one.

    Times never fall along a log, so that these stand for all the others.
    """
    return frozenset(index for one in sightings for index in (one.size - 1, one.size) if index >= 0)


def check_windows(sightings: Sequence[Sighting], times: Mapping[int, str]) -> None:
    """Check entries' times (index to RFC 3339) against what the witnesses saw.

    Raises `VerificationError` `entry-outside-window`.
    """
    for one in sightings:
        covered, next_one = times.get(one.size - 1), times.get(one.size)
        if covered is not None and posix_of(covered) > one.time + SKEW_SECONDS:
            raise VerificationError(
                "entry-outside-window",
                f"Entry {one.size - 1} is dated later than witnesses cosigned a checkpoint that covers it.",
            )
        if next_one is not None and posix_of(next_one) < one.time - SKEW_SECONDS:
            raise VerificationError(
                "entry-outside-window",
                f"Entry {one.size} is dated earlier than witnesses cosigned a checkpoint that does not cover it yet.",
            )


def check_age(signed: SignedCheckpoint, policy: Policy, now: int, max_age: int) -> None:
    """Check that a quorum cosigned the checkpoint at most `max_age` seconds before `now`, in POSIX seconds.

    Raises `VerificationError` `checkpoint-stale`, `checkpoint-ahead`.
    """
    fresh = policy.fresh_at(signed.cosigners)
    if fresh is None or fresh < now - max_age:
        raise VerificationError("checkpoint-stale", f"No quorum has cosigned the checkpoint in {max_age} seconds.")
    if fresh > now + SKEW_SECONDS:
        raise VerificationError("checkpoint-ahead", "The quorum's cosignatures are dated in the future.")


def posix_of(time: str) -> float:
    """Return an entry's time in POSIX seconds."""
    return datetime.fromisoformat(time).timestamp()
