"""What the routes of `api/access/parties.py` take and give."""

from __future__ import annotations

from isa_registry.api import delegations, organisations, parties, partnerships
from isa_registry.api.contract_form import JSON, Contract, Parameter, Shape

_ONE = "/api/v1/organisations/{organisation}"
_PARTNERSHIP = "/api/v1/partnerships/{partnership}"

LISTING = (
    Parameter("partnership", "Only organisations that belong to this partnership.", "durham"),
    Parameter("kind", "Only organisations of this kind.", "maintained-school"),
    Parameter("name", "Only organisations with these characters in their name or id.", "primary"),
    Parameter("limit", "At most so many, 1 to 200; 200 without it.", "50"),
    Parameter("cursor", "Where the page begins: `next` of the page before.", "oexample-school"),
)


def _decides(operation: str, takes: Shape, *problems: str, answers: Shape = organisations.Logged) -> Contract:
    return Contract(
        operation=operation,
        tag="organisations",
        takes=((JSON, takes),),
        answers=(JSON, answers),
        status=201,
        repeats=True,
        problems=("unprocessable", "conflict", *problems),
    )


def _of_body(operation: str, takes: Shape, *, answers: Shape = organisations.Logged) -> Contract:
    return _decides(operation, takes, "not-your-organisation", "not-found", answers=answers)


CONTRACTS_OF_PARTIES: dict[tuple[str, str], Contract] = {
    ("POST", "/api/v1/organisations"): _decides("registerOrganisation", parties.NewOrganisation),
    ("GET", f"{_ONE}/record"): Contract(
        operation="readOrganisationRecord",
        tag="organisations",
        answers=(JSON, parties.OrganisationRecord),
        problems=("not-your-organisation", "not-found"),
    ),
    ("POST", f"{_ONE}/record"): _of_body("changeOrganisationRecord", parties.ChangedRecord),
    ("POST", f"{_ONE}/particulars"): _of_body("changeOrganisationParticulars", parties.OwnParticulars),
    ("POST", f"{_ONE}/suspension"): _of_body("suspendOrganisation", parties.NewSuspension),
    ("POST", f"{_ONE}/suspension/end"): _of_body("endSuspension", parties.Ended),
    ("POST", f"{_ONE}/closure"): _of_body("closeOrganisation", parties.NewClosure),
    ("POST", f"{_ONE}/closure/end"): _of_body("reopenOrganisation", parties.Ended),
    ("GET", f"{_ONE}/delegations"): Contract(
        operation="listDelegations",
        tag="organisations",
        answers=(JSON, delegations.DelegationList),
        problems=("not-your-organisation",),
    ),
    ("POST", f"{_ONE}/delegations"): _of_body(
        "giveDelegation", delegations.NewDelegation, answers=delegations.LoggedDelegation
    ),
    ("POST", f"{_ONE}/delegations/{{delegation}}/end"): _of_body("endDelegation", delegations.EndedDelegation),
    ("GET", "/api/v1/partnerships"): Contract(
        operation="listPartnerships", tag="organisations", answers=(JSON, partnerships.PartnershipList)
    ),
    ("GET", _PARTNERSHIP): Contract(
        operation="readPartnership",
        tag="organisations",
        answers=(JSON, partnerships.PartnershipLine),
    ),
    ("POST", "/api/v1/partnerships"): _decides("registerPartnership", partnerships.NewPartnership),
    ("POST", f"{_PARTNERSHIP}/record"): _decides("changePartnership", partnerships.ChangedPartnership, "not-found"),
    ("POST", f"{_PARTNERSHIP}/members"): _decides("joinPartnership", partnerships.PartnershipMember, "not-found"),
    ("POST", f"{_PARTNERSHIP}/members/removal"): _decides(
        "leavePartnership", partnerships.PartnershipMember, "not-found"
    ),
}
