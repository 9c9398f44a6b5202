"""The steps in which a consent or a refusal is recorded: what each asks, and what is still wanted in it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from isa_registry.domain.consents.codes import EVIDENCED, ROLES, STANDINGS
from isa_registry.domain.consents.states import is_for_a_child
from isa_registry.domain.dates import is_date
from isa_registry.domain.references import is_subject_reference, own_reference_fault
from isa_registry.domain.refusals import Fault
from isa_registry.pages.consent_answers import CODED, LISTS, OTHER, PRIVATE, RECIPIENTS, Answers, moment_of
from isa_registry.pages.forms import FieldError

NAMES = {**CODED, **PRIVATE}


class Step(Struct, frozen=True):
    """One page: its code, its question, what its answers are called, and the answers that it asks for. One that is
    `posted` asks for what no address may hold."""

    code: str
    title: str
    said: str
    members: tuple[str, ...]
    posted: bool = False


STEPS = (
    Step("need", "Is consent what you need?", "What it is", ("role",)),
    Step(
        "whom",
        "What is it for, and who may be told?",
        "What it is for, and who may be told",
        ("purposes", "recipients"),
    ),
    Step("what", "What may be shared?", "What may be shared", ("categories",)),
    Step("who", "Who is it about, and who answered?", "Who it is about, and who answered", ("kind", "by")),
    Step(
        "standing",
        "How do you know that they may answer?",
        "How you know that they may answer",
        ("shown_by", "childs_view"),
    ),
    Step("said", "What did they say?", "What they said", ("answer", "explicit", "method", "day", "time")),
    Step(
        "words",
        "Which words were they shown?",
        "What they were shown",
        ("statement", "statement_version", "language", "other_language"),
        posted=True,
    ),
    Step(
        "own",
        "Your own references",
        "Your own references",
        ("subject", "evidence", "standing_evidence", "staff_role", "staff", "review_on", "age_transition_on"),
        posted=True,
    ),
)
FIRST = STEPS[0]

WANTED = {
    "role": "Choose whether consent is what you need",
    "purposes": "Choose what it is for",
    "recipients": "Choose who may be told",
    "categories": "Choose what may be shared",
    "kind": "Choose who the information is about",
    "by": "Choose who answered",
    "shown_by": "Choose how you know that they may answer",
    "childs_view": "Choose what the child says of it",
    "answer": "Choose what they said",
    "explicit": "Choose whether they said so in clear words",
    "method": "Choose how they said it",
    "statement": "Enter your own reference of the statement that was shown",
    "statement_version": "Enter the version of the statement, like 3 or 2026-04",
    "language": "Choose the language in which it was shown",
    "subject": "Paste the reference of the person, which begins with s1_",
    "standing_evidence": "Enter where your own system holds what shows that they may answer",
    "evidence": "Enter where your own system holds what shows this",
    "staff_role": "Choose your role",
    "staff": "Enter your staff reference",
}
_REFERENCES = ("statement", "evidence", "standing_evidence", "staff")
_POINTERS = {
    "#/subject/ref": "subject", "#/subject/kind": "kind", "#/subject": "kind", "#/role": "role",
    "#/scope/purposes": "purposes", "#/scope/recipients": "recipients", "#/scope/categories": "categories",
    "#/standing/by": "by", "#/standing/shown_by": "shown_by", "#/standing/evidence": "standing_evidence",
    "#/childs_view": "childs_view", "#/explicit": "explicit", "#/statement/id": "statement",
    "#/statement/version": "statement_version", "#/statement/language": "language", "#/method": "method",
    "#/evidence": "evidence", "#/answered_at": "day", "#/recorded_by/role": "staff_role",
    "#/recorded_by/ref": "staff", "#/by": "by", "#/review_on": "review_on", "#/age_transition_on": "age_transition_on",
}  # fmt: skip
"""The answer that each part of the document is made of."""


_PLAIN = {
    "explicit-needed": (
        "Ask for a yes in clear words: what may be shared is special (UK GDPR Article 9(2)(a)). Or leave that out"
    ),
    "not-a-version": "Enter the version like 2, 1.4 or 2026-09",
    "not-a-language": "Enter the code of the language, like so for Somali or zh-Hant for Chinese in traditional script",
    "in-the-future": "Enter a day and time that are not to come",
    "unknown-organisation": "Choose the bodies from the list",
    "same-organisation": "Choose another body than your own: it has this already",
    "unknown-code": "Choose from the list: something that was sent is not in it",
}
"""Faults whose sentence is for systems, in words for a page."""


def step_of(code: str) -> Step | None:
    return next((one for one in STEPS if one.code == code), None)


def shown_values(answers: Answers) -> dict[str, tuple[str, ...]]:
    """What stands in the fields."""
    values: dict[str, tuple[str, ...]] = {}
    for member, name in NAMES.items():
        held = getattr(answers, member)
        values[name] = held if member in LISTS else (held,) if held else ()
    values |= {field: (one,) for field, one in zip(RECIPIENTS, answers.recipients[1:], strict=False)}
    return values


def asked(step: Step, answers: Answers) -> tuple[str, ...]:
    """The answers that a step asks for, as the others stand: a refusal has no day of review, who speaks for themself
    grows out of nothing, and what is presumed has nothing that shows it."""
    left_out = set()
    if answers.answer == "refused":
        left_out |= {"explicit", "review_on"}
    if not is_for_a_child(answers.kind, answers.by):
        left_out |= {"age_transition_on", "childs_view"}
    if answers.shown_by not in EVIDENCED:
        left_out.add("standing_evidence")
    return tuple(member for member in step.members if member not in left_out)


def errors_of(step: Step, answers: Answers) -> tuple[FieldError, ...]:
    """What is wrong with a step by itself."""
    return tuple(_errors(step, answers))


def unfinished(answers: Answers) -> Step | None:
    """The first step in which something is wrong."""
    return next((step for step in STEPS if errors_of(step, answers)), None)


def placed(faults: tuple[Fault, ...]) -> Iterator[tuple[Step | None, FieldError]]:
    """Each fault of a document with the step that mends it, and the field there."""
    for fault in faults:
        pointer = fault.pointer
        while pointer not in _POINTERS and "/" in pointer[2:]:
            pointer = pointer.rpartition("/")[0]
        member = _POINTERS.get(pointer, "")
        step = next((one for one in STEPS if member in one.members), None)
        yield step, FieldError(NAMES.get(member, ""), _PLAIN.get(fault.code, fault.detail).removesuffix("."))


def _errors(step: Step, answers: Answers) -> Iterator[FieldError]:
    wanted = asked(step, answers)
    yield from _of_who_answers(step, answers)
    for member in wanted:
        value = getattr(answers, member)
        if not value and member in WANTED:
            yield FieldError(NAMES[member], WANTED[member])
        elif value and member in _REFERENCES and (wrong := own_reference_fault(value)):
            yield FieldError(NAMES[member], wrong.removesuffix("."))
    if "subject" in wanted and answers.subject and not is_subject_reference(answers.subject):
        yield FieldError(NAMES["subject"], "Paste the whole reference: s1_ and 43 letters, digits, - or _ after it")
    if "other_language" in wanted and answers.language == OTHER and not answers.other_language:
        yield FieldError(NAMES["other_language"], "Enter the code of the language, like so for Somali")
    if step.code == "said" and moment_of(answers.day, answers.time) is None:
        yield FieldError(
            "day", "Enter the day as year-month-day and the time as hours:minutes, like 2027-03-31 and 14:05"
        )
    for member in ("review_on", "age_transition_on"):
        if member in wanted and getattr(answers, member) and not is_date(getattr(answers, member)):
            yield FieldError(NAMES[member], "Enter the day as year-month-day, like 2027-03-31")
    if "review_on" in wanted and not answers.review_on:
        yield FieldError(NAMES["review_on"], "Enter the day until which it counts, within 12 months")


def _of_who_answers(step: Step, answers: Answers) -> Iterator[FieldError]:
    """What does not go together: who answered with whom it is about, and with how that is known."""
    standing = STANDINGS.get(answers.by)
    if step.code == "need" and answers.role and answers.role not in ROLES:
        yield FieldError("need", "Choose whether consent is what you need")
    if standing is None:
        if step.code == "who" and answers.by:
            yield FieldError("by", "Choose who answered from the list")
        return
    if step.code == "who" and answers.kind and answers.kind not in standing.subjects:
        yield FieldError("by", "Choose somebody who can answer for the person whom it is about")
    if step.code == "standing" and answers.shown_by and answers.shown_by not in standing.shown_by:
        yield FieldError("shown", "Choose how you know that they may answer")
