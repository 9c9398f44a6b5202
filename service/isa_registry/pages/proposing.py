"""Proposing on a page that somebody be given a role: an auditor, the business unit, or an organisation's first lead."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler

from isa_registry.domain.access_entries import RoleGranted
from isa_registry.domain.refusals import Refused
from isa_registry.domain.roles import LEAD_ROLES, LONGEST_LEAD_DAYS
from isa_registry.identity.forms import Sent, only
from isa_registry.ledger.drafts import Appended
from isa_registry.pages.changing import ROLES, body_name, change, rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import form_of, registry_of
from isa_registry.pages.proposals import ADDRESS
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.signing_in import Declare

_MEANS = {
    "ig-lead": "The first of an organisation that has none: from then on they grant everything else there",
    "auditor": "Reads what all organisations recorded. People of the lead body alone",
    "business-unit": "Decides with another of you what reaches beyond one organisation; at a body that leads another "
    "partnership, decides about that one",
}


def proposing_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{ADDRESS}/role")
    async def form(request: Request) -> Response[bytes]:
        return _form_page(request, Form())

    @writes(f"{ADDRESS}/role")
    async def propose(request: Request) -> Response[bytes]:
        sent = form_of(request)
        wanted = _wanted(request, sent)
        if not isinstance(wanted, RoleGranted):
            return _form_page(request, Form(sent, wanted), status=422)
        try:
            done = await change(request, (wanted,))
        except Refused as refused:
            told = rejected(Form(sent), refused, {"#/issuer": "person_of"})
            return _form_page(request, told.form, status=told.status)
        # Somebody who is the organisation's own lead too decides some of this alone.
        return redirect("/account/people" if isinstance(done, Appended) else f"{ADDRESS}/{done.id}")

    return [form, propose]


def _wanted(request: Request, sent: Sent) -> RoleGranted | tuple[FieldError, ...]:
    """The role to propose, or what is missing in the form."""
    organisation, _, issuer = only(sent, "person_of").partition(" ")
    wanted = (
        ("person_of", issuer, "Choose where the person works and signs in"),
        ("subject", only(sent, "subject").strip(), "Enter the person’s identifier"),
        ("role", only(sent, "role") in _MEANS, "Choose a role"),
    )
    errors = tuple(FieldError(field, says) for field, given, says in wanted if not given)
    return errors or RoleGranted(
        organisation=organisation,
        issuer=issuer,
        subject=only(sent, "subject").strip(),
        role=only(sent, "role"),
        until=only(sent, "until").strip() or None,
    )


def _form_page(request: Request, form: Form, *, status: int = 200) -> Response[bytes]:
    view = registry_of(request).follower.view
    issuers: dict[str, dict[str, None]] = {}
    for use in view.every_issuer():
        issuers.setdefault(use.organisation, {})[use.issuer] = None
    groups = [
        (body_name(view, organisation), [(f"{organisation} {issuer}", issuer) for issuer in own])
        for organisation, own in issuers.items()
    ]
    return layout_of(request).page(
        "propose_role.html",
        status=status,
        form=form,
        groups=sorted(groups),
        roles=[(role, ROLES[role], means) for role, means in _MEANS.items()],
        for_a_time=" and ".join(ROLES[role].lower() for role in LEAD_ROLES),
        days=LONGEST_LEAD_DAYS,
    )
