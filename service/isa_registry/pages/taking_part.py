"""Whether an organisation takes part: suspended and no longer, closed with a successor, by the business unit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from isa_registry.actions import organisation_changes as changes
from isa_registry.actions.deciding import Decider
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.bodies import all_bodies, children_of
from isa_registry.domain.register.facts import Organisation
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.forms import only
from isa_registry.ledger.drafts import Draft
from isa_registry.pages.changing import Rejected
from isa_registry.pages.deciding_alone import decide
from isa_registry.pages.forms import Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.organisation import ADDRESS, named
from isa_registry.pages.people import form_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare

Made = Callable[[Decider, RegisterView], Draft]

_SUSPENDED = "Suspension recorded", "From that day on its attestations count no longer, until you end it."
_SUSPENSION_ENDED = "Suspension ended", "Its attestations count again."
_CLOSED = "Closure recorded", "From that day on it takes part no longer. What it signed before stays signed."
_REOPENED = "Closure taken back", "The organisation takes part as before."


def taking_part_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    return [*_suspending(reads, writes), *_closing(reads, writes)]


def _suspending(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{ADDRESS}/suspension")
    async def look(request: Request, organisation: FromPath[str]) -> Response[bytes]:
        return _page(request, "suspend.html", _found(request, organisation), Form({"on": (_today(request),)}))

    @writes(f"{ADDRESS}/suspension")
    async def suspend(request: Request, organisation: FromPath[str]) -> Response[bytes]:
        body, sent = _found(request, organisation), form_of(request)
        if only(sent, "word") == "end":
            made = partial(changes.end_suspension, organisation)
            return await _decided(request, "suspend.html", body, made, _SUSPENSION_ENDED)
        made = partial(changes.suspend, organisation, only(sent, "on").strip())
        return await _decided(request, "suspend.html", body, made, _SUSPENDED)

    return [look, suspend]


def _closing(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{ADDRESS}/closure")
    async def look(request: Request, organisation: FromPath[str]) -> Response[bytes]:
        body = _found(request, organisation)
        stands = {"on": (body.closed_on or "",), "successor": (body.successor or "",)}
        return _page(request, "close.html", body, Form(stands))

    @writes(f"{ADDRESS}/closure")
    async def close(request: Request, organisation: FromPath[str]) -> Response[bytes]:
        body, sent = _found(request, organisation), form_of(request)
        if only(sent, "word") == "end":
            made = partial(changes.reopen, organisation)
            return await _decided(request, "close.html", body, made, _REOPENED)
        made = partial(changes.close, organisation, only(sent, "on").strip(), only(sent, "successor") or None)
        return await _decided(request, "close.html", body, made, _CLOSED)

    return [look, close]


async def _decided(
    request: Request, template: str, body: Organisation, made: Made, words: tuple[str, str]
) -> Response[bytes]:
    fields = {"#/closed_on": "on", "#/suspended_on": "on", "#/changed_from": ""}
    done = await decide(request, Form(form_of(request)), made, fields)
    if isinstance(done, Rejected):
        return _page(request, template, body, done.form, done.status)
    onward = named(registry_of(request).follower.view, body.organisation)
    return layout_of(request).page("party_changed.html", title=words[0], entry=done.index, says=words[1], onward=onward)


def _page(request: Request, template: str, body: Organisation, form: Form, status: int = 200) -> Response[bytes]:
    view, today = registry_of(request).follower.view, _today(request)
    others = {one.organisation: one.name for one in all_bodies(view) if one.closed_on is None}
    others.pop(body.organisation, None)
    return layout_of(request).page(
        template,
        status=status,
        form=form,
        body=body,
        today=today,
        others=sorted(others.items(), key=lambda one: one[1].casefold()),
        children=[named(view, one.organisation) for one in children_of(view, body.organisation)],
    )


def _found(request: Request, organisation: str) -> Organisation:
    found = registry_of(request).follower.view.organisation(organisation)
    if found is None:
        raise Refused("not-found", "There is no such organisation in this registry.")
    return found


def _today(request: Request) -> str:
    return london_date(registry_of(request).now())
