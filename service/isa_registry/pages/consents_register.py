"""What the pages do with the consent register: the very things that the interface does, for whoever is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

from litestar.types import Scope

from isa_registry.actions import consents
from isa_registry.actions.consents import ConsentSearch, Moment, consent_id
from isa_registry.domain.consents.documents import (
    ConsentRequest,
    InvalidationRequest,
    RenewalRequest,
    WithdrawalRequest,
)
from isa_registry.domain.consents.states import ConsentState
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.identity.callers import Caller
from isa_registry.pages.people import caller_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.sent_once import claim_of
from isa_registry.runtime import consenting

_MENDED_IN_THE_FORM = ("malformed", "unprocessable", "conflict", "changed-meanwhile")


class _Limits(Protocol):
    """The interface's own limits: a search on a page counts with those of systems."""

    def refuse_walking_through(
        self, caller: Caller, references: Sequence[str], instead: str = ..., *, scope: Scope | None = None
    ) -> None: ...


async def own_consent(request: Request, consent: str) -> ConsentState:
    """A consent of one's own organisation. Raises `Refused`: `not-found`, for another's too; `gone` once erased."""
    _, found = await consenting.read(registry_of(request), consent, caller_of(request).organisation)
    return found


async def find(request: Request, reference: str) -> list[ConsentState]:
    """Those under one of one's own references: limited, and logged before anything is shown. Raises `Refused`."""
    caller = caller_of(request)
    limits = cast("_Limits", request.app.state.limits)
    limits.refuse_walking_through(caller, (reference,), "Look for fewer people", scope=request.scope)
    return await consenting.search(registry_of(request), ConsentSearch((reference,)), caller)


async def record(request: Request, asked: ConsentRequest, *, once: str) -> str:
    """Records what somebody answered; the consent's id. What is sent again with the same `once` is recorded once.
    Raises `Refused`."""
    caller = caller_of(request)
    made = await consenting.record(registry_of(request), asked, caller, claim_of(caller, "/consents/new", once, asked))
    return made.consent.answer.consent


def refuse_faulty(request: Request, asked: ConsentRequest) -> None:
    """What would be refused when it is recorded is said before it is looked at. Raises `Refused`."""
    registry = registry_of(request)
    moment = Moment(registry.now(), caller_of(request), registry.follower.view)
    consents.answer(asked, moment, consent=consent_id(moment.now, bytes(10)))


async def renew(request: Request, consent: str, asked: RenewalRequest) -> None:
    await _change(request, consent, lambda before, moment: consents.renewal(asked, before, moment))


async def withdraw(request: Request, consent: str, asked: WithdrawalRequest) -> None:
    await _change(request, consent, lambda before, moment: consents.withdrawal(asked, before, moment))


async def invalidate(request: Request, consent: str, asked: InvalidationRequest) -> None:
    await _change(request, consent, lambda before, moment: consents.invalidation(asked, before, moment))


async def _change(request: Request, consent: str, make: consenting.Change) -> None:
    await consenting.change(registry_of(request), consent, make, caller_of(request))


def faults_in_form(refused: Refused) -> tuple[Fault, ...]:
    """What the person can mend in the form. Raises what no other entry would mend."""
    if refused.code not in _MENDED_IN_THE_FORM:
        raise refused
    return refused.faults
