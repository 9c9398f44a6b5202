"""Everything that can be wrong with what is sent to the consent register, each with where it is and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.consent_entries import ConsentRecorder, ConsentScope, ConsentStanding, ConsentStatement
from isa_registry.domain.consents import codes
from isa_registry.domain.consents.documents import (
    ConsentRequest,
    InvalidationRequest,
    RenewalRequest,
    WithdrawalRequest,
)
from isa_registry.domain.consents.states import ConsentState, day_of, is_for_a_child
from isa_registry.domain.dates import is_date, is_instant, parse_instant
from isa_registry.domain.document_faults import Faults
from isa_registry.domain.questions import RecipientKind
from isa_registry.domain.references import is_subject_reference
from isa_registry.domain.refusals import Fault

AHEAD = timedelta(minutes=2)
"""How far a body's clock may be ahead of ours."""

MOST = 30
_VERSION = re.compile(r"[0-9]{1,8}(?:[.-][0-9]{1,4}){0,3}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?")


class Known(NamedTuple):
    """What the register knows that a consent may name: the law's codes, the bodies (`is_body`), whose own record this
    is (`organisation`), and the retention classes of agreements."""

    catalogue: Catalogue
    organisation: str
    is_body: Callable[[str], bool]
    retention: Container[str]
    now: datetime


class _Faults(Faults):
    def __init__(self, known: Known) -> None:
        super().__init__()
        self.known = known

    def each(self, pointer: str, values: Sequence[object]) -> bool:
        """Whether a list has 1 to 30 members; one that is there twice is a fault beside."""
        if not 1 <= len(values) <= MOST:
            self.add(pointer, "count", f"Name 1 to {MOST}.")
            return False
        if len(set(values)) != len(values):
            self.add(pointer, "repeated", "Name each once.")
        return True

    def moment(self, pointer: str, value: str | None, *, after: str | None = None) -> str | None:
        """A time that is well spelt, not to come, and not before what it follows; None for one that is not."""
        if value is None:
            return None
        if not is_instant(value):
            self.add(pointer, "not-a-time", "Write times as 2026-09-30T14:05:00.000Z: UTC with milliseconds.")
            return None
        if parse_instant(value) > self.known.now + AHEAD:
            self.add(pointer, "in-the-future", "This is more than two minutes ahead of our clock.")
            return None
        if after is not None and value < after:
            self.add(pointer, "out-of-order", "This is before what was said last in this consent.")
            return None
        return value

    def day(self, pointer: str, value: str | None) -> str | None:
        if value is None:
            return None
        if not is_date(value):
            self.add(pointer, "not-a-date", "Write dates as 2026-09-30.")
            return None
        return value


def request_faults(asked: ConsentRequest, known: Known) -> tuple[Fault, ...]:
    """Everything wrong with a new record. `answered_at` is filled in."""
    faults = _Faults(known)
    faults.code("#/answer", asked.answer, ("given", "refused"))
    faults.code("#/subject/kind", asked.subject.kind, known.catalogue.codes.subject_kinds)
    if not is_subject_reference(asked.subject.ref):
        faults.add(
            "#/subject/ref",
            "not-a-subject-reference",
            "A subject reference is 's1_' and 43 base64url characters, made with your organisation's own key.",
        )
    faults.code("#/role", asked.role, codes.ROLES)
    _scope(asked.scope, faults)
    if asked.retention is not None and asked.retention not in known.retention:
        faults.add("#/retention", "unknown-code", "This is not a retention class of an agreement's schedule.")
    if asked.answer == "refused" and asked.review_on is not None:
        faults.add("#/review_on", "contradicts-answer", "A refusal counts until somebody says otherwise: leave it out.")
    _said(asked, asked.subject.kind, asked.answer, None, faults)
    if asked.answer == "given":
        _explicit(asked.explicit, asked.role, asked.scope, faults)
    return tuple(faults.found)


def renewal_faults(asked: RenewalRequest, consent: ConsentState, known: Known) -> tuple[Fault, ...]:
    """Everything wrong with saying again what this consent says. `answered_at` is filled in."""
    faults, answer = _Faults(known), consent.answer
    _said(asked, answer.subject.kind, "given", consent, faults)
    _explicit(asked.explicit, answer.role, answer.scope, faults)
    return tuple(faults.found)


def withdrawal_faults(asked: WithdrawalRequest, consent: ConsentState, known: Known) -> tuple[Fault, ...]:
    """Everything wrong with taking this consent back. `answered_at` is filled in."""
    faults = _Faults(known)
    if faults.code("#/by", asked.by, codes.STANDINGS):
        _stands("#/by", asked.by, consent.answer.subject.kind, faults)
    faults.code("#/method", asked.method, codes.METHODS)
    faults.reference("#/evidence", asked.evidence)
    faults.moment("#/answered_at", asked.answered_at, after=consent.said.answered_at)
    _recorder(asked.recorded_by, faults)
    return tuple(faults.found)


def invalidation_faults(asked: InvalidationRequest, known: Known) -> tuple[Fault, ...]:
    """Everything wrong with finding a consent void. `found_at` is filled in."""
    faults = _Faults(known)
    faults.code("#/reason", asked.reason, codes.INVALIDATION_REASONS)
    faults.moment("#/found_at", asked.found_at)
    _recorder(asked.recorded_by, faults)
    return tuple(faults.found)


