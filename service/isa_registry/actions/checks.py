"""Asking: may I share this, with them, for this? An answer is given always, and recorded where it can be."""

from __future__ import annotations

from functools import lru_cache

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from isa_registry.domain.answers import (
    Advice,
    AgreementCited,
    Answer,
    Basis,
    CategoryAnswer,
    Condition,
    ConsentAdvice,
    Duty,
    Guidance,
    InformAdvice,
    Missing,
    OneMoreFact,
    Reason,
    RegisterSeen,
    RuleSeen,
)
from isa_registry.domain.decisions import ENGINE_VERSION, check_question, decide
from isa_registry.domain.entries import CheckAnswered
from isa_registry.domain.questions import Evidence, Question
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import Draft, IdempotencyClaim
from isa_verify.encoding import encode_base64

_WHAT_IF_ROLES = frozenset({"auditor", "business-unit"})
_WHAT_IF_SCOPES = frozenset({"audit:read", "admin"})


class CheckResponse(Struct, frozen=True, omit_defaults=False, gc=False):
    """The answer as it goes out (docs/formats/check.md). `receipt` is None where nothing was recorded."""

    id: str
    decided_at: str
    outcome: str
    headline: str
    reasons: tuple[Reason, ...]
    regime: str
    basis: Basis
    duty: Duty | None
    consent: ConsentAdvice
    inform: InformAdvice
    conditions: tuple[Condition, ...]
    missing: tuple[Missing, ...]
    to_record: tuple[str, ...]
    agreements: tuple[AgreementCited, ...]
    categories: tuple[CategoryAnswer, ...]
    advice: tuple[Advice, ...]
    guidance: tuple[Guidance, ...]
    register: RegisterSeen
    recorded: bool
    stale: bool
    receipt: str | None
    explained: tuple[RuleSeen, ...] | None = None
    one_more_fact: tuple[OneMoreFact, ...] | None = None


class Answered(Struct, frozen=True, gc=False):
    """A question as it was decided, with everything that a record of it holds."""

    id: str
    decided_at: str
    question: Question
    evidence: Evidence
    register: RegisterSeen
    answer: Answer


def admit(question: Question, caller: Caller, view: RegisterView) -> Question:
    """The question with its provider resolved, if this caller may ask it.

    Raises `Refused`: `not-your-organisation` for another's provider, whether or not it exists; `malformed` for a
    value of the wrong form; `unknown-code` for one that the registry does not know; `unavailable` while there is no
    catalogue to decide with.
    """
    catalogue = view.catalogue()
    if catalogue is None:
        raise Refused("unavailable", "The registry has no catalogue of the law yet.", retry_after=30)
    provider = question.provider or caller.organisation
    faults = check_question(question, catalogue)
    shape = tuple(Fault(pointer=f.pointer, code=f.code, detail=f.detail) for f in faults if f.status == 400)
    if shape:
        raise Refused("malformed", "The question is not of the form that a check takes.", shape)
    if provider != caller.organisation and (is_recorded(question) or not may_ask_for_others(caller)):
        raise Refused(
            "not-your-organisation",
            "A check is asked for the organisation that the token belongs to.",
            (Fault("#/provider", "not-your-organisation", "Leave it out, or name your own organisation."),),
        )
    if faults:
        codes = tuple(Fault(pointer=f.pointer, code=f.code, detail=f.detail) for f in faults)
        raise Refused("unprocessable", "The question cannot be answered as it stands.", codes)
    if view.organisation(provider) is None:
        raise Refused(
            "unprocessable",
            "The provider is not registered.",
            (Fault("#/provider", "unknown-organisation", "Name a registered organisation."),),
        )
    return question if question.provider == provider else replace(question, provider=provider)


def may_ask_for_others(caller: Caller) -> bool:
    """An auditor or the business unit may ask what another body would be told, and it is never recorded."""
    return bool(caller.roles & _WHAT_IF_ROLES) or bool(caller.scopes & _WHAT_IF_SCOPES)


def is_recorded(question: Question) -> bool:
    """Whether the answer goes into the log: yes, unless it is a what-if or the caller said no."""
    if question.record is None:
        return question.on is None and question.as_of is None
    return question.record


def answer(
    question: Question,
    view: RegisterView,
    evidence: Evidence,
    *,
    root: bytes,
    check: str,
    decided_at: str,
    today: str,
) -> Answered:
    """Decides an admitted question on a view of the register whose Merkle root is `root`."""
    seen = seen_of(view, root)
    return answer_seeing(question, view, evidence, seen, check=check, decided_at=decided_at, today=today)


