"""The page of an invitation's link: nobody is signed in, and what is filled in waits for the business unit."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from isa_registry.actions import joining
from isa_registry.actions.joining import SIGN_IN_PROFILES, Told
from isa_registry.domain.organisation_records import CONTACTS
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.domain.refusals import Refused
from isa_registry.identity.forms import Sent, only
from isa_registry.identity.sign_in_uses import callback_path
from isa_registry.pages.changing import body_name, rejected
from isa_registry.pages.forms import Form
from isa_registry.pages.inviting import invitations_of
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.organisations import kind_label
from isa_registry.pages.people import form_of, plain_time, registry_of
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.signing_in import Declare
from isa_registry.store.invitations import Invitation

ADDRESS = "/join/{token:str}"
_PROFILES = {
    "entra-v2": "Microsoft Entra ID (Microsoft 365)",
    "generic": "Another service, such as Google Workspace or Keycloak",
    "cis2": "NHS CIS2",
    "rfc9068": "Another service whose tokens are of RFC 9068",
}
_CONTACTS = {
    "urgent": ("Whom to ask when it is urgent", "A post or team and how to reach it, like School office 0191 496 0000"),
    "out-of-hours": ("Whom to ask out of office hours", "If there is anybody"),
    "advice": ("Whom to ask for advice", "If it is somebody else"),
}
_FIELDS = {
    "#/policy_document/reference": "policy_reference",
    "#/policy_document/review_on": "policy_review_on",
    "#/policy_document": "policy_reference",
    "#/sign_in/client": "client",
    **{f"#/contacts/{one}": f"contact_{one}" for one in CONTACTS},
}
_TEXTS = (
    "name", "ico_registration", "policy_reference", "policy_review_on", "sign_in", "shared_with", "value", "issuer",
    "client", "profile", "subject",
)  # fmt: skip


def joining_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def look(request: Request, token: FromPath[str]) -> Response[bytes]:
        try:
            one = await invitations_of(request).of_link(token)
        except Refused as refused:
            if refused.code != "not-found":
                raise
            return layout_of(request).missing(refused.detail)
        if one.state != "invited":
            return _answered_page(request, one)
        return _form_page(request, one, token, Form(_stands(joining.decode_record(one.body))))

    @writes(ADDRESS)
    async def answer(request: Request, token: FromPath[str]) -> Response[bytes]:
        sent = form_of(request)
        try:
            await invitations_of(request).answer(token, _told(sent))
        except Refused as refused:
            if refused.code == "conflict":
                return redirect(f"/join/{token}")
            one = await invitations_of(request).of_link(token)
            told = rejected(Form(sent), refused, _FIELDS)
            return _form_page(request, one, token, told.form, status=told.status)
        return redirect(f"/join/{token}")

    return [look, answer]


def _stands(record: OrganisationRegistered) -> Sent:
    """The form as it is first shown: what is known already."""
    document = record.policy_document
    known = {
        "name": record.name,
        "ico_registration": record.ico_registration or "",
        "policy_reference": "" if document is None else document.reference,
        "policy_review_on": "" if document is None else document.review_on or "",
        "profile": "entra-v2",
        **{f"contact_{one}": record.contacts.get(one, "") for one in CONTACTS},
    }
    return {name: (value,) for name, value in known.items()}


def _told(sent: Sent) -> Told:
    texts = {name: only(sent, name).strip() for name in _TEXTS}
    return Told(**texts, contacts={one: only(sent, f"contact_{one}").strip() for one in CONTACTS})


def _form_page(request: Request, one: Invitation, token: str, form: Form, *, status: int = 200) -> Response[bytes]:
    view = registry_of(request).follower.view
    record = joining.decode_record(one.body)
    return layout_of(request).page(
        "join.html",
        status=status,
        form=form,
        token=token,
        record=record,
        kind=kind_label(view, record.organisation_kind),
        parent=None if record.parent is None else body_name(view, record.parent),
        until=plain_time(one.expires_at),
        shareable=[(body, body_name(view, body)) for body in joining.shareable(view, record)],
        profiles=[(one, _PROFILES[one]) for one in SIGN_IN_PROFILES],
        contacts=[(f"contact_{code}", *_CONTACTS[code]) for code in CONTACTS],
    )


def _answered_page(request: Request, one: Invitation) -> Response[bytes]:
    """What became of it. Nothing that was filled in is shown: others may have the link too."""
    view = registry_of(request).follower.view
    wish = None if one.answer is None else joining.decode_wish(one.answer)
    own = wish.issuer if wish is not None and wish.shared_with is None else None
    public_url: str = request.app.state.public_url
    return layout_of(request).page(
        "joined.html",
        name=joining.decode_record(one.body).name,
        confirmed=one.state == "confirmed",
        signs_in=bool(view.issuers_of(one.organisation)),
        callback=None if own is None else public_url + callback_path(own),
        until=plain_time(one.expires_at),
    )
