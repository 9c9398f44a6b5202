"""What a body has still to do until it can work with everybody: the list that empties. And one step of it: adopting the
default lawful-basis records for what it signed."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions import adopting
from isa_registry.api.changing import decider_of
from isa_registry.api.frame import caller_of
from isa_registry.api.idempotency import claim_of, in_flight
from isa_registry.api.json import json_response
from isa_registry.api.organisations import Logged
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.api.visibility import sight_of
from isa_registry.domain.dates import instant, london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.set_up import Step, steps
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.joining.adopting import lawful_basis_id
from isa_registry.runtime.registry import Registry


class SetUpStep(Struct, frozen=True):
    """One step. `who` takes it: the organisation's own ig-lead, or the business unit; `page` and `interface` are where.
    One that is not `needed` can be left; `overdue`: it was done, and its review is over. `agreement` and `purpose` say
    which lawful basis."""

    code: str
    who: str
    done: bool
    needed: bool
    title: str
    why: str
    page: str
    interface: str
    agreement: str | None
    purpose: str | None
    overdue: bool


class SetUp(Struct, frozen=True):
    """Every step of an organisation on a day, in order. `left` is how many needed ones are not done: at 0 it is set
    up."""

    organisation: str
    on: str
    left: int
    steps: list[SetUpStep]


class AdoptedBases(Struct, frozen=True, forbid_unknown_fields=True):
    """Purposes of what the organisation signed, whose default lawful-basis records it adopts as its own from today, as
    whoever advises it on data protection has agreed. All of them are recorded, or none."""

    purposes: tuple[adopting.Purpose, ...]


def _shown(step: Step, organisation: str) -> SetUpStep:
    kind = step.kind
    return SetUpStep(
        code=kind.code,
        who=kind.who,
        done=step.done,
        needed=step.needed,
        title=kind.title,
        why=kind.why,
        page=kind.page.format(organisation=organisation),
        interface=kind.interface.format(organisation=organisation),
        agreement=step.agreement,
        purpose=step.purpose,
        overdue=step.overdue,
    )


@reads("/api/v1/organisations/{organisation:str}/set-up")
async def read_set_up(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    sight_of(request).own(organisation)
    view, day = registry.follower.view, london_date(registry.now())
    if view.organisation(organisation) is None:
        raise Refused("not-found", "There is no such organisation.")
    found = steps(view, organisation, day)
    return json_response(
        SetUp(
            organisation=organisation,
            on=day,
            left=sum(one.waits for one in found),
            steps=[_shown(one, organisation) for one in found],
        )
    )


@writes("/api/v1/organisations/{organisation:str}/lawful-bases")
async def adopt_lawful_bases(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("The purposes"):
        adopted = msgspec.json.decode(body, type=AdoptedBases)
    view, now = registry.follower.view, instant(registry.now())
    draft = adopting.adopt(
        organisation, adopted.purposes, decider_of(request), view, now, lambda: lawful_basis_id(registry)
    )
    claim = claim_of(request, caller_of(request), body)
    with in_flight(request, claim):
        done = await registry.sequencer.append(replace(draft, idempotency=claim))
    return json_response(Logged(entry=done.index, logged_at=done.at), status=200 if done.repeated else 201)


HANDLERS = [read_set_up, adopt_lawful_bases]
