"""What is not yet there: what you still have to settle, and the paperwork of your organisation.

Nothing missing changes an outcome, and nothing is asked for in immediate danger.
"""

from __future__ import annotations

from isa_registry.domain.answers import Basis, Missing
from isa_registry.domain.decisions import wording
from isa_registry.domain.decisions.basis import PARAGRAPH_18
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.duties import to_home_office, victims
from isa_registry.domain.decisions.notebook import Finding
from isa_registry.domain.decisions.records import Recorded

_OF_PARAGRAPH_18 = frozenset({PARAGRAPH_18, "art9-2-g"})
_AUTHORITIES = frozenset({"duty", "request-duty", "power", "framework"})


def missing(case: Case, finding: Finding, basis: Basis) -> tuple[Missing, ...]:
    """Each thing that is missing, what is needed to be lawful before what makes a good record."""
    if case.immediate or finding.regime == "none":
        return ()
    stated, own = case.circumstances, case.own_record()
    record = None if own is None else own.record
    found: list[str | Missing] = []
    if stated.para18_reason is None and not case.law_enforcement and _needs_para18_reason(case, finding, basis):
        found.append("para18-reason")
    if case.competent and not case.law_enforcement:
        recorded = None if record is None else record.s36_4_authority
        if not _authorises(case, stated.s36_4_authority) and not _authorises(case, recorded):
            found.append("s36-4-authority")
    if case.health and stated.confidentiality_route is None:
        found.append("confidentiality-route")
    if _needs_consent_record(case, finding):
        found.append("consent-record")
    organisation = case.provider.organisation
    if organisation is not None:
        documented = organisation.policy_document or (None if record is None else record.policy_document)
        if documented is None and _needs_policy_document(case, basis):
            found.append("appropriate-policy-document")
        found += _record(case, "lawful-basis-record", own)
    found += _record(case, "recipient-lawful-basis-record", case.their_record())
    if case.question.purpose == "quality-assurance" and (record is None or record.dpia is None):
        found.append("dpia")
    return tuple([one if isinstance(one, Missing) else wording.missing(one, case) for one in found])


def _record(case: Case, code: str, standing: Recorded | None) -> tuple[str | Missing, ...]:
    if standing is None or standing.record is not None:
        return ()
    return (code,) if standing.lapsed_on is None else (wording.lapsed(code, case, standing.lapsed_on),)


def _authorises(case: Case, code: str | None) -> bool:
    """Whether the provision stated is law in force that gives a duty, a power or a function (DPA 2018 s.36(4))."""
    return code in case.in_force and case.catalogue.provisions[code].kind in _AUTHORITIES


def _needs_para18_reason(case: Case, finding: Finding, basis: Basis) -> bool:
    if case.question.purpose == "early-help" and not case.routine and case.refusal and not case.consent.given:
        return True
    if finding.rests_on_consent:
        return False
    return _sole(case, basis.article_9) or _sole(case, basis.article_10)


def _sole(case: Case, codes: tuple[str, ...]) -> bool:
    """Paragraph 18 is the only route in a list: no other condition stands beside the article it rests on."""
    return PARAGRAPH_18 in codes and _OF_PARAGRAPH_18.issuperset(codes)


def _needs_consent_record(case: Case, finding: Finding) -> bool:
    if case.refusal:
        # A consent relied on wants its record although the service beside it was declined.
        return finding.rests_on_consent and case.consent.given and not case.consent.recorded
    if to_home_office(case) and (who := victims(case)).adults:
        return any(one.given and not one.recorded for one in case.standings(who.adults))
    stated = case.circumstances
    return (stated.consent == "given" and not case.consent.recorded) or (
        stated.agreement_to_service == "given" and not case.agreement.recorded
    )


def _needs_policy_document(case: Case, basis: Basis) -> bool:
    """DPA 2018 Sch 1 Part 4 and s.42, save where only paragraph 10 is relied on towards a competent authority."""
    row = case.row
    if row is None or not row.policy_document:
        return False
    to_authority = case.recipient.kind is not None and case.recipient.kind.competent_authority
    if not to_authority:
        return True
    relied = [code for code in (*basis.article_9, *basis.article_10) if code.startswith("dpa-2018-sch1")]
    if not relied:
        return True
    provisions = case.catalogue.provisions
    return any(provisions[code].policy_document and provisions[code].policy_document_unless is None for code in relied)
