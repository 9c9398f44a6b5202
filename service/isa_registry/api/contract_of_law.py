"""What the routes of `api/access/law.py` take and give."""

from __future__ import annotations

from isa_registry.api import law, proposals
from isa_registry.api.contract_form import JSON, Contract, Parameter, Shape
from isa_registry.api.organisations import Logged
from isa_registry.domain.reporting.confidence import STATES

_PROPOSAL = f"{law.VERIFICATIONS}/{{verification}}"
_DECIDED = ("second-person", "unprocessable", "conflict")


def _proposes(operation: str, takes: Shape) -> Contract:
    return Contract(
        operation=operation,
        tag="law",
        takes=((JSON, takes),),
        answers=(JSON, law.VerificationProposal),
        status=202,
        problems=_DECIDED,
    )


def _decides(operation: str, answers: Shape, *problems: str) -> Contract:
    return Contract(
        operation=operation,
        tag="law",
        takes=((JSON, proposals.Decision),),
        answers=(JSON, answers),
        problems=("unprocessable", "conflict", *problems),
    )


CONTRACTS_OF_LAW: dict[tuple[str, str], Contract] = {
    ("GET", law.POINTS): Contract(
        operation="listPointsOfLaw",
        tag="law",
        answers=(JSON, law.LawPage),
        query=(
            Parameter("state", "Only points in this state.", "not-yet-checked", STATES),
            Parameter("sort", "Only provisions, or only rows of the matrix.", "provision", law.SORTS),
            Parameter("limit", "At most so many points of a page, 1 to 1000; 200 without it.", "50"),
            Parameter("cursor", "Where the page begins: `next` of the page before.", "l200"),
        ),
        headers=("Link",),
    ),
    ("GET", f"{law.POINTS}/provisions/{{provision}}"): Contract(
        operation="readProvision", tag="law", answers=(JSON, law.PointView)
    ),
    ("GET", f"{law.POINTS}/rows/{{kind}}/{{purpose}}"): Contract(
        operation="readMatrixRow", tag="law", answers=(JSON, law.PointView)
    ),
    ("POST", law.VERIFICATIONS): _proposes("proposeVerification", law.NewVerification),
    ("POST", f"{law.VERIFICATIONS}/withdrawal"): _proposes("proposeEndOfVerification", law.EndedVerification),
    ("GET", law.VERIFICATIONS): Contract(
        operation="listVerifications", tag="law", answers=(JSON, law.VerificationProposals)
    ),
    ("GET", _PROPOSAL): Contract(operation="readVerification", tag="law", answers=(JSON, law.VerificationProposal)),
    ("POST", f"{_PROPOSAL}/approval"): _decides(
        "approveVerification", Logged, "second-person", "history-unconfirmed", "gone"
    ),
    ("POST", f"{_PROPOSAL}/withdrawal"): _decides("withdrawVerification", law.VerificationProposal),
    ("POST", f"{_PROPOSAL}/refusal"): _decides("declineVerification", law.VerificationProposal, "second-person"),
}
