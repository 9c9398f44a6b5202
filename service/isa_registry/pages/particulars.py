"""What one's own organisation says of itself: contacts, policy document, ICO number, what it is named out of."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler

from isa_registry.actions import organisation_changes as changes
from isa_registry.actions.organisation_changes import Particulars
from isa_registry.domain.organisation_records import CONTACTS, EVERY_AGREEMENT
from isa_registry.domain.party_entries import PolicyDocument
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.facts import Organisation
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.forms import Sent, only
from isa_registry.pages.changing import Rejected
from isa_registry.pages.deciding_alone import decide
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.organisation import agreement_title, named
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare

ADDRESS = "/account/particulars"
_HINTS = {
    "urgent": "For example, Safeguarding duty desk, 0300 123 4567",
    "out-of-hours": "For example, Emergency duty team, 0300 123 4568",
    "advice": "For example, Information governance team, ig.team@example.org",
}
_FIELDS = {
    **{f"#/contacts/{code}": f"contact_{code}" for code in CONTACTS},
    "#/policy_document/reference": "reference",
    "#/policy_document/review_on": "review_on",
    "#/changed_from": "",
}


def particulars_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def form(request: Request) -> Response[bytes]:
        return _page(request, Form(_standing(*_own(request))))

    @writes(ADDRESS)
    async def change(request: Request) -> Response[bytes]:
        sent = form_of(request)
        own = caller_of(request).organisation
        entry = only(sent, "changed_from")
        shown = Form(sent)
        if not entry.isascii() or not entry.isdigit() or len(entry) > 15:
            return _page(request, Form(sent, (FieldError("", "Open this page again: the form was not whole"),)), 422)
        if only(sent, "review_on").strip() and not only(sent, "reference").strip():
            return _page(request, Form(sent, (FieldError("reference", "Enter the document’s reference"),)), 422)
        done = await decide(
            request,
            shown,
            lambda by, view: changes.say_of_itself(own, _said(sent), by, view, changed_from=int(entry)),
            {**_FIELDS, **{f"#/named_out/{place}": "named_out" for place in range(50)}},
        )
        if isinstance(done, Rejected):
            return _page(request, done.form, done.status)
        return layout_of(request).page(
            "party_changed.html",
            title="Your organisation’s details are changed",
            entry=done.index,
            says="Every partner sees them from now on.",
            onward=named(registry_of(request).follower.view, own),
        )

    return [form, change]


def _own(request: Request) -> tuple[Organisation, int]:
    view, own = registry_of(request).follower.view, caller_of(request).organisation
    body, entry = view.organisation(own), view.organisation_since(own)
    if body is None or entry is None:
        raise Refused("not-found", "Your organisation is not registered.")
    return body, entry


def _standing(body: Organisation, entry: int) -> Sent:
    """What stands, as the form sends it."""
    document = body.policy_document
    return {
        **{f"contact_{code}": (body.contacts.get(code, ""),) for code in CONTACTS},
        "reference": ("" if document is None else document.reference,),
        "review_on": ("" if document is None else document.review_on or "",),
        "ico_registration": (body.ico_registration or "",),
        "named_out": body.named_out,
        "changed_from": (str(entry),),
    }


def _said(sent: Sent) -> Particulars:
    given = {code: only(sent, f"contact_{code}").strip() for code in CONTACTS}
    reference = only(sent, "reference").strip()
    return Particulars(
        contacts={code: contact for code, contact in given.items() if contact},
        policy_document=PolicyDocument(reference, only(sent, "review_on").strip() or None) if reference else None,
        ico_registration=only(sent, "ico_registration").strip() or None,
        named_out=tuple(sent.get("named_out", ())),
    )


def _page(request: Request, form: Form, status: int = 200) -> Response[bytes]:
    view = registry_of(request).follower.view
    body, _ = _own(request)
    return layout_of(request).page(
        "particulars.html",
        status=status,
        form=form,
        body=body,
        parent=None if body.parent is None else named(view, body.parent)[1],
        contacts=[(f"contact_{code}", words, _HINTS[code]) for code, words in CONTACTS.items()],
        agreements=_agreements(view, body),
    )


def _agreements(view: RegisterView, body: Organisation) -> list[tuple[str, str]]:
    ids = dict.fromkeys([*(one.agreement for one in view.agreement_versions()), *body.named_out])
    every = (EVERY_AGREEMENT, "All agreements, those to come too")
    return [(one, agreement_title(view, one)) for one in ids if one != EVERY_AGREEMENT] + [every]
