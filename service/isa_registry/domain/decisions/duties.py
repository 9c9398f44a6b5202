"""Statutory duties of a provider towards a recipient, requests that bind, and powers that stand in for an agreement."""

from __future__ import annotations

from typing import NamedTuple

from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.ground import Party

S16LA = "ca-2004-s16la"
S52 = "msa-2015-s52"
HOME_OFFICE = "home-office"
S115 = "cda-1998-s115"
# Express powers that stand in for an agreement, by purpose. Whom each reaches is in the catalogue.
EXPRESS_POWERS = {"mappa": "cja-2003-s325", "crime-prevention": S115}
ADULTS = frozenset({"adult", "adult-at-risk", "parent-carer"})


class Request(NamedTuple):
    """A request that binds: the section, and whether what is unreasonable may be declined."""

    code: str
    refusable: bool


def binding_request(case: Case) -> Request | None:
    """The request stated, where its section binds this provider towards this recipient for this purpose today.

    Whom a section binds, and who may ask, is on its provision: `providers`, `recipients`, `purposes`.
    """
    code = case.circumstances.statutory_request
    provision = case.catalogue.provisions.get(code) if code is not None else None
    if provision is None or provision.kind != "request-duty" or provision.code not in case.in_force:
        return None
    if provision.recipients is None or case.recipient.code not in provision.recipients:
        return None
    if provision.purposes is not None and case.question.purpose not in provision.purposes:
        return None
    if provision.providers is not None and case.provider.code not in provision.providers:
        return None
    return Request(provision.code, provision.may_be_declined)


class DutyState(NamedTuple):
    """Children Act 2004 s.16LA between two bodies. Each part is true, false, or None where it is not known."""

    carried: bool
    provider_listed: bool | None
    recipient_listed: bool | None
    child: bool | None
    would_help: bool | None

    @property
    def engaged(self) -> bool | None:
        """True, false, or None where nothing is against it and something is not known."""
        parts = (self.carried, self.provider_listed, self.recipient_listed, self.child, self.would_help)
        if False in parts:
            return False
        return None if None in parts else True

    @property
    def between_listed_bodies(self) -> bool:
        """Both bodies are certainly listed and the purpose carries the duty."""
        return self.carried and self.provider_listed is True and self.recipient_listed is True


NO_DUTY = DutyState(False, False, False, None, None)


def s16la(case: Case) -> DutyState:
    """How s.16LA stands. `carried` is false where it is not in force on the date or not for this purpose."""
    row = case.row
    if row is None or S16LA not in row.duties or S16LA not in case.in_force:
        return NO_DUTY
    return DutyState(
        carried=True,
        provider_listed=_listed(case.provider),
        recipient_listed=_listed(case.recipient),
        child=case.child_link,
        would_help=case.circumstances.would_help_recipient,
    )


def _listed(party: Party) -> bool | None:
    """Whether s.16LA(4) lists the body: by its kind, run by a council, or as its record says."""
    kind, organisation = party.kind, party.organisation
    if kind is None:
        return None
    if kind.s16la == "in":
        return True
    if organisation is not None:
        if organisation.council_run or organisation.designated is True or organisation.commissioned is True:
            return True
        if organisation.designated is False and organisation.commissioned is False:
            return False
    return None if kind.s16la == "unknown" else False


class Victims(NamedTuple):
    """The victims of a modern slavery referral: those with the role, or everybody where nobody has it.

    `adults` are positions among the subjects; with nobody named, `adult` says whether it is about an adult.
    """

    adults: tuple[int, ...]
    adult: bool
    child: bool


def victims(case: Case) -> Victims:
    subjects = case.question.subjects
    marked = [position for position, subject in enumerate(subjects) if "victim" in subject.roles]
    chosen = marked or list(range(len(subjects)))
    if not chosen:
        return Victims((), case.child_link is False, case.child_link is not False)
    adults = tuple(position for position in chosen if subjects[position].kind in ADULTS)
    return Victims(adults, bool(adults), len(adults) < len(chosen))


def must_notify_home_office(case: Case) -> bool:
    """Modern Slavery Act 2015 s.52 reaches this provider, recipient and purpose on the date."""
    row, bound = case.row, case.catalogue.provisions[S52].providers or ()
    carried = row is not None and S52 in row.duties
    return carried and S52 in case.in_force and case.provider.code in bound and to_home_office(case)


def to_home_office(case: Case) -> bool:
    return case.question.purpose == "modern-slavery-referral" and case.recipient.code == HOME_OFFICE
