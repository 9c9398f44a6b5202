"""What the routes of `api/access/joining.py` take and give."""

from __future__ import annotations

from msgspec.structs import replace

from isa_registry.api import importing, inviting, setting_up
from isa_registry.api.contract_form import JSON, Contract, Parameter

_INVITATIONS = "/api/v1/organisations/invitations"


def _decides(operation: str, takes: type, *problems: str) -> Contract:
    return Contract(
        operation=operation,
        tag="organisations",
        takes=((JSON, takes),),
        answers=(JSON, inviting.InvitationView),
        headers=("Location",),
        problems=("unprocessable", "conflict", *problems),
    )


CONTRACTS_OF_JOINING: dict[tuple[str, str], Contract] = {
    ("GET", "/api/v1/organisations/{organisation}/set-up"): Contract(
        operation="readSetUp",
        tag="organisations",
        answers=(JSON, setting_up.SetUp),
        problems=("not-your-organisation", "not-found"),
    ),
    ("POST", "/api/v1/organisations/import"): Contract(
        operation="importOrganisations",
        tag="organisations",
        takes=(("text/csv", "PlainText"),),
        answers=(JSON, importing.OrganisationImport),
        status=201,
        query=(
            Parameter("dry_run", "`true`: say what the file would do, and do nothing.", "true", values=("true",)),
            Parameter("plan", "Do it: the sha256 of what it would do.", "0" * 64),
        ),
        repeats=True,
        problems=("unprocessable", "conflict", "too-large"),
    ),
    ("GET", _INVITATIONS): Contract(
        operation="listBodyInvitations", tag="organisations", answers=(JSON, inviting.BodyInvitationList)
    ),
    ("POST", _INVITATIONS): replace(_decides("inviteBody", inviting.NewInvitation), status=201),
    ("GET", f"{_INVITATIONS}/{{invitation}}"): Contract(
        operation="readBodyInvitation", tag="organisations", answers=(JSON, inviting.InvitationView)
    ),
    ("POST", f"{_INVITATIONS}/{{invitation}}/sending"): _decides("sendBodyInvitation", inviting.InvitationSending),
    ("POST", f"{_INVITATIONS}/{{invitation}}/withdrawal"): _decides(
        "withdrawInvitation", inviting.InvitationWithdrawal
    ),
    ("POST", f"{_INVITATIONS}/{{invitation}}/confirmation"): _decides(
        "confirmInvitation", inviting.InvitationConfirmation, "second-person", "history-unconfirmed"
    ),
}
