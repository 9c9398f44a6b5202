"""Inviting organisations, and deciding what they answered: the business unit's pages."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions import joining
from isa_registry.actions.importing import cells_of
from isa_registry.actions.joining import Wish
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.supposing import Supposing
from isa_registry.identity.forms import Sent, only
from isa_registry.pages.changes_in_words import ChangeShown, in_words
from isa_registry.pages.changing import body_name, proposals_of, rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.organisations import all_kinds, kind_label
from isa_registry.pages.people import caller_of, form_of, plain_time, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.access.changes import decider
from isa_registry.runtime.joining.confirming import confirm
from isa_registry.runtime.joining.invitations import Invitations
from isa_registry.runtime.joining.invitations import Sent as SentLink
from isa_registry.store.invitations import Invitation

ADDRESS = "/organisations/invitations"
_STATES = {
    "invited": ("pending", "Invited"),
    "answered": ("not-yet", "Answered: look at it"),
    "confirmed": ("active", "Confirmed"),
    "withdrawn": ("withdrawn", "Withdrawn"),
}
_FIELDS = {"#/organisation": "organisation", "#/kind": "kind", "#/parent": "parent", "#/name": "name"}
_OF_RECORD = {
    "name": "Name", "kind": "Kind", "parent": "Belongs to", "council_run": "Run by a council",
    "partnerships": "Partnerships", "ico_registration": "ICO registration number",
    "policy_document_reference": "Appropriate policy document", "policy_document_review_on": "Its next review",
    "contact_urgent": "When it is urgent", "contact_out_of_hours": "Out of office hours",
    "contact_advice": "For advice",
}  # fmt: skip


class InvitationShown(Struct, frozen=True):
    """An invitation in a list or on its page."""

    id: str
    organisation: str
    name: str
    state: str
    standing: tuple[str, str]
    over: bool
    invited_at: str
    expires_at: str
    entry: int | None
    proposal: str | None


def invitations_of(request: Request) -> Invitations:
    found: Invitations = request.app.state.body_invitations
    return found


def inviting_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    return [*_inviting(reads, writes), *_deciding(reads, writes)]


def _inviting(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def listed(request: Request) -> Response[bytes]:
        found = [_shown(request, one) for one in await invitations_of(request).listed()]
        return layout_of(request).page("invitations.html", invitations=found)

    @reads(f"{ADDRESS}/new")
    async def form(request: Request) -> Response[bytes]:
        asked = str(request.query_params.get("organisation", ""))
        stands = registry_of(request).follower.view.organisation(asked)
        return _form_page(request, Form({} if stands is None else {"organisation": (asked,)}))

    @writes(f"{ADDRESS}/new")
    async def invite(request: Request) -> Response[bytes]:
        sent = form_of(request)
        record = _record(sent)
        if not record.organisation:
            error = FieldError("organisation", "Enter an id for the organisation")
            return _form_page(request, Form(sent, (error,)), status=422)
        try:
            done = await invitations_of(request).invite(record, _address(sent), decider(caller_of(request)))
        except Refused as refused:
            told = rejected(Form(sent), refused, _FIELDS)
            return _form_page(request, told.form, status=told.status)
        return _sent_page(request, done)

    return [listed, form, invite]


def _record(sent: Sent) -> OrganisationRegistered:
    return OrganisationRegistered(
        organisation=only(sent, "organisation").strip(),
        name=only(sent, "name").strip(),
        organisation_kind=only(sent, "kind"),
        parent=only(sent, "parent").strip() or None,
        council_run=only(sent, "council_run") == "yes",
        partnerships=tuple(sent.get("partnerships", ())),
    )


def _address(sent: Sent) -> str | None:
    return only(sent, "address").strip() or None


def _form_page(request: Request, form: Form, *, status: int = 200) -> Response[bytes]:
    view = registry_of(request).follower.view
    stands = view.organisation(form.value("organisation"))
    partnerships = view.partnerships()
    return layout_of(request).page(
        "invite.html",
        status=status,
        form=form,
        stands=None if stands is None else _facts(stands, view),
        kinds=all_kinds(view),
        partnerships=[(one.partnership, one.name) for one in partnerships] if len(partnerships) > 1 else [],
    )


def _sent_page(request: Request, sent: SentLink) -> Response[bytes]:
    one = sent.invitation
    return layout_of(request).page("invited.html", invitation=_shown(request, one), link=sent.link)


# --- one invitation ---------------------------------------------------------------------------------------------------


def _deciding(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{ADDRESS}/{{invitation:str}}")
    async def look(request: Request, invitation: FromPath[str]) -> Response[bytes]:
        return await _page(request, invitation)

    @writes(f"{ADDRESS}/{{invitation:str}}")
    async def decide(request: Request, invitation: FromPath[str]) -> Response[bytes]:
        sent = form_of(request)
        word, by = only(sent, "word"), decider(caller_of(request))
        try:
            if word == "send":
                return _sent_page(request, await invitations_of(request).send_again(invitation, _address(sent), by))
            if word == "withdraw":
                await invitations_of(request).withdraw(invitation, by)
            elif word == "confirm":
                await confirm(
                    registry_of(request),
                    invitations_of(request),
                    proposals_of(request),
                    invitation,
                    only(sent, "sha256"),
                    by,
                    claim=only(sent, "claim").strip() or None,
                    value=only(sent, "value").strip() or None,
                )
            else:
                raise Refused("malformed", "The form cannot be read.")
        except Refused as refused:
            told = rejected(Form(sent), refused)
            return await _page(request, invitation, told.form, status=told.status)
        done = await invitations_of(request).read(invitation)
        return layout_of(request).page(
            "invitation_decided.html",
            invitation=_shown(request, done),
            lead_is_known=word == "confirm" and done.proposal is not None,
        )

    return [look, decide]


async def _page(request: Request, identifier: str, form: Form | None = None, *, status: int = 200) -> Response[bytes]:
    one = await invitations_of(request).read(identifier)
    view = registry_of(request).follower.view
    wish = None if one.answer is None else joining.decode_wish(one.answer)
    record = joining.decode_record(one.body)
    answered: list[tuple[str, str]] = []
    changes: list[ChangeShown] = []
    if wish is not None:
        stands = view.organisation(one.organisation)
        wished = joining.record_with(stands or record, wish)
        answered = _facts(wished, view)
        # What is proposed speaks of the body by the name that it will have.
        changes = _changes(wish, Supposing(view, {one.organisation: wished}))
    return layout_of(request).page(
        "invitation.html",
        status=status,
        form=form or Form(_told_apart(wish)),
        invitation=_shown(request, one),
        asked=_facts(record, view),
        answered=answered,
        changes=changes,
        shared_with=None if wish is None or wish.shared_with is None else body_name(view, wish.shared_with),
        asks_apart=wish is not None and wish.shared_with is not None,
        without_sign_in=wish is not None and wish.issuer is None,
        without_lead=wish is not None and wish.issuer is not None and wish.lead is None,
        sha256="" if one.answer_sha256 is None else one.answer_sha256.hex(),
        address=one.address,
    )


def _told_apart(wish: Wish | None) -> Sent:
    if wish is None or wish.issuer is None:
        return {}
    return {"claim": (wish.issuer.claim or "",), "value": (wish.issuer.value or "",)}


def _changes(wish: Wish, view: RegisterView) -> list[ChangeShown]:
    """What two people would decide; what tells the body apart from another is in the form, to be filled in."""
    shown = [in_words(one, view) for one in (wish.issuer, wish.lead) if one is not None]
    if wish.shared_with is None:
        return shown
    return [replace(one, facts=tuple(fact for fact in one.facts if fact[0] != "Only where")) for one in shown]


def _facts(record: OrganisationRegistered, view: RegisterView) -> list[tuple[str, str]]:
    cells = cells_of(record)
    cells["kind"] = kind_label(view, record.organisation_kind)
    cells["parent"] = "" if record.parent is None else body_name(view, record.parent)
    cells["council_run"] = "Yes" if record.council_run else ""
    return [("Id", record.organisation), *((words, cells[one]) for one, words in _OF_RECORD.items() if cells[one])]


def _shown(request: Request, one: Invitation) -> InvitationShown:
    over = one.expires_at <= registry_of(request).now()
    standing = ("expired", "Link is over") if over and one.state == "invited" else _STATES[one.state]
    return InvitationShown(
        id=one.id,
        organisation=one.organisation,
        name=joining.decode_record(one.body).name,
        state=one.state,
        standing=standing,
        over=over,
        invited_at=plain_time(one.invited_at),
        expires_at=plain_time(one.expires_at),
        entry=one.entry,
        proposal=one.proposal,
    )
