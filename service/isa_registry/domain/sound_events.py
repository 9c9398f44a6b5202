"""Whether an event is plainly as it should be: the question that nearly every event answers with yes, asked at once.

`sharing_faults.event_faults` looks at every member by itself so as to say what is wrong with it.
"""

from __future__ import annotations

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.dates import is_instant
from isa_registry.domain.questions import RecipientKind
from isa_registry.domain.references import is_subject_reference, own_reference_fault
from isa_registry.domain.sharing import (
    ADVICE_OUTCOMES,
    CHILDS_VIEWS,
    INFORMED,
    MARKINGS,
    METHODS,
    NOT_INFORMED_REASONS,
    SharingEvent,
    is_uuid7,
)

_INFORMED, _VIEWS, _METHODS, _MARKINGS = map(frozenset, (INFORMED, CHILDS_VIEWS, METHODS, MARKINGS))


def _or_none(codes: dict[str, str]) -> frozenset[str | None]:
    return frozenset((*codes, None))


class Soundness:
    """What events for one registry and partnership are held to under one catalogue."""

    def __init__(self, catalogue: Catalogue, *, origin: str, partnership: str) -> None:
        codes = catalogue.codes
        self._origin, self._partnership = origin, partnership
        self._kinds, self._purposes = frozenset(catalogue.kinds), frozenset(catalogue.purposes)
        self._categories, self._provisions = frozenset(catalogue.categories), frozenset(catalogue.provisions)
        self._subject_kinds, self._subject_roles = frozenset(codes.subject_kinds), frozenset(codes.subject_roles)
        self._urgencies, self._consents = frozenset(codes.urgencies), frozenset(codes.consent_states)
        self._reasons, self._routes = _or_none(codes.para18_reasons), _or_none(codes.confidentiality_routes)
        self._roles, self._advice = frozenset(codes.roles), frozenset(ADVICE_OUTCOMES)
        self._told = frozenset((*NOT_INFORMED_REASONS, None))

    def is_plain(self, event: SharingEvent) -> bool:
        """Whether it shares everything, corrects nothing, sets no date of review, and has no fault that
        `event_faults` would find. False does not say that it has one."""
        basis, known, roles, informed = event.basis, self._provisions, self._roles, event.informed
        return (
            event.decision == "shared"
            and event.v == 1
            and event.withheld_sha256 is None
            and event.corrects is None
            and event.review_on is None
            and event.registry == self._origin
            and event.partnership == self._partnership
            and is_uuid7(event.id)
            and (not isinstance(event.recipient, RecipientKind) or event.recipient.kind in self._kinds)
            and event.purpose in self._purposes
            and self._are_categories(event.categories)
            and self._are_subjects(event)
            and event.urgency in self._urgencies
            and known.issuperset(basis.article_6)
            and known.issuperset(basis.article_9)
            and known.issuperset(basis.article_10)
            and known.issuperset(basis.part_3)
            and known.issuperset(basis.gateways)
            and event.para18_reason in self._reasons
            and (event.s36_4_authority is None or event.s36_4_authority in known)
            and event.confidentiality_route in self._routes
            and event.consent in self._consents
            and informed.family in _INFORMED
            and informed.reason in self._told
            and (informed.family != "no" or informed.reason is not None)
            and event.childs_view in _VIEWS
            and not any(one.role not in roles or one.outcome not in self._advice for one in event.advice)
            and (event.approved_by is None or event.approved_by in roles)
            and event.decided_by.role in roles
            and event.method in _METHODS
            and event.marking in _MARKINGS
            and own_reference_fault(event.decided_by.ref) is None
            and own_reference_fault(event.case_record) is None
            and (event.request is None or own_reference_fault(event.request) is None)
            and _were_times(event.decided_at, event.shared_at)
        )

    def _are_categories(self, categories: tuple[str, ...]) -> bool:
        return (
            1 <= len(categories) <= 30
            and self._categories.issuperset(categories)
            and len(set(categories)) == len(categories)
        )

    def _are_subjects(self, event: SharingEvent) -> bool:
        for subject in event.subjects:
            if (
                subject.kind not in self._subject_kinds
                or not self._subject_roles.issuperset(subject.roles)
                or not is_subject_reference(subject.ref)
            ):
                return False
        return 1 <= len(event.subjects) <= 50


def _were_times(decided: str, shared: str | None) -> bool:
    return (
        shared is not None and is_instant(decided) and (shared == decided or (shared >= decided and is_instant(shared)))
    )
