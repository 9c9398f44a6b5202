"""The demonstration's people beyond one for each role."""

from __future__ import annotations

SECOND_PEOPLE = ("business-unit-2", "ig-lead-2")
"""What takes two people of the business unit, or two information-governance leads, can be tried by two."""


def role_of(person: str) -> str:
    """The role that a person of the demonstration plays."""
    return person.removesuffix("-2")
