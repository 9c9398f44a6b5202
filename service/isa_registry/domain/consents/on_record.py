"""Which of a body's own consents a question may rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from isa_registry.domain.consent_entries import ConsentScope
from isa_registry.domain.consents.codes import Status
from isa_registry.domain.consents.states import ConsentState, OnDay, on_day
from isa_registry.domain.questions import ConsentOnRecord, Question, RecipientKind

_NO = frozenset({"refused", "withdrawn"})


def on_record(
    consents: Mapping[str, Iterable[ConsentState]], question: Question, day: str, *, recipient_kind: str | None
) -> tuple[ConsentOnRecord, ...]:
    """The records that fit a question on a London day, by entry. `consents` are the body's own, by the reference of
    whom they are about; `recipient_kind` is the kind of the body that the question names, where it is known.

    A yes counts where purpose and recipient match and all of the question's categories are covered. A no, or a consent
    that was withdrawn, counts where purpose and recipient match and any category is: who objects to part of a thing
    has not agreed to the whole. What has expired or is void counts as nothing. Where several fit, the engine takes the
    one that was entered last; what was said before the contrary was said, and only entered after it, is therefore not
    among them.
    """
    found: list[ConsentOnRecord] = []
    for position, subject in enumerate(question.subjects):
        fitting = [
            (consent.answer.role, now)
            for consent in consents.get(subject.ref or "", ())
            if (now := on_day(consent, day)) is not None
            and _fits(consent.answer.scope, now.status, question, recipient_kind)
        ]
        found += [
            ConsentOnRecord(now.entry, position, role, now.status)
            for role, now in fitting
            if not any(of == role and _outranks(other, now) for of, other in fitting)
        ]
    return tuple(sorted(found, key=lambda one: (one.entry, one.subject)))


def _outranks(other: OnDay, now: OnDay) -> bool:
    """Whether the contrary was said later. A no that was entered before it stays among the evidence: the engine takes
    the later entry."""
    if (other.status in _NO) is (now.status in _NO) or other.said_at <= now.said_at:
        return False
    return other.status in _NO or other.entry < now.entry


def _fits(scope: ConsentScope, status: Status, question: Question, recipient_kind: str | None) -> bool:
    if question.purpose not in scope.purposes or not _reaches(scope.recipients, question.recipient, recipient_kind):
        return False
    asked = set(question.categories)
    covered = asked & set(scope.categories)
    return covered == asked if status == "given" else status in _NO and bool(covered)


def _reaches(
    recipients: Sequence[str | RecipientKind], recipient: str | RecipientKind, recipient_kind: str | None
) -> bool:
    kind = recipient.kind if isinstance(recipient, RecipientKind) else recipient_kind
    return any(one.kind == kind if isinstance(one, RecipientKind) else one == recipient for one in recipients)
