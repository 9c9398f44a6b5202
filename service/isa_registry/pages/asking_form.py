"""A question as the pages of Ask carry it: the fields of a form or of an address, and back.

They are codes and ids alone: there is no field for a name, or for anything about a case.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from isa_registry.domain.questions import Circumstances, Question, RecipientKind, Subject
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.forms import Sent, only
from isa_registry.pages.forms import FieldError

UNKNOWN = "unknown"
"""What a form sends for a fact that is not known."""

YES_NO = (
    "would_help_recipient",
    "more_detrimental_to_share",
    "relates_to_child",
    "informing_increases_risk",
    "law_enforcement_purpose",
    "anonymised",
    "support_stage",
)
CODED = (
    "detriment_confirmed_by",
    "consent",
    "agreement_to_service",
    "para18_reason",
    "s36_4_authority",
    "confidentiality_route",
    "statutory_request",
    "restriction",
)
CHOSEN = ("urgency", "recipient", "purpose", "category", "subject")
"""The fields of the first page; all others are facts."""

_FIELDS = frozenset({*CHOSEN, *YES_NO, *CODED, "role"})
_KNOWN = {"yes": True, "no": False}
_SAID = {True: "yes", False: "no"}
_WANTED = (
    ("urgency", "Say whether anybody is in immediate danger"),
    ("recipient", "Choose who you want to share with"),
    ("purpose", "Choose what it is for"),
    ("category", "Choose what kind of information it is"),
    ("subject", "Say who the information is about"),
)


def of_a_question(sent: Sent) -> Sent:
    """The fields that belong to a question."""
    return {name: values for name, values in sent.items() if name in _FIELDS}


def what_is_missing(sent: Sent, view: RegisterView) -> tuple[FieldError, ...]:
    recipient = only(sent, "recipient")
    known = recipient.startswith("kind:") or view.organisation(recipient) is not None
    return tuple(
        FieldError(field, says)
        for field, says in _WANTED
        if not any(sent.get(field, ())) or (field == "recipient" and not known)
    )


def question_of(sent: Sent) -> Question:
    """The question of fields among which nothing is missing, to be explained: who reads the answer years later has no
    other way to ask. Whether its codes exist is not looked at."""
    recipient = only(sent, "recipient")
    kind = recipient.removeprefix("kind:")
    roles = [value.partition(".") for value in dict.fromkeys(sent.get("role", ()))]
    facts: dict[str, bool | str | None] = {field: _KNOWN.get(only(sent, field)) for field in YES_NO}
    facts |= {field: value for field in CODED if (value := only(sent, field)) not in ("", UNKNOWN)}
    return Question(
        recipient=RecipientKind(kind) if kind != recipient else recipient,
        purpose=only(sent, "purpose"),
        categories=tuple(dict.fromkeys(one for one in sent["category"] if one)),
        subjects=tuple(
            Subject(kind, tuple(role for of, _, role in roles if of == kind))
            for kind in dict.fromkeys(one for one in sent["subject"] if one)
        ),
        urgency=only(sent, "urgency"),
        explain=True,
        circumstances=Circumstances(**facts),  # type: ignore[arg-type]  # bool for one sort of field, str for the other
    )


def fields_of(question: Question) -> tuple[tuple[str, str], ...]:
    """The fields of a question, in the order of the pages: what `question_of` reads."""
    return tuple(_fields(question))


def _fields(question: Question) -> Iterator[tuple[str, str]]:
    recipient = question.recipient
    yield "urgency", question.urgency
    yield "recipient", f"kind:{recipient.kind}" if isinstance(recipient, RecipientKind) else recipient
    yield "purpose", question.purpose
    yield from (("category", code) for code in question.categories)
    yield from (("subject", kind) for kind in dict.fromkeys(one.kind for one in question.subjects))
    roles = dict.fromkeys(f"{one.kind}.{role}" for one in question.subjects for role in one.roles)
    yield from (("role", value) for value in roles)
    for field in (*YES_NO, *CODED):
        value = getattr(question.circumstances, field)
        if value is not None:
            yield field, _SAID[value] if isinstance(value, bool) else value


def address_of(page: str, question: Question) -> str:
    """The address of a page of Ask that has this question filled in."""
    return f"{page}?{urlencode(fields_of(question))}"
