"""What an organisation has still to set up, for its own lead and for the business unit."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.set_up import Step, steps
from isa_registry.pages.changing import body_name
from isa_registry.pages.lawful_bases_words import purpose_label
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.organisation import agreement_title
from isa_registry.pages.people import caller_of, registry_of
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.signing_in import Declare

OWN_ADDRESS = "/account/set-up"
_WHO = {"business-unit": "The partnership’s business unit", "ig-lead": "Your information-governance lead"}


class StepShown(Struct, frozen=True):
    """A step, with who takes it, and the page on which whoever reads this takes it; none where somebody else does."""

    title: str
    why: str
    who: str
    page: str | None
    standing: tuple[str, str]
    note: str
    waits: bool
    done: bool


def setting_up_handlers(reads: Declare) -> list[HTTPRouteHandler]:
    @reads(OWN_ADDRESS)
    async def own(request: Request) -> Response[bytes]:
        return _page(request, caller_of(request).organisation, takes="ig-lead")

    @reads("/organisations/{organisation:str}/set-up")
    async def anothers(request: Request, organisation: FromPath[str]) -> Response[bytes]:
        return _page(request, organisation, takes="business-unit")

    return [own, anothers]


def _page(request: Request, organisation: str, *, takes: str) -> Response[bytes]:
    registry = registry_of(request)
    view, day = registry.follower.view, london_date(registry.now())
    if view.organisation(organisation) is None:
        raise Refused("not-found", "There is no such organisation.")
    found = [_shown(one, organisation, takes, view) for one in steps(view, organisation, day)]
    return layout_of(request).page(
        "set_up.html",
        organisation=organisation,
        name=body_name(view, organisation),
        unit=takes == "business-unit",
        steps=[one for one in found if not one.done],
        done=[one for one in found if one.done],
        left=sum(one.waits for one in found),
        day=plain_date(day),
    )


def _shown(step: Step, organisation: str, takes: str, view: RegisterView) -> StepShown:
    kind = step.kind
    title, note = kind.title, ""
    if step.purpose is not None:
        title = (
            f"{title}: {purpose_label(step.purpose, view.catalogue())}, in {agreement_title(view, str(step.agreement))}"
        )
    if step.overdue:
        note = "The day of its review is over: review it, and give the next."
    elif step.lapses_on is not None:
        note = f"It holds until {plain_date(step.lapses_on)}: see to what follows."
    elif not step.needed and not step.done:
        note = "You can leave this."
    done, open_ = ("active", "Done"), ("pending", "To do") if step.needed else ("ended", "If you like")
    return StepShown(
        title=title,
        why=kind.why,
        who=_WHO[kind.who],
        page=kind.page.format(organisation=organisation) if kind.who == takes else None,
        standing=done if step.done else open_,
        note=note,
        waits=step.waits,
        done=step.done,
    )
