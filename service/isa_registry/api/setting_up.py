"""What a body has still to do until it can work with everybody: the list that empties."""

from __future__ import annotations

from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.api.visibility import sight_of
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.set_up import Step, steps
from isa_registry.runtime.registry import Registry


class SetUpStep(Struct, frozen=True):
    """One step. `who` takes it: the organisation's own ig-lead, or the business unit; `page` and `interface` are where.
    One that is not `needed` can be left; `overdue`: it was done, and its review is over or its record holds no longer.
    `lapses_on`: it is done, and that day, at most 30 days away, is the last of its record or that of its review.
    `agreement` and `purpose` say which lawful basis."""

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
    lapses_on: str | None


class SetUp(Struct, frozen=True):
    """Every step of an organisation on a day, in order. `left` is how many needed ones are not done: at 0 it is set
    up."""

    organisation: str
    on: str
    left: int
    steps: list[SetUpStep]


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
        lapses_on=step.lapses_on,
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


HANDLERS = [read_set_up]
