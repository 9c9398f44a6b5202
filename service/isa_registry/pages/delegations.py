"""Who beside its office holders may bind one's own organisation: listed, given, ended."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import delegations
from isa_registry.actions.identifiers import uuid7
from isa_registry.domain.dates import london_date
from isa_registry.domain.party_entries import DelegationEnded, DelegationGiven
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.bodies import all_bodies
from isa_registry.domain.register.facts import Delegation
from isa_registry.identity.forms import only
from isa_registry.pages.changing import Rejected, body_name
from isa_registry.pages.deciding_alone import decide
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.organisation import agreement_names, agreement_title, last_day
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.signing_in import Declare

ADDRESS = "/account/delegations"
_ONWARD = (ADDRESS, "Who else may bind your organisation")


class Shown(Struct, frozen=True):
    """A delegation in words; `over` says that it holds no longer."""

    id: str
    who: str
    agreements: str
    starts: str
    until: str
    over: bool


def delegation_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    return [_list(reads), *_giving(reads, writes), *_ending(reads, writes)]


def _list(reads: Declare) -> HTTPRouteHandler:
    @reads(ADDRESS)
    async def listed(request: Request) -> Response[bytes]:
        given = registry_of(request).follower.view.delegations_of(caller_of(request).organisation)
        shown = sorted((_shown(request, one) for one in given), key=lambda one: one.over)
        return layout_of(request).page("delegations.html", delegations=shown)

    return listed


def _giving(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{ADDRESS}/new")
    async def form(request: Request) -> Response[bytes]:
        today = london_date(registry_of(request).now())
        return _form_page(request, Form({"starts": (today,)}))

    @writes(f"{ADDRESS}/new")
    async def give(request: Request) -> Response[bytes]:
        registry, sent = registry_of(request), form_of(request)
        who = only(sent, "who")
        fields = {"body": ("to", "Choose an organisation"), "post": ("ref", "Enter your own reference for the post")}
        missing = [] if who in fields else [FieldError("who", "Choose who may sign")]
        if who in fields and not only(sent, fields[who][0]).strip():
            missing.append(FieldError(*fields[who]))
        missing += [
            FieldError(name, says)
            for name, says in (("starts", "Enter the first day"), ("until", "Enter the last day"))
            if not only(sent, name).strip()
        ]
        if missing:
            return _form_page(request, Form(sent, tuple(missing)), 422)
        given = DelegationGiven(
            delegation="dlg_" + uuid7(registry.now(), registry.randomness(10)).replace("-", ""),
            organisation=caller_of(request).organisation,
            starts=only(sent, "starts").strip(),
            until=only(sent, "until").strip(),
            to=only(sent, "to") if who == "body" else None,
            ref=only(sent, "ref").strip() if who == "post" else None,
            agreements=tuple(sent.get("agreements", ())),
        )
        pointers = {f"#/agreements/{place}": "agreements" for place in range(delegations.MOST_AGREEMENTS)}
        done = await decide(request, Form(sent), lambda by, view: delegations.give_as(given, by, view), pointers)
        if isinstance(done, Rejected):
            return _form_page(request, done.form, done.status)
        says = "It holds from its first day to the end of its last. You can end it before."
        return layout_of(request).page(
            "party_changed.html", title="Delegation given", entry=done.index, says=says, onward=_ONWARD
        )

    return [form, give]


def _form_page(request: Request, form: Form, status: int = 200) -> Response[bytes]:
    view, own = registry_of(request).follower.view, caller_of(request).organisation
    today = london_date(registry_of(request).now())
    others = {body.organisation: body.name for body in all_bodies(view) if body.takes_part(today)}
    others.pop(own, None)
    agreements = dict.fromkeys(one.agreement for one in view.agreement_versions())
    return layout_of(request).page(
        "give_delegation.html",
        status=status,
        form=form,
        others=sorted(others.items(), key=lambda one: one[1].casefold()),
        agreements=[(one, agreement_title(view, one)) for one in agreements],
    )


def _ending(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{ADDRESS}/{{delegation:str}}/end")
    async def look(request: Request, delegation: FromPath[str]) -> Response[bytes]:
        today = london_date(registry_of(request).now())
        return _end_page(request, _found(request, delegation), Form({"on": (today,)}))

    @writes(f"{ADDRESS}/{{delegation:str}}/end")
    async def end(request: Request, delegation: FromPath[str]) -> Response[bytes]:
        found, sent = _found(request, delegation), form_of(request)
        ended = DelegationEnded(
            delegation=delegation, organisation=caller_of(request).organisation, on=only(sent, "on").strip()
        )
        done = await decide(request, Form(sent), lambda by, view: delegations.end_as(ended, by, view))
        if isinstance(done, Rejected):
            return _end_page(request, found, done.form, done.status)
        says = "What was signed until then stays signed."
        return layout_of(request).page(
            "party_changed.html", title="Delegation ended", entry=done.index, says=says, onward=_ONWARD
        )

    return [look, end]


def _found(request: Request, delegation: str) -> Delegation:
    today = london_date(registry_of(request).now())
    for one in registry_of(request).follower.view.delegations_of(caller_of(request).organisation):
        if one.given.delegation == delegation and one.lasts(today):
            return one
    raise Refused("not-found", "There is no such delegation here any more.")


def _end_page(request: Request, found: Delegation, form: Form, status: int = 200) -> Response[bytes]:
    return layout_of(request).page("end_delegation.html", status=status, form=form, delegation=_shown(request, found))


def _shown(request: Request, one: Delegation) -> Shown:
    view, given = registry_of(request).follower.view, one.given
    today = london_date(registry_of(request).now())
    return Shown(
        id=given.delegation,
        who=f"Your post {given.ref}" if given.to is None else f"Signatories of {body_name(view, given.to)}",
        agreements=agreement_names(view, given.agreements) or "All agreements",
        starts=plain_date(given.starts),
        until=last_day(one),
        over=not one.lasts(today),
    )
