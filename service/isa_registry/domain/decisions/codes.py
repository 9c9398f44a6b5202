"""What makes a question malformed (400) or one about codes that nobody knows (422), before anything is decided."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from datetime import UTC, datetime

from msgspec import Struct

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.dates import instant, is_date
from isa_registry.domain.questions import Question, RecipientKind, Subject
from isa_registry.domain.references import is_organisation_id, is_subject_reference

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
    return [*_parties(question, catalogue), *_matter(question, catalogue), *_circumstances(question, catalogue),
            *_times(question)]  # fmt: skip


def _unknown(pointer: str, what: str) -> Fault:
    return Fault(pointer, "unknown-code", f"This is not {what} that the registry knows.", UNKNOWN)


def _coded(pointer: str, value: str | None, known: Container[str], what: str) -> Iterator[Fault]:
    if value is not None and value not in known:
        yield _unknown(pointer, what)


def _parties(question: Question, catalogue: Catalogue) -> Iterator[Fault]:
    if isinstance(question.recipient, RecipientKind):
        yield from _coded("#/recipient/kind", question.recipient.kind, catalogue.kinds, "a kind of organisation")
    else:
        yield from _identifier("#/recipient", question.recipient)
    if question.provider is not None:
        yield from _identifier("#/provider", question.provider)


def _identifier(pointer: str, value: str) -> Iterator[Fault]:
    # An unknown recipient is recorded as it was given, so nothing that could be a name gets so far.
    if not is_organisation_id(value):
        detail = "An organisation's id is 1 to 128 lower-case letters, digits and hyphens."
        yield Fault(pointer, "bad-identifier", detail, MALFORMED)


def _matter(question: Question, catalogue: Catalogue) -> Iterator[Fault]:
    yield from _coded("#/purpose", question.purpose, catalogue.purposes, "a purpose")
    if not question.categories:
        yield Fault("#/categories", "too-few", "Name at least one category of information.", MALFORMED)
    elif len(question.categories) > MOST_CATEGORIES:
        yield Fault("#/categories", "too-many", f"Name at most {MOST_CATEGORIES} categories.", MALFORMED)
    elif len(set(question.categories)) != len(question.categories):
        yield Fault("#/categories", "duplicate", "Name each category once.", MALFORMED)
    for position, category in enumerate(question.categories[:MOST_CATEGORIES]):
        yield from _coded(f"#/categories/{position}", category, catalogue.categories, "a category of information")
    if len(question.subjects) > MOST_SUBJECTS:
        yield Fault("#/subjects", "too-many", f"Name at most {MOST_SUBJECTS} people in one check.", MALFORMED)
    for position, subject in enumerate(question.subjects[:MOST_SUBJECTS]):
        yield from _subject(f"#/subjects/{position}", subject, catalogue)
    yield from _coded("#/urgency", question.urgency, catalogue.codes.urgencies, "an urgency")


def _subject(at: str, subject: Subject, catalogue: Catalogue) -> Iterator[Fault]:
    yield from _coded(f"{at}/kind", subject.kind, catalogue.codes.subject_kinds, "a kind of person")
    if len(set(subject.roles)) != len(subject.roles):
        yield Fault(f"{at}/roles", "duplicate", "Name each role once.", MALFORMED)
    for position, role in enumerate(subject.roles[:10]):
        yield from _coded(f"{at}/roles/{position}", role, catalogue.codes.subject_roles, "a role of a person")
    if subject.ref is not None and not is_subject_reference(subject.ref):
        yield Fault(
            f"{at}/ref",
            "bad-reference",
            "A subject reference is s1_ and 43 base64url characters, made by the client library from your own "
            "identifier. Never send the identifier itself.",
            MALFORMED,
        )


def _circumstances(question: Question, catalogue: Catalogue) -> Iterator[Fault]:
    given, codes = question.circumstances, catalogue.codes
    for member, value, known, what in (
        ("detriment_confirmed_by", given.detriment_confirmed_by, codes.roles, "a role"),
        ("consent", given.consent, codes.consent_states, "a state of consent"),
        ("agreement_to_service", given.agreement_to_service, codes.consent_states, "a state of agreement"),
        ("para18_reason", given.para18_reason, codes.para18_reasons, "a reason of paragraph 18"),
        ("s36_4_authority", given.s36_4_authority, catalogue.provisions, "a provision"),
        ("confidentiality_route", given.confidentiality_route, codes.confidentiality_routes, "a route"),
        ("statutory_request", given.statutory_request, catalogue.provisions, "a provision"),
        ("restriction", given.restriction, codes.restrictions, "a restriction"),
    ):
        yield from _coded(f"#/circumstances/{member}", value, known, what)


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
