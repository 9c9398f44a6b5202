"""Whether an event is plainly as it should be: the question that nearly every event answers with yes, asked at once.

What may stand in a member is the type that it is decoded as: what holds a code that the catalogue does not have never
becomes an event. `sharing_faults.event_faults` looks at every member by itself so as to say what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.dates import is_instant
from isa_registry.domain.questions import RecipientKind
from isa_registry.domain.references import SUBJECT_REFERENCE, own_reference_fault
from isa_registry.domain.sharing import (
    ADVICE_OUTCOMES,
    CHILDS_VIEWS,
    INFORMED,
    MARKINGS,
    METHODS,
    NOT_INFORMED_REASONS,
    UUID7,
    EventAdvice,
    EventBasis,
    EventDecider,
    EventInformed,
    EventSubject,
    SharingEvent,
    is_canonical,
)


class Soundness:
    """What events for one registry and partnership are held to under one catalogue."""

    def __init__(self, catalogue: Catalogue, *, origin: str, partnership: str) -> None:
        plain = _plain_event(catalogue, origin=origin, partnership=partnership)
        self._decode: Callable[[bytes], SharingEvent] = msgspec.json.Decoder[Any](plain).decode

    def read(self, payload: bytes) -> SharingEvent | None:
        """The event in the payload of a JWS, if it is canonical, shares everything, corrects nothing, names no rule of
        retention and no date of review, and has no fault that `event_faults` would find. None does not say that it has
        one."""
        try:
            event = self._decode(payload)
            canonical = is_canonical(event, payload)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return None
        decided, shared, informed, categories = event.decided_at, event.shared_at, event.informed, event.categories
        sound = (
            canonical
            and len(set(categories)) == len(categories)
            and (informed.family != "no" or informed.reason is not None)
            and own_reference_fault(event.decided_by.ref) is None
            and own_reference_fault(event.case_record) is None
            and (event.request is None or own_reference_fault(event.request) is None)
            and shared is not None
            and is_instant(decided)
            and (shared == decided or (shared >= decided and is_instant(shared)))
        )
        return event if sound else None


def _plain_event(catalogue: Catalogue, *, origin: str, partnership: str) -> Any:
    """A sharing event of which each member by itself is as it should be."""
    codes = catalogue.codes
    role, provisions = _one_of(codes.roles), _many(_one_of(catalogue.provisions))
    named = _like(RecipientKind, kind=_one_of(catalogue.kinds))
    subject = _like(
        EventSubject,
        kind=_one_of(codes.subject_kinds),
        ref=_matching(SUBJECT_REFERENCE.pattern),
        roles=_many(_one_of(codes.subject_roles)),
    )
    return _like(
        SharingEvent,
        advice=_many(_like(EventAdvice, outcome=_one_of(ADVICE_OUTCOMES), role=role)),
        approved_by=role | None,
        basis=_like(EventBasis, **dict.fromkeys(EventBasis.__struct_fields__, provisions)),
        categories=Annotated[_many(_one_of(catalogue.categories)), Meta(min_length=1, max_length=30)],
        childs_view=_one_of(CHILDS_VIEWS),
        confidentiality_route=_one_of(codes.confidentiality_routes) | None,
        consent=_one_of(codes.consent_states),
        corrects=None,
        decided_by=_like(EventDecider, role=role),
        decision=Literal["shared"],
        id=_matching(UUID7.pattern),
        informed=_like(EventInformed, family=_one_of(INFORMED), reason=_one_of(NOT_INFORMED_REASONS) | None),
        marking=_one_of(MARKINGS),
        method=_one_of(METHODS),
        para18_reason=_one_of(codes.para18_reasons) | None,
        partnership=_one_of([partnership]),
        purpose=_one_of(catalogue.purposes),
        recipient=str | named,
        registry=_one_of([origin]),
        retention=None,
        review_on=None,
        s36_4_authority=_one_of(catalogue.provisions) | None,
        subjects=Annotated[_many(subject), Meta(min_length=1, max_length=50)],
        urgency=_one_of(codes.urgencies),
        v=Literal[1],
        withheld_sha256=None,
    )


def _like(struct: type[Struct], **narrower: Any) -> Any:
    """The struct with narrower types of some members."""
    # All are named, since those that are named go to the end.
    members = {member.name: member.type for member in msgspec.structs.fields(struct)} | narrower
    return msgspec.defstruct(
        f"Plain{struct.__name__}",
        list(members.items()),
        bases=(struct,),
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
        gc=struct.__struct_config__.gc,
    )


def _one_of(codes: Iterable[str]) -> Any:
    return Literal[tuple(codes)]


def _many(one: Any) -> Any:
    return tuple[one, ...]


def _matching(pattern: str) -> Any:
    return Annotated[str, Meta(pattern=rf"\A(?:{pattern})\Z")]
