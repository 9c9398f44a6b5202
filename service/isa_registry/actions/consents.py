"""The consent register: recording what people answered, saying it again, taking it back, finding it void."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import asdict, replace

from isa_registry.actions.identifiers import check_id
from isa_registry.domain.consent_entries import (
    ConsentGiven,
    ConsentInvalidated,
    ConsentPayload,
    ConsentRefused,
    ConsentRenewed,
    ConsentWithdrawn,
)
from isa_registry.domain.consents import codes
from isa_registry.domain.consents.documents import (
    ConsentRequest,
    InvalidationRequest,
    RenewalRequest,
    WithdrawalRequest,
)
from isa_registry.domain.consents.faults import (
    AHEAD,
    Known,
    invalidation_faults,
    renewal_faults,
    request_faults,
    withdrawal_faults,
)
from isa_registry.domain.consents.life import step
from isa_registry.domain.consents.states import ConsentState
from isa_registry.domain.dates import instant, is_instant
from isa_registry.domain.entries import RecordsSearched
from isa_registry.domain.payloads import PayloadStruct
from isa_registry.domain.questions import RecipientKind
from isa_registry.domain.references import is_subject_reference
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import Draft, IdempotencyClaim, Unchanged
from isa_registry.ledger.threads import consent_thread

SEARCHED = "consents"
MOST_REFERENCES = 50
_CONSENT = re.compile(r"cns_[0-9a-f]{32}")


class Moment(NamedTuple):
    """When something is asked, by whom, and of which register."""

    now: datetime
    caller: Caller
    view: RegisterView


def consent_id(now: datetime, randomness: bytes) -> str:
    """`cns_` and the 32 hexadecimal digits of a version 7 UUID, from a moment and 10 random bytes."""
    return "cns_" + check_id(now, randomness).removeprefix("chk_")


def is_consent_id(value: str) -> bool:
    """Whether `value` is written as `consent_id` writes one."""
    return _CONSENT.fullmatch(value) is not None


def answer(asked: ConsentRequest, moment: Moment, *, consent: str) -> ConsentGiven | ConsentRefused:
    """The entry of what somebody answered. Raises `Refused` (`unprocessable`) with a pointer to each thing that is
    wrong."""
    asked = replace(asked, answered_at=_said_at(asked.answered_at, moment.now, None))
    _refuse(request_faults(asked, _known(moment)))
    members = {name: value for name, value in asdict(asked).items() if name != "answer"}
    kind = ConsentGiven if asked.answer == "given" else ConsentRefused
    return kind(consent=consent, organisation=moment.caller.organisation, client=moment.caller.client, **members)


def renewal(asked: RenewalRequest, before: ConsentState, moment: Moment) -> ConsentRenewed:
    """The entry of a consent said again. Raises `Refused`: `conflict` where there is nothing to renew,
    `unprocessable`."""
    asked = replace(asked, answered_at=_said_at(asked.answered_at, moment.now, before.said.answered_at))
    _refuse_untimely(before, ConsentRenewed)
    _refuse(renewal_faults(asked, before, _known(moment)))
    return ConsentRenewed(**_of(before, moment), **asdict(asked))


def withdrawal(asked: WithdrawalRequest, before: ConsentState, moment: Moment) -> ConsentWithdrawn:
    """The entry of a consent taken back. Raises `Refused`: `conflict` where there is nothing to take back,
    `unprocessable`."""
    asked = replace(asked, answered_at=_said_at(asked.answered_at, moment.now, before.said.answered_at))
    _refuse_untimely(before, ConsentWithdrawn)
    _refuse(withdrawal_faults(asked, before, _known(moment)))
    return ConsentWithdrawn(**_of(before, moment), **asdict(asked))


def invalidation(asked: InvalidationRequest, before: ConsentState, moment: Moment) -> ConsentInvalidated:
    """The entry of a record found void. Raises `Refused`: `conflict` where it is so already, `unprocessable`."""
    asked = replace(asked, found_at=_said_at(asked.found_at, moment.now, None))
    _refuse_untimely(before, ConsentInvalidated)
    _refuse(invalidation_faults(asked, _known(moment)))
    return ConsentInvalidated(**_of(before, moment), **asdict(asked))


def draft(
    payload: ConsentPayload, before: ConsentState | None, since: int, claim: IdempotencyClaim | None = None
) -> Draft:
    """The draft of an entry, which holds only while the consent is as it was read when the log had `since` entries."""
    thread = consent_thread(payload.organisation, payload.consent)
    unchanged = None if before is None else Unchanged((thread,), since)
    return Draft(payloads=(payload,), idempotency=claim, unchanged=unchanged)


def refusing(refused: Refused, caller: Caller, claim: IdempotencyClaim) -> Draft:
    """A draft that comes to nothing: under its claim the first answer is found, where there was one; else it is refused
    as it would have been without."""

    def refuse(_view: RegisterView, _at: str) -> None:
        raise refused

    payload = RecordsSearched(caller.organisation, caller.client, SEARCHED, 0, 0)
    return Draft(payloads=(payload,), preconditions=(refuse,), idempotency=claim)


# --- searching -------------------------------------------------------------------------------------------------------


class ConsentSearch(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a body looks for: its own consents about these people, by its own references, and only those that fit."""

    references: tuple[str, ...]
    role: str | None = None
    purpose: str | None = None
    recipient: str | RecipientKind | None = None
    status: tuple[str, ...] = ()

    def fits(self, consent: ConsentState, status: str) -> bool:
        scope = consent.answer.scope
        return (
            self.role in (None, consent.answer.role)
            and (self.purpose is None or self.purpose in scope.purposes)
            and (self.recipient is None or self.recipient in scope.recipients)
            and (not self.status or status in self.status)
        )


