"""What the routes of `api/access/attesting.py` take and give."""

from __future__ import annotations

from isa_registry.api import attestations, attesting, invitations
from isa_registry.api.contract_form import ATTESTATION_JWS, JOSE, JSON, Contract, Receipt, Shape
from isa_registry.api.organisations import Logged

_VERSION = "/api/v1/agreements/{agreement}/versions/{version}"
_ATTESTATION = f"{_VERSION}/attestations/{{attestation}}"
_QUERY = f"{_VERSION}/queries/{{question}}"
_DECIDED = ("not-your-organisation", "unprocessable", "conflict")


def _works(operation: str, takes: Shape, answers: Shape, *, status: int = 200) -> Contract:
    """A step of working state."""
    return Contract(
        operation=operation,
        tag="agreements",
        takes=((JSON, takes),),
        answers=(JSON, answers),
        status=status,
        problems=("unprocessable", "conflict"),
    )


def _decides(operation: str, takes: Shape) -> Contract:
    return Contract(
        operation=operation,
        tag="agreements",
        takes=((JSON, takes),),
        answers=(JSON, Logged),
        status=201,
        repeats=True,
        problems=_DECIDED,
    )


CONTRACTS_OF_ATTESTING: dict[tuple[str, str], Contract] = {
    ("GET", f"{_VERSION}/attestations"): Contract(
        operation="listAttestations", tag="agreements", answers=(JSON, attestations.AttestationList)
    ),
    ("POST", f"{_VERSION}/attestations"): Contract(
        operation="attest",
        tag="agreements",
        takes=((JOSE, ATTESTATION_JWS), (JSON, attesting.SignedAttestation), (JSON, attesting.AttestationWish)),
        answers=(JSON, attesting.AttestationRecorded),
        status=201,
        repeats=True,
        problems=("bad-document", "sign-in-too-old", "gone", *_DECIDED),
    ),
    ("GET", f"{_ATTESTATION}/receipt"): Contract(
        operation="readAttestationReceipt",
        tag="agreements",
        answers=(JSON, Receipt),
        problems=("receipt-not-ready", "gone"),
    ),
    ("POST", f"{_ATTESTATION}/withdrawal"): _decides("withdrawAttestation", attesting.AttestationWithdrawal),
    ("POST", f"{_VERSION}/refusal"): _decides("declineVersion", attesting.Refusal),
    ("POST", f"{_VERSION}/joining"): _works("askToJoin", invitations.Nothing, invitations.InvitationLine, status=201),
    ("GET", f"{_VERSION}/invitations"): Contract(
        operation="listInvitations", tag="agreements", answers=(JSON, invitations.InvitationList)
    ),
    ("POST", f"{_VERSION}/invitations"): _works(
        "inviteToAttest", invitations.InvitedBody, invitations.InvitationLine, status=201
    ),
    ("POST", f"{_VERSION}/invitations/refusal"): _works(
        "turnDownJoining", invitations.InvitedBody, invitations.InvitationLine
    ),
    ("GET", f"{_VERSION}/queries"): Contract(
        operation="listQueries", tag="agreements", answers=(JSON, invitations.QueryList), problems=("conflict",)
    ),
    ("POST", f"{_VERSION}/queries"): _works("askAboutClause", invitations.NewQuery, invitations.QueryLine, status=201),
    ("POST", f"{_QUERY}/answer"): _works("answerQuery", invitations.QueryAnswer, invitations.QueryLine),
    ("POST", f"{_QUERY}/settlement"): _works("settleQuery", invitations.Nothing, invitations.QueryLine),
}