def _scope(scope: ConsentScope, faults: _Faults) -> None:
    known = faults.known
    for name, values, codes_of in (
        ("purposes", scope.purposes, known.catalogue.purposes),
        ("categories", scope.categories, known.catalogue.categories),
    ):
        if faults.each(f"#/scope/{name}", values):
            for place, value in enumerate(values):
                faults.code(f"#/scope/{name}/{place}", value, codes_of)
    if not faults.each("#/scope/recipients", scope.recipients):
        return
    for place, recipient in enumerate(scope.recipients):
        at = f"#/scope/recipients/{place}"
        if isinstance(recipient, RecipientKind):
            faults.code(f"{at}/kind", recipient.kind, known.catalogue.kinds)
        elif recipient == known.organisation:
            faults.add(at, "same-organisation", "This is your own body: it needs no consent to have what it has.")
        elif not known.is_body(recipient):
            detail = 'This body is not registered. Name it by its kind, as {"kind": "voluntary"}.'
            faults.add(at, "unknown-organisation", detail)


def _said(
    asked: ConsentRequest | RenewalRequest, kind: str, answer: str, before: ConsentState | None, faults: _Faults
) -> None:
    _standing(asked.standing, kind, faults)
    _childs_view(asked.childs_view, asked.standing.by, kind, answer, faults)
    _statement(asked.statement, faults)
    faults.code("#/method", asked.method, codes.METHODS)
    faults.reference("#/evidence", asked.evidence)
    _recorder(asked.recorded_by, faults)
    after = None if before is None else before.said.answered_at
    moment = faults.moment("#/answered_at", asked.answered_at, after=after)
    answered = None if moment is None else day_of(moment)
    review = faults.day("#/review_on", asked.review_on)
    if answered is not None and review is not None and review < answered:
        faults.add("#/review_on", "out-of-order", "This is before the day on which it was said.")
    transition = faults.day("#/age_transition_on", asked.age_transition_on)
    if transition is None:
        return
    if kind not in codes.CHILD_KINDS:
        faults.add("#/age_transition_on", "contradicts-subject", "This is not about a child: leave it out.")
    elif answered is not None and transition <= answered and is_for_a_child(kind, asked.standing.by):
        detail = "The child had come of that age when this was said: it is theirs to say."
        faults.add("#/age_transition_on", "out-of-order", detail)


def _standing(standing: ConsentStanding, kind: str, faults: _Faults) -> None:
    if faults.code("#/standing/by", standing.by, codes.STANDINGS):
        _stands("#/standing/by", standing.by, kind, faults)
    faults.reference("#/standing/evidence", standing.evidence)
    if not faults.code("#/standing/shown_by", standing.shown_by, codes.SHOWN_BY):
        return
    if standing.by in codes.STANDINGS and standing.shown_by not in codes.STANDINGS[standing.by].shown_by:
        detail = "This does not show that standing. See which shows which in the documentation of the format."
        faults.add("#/standing/shown_by", "no-standing", detail)
    elif standing.evidence is None and standing.shown_by in codes.EVIDENCED:
        detail = "Give the reference of that assessment or document in your own system."
        faults.add("#/standing/evidence", "missing", detail)


def _stands(pointer: str, by: str, kind: str, faults: _Faults) -> None:
    if kind in faults.known.catalogue.codes.subject_kinds and kind not in codes.STANDINGS[by].subjects:
        detail = "Nobody in this standing can answer for a person of this kind."
        faults.add(pointer, "no-standing", detail)


def _childs_view(view: str, by: str, kind: str, answer: str, faults: _Faults) -> None:
    if not faults.code("#/childs_view", view, codes.CHILDS_VIEWS):
        return
    if by == codes.CHILD_ITSELF and kind in codes.CHILD_KINDS:
        own = "agrees" if answer == "given" else "objects"
        if view != own:
            faults.add("#/childs_view", "contradicts-answer", f"The child answered themself: this is '{own}'.")
    elif view == "no-child" and kind in codes.CHILD_KINDS:
        faults.add("#/childs_view", "contradicts-subject", "This is about a child. Say what they think, or why not.")


def _statement(statement: ConsentStatement, faults: _Faults) -> None:
    faults.reference("#/statement/id", statement.id)
    if not _VERSION.fullmatch(statement.version):
        faults.add("#/statement/version", "not-a-version", "Write versions as 2, 1.4 or 2026-09.")
    if not _LANGUAGE.fullmatch(statement.language):
        faults.add("#/statement/language", "not-a-language", "Give the language as en, cy or zh-Hant (BCP 47).")


def _recorder(recorder: ConsentRecorder, faults: _Faults) -> None:
    faults.code("#/recorded_by/role", recorder.role, faults.known.catalogue.codes.roles)
    faults.reference("#/recorded_by/ref", recorder.ref)


def _explicit(explicit: bool, role: str, scope: ConsentScope, faults: _Faults) -> None:
    categories = faults.known.catalogue.categories
    special = any(one in categories and categories[one].special for one in scope.categories)
    if special and role == "the-basis" and not explicit:
        detail = (
            "A category here is special category data, for which consent is an express statement (UK GDPR Article "
            "9(2)(a)). Ask for one in so many words, or leave that category out."
        )
        faults.add("#/explicit", "explicit-needed", detail)
