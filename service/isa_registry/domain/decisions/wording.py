"""Words for an answer: the catalogue's templates, filled with names of this question.

Plain English for a practitioner under pressure. Nothing may read as a bare no, or frighten anybody out of protecting a
child; law that no person has checked says so. The templates are `agreements/catalogue/words.json`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from isa_registry.domain.answers import Condition, Missing, Reason
from isa_registry.domain.catalogue import Provision
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.duties import EXPRESS_POWERS, S16LA
from isa_registry.domain.decisions.sayings import Saying, sentence, taken_apart
from isa_registry.domain.words import Words

_REASONS = 4_096  # kinds of reason that are kept for a purpose: what they cite comes of whose agreements cover it


def headline(code: str, case: Case) -> str:
    known = case.matter.headlines
    saying = known.get(code)
    if saying is None:
        saying = known[code] = _taken_apart(case, case.catalogue.words.headlines[code])
    return saying.text or saying.of(case)


def reason(case: Case, code: str, words: str, cites: tuple[str, ...], duty: str | None = None) -> Reason:
    """A reason in the words of a key, citing such provisions as are in force on the date, clauses of agreements, and
    those on the topic of the words."""
    key = (words, code, cites, duty)
    known = case.matter.reasons
    found = known.get(key)
    if found is None:
        if len(known) >= _REASONS:
            known.clear()
        found = known[key] = _reason(case, *key)
    saying, kept, whole = found
    return whole if whole is not None else Reason(code, saying.of(case), kept)


def _reason(
    case: Case, words: str, code: str, cites: tuple[str, ...], duty: str | None
) -> tuple[Saying[Case], tuple[str, ...], Reason | None]:
    template = case.catalogue.words.reasons[words]
    kept = tuple(cite for cite in cites if "#" in cite or cite in case.in_force)
    if template.topic is not None:
        kept += case.matter.clauses_on(template.topic).cites
    saying = _taken_apart(case, template.text, duty)
    return saying, kept, None if saying.text is None else Reason(code, saying.text, kept)


def missing(code: str, case: Case) -> Missing:
    """Something missing; what names nobody is one for all."""
    found = case.stock.missing.get(code)
    if found is not None:
        return found
    known, words = case.matter.missing, case.catalogue.words.missing[code]
    saying = known.get(code)
    if saying is None:
        saying = known[code] = _taken_apart(case, words.text)
    return Missing(code, words.needed, words.who, saying.of(case))


def lapsed(code: str, case: Case, day: date) -> Missing:
    """Something that was there until a day, the first one without it."""
    words = case.catalogue.words.missing[f"{code}-lapsed"]
    text = words.text.format(day=f"{day.day} {day:%B %Y}", recipient=recipient(case))
    return Missing(code, words.needed, words.who, sentence(text))


def one_more_fact(case: Case, fact: str, value: bool | str, outcome: str) -> str:
    """What would be the answer if one thing were known that is not."""
    words = case.catalogue.words
    title = _title(case, value) if fact == "statutory_request" and isinstance(value, str) else ""
    known = words.facts[_FACTS.get((fact, value), fact.replace("_", "-"))]
    return sentence(
        f"{known.format(recipient=recipient(case), request=title)}, "
        f"{words.outcomes[outcome].format(recipient=recipient(case))}."
    )


_FACTS: dict[tuple[str, bool | str], str] = {
    ("relates_to_child", False): "relates-to-no-child",
    ("anonymised", False): "not-anonymised",
    ("law_enforcement_purpose", False): "no-law-enforcement-purpose",
    ("consent", "given"): "consent-given",
    ("consent", "refused"): "consent-refused",
    ("agreement_to_service", "given"): "agreement-to-service-given",
    ("agreement_to_service", "refused"): "agreement-to-service-refused",
}


def condition(code: str, case: Case) -> Condition:
    return case.stock.conditions[code]


def why(code: str, case: Case) -> str:
    return case.catalogue.words.why[code]


def passed(rule: str, case: Case) -> str:
    return case.catalogue.words.passed[rule]


def recipient(case: Case) -> str:
    """The recipient's name; an id that is not known is never repeated."""
    organisation, kind = case.recipient.organisation, case.recipient.kind
    if organisation is not None:
        return organisation.name
    phrases = case.catalogue.words.phrases
    return phrases["recipient-of-kind"].format(kind=kind.label) if kind is not None else phrases["recipient-unknown"]


def provider(case: Case) -> str:
    organisation = case.provider.organisation
    return organisation.name if organisation is not None else case.catalogue.words.phrases["provider-unknown"]


def emergency(case: Case) -> str:
    return case.catalogue.words.who["emergency"]


def legal_adviser(case: Case) -> str:
    return case.catalogue.words.who["legal-adviser"]


def adviser(case: Case) -> str:
    """Whom the provider asks first: the post on its record, or what its kind usually has."""
    return case.provider.adviser


def out_of_hours(case: Case) -> str:
    """The out-of-hours contact: the recipient's own, an agreement's, or the one that everywhere has."""
    organisation = case.recipient.organisation
    if organisation is not None and "out-of-hours" in organisation.contacts:
        return f"{organisation.name}, {organisation.contacts['out-of-hours']}"
    return case.day.contacts.out_of_hours or case.catalogue.words.who["out-of-hours"]


def standing(case: Case, code: str) -> str:
    """How sure the registry is of a provision: checked, reported in force, or not yet checked by a person."""
    return _standing(case.catalogue.provisions[code], case.catalogue.words)


def _standing(provision: Provision, words: Words) -> str:
    if provision.verified:
        return words.phrases["in-force"]
    reported = next((period for period in provision.in_force if period.reported), None)
    if reported is None:
        return words.phrases["not-yet-checked"]
    day = f"{reported.from_.day} {reported.from_:%B %Y}"
    return words.phrases["reported-in-force"].format(day=day)


def _title(case: Case, code: str | None) -> str:
    provision = case.catalogue.provisions.get(code) if code is not None else None
    return provision.title if provision is not None else case.catalogue.words.phrases["that-provision"]


def _asked_for(case: Case) -> str:
    return _title(case, case.circumstances.statutory_request)


# The names that each question brings. All others are the same for a purpose on a day.
_OF_A_QUESTION: dict[str, Callable[[Case], str]] = {
    "recipient": recipient,
    "provider": provider,
    "adviser": adviser,
    "request": _asked_for,
}


def _taken_apart(case: Case, template: str, duty: str | None = None) -> Saying[Case]:
    return taken_apart(template, _OF_A_QUESTION, lambda name: _name(case, name, duty))


def _name(case: Case, name: str, duty: str | None) -> str:
    if name == "power":
        return _title(case, EXPRESS_POWERS[case.question.purpose])
    if name == "contacts":
        return case.day.contacts.line
    if duty is not None:
        if name == "duty":
            return _title(case, duty)
        if name == "duty_standing":
            return standing(case, duty)
        if name == "until_checked":
            verified = case.catalogue.provisions[duty].verified
            return "" if verified else case.catalogue.words.phrases["until-checked"]
    return standing(case, S16LA)


def guidance(text: str, case: Case) -> Saying[Case]:
    """The text of an item of guidance, to be filled."""
    return _taken_apart(case, text)
