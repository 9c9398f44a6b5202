"""Words for an answer: the catalogue's templates, filled with names of this question.

Plain English for a practitioner under pressure. Nothing may read as a bare no, or frighten anybody out of protecting a
child; law that no person has checked says so. The templates are `agreements/catalogue/words.json`.
"""

from __future__ import annotations

from datetime import date

from isa_registry.domain.answers import Condition, Missing
from isa_registry.domain.catalogue import Provision
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.duties import EXPRESS_POWERS, S16LA
from isa_registry.domain.words import Words


def headline(code: str, case: Case) -> str:
    return _sentence(_fill(case, case.catalogue.words.headlines[code]))


def reason(code: str, case: Case, duty: str | None = None) -> str:
    return _sentence(_fill(case, case.catalogue.words.reasons[code].text, duty))


def condition(code: str, case: Case) -> Condition:
    return Condition(code, case.catalogue.words.conditions[code])


def missing(code: str, case: Case) -> Missing:
    words = case.catalogue.words.missing[code]
    return Missing(code, words.needed, words.who, _fill(case, words.text))


def lapsed(code: str, case: Case, day: date) -> Missing:
    """Something that was there until a day, the first one without it."""
    words = case.catalogue.words.missing[f"{code}-lapsed"]
    text = words.text.format(day=f"{day.day} {day:%B %Y}", recipient=recipient(case))
    return Missing(code, words.needed, words.who, _sentence(text))


def one_more_fact(case: Case, fact: str, value: bool | str, outcome: str) -> str:
    """What would be the answer if one thing were known that is not."""
    words = case.catalogue.words
    title = _title(case, value) if fact == "statutory_request" and isinstance(value, str) else ""
    known = words.facts[_FACTS.get((fact, value), fact.replace("_", "-"))]
    return _sentence(
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


def consent(code: str, case: Case) -> str:
    return case.catalogue.words.consent[code]


def inform(code: str, case: Case) -> str:
    return case.catalogue.words.inform[code]


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
    organisation, kind = case.provider.organisation, case.provider.kind
    if organisation is not None and "advice" in organisation.contacts:
        return organisation.contacts["advice"]
    return kind.advice_from if kind is not None else case.catalogue.words.who["anybody"]


def out_of_hours(case: Case) -> str:
    """The out-of-hours contact: the recipient's own, an agreement's, or the one that everywhere has."""
    organisation = case.recipient.organisation
    if organisation is not None and "out-of-hours" in organisation.contacts:
        return f"{organisation.name}, {organisation.contacts['out-of-hours']}"
    for version in case.view.agreements_in_force(case.on):
        for contact in version.schedule.contacts:
            if contact.code == "out-of-hours":
                return f"{contact.label}, {contact.telephone}" if contact.telephone else contact.label
    return case.catalogue.words.who["out-of-hours"]


def local_contacts(case: Case) -> str:
    """The contact points of the agreements in force, as one line; empty where none names any."""
    return case.view.memory.recall(("contacts", case.on), lambda: _local_contacts(case))


def _local_contacts(case: Case) -> str:
    found: dict[str, str] = {}
    for version in case.view.agreements_in_force(case.on):
        for contact in version.schedule.contacts:
            if contact.telephone is not None:
                found.setdefault(contact.code, f"{contact.label}: {contact.telephone}.")
    return " ".join(found.values())


def standing(case: Case, code: str) -> str:
    """How sure the registry is of a provision: checked, reported in force, or not yet checked by a person."""
    catalogue = case.catalogue
    provision = catalogue.provisions[code]
    key = ("standing", catalogue.sha256, code)
    return case.view.memory.recall(key, lambda: _standing(provision, catalogue.words))


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


def _fill(case: Case, template: str, duty: str | None = None) -> str:
    if "{" not in template:
        return template
    return template.format_map(_Names(case, duty))


class _Names(dict[str, str]):
    """The names a template may ask for, worked out only where it does."""

    def __init__(self, case: Case, duty: str | None) -> None:
        super().__init__()
        self._case, self._duty = case, duty

    def __missing__(self, key: str) -> str:
        case, duty = self._case, self._duty
        if key == "recipient":
            return recipient(case)
        if key == "provider":
            return provider(case)
        if key == "adviser":
            return adviser(case)
        if key == "request":
            return _title(case, case.circumstances.statutory_request)
        if key == "power":
            return _title(case, EXPRESS_POWERS[case.question.purpose])
        if key == "contacts":
            return local_contacts(case)
        if duty is not None:
            if key == "duty":
                return _title(case, duty)
            if key == "duty_standing":
                return standing(case, duty)
            if key == "until_checked":
                verified = case.catalogue.provisions[duty].verified
                return "" if verified else case.catalogue.words.phrases["until-checked"]
        return standing(case, S16LA)


def guidance(text: str, case: Case) -> str:
    """The text of an item of guidance, filled."""
    return _fill(case, text)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
