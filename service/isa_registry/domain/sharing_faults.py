"""What is wrong with a sharing event, or with its list of what was withheld, taken by itself."""

from __future__ import annotations

import re

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.dates import is_date, is_instant, london_date, parse_instant
from isa_registry.domain.document_faults import Faults
from isa_registry.domain.questions import RecipientKind
from isa_registry.domain.references import is_subject_reference
from isa_registry.domain.refusals import Fault
from isa_registry.domain.sharing import (
    ADVICE_OUTCOMES,
    CHILDS_VIEWS,
    DECISIONS,
    INFORMED,
    MARKINGS,
    METHODS,
    NOT_INFORMED_REASONS,
    SHARED,
    WITHHELD_REASONS,
    Acknowledgement,
    SharingEvent,
    Withheld,
    is_uuid7,
)

_SHA256 = re.compile(r"[0-9a-f]{64}")


def event_faults(event: SharingEvent, catalogue: Catalogue, *, origin: str, partnership: str) -> tuple[Fault, ...]:
    """Everything wrong with an event's claims taken by themselves: codes, formats, references, and members that
    contradict each other. Times against the clock, keys and the register are looked at elsewhere."""
    faults = Faults()
    codes = catalogue.codes
    _name_faults(event, faults, origin=origin, partnership=partnership)
    if not is_uuid7(event.id):
        faults.add("#/id", "not-a-uuid7", "An event's id is a version 7 UUID in lower case with hyphens.")
    faults.code("#/decision", event.decision, DECISIONS)
    if isinstance(event.recipient, RecipientKind):
        faults.code("#/recipient/kind", event.recipient.kind, catalogue.kinds)
    faults.code("#/purpose", event.purpose, catalogue.purposes)
    if not 1 <= len(event.categories) <= 30:
        faults.add("#/categories", "count", "Give 1 to 30 categories.")
    if len(set(event.categories)) != len(event.categories):
        faults.add("#/categories", "repeated", "Name each category once.")
    faults.codes("#/categories", event.categories[:30], catalogue.categories)
    _subject_faults(event, codes.subject_kinds, codes.subject_roles, faults)
    faults.code("#/urgency", event.urgency, codes.urgencies)
    basis, provisions = event.basis, catalogue.provisions
    faults.codes("#/basis/article_6", basis.article_6, provisions)
    faults.codes("#/basis/article_9", basis.article_9, provisions)
    faults.codes("#/basis/article_10", basis.article_10, provisions)
    faults.codes("#/basis/part_3", basis.part_3, provisions)
    faults.codes("#/basis/gateways", basis.gateways, provisions)
    faults.code("#/para18_reason", event.para18_reason, codes.para18_reasons)
    faults.code("#/s36_4_authority", event.s36_4_authority, catalogue.provisions)
    faults.code("#/confidentiality_route", event.confidentiality_route, codes.confidentiality_routes)
    faults.code("#/consent", event.consent, codes.consent_states)
    faults.code("#/informed/family", event.informed.family, INFORMED)
    faults.code("#/informed/reason", event.informed.reason, NOT_INFORMED_REASONS)
    faults.code("#/childs_view", event.childs_view, CHILDS_VIEWS)
    for position, advice in enumerate(event.advice):
        faults.code(f"#/advice/{position}/role", advice.role, codes.roles)
        faults.code(f"#/advice/{position}/outcome", advice.outcome, ADVICE_OUTCOMES)
    faults.code("#/approved_by", event.approved_by, codes.roles)
    faults.code("#/decided_by/role", event.decided_by.role, codes.roles)
    faults.code("#/method", event.method, METHODS)
    faults.code("#/marking", event.marking, MARKINGS)
    faults.reference("#/decided_by/ref", event.decided_by.ref)
    faults.reference("#/case_record", event.case_record)
    faults.reference("#/request", event.request)
    _time_faults(event, faults)
    _consistency_faults(event, faults)
    return tuple(faults.found)


def _name_faults(document: SharingEvent | Acknowledgement, faults: Faults, *, origin: str, partnership: str) -> None:
    if document.v != 1:
        faults.add("#/v", "unknown-version", "This registry reads version 1 of the document.")
    if document.registry != origin:
        faults.add("#/registry", "another-registry", "This document was made for another registry.")
    if document.partnership != partnership:
        faults.add("#/partnership", "another-partnership", "This document was made for another partnership.")


