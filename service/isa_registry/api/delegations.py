"""Who beside its office holders may bind an organisation, and until when."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import delegations
from isa_registry.actions.identifiers import uuid7
from isa_registry.api.appending import append, logged
from isa_registry.api.changing import decider_of
from isa_registry.api.frame import caller_of
from isa_registry.api.idempotency import claim_of
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.api.visibility import sight_of
from isa_registry.domain.dates import london_date
from isa_registry.domain.party_entries import DelegationEnded, DelegationGiven
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.registry import Registry

_OF_BODY = "/api/v1/organisations/{organisation:str}/delegations"


class NewDelegation(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody else may bind the organisation from `starts` to the end of `until`: the signatories of the body `to`, or
    whoever has your own reference `ref` and signs as delegate. No `agreements` named is all of them."""

    starts: str
    until: str
    to: str | None = None
    ref: str | None = None
    agreements: tuple[str, ...] = ()


class EndedDelegation(Struct, frozen=True, forbid_unknown_fields=True):
    """`on` is the first day on which it holds no longer: today or later."""

    on: str


class LoggedDelegation(Struct, frozen=True):
    """The delegation's id, and where it stands in the log."""

    delegation: str
    entry: int
    logged_at: str


class OwnDelegation(Struct, frozen=True):
    """A delegation of your own organisation. `over` says that it holds no longer; `ended_on` is when it was ended
    before its time."""

    delegation: str
    to: str | None
    ref: str | None
    agreements: tuple[str, ...]
    starts: str
    until: str
    ended_on: str | None
    over: bool
    approved_by: tuple[int, ...]


class DelegationList(Struct, frozen=True):
    """Every delegation that the organisation gave, oldest first."""

    delegations: list[OwnDelegation]


@reads(_OF_BODY)
async def list_delegations(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    found = registry.follower.view.delegations_of(sight_of(request).own(organisation))
    today = london_date(registry.now())
    return json_response(
        DelegationList(
            [
                OwnDelegation(
                    delegation=one.given.delegation,
                    to=one.given.to,
                    ref=one.given.ref,
                    agreements=one.given.agreements,
                    starts=one.given.starts,
                    until=one.given.until,
                    ended_on=one.ended_on,
                    over=not one.lasts(today),
                    approved_by=one.given.approved_by,
                )
                for one in found
            ]
        )
    )


@writes(_OF_BODY)
async def give_delegation(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("The delegation"):
        new = msgspec.json.decode(body, type=NewDelegation)
    given = DelegationGiven(
        delegation=_identifier(request, body),
        organisation=organisation,
        starts=new.starts,
        until=new.until,
        to=new.to,
        ref=new.ref,
        agreements=new.agreements,
    )
    draft = delegations.give_as(given, decider_of(request), registry.follower.view)
    done, status = await logged(request, draft, body)
    return json_response(LoggedDelegation(given.delegation, done.entry, done.logged_at), status=status)


@writes(f"{_OF_BODY}/{{delegation:str}}/end")
async def end_delegation(request: Request, organisation: FromPath[str], delegation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("The end of the delegation"):
        new = msgspec.json.decode(body, type=EndedDelegation)
    ended = DelegationEnded(delegation=delegation, organisation=organisation, on=new.on)
    return await append(request, delegations.end_as(ended, decider_of(request), registry.follower.view), body)


def _identifier(request: Request, body: bytes) -> str:
    """A new id; the same request under the same Idempotency-Key has the same one, so that a repeat can say it again."""
    registry: Registry = request.app.state.registry
    claim = claim_of(request, caller_of(request), body)
    if claim is not None:
        return f"dlg_{claim.scope_sha256.hex()[:32]}"
    return "dlg_" + uuid7(registry.now(), registry.randomness(10)).replace("-", "")


HANDLERS = [list_delegations, give_delegation, end_delegation]