def seen_of(view: RegisterView, root: bytes) -> RegisterSeen:
    """What answers on a view of the register, whose Merkle root is `root`, say that they were made from."""
    catalogue = view.catalogue()
    assert catalogue is not None
    return _seen(view.size, root, catalogue.sha256)


@lru_cache(maxsize=16)
def _seen(size: int, root: bytes, catalogue: str) -> RegisterSeen:
    return RegisterSeen(log_size=size, root=encode_base64(root), catalogue=f"sha256:{catalogue}", engine=ENGINE_VERSION)


def answer_seeing(
    question: Question,
    view: RegisterView,
    evidence: Evidence,
    seen: RegisterSeen,
    *,
    check: str,
    decided_at: str,
    today: str,
) -> Answered:
    """The same, where many answers are made from what was `seen` once."""
    catalogue = view.catalogue()
    assert catalogue is not None
    return Answered(
        id=check,
        decided_at=decided_at,
        question=question,
        evidence=evidence,
        register=seen,
        answer=decide(view, catalogue, question, evidence, today=today),
    )


def draft(answered: Answered, caller: Caller, idempotency: IdempotencyClaim | None = None) -> Draft:
    """The record of an answer. Subject references stay out of it."""
    subjects = tuple(replace(subject, ref=None) for subject in answered.question.subjects)
    return Draft(
        payloads=(
            CheckAnswered(
                check=answered.id,
                organisation=caller.organisation,
                client=caller.client,
                decided_at=answered.decided_at,
                question=replace(answered.question, subjects=subjects),
                evidence=answered.evidence,
                register=answered.register,
                answer=answered.answer,
            ),
        ),
        idempotency=idempotency,
    )


def render(answered: Answered | CheckAnswered, *, recorded: bool, stale: bool = False) -> CheckResponse:
    """The response for an answer: from memory just now, or from the log."""
    identifier = answered.id if isinstance(answered, Answered) else answered.check
    found = answered.answer
    return CheckResponse(
        id=identifier,
        decided_at=answered.decided_at,
        outcome=found.outcome,
        headline=found.headline,
        reasons=found.reasons,
        regime=found.regime,
        basis=found.basis,
        duty=found.duty,
        consent=found.consent,
        inform=found.inform,
        conditions=found.conditions,
        missing=found.missing,
        to_record=found.to_record,
        agreements=found.agreements,
        categories=found.categories,
        advice=found.advice,
        guidance=found.guidance,
        register=answered.register,
        recorded=recorded,
        stale=stale,
        receipt=f"/api/v1/checks/{identifier}/receipt" if recorded else None,
        explained=found.explained if answered.question.explain else None,
        one_more_fact=found.one_more_fact if answered.question.explain else None,
    )


def encoded(answered: Answered) -> bytes | None:
    """The members of an answer as JSON, for `rendered`; None where it is explained, which is rare."""
    found = answered.answer
    if answered.question.explain or found.explained or found.one_more_fact:
        return None
    return _encode(found)[1 : -len(_NOT_EXPLAINED)]


def rendered(answered: Answered, members: bytes | None, *, recorded: bool, stale: bool = False) -> bytes:
    """The JSON of `render`, to the byte, in less time: what stands around an answer is written about its `encoded`
    members."""
    if members is None:
        return _encode(render(answered, recorded=recorded, stale=stale))
    return b"".join(
        (
            # Both are of forms that JSON does not escape.
            f'{{"id":"{answered.id}","decided_at":"{answered.decided_at}",'.encode(),
            members,
            _register_json(answered.register),
            b',"recorded":true' if recorded else b',"recorded":false',
            b',"stale":true' if stale else b',"stale":false',
            f',"receipt":"/api/v1/checks/{answered.id}/receipt"'.encode() if recorded else b',"receipt":null',
            b',"explained":null,"one_more_fact":null}',
        )
    )


_encode = msgspec.json.Encoder().encode
_NOT_EXPLAINED = b',"explained":[],"one_more_fact":[]}'
"""What an answer ends with where nothing was explained."""


@lru_cache(maxsize=16)
def _register_json(seen: RegisterSeen) -> bytes:
    return b',"register":' + _encode(seen)


LATE_ENTRY = Condition(
    code="late-entry",
    text="This answer could not be recorded, because the log cannot be written at this moment. Act on it, and keep it "
    "with your own record. Once the registry can be written again, record what you decided as a sharing event, marked "
    "as a late entry (late_entry) where the decision is then more than 24 hours old.",
)
"""What an answer asks for that was to be recorded, and could not be."""


def render_unrecorded(answered: Answered) -> CheckResponse:
    """The response for an answer that was to be recorded, and could not be: it says what to do about that."""
    response = render(answered, recorded=False, stale=True)
    return replace(response, conditions=(*response.conditions, LATE_ENTRY))
