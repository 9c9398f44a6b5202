"""What the register holds about each thing at one moment."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.access_entries import IssuerRegistered, KeyRegistered
from isa_registry.domain.agreement_entries import (
    AgreementOpened,
    AgreementReviewed,
    AgreementWithdrawn,
    AttestationDeclined,
)
from isa_registry.domain.agreements import Schedule
from isa_registry.domain.dates import day_after, london_date, parse_instant
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.log_key_entries import LogKeyRotated
from isa_registry.domain.party_entries import DelegationGiven, OrganisationRegistered, PartnershipRegistered
from isa_registry.domain.retention import HoldScope


class SigningKey(Struct, frozen=True):
    """A registered key; `revoked` says whether a later entry took it away and `reason` why, `suspect_from` from when it
    is doubted."""

    registered: KeyRegistered
    revoked: bool = False
    reason: str | None = None
    suspect_from: str | None = None


class Client(Struct, frozen=True):
    """A machine client and the scopes granted to it, empty once revoked; `until` is their last day."""

    organisation: str
    client: str
    scopes: tuple[str, ...]
    until: str | None = None

    def scopes_on(self, day: str) -> tuple[str, ...]:
        """The scopes that hold on a day, YYYY-MM-DD."""
        return self.scopes if self.until is None or day <= self.until else ()


class Suspension(Struct, frozen=True):
    """A time in which a version is not in force: from `on`, until the day `until`, which is not in it any more."""

    on: str
    reason: str
    until: str | None = None

    def covers(self, on: str) -> bool:
        return self.on <= on and (self.until is None or on < self.until)


class AgreementVersion(Struct, frozen=True):
    """One published version and what was decided about it since. Dates are YYYY-MM-DD. `partnership`: None is the one
    that the registry was opened for. `opened_at` is when it was opened (RFC 3339 UTC)."""

    agreement: str
    version: str
    title: str
    tier: int
    text: str
    text_sha256: str
    schedule: Schedule
    schedule_sha256: str
    published_at: str
    in_force_on: str | None = None
    review_due: str | None = None
    ends: str | None = None
    partnership: str | None = None
    opened: AgreementOpened | None = None
    opened_at: str | None = None
    suspensions: tuple[Suspension, ...] = ()
    reviewed: AgreementReviewed | None = None
    withdrawn: AgreementWithdrawn | None = None

    @property
    def withdrawn_on(self) -> str | None:
        return None if self.withdrawn is None else self.withdrawn.on

    def in_force(self, on: str) -> bool:
        """Whether the version is in force on a date by its own dates. A review overdue never ends it."""
        return (
            self.in_force_on is not None
            and self.in_force_on <= on
            and (self.ends is None or on <= self.ends)
            and not any(one.covers(on) for one in self.suspensions)
            and (self.withdrawn_on is None or on < self.withdrawn_on)
        )


class Companion(Struct, frozen=True):
    """A text beside the words of a version, not signed: a summary or a translation. See `CompanionPublished`; `entry`
    is where it was published, `published_at` when (RFC 3339 UTC)."""

    companion: str
    language: str
    text: str
    text_sha256: str
    entry: int
    published_at: str


class Attestation(Struct, frozen=True):
    """A body's attestation of one version. `reservations` are purposes that it did not accept."""

    attestation: str
    agreement: str
    version: str
    organisation: str
    text_sha256: str
    signatory_role: str
    attested_at: str
    entry: int
    reservations: tuple[str, ...] = ()
    withdrawn_on: str | None = None
    withdrawal_reason: str | None = None

    def stands(self, on: str) -> bool:
        """Whether the attestation holds on a date, by its own dates: from the London day on which it was made."""
        return self._made_by(on) and (self.withdrawn_on is None or on < self.withdrawn_on)

    def _made_by(self, on: str) -> bool:
        # London's day is that of UTC or the next one, so it is only worked out where that makes a difference.
        made = self.attested_at[:10]
        return made < on or (made == on and london_date(parse_instant(self.attested_at)) == on)


class LawfulBasis(Struct, frozen=True):
    """A body's lawful-basis record. `ended_on` is the first day on which it no longer holds because it was ended;
    `superseded_on` the first day on which the record `superseded_by` has its place."""

    recorded: LawfulBasisRecorded
    ended_on: str | None = None
    superseded_on: str | None = None
    superseded_by: str | None = None

    def holds(self, on: str) -> bool:
        record = self.recorded
        return (
            record.starts <= on
            and (record.ends is None or on <= record.ends)
            and (self.ended_on is None or on < self.ended_on)
            and (self.superseded_on is None or on < self.superseded_on)
        )

    @property
    def gone_from(self) -> str | None:
        """The first day after its start on which it no longer holds; its start where it never held; None: no end."""
        ends = self.recorded.ends
        days = (None if ends is None else day_after(ends), self.ended_on, self.superseded_on)
        first = min((day for day in days if day is not None), default=None)
        return None if first is None else max(first, self.recorded.starts)

    @property
    def held(self) -> bool:
        """Whether there is any day on which it holds."""
        return self.gone_from is None or self.recorded.starts < self.gone_from


class Declined(Struct, frozen=True):
    """That a body declined a version, and the entry that says so."""

    entry: int
    said: AttestationDeclined


class Delegation(Struct, frozen=True):
    """Who else may bind a body; `ended_on` is the first day on which that was ended before its time."""

    given: DelegationGiven
    ended_on: str | None = None

    def holds(self, agreement: str, on: str) -> bool:
        given = self.given
        return (
            (not given.agreements or agreement in given.agreements)
            and given.starts <= on <= given.until
            and (self.ended_on is None or on < self.ended_on)
        )

    def lasts(self, on: str) -> bool:
        """Whether it holds on a day, or will on a later one."""
        return on <= self.given.until and (self.ended_on is None or max(on, self.given.starts) < self.ended_on)


class Hold(Struct, frozen=True):
    """A legal hold: while it is not lifted, nothing in its scope is erased. Times are RFC 3339 UTC."""

    hold: str
    reason: str
    scope: HoldScope
    placed_at: str
    lifted_at: str | None = None


class KeyRotation(Struct, frozen=True):
    """A change of the log's own keys, and the entry that states it: its index says from which sizes it can hold."""

    entry: int
    rotated: LogKeyRotated


Organisation = OrganisationRegistered
Partnership = PartnershipRegistered
Issuer = IssuerRegistered
