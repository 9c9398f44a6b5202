"""What each body relies on: its lawful-basis records."""

from __future__ import annotations

from isa_registry.actions.organisations import registered
from isa_registry.domain.catalogue import Catalogue, Use
from isa_registry.domain.dates import is_date
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft


def record(fact: LawfulBasisRecorded) -> Draft:
    """A body's record for one purpose of one agreement. Refused where the law closes a basis to that kind of body."""
    if not is_date(fact.starts) or (fact.ends is not None and not is_date(fact.ends)):
        raise Refused("malformed", "A date is wrong.", (Fault("#/starts", "not-a-date", "Write 2026-09-30."),))

    def holds(view: RegisterView, at: str) -> None:
        catalogue, body = view.catalogue(), view.organisation(fact.organisation)
        if catalogue is None or body is None:
            raise Refused("not-found", "There is no such organisation.")
        codes = (*fact.article_6, *fact.article_9, *fact.article_10, *fact.part_3, *fact.gateways)
        if fact.purpose not in catalogue.purposes or any(code not in catalogue.provisions for code in codes):
            raise Refused("unprocessable", "The record names a code that the catalogue does not have.")
        public = catalogue.kinds[body.organisation_kind].public or body.council_run
        closed = ("art6-1-ea", "art6-1-f") if public else ("art6-1-e",)
        if any(code in closed for code in fact.article_6):
            detail = "Article 6(1) UK GDPR closes this point to this kind of body for its tasks."
            raise Refused("unprocessable", detail, (Fault("#/article_6", "basis-closed", detail),))

    return Draft(payloads=(fact,), preconditions=(registered(fact.organisation), holds))


def adopt_default(
    identifier: str,
    body: OrganisationRegistered,
    agreement: str,
    purpose: str,
    catalogue: Catalogue,
    *,
    starts: str,
) -> LawfulBasisRecorded | None:
    """The record by which a body adopts the matrix row for a purpose as its own; None where there is no row."""
    kind = catalogue.kinds[body.organisation_kind]
    row_kind = kind.row_if_council_run if body.council_run and kind.row_if_council_run else kind.row
    row = None if row_kind is None else catalogue.row(row_kind, catalogue.purposes[purpose].matrix)
    if row is None:
        return None
    return LawfulBasisRecorded(
        record=identifier,
        organisation=body.organisation,
        agreement=agreement,
        purpose=purpose,
        article_6=_codes(row.article_6),
        article_9=_codes(row.article_9),
        article_10=_codes(row.article_10),
        part_3=_codes(row.part_3),
        gateways=_codes(row.gateways),
        adopted="default",
        approved_by="data-protection-officer",
        starts=starts,
    )


def _codes(uses: tuple[Use, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(use.code for use in uses))
