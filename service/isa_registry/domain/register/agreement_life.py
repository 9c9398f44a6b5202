"""How a version stands on a day: its state, who stands behind it, when its rule is met, and what comes next.

Days are YYYY-MM-DD, Europe/London. Everything here is derived each time it is asked; nothing is kept.
"""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

from isa_registry.domain.agreement_entries import AgreementInForce
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView

Shown = Literal["published", "open", "in-force", "review-due", "suspended", "superseded", "expired", "withdrawn"]
"""What a version is shown as on a day: the states of its life, and those that dates and other entries make of them."""

SHOWN: tuple[Shown, ...] = get_args(Shown)

Comes = Literal["comes-into-force", "suspended", "resumes", "review-due", "ends", "withdrawn"]


class Coming(Struct, frozen=True):
    """What follows from a date that is not there yet."""

    what: Comes
    on: str


class Standing(Struct, frozen=True):
    """A version on a day. `asked` are the bodies that it was opened for and whoever else attested it, `signed` those of
    them whose attestation stands: n of m. `coming` is what its dates bring, soonest first."""

    shown: Shown
    asked: tuple[str, ...]
    signed: tuple[str, ...]
    coming: tuple[Coming, ...]

    @property
    def waited_for(self) -> tuple[str, ...]:
        """The bodies that were asked and have no standing attestation."""
        return tuple(one for one in self.asked if one not in set(self.signed))


def standing(view: RegisterView, version: AgreementVersion, on: str) -> Standing:
    asked = bodies_of(view, version)
    return Standing(
        shown=shown_as(view, version, on),
        asked=asked,
        signed=signed_of(view, version, asked, on),
        coming=_coming(version, on),
    )


def shown_as(view: RegisterView, version: AgreementVersion, on: str) -> Shown:
    """The state on a day, the one that ends the others first."""
    if version.withdrawn_on is not None and version.withdrawn_on <= on:
        return "withdrawn"
    if version.in_force_on is None:
        return "published" if version.opened is None else "open"
    if on < version.in_force_on:
        return "open"
    if successor_in_force(view, version, on) is not None:
        return "superseded"
    if version.ends is not None and version.ends < on:
        return "expired"
    if any(one.covers(on) for one in version.suspensions):
        return "suspended"
    if version.review_due is not None and version.review_due <= on:
        return "review-due"
    return "in-force"


def successor_in_force(view: RegisterView, version: AgreementVersion, on: str) -> AgreementVersion | None:
    """The later version of the same agreement that is in force on a day, if one is."""
    current = view.agreement_in_force(version.agreement, on)
    if current is None or current.version == version.version:
        return None
    return current if _order(current) > _order(version) else None


def bodies_of(view: RegisterView, version: AgreementVersion) -> tuple[str, ...]:
    """The bodies that a version was opened for, and after them whoever else attested it."""
    parties = () if version.opened is None else version.opened.parties
    others = (one.organisation for one in view.attestations_of(version.agreement, version.version))
    return tuple(dict.fromkeys((*parties, *others)))


def signed_of(view: RegisterView, version: AgreementVersion, bodies: tuple[str, ...], on: str) -> tuple[str, ...]:
    """Those of the bodies that are signatories on a day, by their own attestation or their parent's."""
    return tuple(one for one in bodies if view.signature(version.agreement, version.version, one, on) is not None)


def rule_met(view: RegisterView, version: AgreementVersion, on: str) -> str | None:
    """The day from which a version that is open is in force by its rule, as things stand `on` a day; None while the
    rule is not met.

    That day is never before `on`, the rule's own, or the one that the schedule names; whoever is counted is a signatory
    then. Without a number and without named bodies the rule asks for the day alone.
    """
    opened = version.opened
    if opened is None or version.in_force_on is not None or version.withdrawn is not None:
        return None
    day = max(on, opened.rule.on or on, version.schedule.effective_from)
    if version.schedule.ends is not None and version.schedule.ends < day:
        return None
    signed = signed_of(view, version, bodies_of(view, version), day)
    enough = len(signed) >= (opened.rule.quorum or 0)
    return day if enough and set(opened.rule.bodies) <= set(signed) else None


def in_force_by_rule(version: AgreementVersion, day: str) -> AgreementInForce:
    """The decision that follows from a rule that is met: review and end as the schedule says."""
    return AgreementInForce(
        agreement=version.agreement,
        version=version.version,
        on=day,
        review_due=version.schedule.review_due,
        ends=version.schedule.ends,
    )


def _coming(version: AgreementVersion, on: str) -> tuple[Coming, ...]:
    if version.withdrawn_on is not None and version.withdrawn_on <= on:
        return ()
    dates: list[tuple[Comes, str | None]] = [
        ("withdrawn", version.withdrawn_on),
        ("comes-into-force", version.in_force_on or (version.opened.rule.on if version.opened else None)),
    ]
    if version.in_force_on is not None:
        dates += [("review-due", version.review_due), ("ends", version.ends)]
        for one in version.suspensions:
            dates += [("suspended", one.on), ("resumes", one.until)]
    last = min((day for what, day in dates if what in ("withdrawn", "ends") and day is not None), default=None)
    found = [
        Coming(what, day)
        for what, day in dates
        if day is not None and (on < day or (what == "ends" and on == day)) and (last is None or day <= last)
    ]
    return tuple(sorted(found, key=lambda one: (one.on, one.what)))


def _order(version: AgreementVersion) -> tuple[str, str]:
    return version.in_force_on or "", version.published_at