def _subject_faults(event: SharingEvent, kinds: dict[str, str], roles: dict[str, str], faults: Faults) -> None:
    if not 1 <= len(event.subjects) <= 50:
        faults.add("#/subjects", "count", "Give 1 to 50 subjects.")
    for position, subject in enumerate(event.subjects[:50]):
        if subject.kind not in kinds:
            faults.code(f"#/subjects/{position}/kind", subject.kind, kinds)
        if subject.roles:
            faults.codes(f"#/subjects/{position}/roles", subject.roles, roles)
        if not is_subject_reference(subject.ref):
            faults.add(
                f"#/subjects/{position}/ref",
                "not-a-subject-reference",
                "A subject reference is 's1_' and 43 base64url characters, made with your organisation's own key.",
            )


def _time_faults(event: SharingEvent, faults: Faults) -> None:
    written = "Write times as 2026-09-30T14:05:00.000Z: UTC with milliseconds."
    decided, shared = is_instant(event.decided_at), event.shared_at is not None and is_instant(event.shared_at)
    if not decided:
        faults.add("#/decided_at", "not-a-time", written)
    if event.shared_at is not None and not shared:
        faults.add("#/shared_at", "not-a-time", written)
    if event.review_on is not None and not is_date(event.review_on):
        faults.add("#/review_on", "not-a-date", "Write dates as 2026-09-30.")
    if not decided:
        return
    if event.shared_at is not None and shared and event.shared_at < event.decided_at:
        faults.add("#/shared_at", "before-decided", "It was shared when it was decided, or later.")
    if (
        event.review_on is not None
        and is_date(event.review_on)
        and event.review_on < london_date(parse_instant(event.decided_at))
    ):
        faults.add("#/review_on", "before-decided", "A review comes on the day of the decision, or later.")


def _consistency_faults(event: SharingEvent, faults: Faults) -> None:
    shared = event.decision in SHARED
    if shared and event.shared_at is None:
        faults.add("#/shared_at", "missing", "Say when it was shared.")
    if not shared and event.shared_at is not None:
        faults.add("#/shared_at", "contradicts-decision", "Nothing was shared, so this is null.")
    if event.decision == "shared" and event.withheld_sha256 is not None:
        faults.add("#/withheld_sha256", "contradicts-decision", "All was shared: use 'part-shared' or null.")
    if event.decision != "shared" and event.withheld_sha256 is None:
        faults.add("#/withheld_sha256", "missing", "Say what was withheld: send the signed list and its SHA-256.")
    if event.informed.family == "no" and event.informed.reason is None:
        faults.add("#/informed/reason", "missing", "Give the reason why the family is not told.")
    if event.corrects is not None and not is_uuid7(event.corrects):
        faults.add("#/corrects", "not-a-uuid7", "Give the id of the event that this one corrects.")
    elif event.corrects == event.id:
        faults.add("#/corrects", "corrects-itself", "A correction is a new event: give it an id of its own.")


def withheld_faults(withheld: Withheld, event: SharingEvent, catalogue: Catalogue) -> tuple[Fault, ...]:
    """Everything wrong with a withheld list beside its event."""
    faults = Faults()
    if (withheld.v, withheld.registry, withheld.partnership) != (event.v, event.registry, event.partnership):
        faults.add("#/withheld", "another-registry", "The list and its event name different registries or versions.")
    if withheld.event != event.id:
        faults.add("#/withheld/event", "another-event", "This list names another event than the one it came with.")
    if not 1 <= len(withheld.withheld) <= 30:
        faults.add("#/withheld/withheld", "count", "Give 1 to 30 categories with the reason for each.")
    if len(set(withheld.withheld)) != len(withheld.withheld):
        faults.add("#/withheld/withheld", "repeated", "Name each category once with the same reason.")
    for position, one in enumerate(withheld.withheld[:30]):
        faults.code(f"#/withheld/withheld/{position}/category", one.category, catalogue.categories)
        faults.code(f"#/withheld/withheld/{position}/reason", one.reason, WITHHELD_REASONS)
    return tuple(faults.found)


def acknowledgement_faults(said: Acknowledgement, *, origin: str, partnership: str) -> tuple[Fault, ...]:
    """Everything wrong with an acknowledgement's claims taken by themselves."""
    faults = Faults()
    _name_faults(said, faults, origin=origin, partnership=partnership)
    if not is_uuid7(said.event):
        faults.add("#/event", "not-a-uuid7", "An event's id is a version 7 UUID in lower case with hyphens.")
    if not _SHA256.fullmatch(said.event_sha256):
        faults.add("#/event_sha256", "not-a-hash", "Give the SHA-256 of the event's compact JWS in lower-case hex.")
    if not is_instant(said.received_at):
        faults.add("#/received_at", "not-a-time", "Write times as 2026-09-30T14:05:00.000Z: UTC with milliseconds.")
    return tuple(faults.found)
