"""What the pages of the agreements show, drawn from the register on a day (YYYY-MM-DD, Europe/London)."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.register.addresses import version_that_stands
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.rendering import plain_date
from isa_registry.pages.words import ClauseShown, clauses_shown


class Standing(Struct, frozen=True):
    """Where a version stands on the day: a code, a word or two, a sentence."""

    code: str
    label: str
    text: str


class VersionLine(Struct, frozen=True):
    version: str
    address: str
    standing: Standing


class AgreementSummary(Struct, frozen=True):
    """An agreement in a list, its newest version first; `address` is that of the version that stands."""

    agreement: str
    title: str
    tier: int
    address: str
    standing: Standing
    signatories: int
    sections: tuple[ClauseShown, ...]
    versions: tuple[VersionLine, ...]


def standing(version: AgreementVersion, view: RegisterView, today: str) -> Standing:
    """Where a version stands on the day."""
    current = view.agreement_in_force(version.agreement, today)
    if current is not None and current.version == version.version:
        day = version.in_force_on
        since = "is in force" if day is None else f"has been in force since {plain_date(day)}"
        return Standing("in-force", "In force", f"This version {since}.{_review(version, today)}")
    for code, label, day in (
        ("withdrawn", "Withdrawn", version.withdrawn_on),
        ("suspended", "Suspended", next((one.on for one in version.suspensions if one.covers(today)), None)),
    ):
        if day is not None and day <= today:
            return Standing(code, label, f"This version was {code} on {plain_date(day)}.")
    if version.ends is not None and version.ends < today:
        return Standing("ended", "Ended", f"This version ended after {plain_date(version.ends)}.")
    if version.in_force_on is None:
        return Standing("published", "Not in force", "This version is published, and no date to begin has been set.")
    if version.in_force_on > today:
        begins = plain_date(version.in_force_on)
        return Standing("not-yet", "Not yet in force", f"This version comes into force on {begins}.")
    return Standing("superseded", "Superseded", "A later version has taken the place of this one.")


def _review(version: AgreementVersion, today: str) -> str:
    if version.review_due is None:
        return ""
    due = plain_date(version.review_due)
    if version.review_due < today:
        return f" Its review was due on {due} and is late; that does not end it."
    return f" It is due for review on {due}."


def local_contacts(view: RegisterView, today: str) -> tuple[tuple[str, str], ...]:
    """The contact points of the agreements in force and their numbers, each once."""
    found: dict[str, tuple[str, str]] = {}
    for version in view.agreements_in_force(today):
        for contact in version.schedule.contacts:
            if contact.telephone is not None:
                found.setdefault(contact.code, (contact.label, contact.telephone))
    return tuple(found.values())


def summaries(view: RegisterView, today: str) -> tuple[AgreementSummary, ...]:
    """Every agreement, Tier 1 first."""
    found = []
    for agreement in dict.fromkeys(version.agreement for version in view.agreement_versions()):
        version = version_that_stands(view, agreement, today)
        assert version is not None
        found.append(
            AgreementSummary(
                agreement=agreement,
                title=version.title,
                tier=version.tier,
                address=version_address(version),
                standing=standing(version, view, today),
                signatories=sum(one.stands(today) for one in view.attestations_of(agreement, version.version)),
                sections=tuple(one for one in clauses_shown(version.text) if one.level == 1),
                versions=tuple(
                    VersionLine(one.version, version_address(one), standing(one, view, today))
                    for one in reversed(view.agreement_versions(agreement))
                ),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.tier, one.agreement)))


def version_address(version: AgreementVersion) -> str:
    """The page of a version, which stays where it is."""
    return f"/agreements/{version.agreement}/{version.version}"
