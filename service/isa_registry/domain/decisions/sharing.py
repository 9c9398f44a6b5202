"""The last rules: take names out of audits, share under law and agreement, and otherwise whom to ask."""

from __future__ import annotations

from isa_registry.domain.answers import Advice
from isa_registry.domain.decisions import wording
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.duties import EXPRESS_POWERS, S115
from isa_registry.domain.decisions.notebook import Finding, Notebook
from isa_registry.domain.decisions.rules import because


def anonymise_first(case: Case, notes: Notebook) -> Finding | None:
    """Quality assurance seldom needs to know who anybody is."""
    if case.question.purpose != "quality-assurance" or case.row is None:
        return None
    if case.row.reliable:
        notes.conditions.append("pseudonymise")
        return None
    code = "anonymise-instead" if case.anonymised is False else "anonymise-first"
    return Finding(
        "do-not-share" if case.anonymised is False else "seek-advice",
        code,
        [because(case, code)],
        conditions=("pseudonymise",),
        advice=(Advice(wording.adviser(case), wording.why(code, case)),),
    )


def lawful_and_agreed(case: Case, notes: Notebook) -> Finding | None:
    """A lawful basis, and an agreement, a protecting purpose, an express power or the family's consent."""
    if not case.has_basis:
        return None
    one_off = _one_off(case)
    power = _express_power(case)
    consented = case.family_choice and case.consent.given
    covering, (part, outside) = case.covered.complete, case.covered.letting_go(case.question.categories)
    covered = part.coverage
    # Section 115(1) empowers those who would otherwise have no power. A body under Part 3 has its own, so the
    # section does not reopen what its agreement's schedule leaves out.
    reopened = power is not None and not (power == S115 and case.law_enforcement and covering)
    elsewhere = one_off or reopened or consented
    if outside and not elsewhere:
        if not covered:
            return None
        held = dict.fromkeys(outside, "ask-consent" if _still_a_choice(case) else "seek-advice")
    else:
        held = {}

    finding = Finding("may-share", "agreement-covers", [], held=held or None)
    finding.coverage = covered
    if covered:
        finding.reasons.append(because(case, "agreement-covers", *part.cites))
    if outside and not held:
        if not covered:
            finding.headline = (
                "no-agreement-needed" if one_off else "express-power" if power is not None else "consent-given"
            )
        if one_off:
            finding.reasons.append(because(case, "no-agreement-needed", *_own_basis(case)))
            finding.conditions = ("record-one-off",)
        elif power is not None:
            finding.reasons.append(because(case, "express-power", power))
        else:
            finding.conditions = ("record-one-off",)
    if power is not None and not one_off:
        finding.power = power
    if consented:
        finding.reasons.append(because(case, "consent-given", "art6-1-a"))
        finding.rests_on_consent = True
    if held:
        finding.headline = "some-categories-held"
        finding.reasons.append(because(case, "some-categories-held"))
        finding.reasons.append(because(case, "category-not-covered", *case.covered.whole.cites))
        finding.advice = (Advice(wording.adviser(case), wording.why("some-categories-held", case)),)
    return finding


def _own_basis(case: Case) -> tuple[str, ...]:
    """The first thing that the provider relies on for the purpose."""
    row = case.row
    uses = () if row is None else row.part_3 if case.law_enforcement else row.article_6
    own = (use.code for use in uses if use.code in case.in_force and use.when != "consent-is-the-basis")
    return tuple(own)[:1]


def _one_off(case: Case) -> bool:
    """The purpose protects children and the recipient protects or looks after them: no agreement is needed."""
    kind, purpose = case.recipient.kind, case.purpose
    if kind is None or purpose is None or not kind.looks_after_children:
        return False
    if purpose.code == "early-help":
        return case.non_public and not (case.family_choice and case.routine)
    return purpose.protects_children


def _express_power(case: Case) -> str | None:
    """The power that covers both bodies for the purpose, in force on the date."""
    code = EXPRESS_POWERS.get(case.question.purpose)
    provision = case.catalogue.provisions.get(code) if code is not None else None
    if provision is None or code not in case.in_force:
        return None
    reaches = provision.recipients is None or case.recipient.code in provision.recipients
    may_use = provision.providers is None or case.provider.code in provision.providers
    return code if reaches and may_use else None


def _still_a_choice(case: Case) -> bool:
    """Urgent early help by a body whose basis would be consent, with nobody asked yet.

    Urgency must never answer less than the routine question would.
    """
    return case.family_choice and not case.routine and case.consent.status is None


def ask_for_advice(case: Case, notes: Notebook) -> Finding:
    """The registry cannot say. Every reason why, who can, and that this is not a prohibition."""
    reasons = [because(case, code, *cites) for code, cites in _shortfalls(case)]
    conditions = ["record-one-off"]
    if case.question.purpose == "early-help":
        conditions.append("concern-changes-answer")
    advice = (Advice(wording.adviser(case), wording.why("seek-advice", case)),)
    if _still_a_choice(case):
        return Finding(
            "ask-consent",
            "consent-urgent",
            reasons,
            conditions=("ask-safely", *conditions),
            advice=advice,
            rests_on_consent=True,
        )
    return Finding("seek-advice", "seek-advice", reasons, conditions=tuple(conditions), advice=advice)


def _shortfalls(case: Case) -> list[tuple[str, tuple[str, ...]]]:
    found: list[tuple[str, tuple[str, ...]]] = []
    if case.recipient.organisation is None:
        found.append(("recipient-not-registered", ()))
    best = case.coverages[0] if case.coverages else None
    if best is None:
        if case.provider.organisation is None:
            found.append(("provider-not-signatory", ()))
        found.append(("purpose-not-covered", ()))
    else:
        cites = (best.cite,)
        if not best.in_force:
            found.append(("agreement-not-in-force", cites))
        if not best.provider_signed:
            found.append(("provider-not-signatory", cites))
        if not best.recipient_signed:
            found.append(("recipient-not-signatory", cites))
        if best.lapsed:
            found.append(("tier-1-lapsed", cites))
        if best.reserved:
            found.append(("purpose-not-covered", cites))
        if any(category not in best.categories for category in case.question.categories):
            found.append(("category-not-covered", cites))
    if not case.has_basis:
        found.append(("no-basis-known", ()))
    return found
