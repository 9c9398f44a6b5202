"""Marking points of the demonstration's law as checked."""

from __future__ import annotations

from typing import Any

from demonstration import catalogue
from isa_registry.domain.verification_entries import LawVerificationWithdrawn, LawVerified
from isa_registry.domain.verifying import Point, found_in, points_of, sha256_of

LEAD = "durham-county-council"
S16LA = Point(provision="ca-2004-s16la")
POINTS = points_of(catalogue())


def digest(point: Point) -> str:
    """The SHA-256 of what the shipped catalogue says at a point."""
    found = found_in(catalogue(), point)
    assert found is not None
    return sha256_of(found)


def verified(point: Point, **other: Any) -> LawVerified:
    """That a point was checked as the shipped catalogue has it, save what is said otherwise."""
    said: dict[str, Any] = {
        "organisation": LEAD,
        "sha256": digest(point),
        "source": "https://www.legislation.gov.uk/ukpga/2004/31/section/16LA",
        "checked_on": "2026-11-20",
        "profession": "solicitor",
        **point._asdict(),
    }
    return LawVerified(**(said | other))


def withdrawn(point: Point, reason: str = "reading-doubted") -> LawVerificationWithdrawn:
    return LawVerificationWithdrawn(organisation=LEAD, reason=reason, **point._asdict())
