"""What is wrong with a record that a body would make: each fault with its place, a code, and the law that says so."""

from __future__ import annotations

from collections.abc import Iterator

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.catalogue_constraints import SUPERSEDED
from isa_registry.domain.dates import is_date
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.lawful_bases.closing import closed
from isa_registry.domain.lawful_bases.groups import LISTS, Member, belongs
from isa_registry.domain.lawful_bases.needs import needs
from isa_registry.domain.lawful_bases.standing import Standing, standing_of
from isa_registry.domain.references import own_reference_fault
from isa_registry.domain.refusals import Fault
from isa_registry.domain.register.facts import Organisation

APPROVERS = {
    "chief-officer": "Chief officer",
    "siro": "Senior information risk owner",
    "data-protection-officer": "Data protection officer",
    "caldicott-guardian": "Caldicott Guardian",
    "legal-adviser": "Legal adviser",
    "information-governance-lead": "Information-governance lead",
}
"""The codes of the roles that approve a record, in words."""


def record_faults(fact: LawfulBasisRecorded, body: Organisation, catalogue: Catalogue) -> tuple[Fault, ...]:
    """Every fault of a record by its own words, the body and the law; none, and the register may still refuse it.
    Pointers are into the record. The law is that of the record's first day."""
    faults = tuple(_form(fact))
    if not is_date(fact.starts):
        return faults
    standing = standing_of(catalogue, body, fact.purpose, fact.starts)
    if standing is None:
        return (*faults, Fault("#/purpose", "unknown-code", "Name a purpose of the catalogue."))
    return (
        *faults,
        *_lists(fact, standing),
        *_single(fact, standing),
        *_basis(fact, standing),
        *_needs(fact, body, standing),
    )


def _form(fact: LawfulBasisRecorded) -> Iterator[Fault]:
    for member, day in (("starts", fact.starts), ("ends", fact.ends)):
        if day is not None and not is_date(day):
            yield Fault(f"#/{member}", "not-a-date", "Write dates as 2026-09-30.")
    if fact.ends is not None and is_date(fact.ends) and is_date(fact.starts) and fact.ends < fact.starts:
        yield Fault("#/ends", "before-the-start", "A record ends on its first day or later.")
    if fact.adopted not in ("default", "own"):
        yield Fault("#/adopted", "unknown-code", "adopted is `default` or `own`.")
    if fact.approved_by not in APPROVERS:
        yield Fault("#/approved_by", "unknown-code", f"Use one of {', '.join(APPROVERS)}.")
    for member, reference in (("dpia", fact.dpia), ("balancing_test", fact.balancing_test)):
        fault = None if reference is None else own_reference_fault(reference)
        if fault is not None:
            yield Fault(f"#/{member}", "malformed", fault)
    yield from _document(fact)


def _document(fact: LawfulBasisRecorded) -> Iterator[Fault]:
    document = fact.policy_document
    if document is None:
        return
    fault = own_reference_fault(document.reference)
    if fault is not None:
        yield Fault("#/policy_document/reference", "malformed", fault)
    if document.review_on is None:
        detail = "Say on which day the policy document is reviewed next (Data Protection Act 2018 Sch 1 para 40)."
        yield Fault("#/policy_document/review_on", "missing", detail)
    elif not is_date(document.review_on):
        yield Fault("#/policy_document/review_on", "not-a-date", "Write dates as 2026-09-30.")


def _lists(fact: LawfulBasisRecorded, standing: Standing) -> Iterator[Fault]:
    for member in LISTS:
        seen: set[str] = set()
        for place, code in enumerate(getattr(fact, member)):
            pointer = f"#/{member}/{place}"
            if code in seen:
                yield Fault(pointer, "given-twice", "Name each provision once in a list.")
            else:
                # Adopted as it stands, a row brings gateways of which some reach this body under a condition only.
                if (
                    fact.adopted != "default"
                    or not belongs(standing.catalogue, member, code)
                    or not (standing.of_own_row(member, code))
                ):
                    yield from _code(standing, member, code, pointer)
            seen.add(code)


def _single(fact: LawfulBasisRecorded, standing: Standing) -> Iterator[Fault]:
    if fact.confidentiality_route is not None:
        yield from _code(standing, "confidentiality_route", fact.confidentiality_route, "#/confidentiality_route")
    if fact.s36_4_authority is not None:
        yield from _code(standing, "s36_4_authority", fact.s36_4_authority, "#/s36_4_authority")


def _code(standing: Standing, member: Member, code: str, pointer: str) -> Iterator[Fault]:
    if not belongs(standing.catalogue, member, code):
        yield _stray(standing, code, pointer)
        return
    because = closed(standing, member, code)
    if because is not None:
        yield Fault(pointer, because.code, f"{because.says} ({because.source})")


def _stray(standing: Standing, code: str, pointer: str) -> Fault:
    if code in SUPERSEDED:
        detail = (
            "This section is no longer the law for England: name one of ss.16E to 16K instead. "
            "(Children Act 2004 ss.13 to 16)"
        )
        return Fault(pointer, "superseded-law", detail)
    if code in standing.catalogue.provisions:
        detail = "This provision is known, and is none that this part of a record can rest on. Put it where it belongs."
        return Fault(pointer, "wrong-place", detail)
    return Fault(pointer, "unknown-code", "The catalogue has no such code: choose one that it has.")


def _basis(fact: LawfulBasisRecorded, standing: Standing) -> Iterator[Fault]:
    if fact.article_6 or (fact.part_3 and standing.enforcing):
        return
    if standing.competent and not standing.enforcing and fact.part_3:
        detail = (
            "This purpose is no law enforcement purpose in itself, so name a point of Article 6 too. "
            "(Data Protection Act 2018 s.31; UK GDPR Article 6(1))"
        )
    else:
        detail = "Name the point of Article 6 that your organisation relies on. (UK GDPR Article 6(1))"
    yield Fault("#/article_6", "no-basis", detail)


def _needs(fact: LawfulBasisRecorded, body: Organisation, standing: Standing) -> Iterator[Fault]:
    document = body.policy_document is not None or fact.policy_document is not None
    for member in LISTS:
        for place, code in enumerate(getattr(fact, member)):
            if not belongs(standing.catalogue, member, code):
                continue
            for need in needs(standing, member, code):
                match need.code:
                    case "policy-document":
                        met = document or need.unless is not None
                    case "balancing-test":
                        met = fact.balancing_test is not None
                    case "beside":
                        met = not set(need.any_of).isdisjoint(getattr(fact, need.member or member))
                if not met:
                    yield Fault(f"#/{member}/{place}", f"needs-{need.code}", f"{need.says} ({need.source})")
