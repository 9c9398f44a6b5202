"""What the routes take and give by which it is decided who may act."""

from __future__ import annotations

from isa_registry.api import clients, issuers, members, proposals
from isa_registry.api.changing import ProposalView
from isa_registry.api.contract_form import JSON, Contract, Shape
from isa_registry.api.organisations import Logged

_BODY = "/api/v1/organisations/{organisation}"
_PROPOSAL = "/api/v1/proposals/{proposal}"
_DECIDED = ("not-your-organisation", "second-person", "unprocessable", "conflict")


def _changes(operation: str, takes: Shape, *problems: str) -> Contract:
    """A change that one person decides, or that is proposed where it takes two."""
    return Contract(
        operation=operation,
        tag="organisations",
        takes=((JSON, takes),),
        answers=(JSON, Logged),
        status=201,
        repeats=True,
        proposes=ProposalView,
        problems=(*_DECIDED, *problems),
    )


def _proposes(operation: str, takes: Shape) -> Contract:
    return Contract(
        operation=operation,
        tag="organisations",
        takes=((JSON, takes),),
        answers=(JSON, ProposalView),
        status=202,
        problems=_DECIDED,
    )


def _shows(operation: str, answers: Shape) -> Contract:
    return Contract(
        operation=operation, tag="organisations", answers=(JSON, answers), problems=("not-your-organisation",)
    )


def _decides(operation: str, answers: Shape, *problems: str) -> Contract:
    return Contract(
        operation=operation,
        tag="proposals",
        takes=((JSON, proposals.Decision),),
        answers=(JSON, answers),
        problems=("unprocessable", "conflict", *problems),
    )


CONTRACTS_OF_ACCESS: dict[tuple[str, str], Contract] = {
    ("GET", f"{_BODY}/members"): _shows("listMembers", members.MemberList),
    ("POST", f"{_BODY}/members"): _changes("grantRole", members.NewRole),
    ("POST", f"{_BODY}/members/revocation"): _changes("revokeRole", members.EndedRole),
    ("GET", f"{_BODY}/members/unused"): _shows("listUnusedRoles", members.UnusedRoles),
    ("GET", f"{_BODY}/clients"): _shows("listClients", clients.ClientList),
    ("POST", f"{_BODY}/clients"): _changes("grantClient", clients.NewClient),
    ("POST", f"{_BODY}/clients/revocation"): _changes("revokeClient", clients.EndedClient),
    ("GET", f"{_BODY}/issuers"): _shows("listIssuers", issuers.IssuerList),
    ("POST", f"{_BODY}/issuers"): _proposes("registerIssuer", issuers.NewIssuer),
    ("POST", f"{_BODY}/issuers/removal"): _proposes("removeIssuer", issuers.EndedIssuer),
    ("GET", "/api/v1/proposals"): Contract(
        operation="listProposals", tag="proposals", answers=(JSON, proposals.ProposalList)
    ),
    ("GET", _PROPOSAL): Contract(operation="readProposal", tag="proposals", answers=(JSON, ProposalView)),
    ("POST", f"{_PROPOSAL}/approval"): _decides(
        "approveProposal", Logged, "second-person", "history-unconfirmed", "gone", "not-your-organisation"
    ),
    ("POST", f"{_PROPOSAL}/withdrawal"): _decides("withdrawProposal", ProposalView),
    ("POST", f"{_PROPOSAL}/refusal"): _decides("declineProposal", ProposalView, "second-person"),
}
