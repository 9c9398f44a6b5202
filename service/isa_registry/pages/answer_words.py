"""The words of an answer's page that no catalogue holds, and the text that goes into one's own record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from isa_registry.actions.checks import CheckResponse
from isa_registry.domain.dates import parse_instant
from isa_registry.domain.questions import Question, RecipientKind, Subject
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.answer_sources import ClauseOpened
from isa_registry.pages.asking_choices import URGENCIES
from isa_registry.pages.asking_facts import FACTS, value_in_words
from isa_registry.pages.people import plain_time

OUTCOMES = {
    "share-now": "Share now, and record it afterwards",
    "duty-to-share": "You have a duty to share",
    "may-share": "You may share",
    "ask-consent": "Ask for consent or agreement first",
    "seek-advice": "Seek advice: this is not a no",
    "do-not-share": "Do not share",
}
TONES = {
    "share-now": "danger",
    "duty-to-share": "go",
    "may-share": "go",
    "ask-consent": "ask",
    "seek-advice": "ask",
    "do-not-share": "hold",
}
BASES = (
    ("Lawful basis", "article_6"),
    ("Sensitive information", "article_9"),
    ("Criminal offence information", "article_10"),
    ("Law enforcement", "part_3"),
    ("Powers to share", "gateways"),
)
SHARED = frozenset({"share-now", "duty-to-share", "may-share"})
BEING_CHECKED = frozenset({"law-not-yet-checked", "choice-not-yet-checked"})
"""Guidance that stands beside the law that it is about."""

WAITS = {
    "ask-consent": "What waits for their answer",
    "seek-advice": "What waits for advice",
    "do-not-share": "What to hold",
}
HOLDS = {
    "ask-consent": "ask first",
    "seek-advice": "seek advice on this: it is not a no",
    "do-not-share": "do not share this",
}
WHO = {
    "your-ig-lead": "Your information-governance lead",
    "their-ig-lead": "The other organisation’s information-governance lead",
}
_SAID = {True: "yes", False: "no"}


def consent_word(found: CheckResponse) -> str:
    """The answer to “consent?” in a word or three; empty where the sentence alone says it."""
    if found.consent.seek == "must-not":
        return "Do not ask"
    if found.consent.seek == "yes":
        return "Ask first"
    return "Not needed" if found.consent.role == "not-the-basis" else ""


def inform_word(found: CheckResponse) -> str:
    """The answer to “tell the family?” in a word or three; empty while nothing is shared."""
    if found.outcome not in SHARED:
        return ""
    if found.inform.now is None:
        return "Yes, if it is safe" if found.inform.expected == "unless-unsafe" else "It depends"
    if found.inform.now:
        return "Yes"
    return {"after": "Afterwards", "privacy-notice": "Not case by case"}.get(found.inform.expected, "Not now")


def asked_in_words(question: Question, view: RegisterView) -> Iterator[tuple[str, str]]:
    """What was asked, line by line, and then each fact that was known, as a question. What the register no longer knows
    stands there by its code."""
    catalogue = view.catalogue()
    if catalogue is None:
        return
    codes, recipient = catalogue.codes, question.recipient
    purpose = catalogue.purposes.get(question.purpose)
    yield "From", _body(question.provider or "", view)
    if isinstance(recipient, RecipientKind):
        kind = catalogue.kinds.get(recipient.kind)
        yield "To", f"{recipient.kind if kind is None else kind.label} (not in this register)"
    else:
        yield "To", _body(recipient, view)
    yield "For", question.purpose if purpose is None else purpose.label
    named = (catalogue.categories.get(code) for code in question.categories)
    labels = [code if one is None else one.label for code, one in zip(question.categories, named, strict=True)]
    yield "Kinds of information", "; ".join(labels)
    about = [_person(one, codes.subject_kinds, codes.subject_roles) for one in question.subjects]
    yield "About", "; ".join(about) or "Nobody is named"
    urgencies = {code: words for code, words, _ in URGENCIES}
    yield "Immediate danger", urgencies.get(question.urgency, question.urgency)
    for fact, words in FACTS.items():
        value = getattr(question.circumstances, fact)
        if isinstance(value, bool):
            yield words.asks, _SAID[value].capitalize()
        elif value is not None:
            yield words.asks, value_in_words(fact, value, catalogue)


def _body(organisation: str, view: RegisterView) -> str:
    found = view.organisation(organisation)
    return organisation if found is None else found.name


def _person(one: Subject, kinds: dict[str, str], roles: dict[str, str]) -> str:
    said = ", ".join(roles.get(role, role).lower() for role in one.roles)
    kind = kinds.get(one.kind, one.kind)
    return f"{kind} ({said})" if said else kind


def record(
    found: CheckResponse,
    asked: Iterable[tuple[str, str]],
    bases: Iterable[tuple[str, Sequence[str]]],
    clauses: Iterable[ClauseOpened],
    view: RegisterView,
    link: str | None,
) -> str:
    """What to write in one's own record, as plain text: what was asked and answered, and what one adds oneself."""
    return "\n".join(_record(found, asked, bases, clauses, view, link))


def _record(
    found: CheckResponse,
    asked: Iterable[tuple[str, str]],
    bases: Iterable[tuple[str, Sequence[str]]],
    clauses: Iterable[ClauseOpened],
    view: RegisterView,
    link: str | None,
) -> Iterator[str]:
    yield f"Information sharing check, {plain_time(parse_instant(found.decided_at))}"
    yield f"Reference: {found.id}" if found.recorded else "The registry could not record this check at the time."
    if link is not None:
        yield link
    yield ""
    yield from (f"{name} {said}" if name.endswith("?") else f"{name}: {said}" for name, said in asked)
    yield ""
    yield f"Answer: {OUTCOMES.get(found.outcome, found.outcome)}."
    yield found.headline
    yield from (f"- {one.text}" for one in found.reasons)
    yield ""
    yield from (f"{title}: {'; '.join(laws)}" for title, laws in bases if laws)
    cited = [one.cited for one in clauses]
    if cited:
        yield f"Agreements: {'; '.join(cited)}"
    yield f"Consent: {found.consent.text}"
    yield f"The family: {found.inform.text}"
    yield ""
    yield "To complete:"
    catalogue = view.catalogue()
    labels = {} if catalogue is None else {one.code: one.label for one in catalogue.recording}
    yield from (f"- {labels.get(code, code)}:" for code in found.to_record)
