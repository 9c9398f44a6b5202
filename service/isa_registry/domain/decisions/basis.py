"""The lawful basis of an answer: what the matrix offers, what is in force, and what nobody may be offered."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from isa_registry.domain.answers import Basis
from isa_registry.domain.catalogue import MatrixRow, Use
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.confidence import Rests
from isa_registry.domain.decisions.features import ADULT_AT_RISK, CRIMINAL, SPECIAL
from isa_registry.domain.decisions.notebook import Finding
from isa_registry.domain.entries import LawfulBasisRecorded

PARAGRAPH_18 = "dpa-2018-sch1-para18"
SUBSTANTIAL_PUBLIC_INTEREST = "art9-2-g"
SERIOUS_VIOLENCE = "pcsca-2022-s16"
LEGAL_OBLIGATION = "art6-1-c"
# UK GDPR Article 6(1): points (ea) and (f) are not for public authorities in their tasks; (e) needs a public task.
_NOT_FOR_PUBLIC = frozenset({"art6-1-ea", "art6-1-f"})
_NOT_FOR_OTHERS = frozenset({"art6-1-e"})

_KEPT = 4_096


NOTHING = Rests(Basis(), None)


def rests_on(case: Case, finding: Finding) -> Rests:
    """The lists that an answer shows. Special-category and criminal routes are listed where a category needs one."""
    if finding.regime == "none":
        return NOTHING
    own = _own_record(case)
    # All that the lists depend on beside the purpose, the day, and the provider's kind and row. Adding to what follows
    # a fact that is not here makes one body's answer another's: tests hold each answer against one worked out anew.
    key = (
        None if own is None else (own.organisation, own.record),
        case.recipient.code,
        finding.duty_code,
        finding.power,
        case.features & (SPECIAL | CRIMINAL),
        case.immediate,
        case.law_enforcement,
        finding.rests_on_consent,
        finding.own_basis_after_duty,
        _protects(case),
        case.circumstances.para18_reason == "cannot-give",
        case.circumstances.statutory_request in case.in_force,
        _named_in_arrangements(case),
    )
    known = case.standpoint.bases
    found = known.get(key)
    if found is None:
        if len(known) >= _KEPT:
            known.clear()
        found = known[key] = Rests(_worked_out(case, finding, own), finding.duty_code)
    return found


def _worked_out(case: Case, finding: Finding, own: LawfulBasisRecorded | None) -> Basis:
    row = case.danger_row() if case.immediate else case.row
    if row is None:
        return _duty_alone(case, finding)
    if own is not None:
        row = _as_recorded(row, own)
    gateways = _gateways(case, finding, row)
    if case.law_enforcement:
        return Basis(part_3=_listed(case, finding, row.part_3), gateways=gateways)
    special, criminal = case.features & SPECIAL, case.features & CRIMINAL
    if finding.rests_on_consent:
        return Basis(
            article_6=_on_consent(case, row.article_6),
            article_9=_on_consent(case, row.article_9) if special else (),
            article_10=_on_consent(case, row.article_10) if criminal else (),
            gateways=gateways,
        )
    return Basis(
        article_6=_article_6(case, finding, row),
        article_9=_protecting(case, _listed(case, finding, row.article_9)) if special else (),
        article_10=_protecting(case, _listed(case, finding, row.article_10)) if criminal else (),
        gateways=gateways,
    )


def _own_record(case: Case) -> LawfulBasisRecorded | None:
    """The provider's own record, where it has one that is not the default. In immediate danger the row stands."""
    recorded = None if case.immediate else case.own_record()
    record = None if recorded is None else recorded.record
    return None if record is None or record.adopted != "own" else record


def _as_recorded(row: MatrixRow, record: LawfulBasisRecorded) -> MatrixRow:
    """The row with what the provider's own record relies on in its place, in the record's order. A condition that the
    row sets for a code goes on holding."""

    def uses(recorded: tuple[str, ...], there: tuple[Use, ...]) -> tuple[Use, ...]:
        # A body that says nothing under a heading has not said that it relies on nothing.
        if not recorded:
            return there
        conditions = {use.code: use for use in there}
        consent = tuple(use for use in there if use.when == "consent-is-the-basis" and use.code not in recorded)
        return (*(conditions.get(code) or Use(code) for code in recorded), *consent)

    return replace(
        row,
        article_6=uses(record.article_6, row.article_6),
        article_9=uses(record.article_9, row.article_9),
        article_10=uses(record.article_10, row.article_10),
        part_3=uses(record.part_3, row.part_3),
        gateways=uses(record.gateways, row.gateways),
    )