def refuse_unsound(search: ConsentSearch, moment: Moment) -> None:
    """Raises `Refused` (`unprocessable`) with a pointer to each thing that is wrong with a search."""
    catalogue = _known(moment).catalogue
    faults = []
    if not 1 <= len(search.references) <= MOST_REFERENCES:
        faults.append(Fault("#/references", "count", f"Send 1 to {MOST_REFERENCES} references."))
    for place, reference in enumerate(search.references[:MOST_REFERENCES]):
        if not is_subject_reference(reference):
            detail = "A subject reference is 's1_' and 43 base64url characters, made with your organisation's own key."
            faults.append(Fault(f"#/references/{place}", "not-a-subject-reference", detail))
    kind = search.recipient.kind if isinstance(search.recipient, RecipientKind) else None
    named: list[tuple[str, str | None, Container[str]]] = [
        ("#/role", search.role, codes.ROLES),
        ("#/purpose", search.purpose, catalogue.purposes),
        ("#/recipient/kind", kind, catalogue.kinds),
        *((f"#/status/{place}", one, codes.STATUSES) for place, one in enumerate(search.status)),
    ]
    for pointer, value, known in named:
        if value is not None and value not in known:
            faults.append(Fault(pointer, "unknown-code", "This code is not one the registry knows."))
    _refuse(tuple(faults))


def searched(search: ConsentSearch, caller: Caller, *, found: int) -> Draft:
    """The record that somebody searched: how many they looked for and found, and none of the references."""
    count = len(set(search.references))
    return Draft(payloads=(RecordsSearched(caller.organisation, caller.client, SEARCHED, count, found),))


# --- what all have in common -----------------------------------------------------------------------------------------


def _known(moment: Moment) -> Known:
    view = moment.view
    catalogue = view.catalogue()
    if catalogue is None:
        raise Refused("unavailable", "The registry is not open yet.", retry_after=30)
    classes = view.retention_classes(moment.caller.organisation)

    def is_body(organisation: str) -> bool:
        return view.organisation(organisation) is not None

    return Known(catalogue, moment.caller.organisation, is_body, classes, moment.now)


def _said_at(sent: str | None, now: datetime, after: str | None) -> str:
    """When something was said: now, where nobody says. A body's clock that is a little ahead is put right, since what
    was said counts from that day on."""
    ours = instant(now)
    if sent is None:
        return ours if after is None else max(ours, after)
    return ours if is_instant(sent) and ours < sent <= instant(now + AHEAD) else sent


def _of(before: ConsentState, moment: Moment) -> dict[str, Any]:
    return {
        "consent": before.answer.consent,
        "organisation": before.answer.organisation,
        "client": moment.caller.client,
    }


_OVER: dict[str, str] = {
    "withdrawn": "This consent was withdrawn. If somebody agrees again, record that as a consent of its own.",
    "invalidated": "This record was found void. Record what was answered as a consent of its own.",
    "refused": "This is a refusal. If somebody has agreed since, record that as a consent of its own.",
    "given": "This consent stands.",
}


def _refuse_untimely(before: ConsentState, kind: type[PayloadStruct]) -> None:
    if step(before.state, str(kind.__struct_config__.tag)) is None:
        raise Refused("conflict", _OVER[before.state])


def _refuse(faults: tuple[Fault, ...]) -> None:
    if faults:
        raise Refused("unprocessable", "This cannot be recorded as it stands.", faults)
