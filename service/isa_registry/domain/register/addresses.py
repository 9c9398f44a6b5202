"""Where an agreement's addresses lead on a day: which version, and the days around one on which none is in force."""

from __future__ import annotations

from typing import NamedTuple

from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView


def version_that_stands(view: RegisterView, agreement: str, on: str) -> AgreementVersion | None:
    """The version in force on a day; the newest where none is; None for an agreement that there is not."""
    versions = view.agreement_versions(agreement)
    return view.agreement_in_force(agreement, on) or (versions[-1] if versions else None)


class Around(NamedTuple):
    """The versions in force nearest to a day on which none is: the last before it and the first after it, with the day
    from which that one is."""

    before: AgreementVersion | None
    after: tuple[AgreementVersion, str] | None


def around(view: RegisterView, agreement: str, on: str) -> Around:
    """What is in force before and after a day, by what the versions' dates say now."""
    versions = view.agreement_versions(agreement)
    begun = [one for one in versions if one.in_force_on is not None and one.in_force_on <= on and _held(one)]
    before = max(begun, key=lambda one: (one.in_force_on or "", one.published_at), default=None)
    later = [(day, one) for one in versions for day in _beginnings(one) if on < day and one.in_force(day)]
    after = min(later, key=lambda one: one[0], default=None)
    return Around(before, None if after is None else (after[1], after[0]))


def _held(version: AgreementVersion) -> bool:
    """Whether it was in force on any day."""
    return any(version.in_force(day) for day in _beginnings(version))


def _beginnings(version: AgreementVersion) -> tuple[str, ...]:
    """The days on which it can come into force, or be in force again."""
    resumed = (one.until for one in version.suspensions)
    return tuple(day for day in (version.in_force_on, *resumed) if day is not None)
