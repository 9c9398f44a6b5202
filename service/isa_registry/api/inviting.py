"""Invitations of bodies, as the business unit sends them and decides what came back."""

from __future__ import annotations

import re

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import joining
from isa_registry.actions.joining import Wish
from isa_registry.api.changing import decider_of
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.domain.dates import instant
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.joining.confirming import confirm
from isa_registry.runtime.joining.invitations import Invitations, Sent
from isa_registry.store.invitations import Invitation

_SHA256 = re.compile(r"[0-9a-f]{64}")
_BODY = "/api/v1/organisations/invitations"


class NewInvitation(Struct, frozen=True, forbid_unknown_fields=True):
    """A body to invite. One that is registered is asked to complete its record: its id suffices. `address` is a post's
    or a team's mailbox, to which the link is sent; it is kept until the link is used, withdrawn or over."""

    organisation: str
    name: str = ""
    kind: str = ""
    parent: str | None = None
    council_run: bool = False
    partnerships: tuple[str, ...] = ()
    address: str | None = None


class InvitationSending(Struct, frozen=True, forbid_unknown_fields=True):
    """To send a link anew; without an `address`, to the one before, as long as that is kept."""

    address: str | None = None


class InvitationWithdrawal(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing but that: `{}`."""


class InvitationConfirmation(Struct, frozen=True, forbid_unknown_fields=True):
    """The answer that was read, by the SHA-256 (hex) of its canonical JSON. `claim` and `value` tell the body apart
    from the one whose sign-in it shares."""

    sha256: str
    claim: str | None = None
    value: str | None = None


class InvitationView(Struct, frozen=True):
    """An invitation. `state` is invited, answered, confirmed or withdrawn; `over`: its link leads nowhere. `record` is
    what the body is asked to confirm, `answer` what came back and `sha256` that of its canonical JSON (RFC 8785), until
    it is decided. `invited_by` and `decided_by` are the entries that made those people known; `entry` registered or
    changed the body's record, and `proposal` waits for another person. `link` is told once, to pass it on, where it is
    not sent. Times are RFC 3339 UTC."""

    id: str
    organisation: str
    state: str
    over: bool
    record: OrganisationRegistered
    invited_by: int
    invited_at: str
    expires_at: str
    answer: Wish | None
    sha256: str | None
    decided_by: int | None
    entry: int | None
    proposal: str | None
    link: str | None = None


class BodyInvitationList(Struct, frozen=True):
    """What waits to be decided first, then what was sent, then what was decided lately."""

    invitations: list[InvitationView]


def _shown(request: Request, one: Invitation, link: str | None = None) -> InvitationView:
    return InvitationView(
        id=one.id,
        organisation=one.organisation,
        state=one.state,
        over=one.expires_at <= request.app.state.registry.now(),
        record=joining.decode_record(one.body),
        invited_by=one.invited_by,
        invited_at=instant(one.invited_at),
        expires_at=instant(one.expires_at),
        answer=None if one.answer is None else joining.decode_wish(one.answer),
        sha256=None if one.answer_sha256 is None else one.answer_sha256.hex(),
        decided_by=one.decided_by,
        entry=one.entry,
        proposal=one.proposal,
        link=link,
    )


def _sent(request: Request, sent: Sent, status: int) -> Response[bytes]:
    headers = {"Location": f"{_BODY}/{sent.invitation.id}"}
    return json_response(_shown(request, sent.invitation, sent.link), status=status, headers=headers)


def _invitations(request: Request) -> Invitations:
    found: Invitations = request.app.state.body_invitations
    return found


@reads(_BODY)
async def list_invitations(request: Request) -> Response[bytes]:
    return json_response(BodyInvitationList([_shown(request, one) for one in await _invitations(request).listed()]))


@writes(_BODY)
async def invite(request: Request) -> Response[bytes]:
    with decoding("The invitation"):
        new = msgspec.json.decode(await request.body(), type=NewInvitation)
    record = OrganisationRegistered(
        organisation=new.organisation,
        name=new.name,
        organisation_kind=new.kind,
        parent=new.parent,
        council_run=new.council_run,
        partnerships=new.partnerships,
    )
    return _sent(request, await _invitations(request).invite(record, new.address, decider_of(request)), 201)


@reads(f"{_BODY}/{{invitation:str}}")
async def read_invitation(request: Request, invitation: FromPath[str]) -> Response[bytes]:
    return json_response(_shown(request, await _invitations(request).read(invitation)))


@writes(f"{_BODY}/{{invitation:str}}/sending", status=200)
async def send_invitation(request: Request, invitation: FromPath[str]) -> Response[bytes]:
    with decoding("The sending"):
        wanted = msgspec.json.decode(await request.body(), type=InvitationSending)
    sent = await _invitations(request).send_again(invitation, wanted.address, decider_of(request))
    return _sent(request, sent, 200)


@writes(f"{_BODY}/{{invitation:str}}/withdrawal", status=200)
async def withdraw_invitation(request: Request, invitation: FromPath[str]) -> Response[bytes]:
    with decoding("The withdrawal"):
        msgspec.json.decode(await request.body(), type=InvitationWithdrawal)
    return json_response(_shown(request, await _invitations(request).withdraw(invitation, decider_of(request))))


@writes(f"{_BODY}/{{invitation:str}}/confirmation", status=200)
async def confirm_invitation(request: Request, invitation: FromPath[str]) -> Response[bytes]:
    with decoding("The confirmation"):
        wanted = msgspec.json.decode(await request.body(), type=InvitationConfirmation)
    if not _SHA256.fullmatch(wanted.sha256):
        detail = "Send the answer's sha256: 64 lower-case hexadecimal digits."
        raise Refused("unprocessable", detail, (Fault("#/sha256", "malformed", detail),))
    state = request.app.state
    done = await confirm(
        state.registry,
        _invitations(request),
        state.proposals,
        invitation,
        wanted.sha256,
        decider_of(request),
        claim=wanted.claim,
        value=wanted.value,
    )
    return json_response(_shown(request, done.invitation))


HANDLERS = [
    list_invitations,
    invite,
    read_invitation,
    send_invitation,
    withdraw_invitation,
    confirm_invitation,
]