def _duty_alone(case: Case, finding: Finding) -> Basis:
    if case.immediate and not case.law_enforcement:
        return Basis(article_6=_in_force(case, ("art6-1-d",)))
    if finding.duty_code is None:
        return Basis()
    return Basis(article_6=_in_force(case, (LEGAL_OBLIGATION,)), gateways=(finding.duty_code,))


def _in_force(case: Case, codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(code for code in codes if code in case.in_force)


def _on_consent(case: Case, uses: tuple[Use, ...]) -> tuple[str, ...]:
    """What a row relies on where consent is the basis, and nothing beside it."""
    return _in_force(case, (use.code for use in uses if use.when == "consent-is-the-basis"))


def _article_6(case: Case, finding: Finding, row: MatrixRow) -> tuple[str, ...]:
    barred = _NOT_FOR_PUBLIC if case.public else _NOT_FOR_OTHERS
    own = [code for code in _listed(case, finding, row.article_6) if code not in barred]
    if "art6-1-ea" not in own:
        own = [code for code in own if not code.startswith("uk-gdpr-annex1")]
    if finding.duty_code is None:
        return tuple(own)
    rest = own if finding.own_basis_after_duty else []
    return (*_in_force(case, (LEGAL_OBLIGATION,)), *(code for code in rest if code != LEGAL_OBLIGATION))


def _listed(case: Case, finding: Finding, uses: tuple[Use, ...]) -> tuple[str, ...]:
    in_force = case.in_force
    return tuple(
        [use.code for use in uses if use.code in in_force and (use.when is None or _holds(case, finding, use.when))]
    )


def _holds(case: Case, finding: Finding, predicate: str) -> bool:
    if predicate == "on-request":
        return _asked_by_a_public_body(case)
    if predicate == "consent-is-the-basis":
        return finding.rests_on_consent
    if predicate == "cannot-consent":
        return case.circumstances.para18_reason == "cannot-give"
    if predicate == "recipient-competent-authority":
        return case.recipient.kind is not None and case.recipient.kind.competent_authority
    return _named_in_arrangements(case)


def _named_in_arrangements(case: Case) -> bool:
    organisation = case.provider.organisation
    return organisation is not None and (organisation.designated is True or organisation.commissioned is True)


def _protects(case: Case) -> bool:
    """Whether those concerned are, or may be, whom paragraph 18 protects."""
    return case.child_link is not False or case.features & ADULT_AT_RISK != 0


def _asked_by_a_public_body(case: Case) -> bool:
    """A public body asked under a provision in force: whether or not it binds, it states the task it asks for."""
    asker = case.recipient.kind
    return asker is not None and asker.public and case.circumstances.statutory_request in case.in_force


def _protecting(case: Case, codes: tuple[str, ...]) -> tuple[str, ...]:
    """Paragraph 18 asks whom one protects: it falls away where that is neither a child nor an adult at risk, and with
    it the point of Article 9 that has no other paragraph."""
    if _protects(case):
        return codes
    others = tuple(code for code in codes if code != PARAGRAPH_18)
    if any(code.startswith("dpa-2018-sch1") for code in others):
        return others
    return tuple(code for code in others if code != SUBSTANTIAL_PUBLIC_INTEREST)


def _gateways(case: Case, finding: Finding, row: MatrixRow) -> tuple[str, ...]:
    found: list[str] = []
    for code in (finding.duty_code, finding.power):
        if code is not None and code not in found:
            found.append(code)
    for use in row.gateways:
        fits = use.code not in found and (use.when is None or _holds(case, finding, use.when))
        if fits and _reaches(case, use.code):
            found.append(use.code)
    return tuple(found)


def _reaches(case: Case, code: str) -> bool:
    """In force, for this provider and purpose, and the recipient is one that it reaches."""
    if code not in case.in_force or (case.health and code == SERIOUS_VIOLENCE):
        return False
    provision = case.catalogue.provisions[code]
    provider = case.provider
    if provision.providers is not None:
        row = provider.row.code if provider.row is not None else None
        if provider.code in provision.except_providers:
            return False
        if provider.code not in provision.providers and row not in provision.providers:
            return False
    if provision.recipients is not None and case.recipient.code not in provision.recipients:
        return False
    return provision.purposes is None or case.immediate or case.question.purpose in provision.purposes
