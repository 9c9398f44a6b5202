"""What makes a question malformed (400) or one about codes that nobody knows (422), before anything is decided."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from datetime import UTC, datetime

from msgspec import Struct

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.dates import instant, is_date
from isa_registry.domain.questions import Question, RecipientKind, Subject
from isa_registry.domain.references import is_organisation_id, is_subject_reference, looks_like_a_person

MOST_CATEGORIES = 30
MOST_SUBJECTS = 50
MALFORMED = 400
UNKNOWN = 422

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


class Fault(Struct, frozen=True):
    """One thing wrong with a question: where (a JSON pointer as a URI fragment), its code, and a sentence that never
    repeats the value. `status` is 400 for a fault of form, 422 for a code or a combination that does not exist."""

    pointer: str
    code: str
    detail: str
    status: int


def moment_of(as_of: str) -> str | None:
    """An RFC 3339 time in the register's own spelling (UTC, milliseconds), or None where it is not one."""
    if not _MOMENT.fullmatch(as_of):
        return None
    try:
        return instant(datetime.fromisoformat(as_of).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def check_question(question: Question, catalogue: Catalogue) -> list[Fault]:
    """Every fault of a question's form and codes, in the order of its members; empty where it can be decided.

    Whether the provider is the caller's, and whether the recipient is known, is not looked at here.
    """
    faults: list[Fault] = []
    _parties(question, catalogue, faults)
    _matter(question, catalogue, faults)
    _circumstances(question, catalogue, faults)
    if question.on is not None or question.as_of is not None:
        faults.extend(_times(question))
    return faults


def _unknown(pointer: str, what: str) -> Fault:
    return Fault(pointer, "unknown-code", f"This is not {what} that the registry knows.", UNKNOWN)


def _parties(question: Question, catalogue: Catalogue, faults: list[Fault]) -> None:
    if not isinstance(question.recipient, RecipientKind):
        _identifier("#/recipient", question.recipient, faults)
    elif question.recipient.kind not in catalogue.kinds:
        faults.append(_unknown("#/recipient/kind", "a kind of organisation"))
    if question.provider is not None:
        _identifier("#/provider", question.provider, faults)


def _identifier(pointer: str, value: str, faults: list[Fault]) -> None:
    # An unknown recipient is recorded as it was given, so nothing that could be a name gets so far.
    if not is_organisation_id(value):
        detail = "An organisation's id is 1 to 128 lower-case letters, digits and hyphens."
        faults.append(Fault(pointer, "bad-identifier", detail, MALFORMED))
    elif (what := looks_like_a_person(value)) is not None:
        detail = f"This looks like {what}, not like an organisation's id."
        faults.append(Fault(pointer, "bad-identifier", detail, MALFORMED))


def _matter(question: Question, catalogue: Catalogue, faults: list[Fault]) -> None:
    if question.purpose not in catalogue.purposes:
        faults.append(_unknown("#/purpose", "a purpose"))
    categories = question.categories
    if not categories:
        faults.append(Fault("#/categories", "too-few", "Name at least one category of information.", MALFORMED))
    elif len(categories) > MOST_CATEGORIES:
        faults.append(Fault("#/categories", "too-many", f"Name at most {MOST_CATEGORIES} categories.", MALFORMED))
    elif len(set(categories)) != len(categories):
        faults.append(Fault("#/categories", "duplicate", "Name each category once.", MALFORMED))
    for position, category in enumerate(categories[:MOST_CATEGORIES]):
        if category not in catalogue.categories:
            faults.append(_unknown(f"#/categories/{position}", "a category of information"))
    if len(question.subjects) > MOST_SUBJECTS:
        faults.append(Fault("#/subjects", "too-many", f"Name at most {MOST_SUBJECTS} people in one check.", MALFORMED))
    for position, subject in enumerate(question.subjects[:MOST_SUBJECTS]):
        _subject(position, subject, catalogue, faults)
    if question.urgency not in catalogue.codes.urgencies:
        faults.append(_unknown("#/urgency", "an urgency"))


def _subject(place: int, subject: Subject, catalogue: Catalogue, faults: list[Fault]) -> None:
    if subject.kind not in catalogue.codes.subject_kinds:
        faults.append(_unknown(f"#/subjects/{place}/kind", "a kind of person"))
    if len(set(subject.roles)) != len(subject.roles):
        faults.append(Fault(f"#/subjects/{place}/roles", "duplicate", "Name each role once.", MALFORMED))
    for position, role in enumerate(subject.roles[:10]):
        if role not in catalogue.codes.subject_roles:
            faults.append(_unknown(f"#/subjects/{place}/roles/{position}", "a role of a person"))
    if subject.ref is not None and not is_subject_reference(subject.ref):
        detail = (
            "A subject reference is s1_ and 43 base64url characters, made by the client library from your own "
            "identifier. Never send the identifier itself."
        )
        faults.append(Fault(f"#/subjects/{place}/ref", "bad-reference", detail, MALFORMED))


_CODED: tuple[tuple[str, Callable[[Catalogue], Container[str]], str], ...] = (
    ("detriment_confirmed_by", lambda catalogue: catalogue.codes.roles, "a role"),
    ("consent", lambda catalogue: catalogue.codes.consent_states, "a state of consent"),
    ("agreement_to_service", lambda catalogue: catalogue.codes.consent_states, "a state of agreement"),
    ("para18_reason", lambda catalogue: catalogue.codes.para18_reasons, "a reason of paragraph 18"),
    ("s36_4_authority", lambda catalogue: catalogue.provisions, "a provision"),
    ("confidentiality_route", lambda catalogue: catalogue.codes.confidentiality_routes, "a route"),
    ("statutory_request", lambda catalogue: catalogue.provisions, "a provision"),
    ("restriction", lambda catalogue: catalogue.codes.restrictions, "a restriction"),
)
"""The circumstances that are codes, and what each is one of."""


def _circumstances(question: Question, catalogue: Catalogue, faults: list[Fault]) -> None:
    given = question.circumstances
    for member, known, what in _CODED:
        value = getattr(given, member)
        if value is not None and value not in known(catalogue):
            faults.append(_unknown(f"#/circumstances/{member}", what))


def _times(question: Question) -> Iterator[Fault]:
    if question.on is not None and not is_date(question.on):
        yield Fault("#/on", "bad-date", "A date is a real day, written YYYY-MM-DD.", MALFORMED)
    as_of = question.as_of
    if isinstance(as_of, bool) or (isinstance(as_of, int) and as_of < 1):
        yield Fault("#/as_of", "bad-size", "A log size is a whole number from 1.", MALFORMED)
    elif isinstance(as_of, str) and moment_of(as_of) is None:
        yield Fault("#/as_of", "bad-time", "A time is RFC 3339, as in 2026-03-10T12:00:00.000Z.", MALFORMED)
    if question.record and (question.on is not None or as_of is not None):
        yield Fault(
            "#/record",
            "what-if-not-recorded",
            "A check about another date or another state of the register is a what-if and is not recorded.",
            UNKNOWN,
        )
