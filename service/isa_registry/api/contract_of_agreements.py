"""What the routes of `api/access/agreements.py` take and give."""

from __future__ import annotations

from isa_registry.api import agreement_drafts as drafts
from isa_registry.api import agreement_life as life
from isa_registry.api import companions
from isa_registry.api.contract_form import JSON, Contract, Shape
from isa_registry.api.organisations import Logged

_DRAFT = "/api/v1/agreement-drafts/{draft}"
_VERSION = "/api/v1/agreements/{agreement}/versions/{version}"


def _decides(operation: str, takes: Shape, *problems: str) -> Contract:
    return Contract(
        operation=operation,
        tag="agreements",
        takes=((JSON, takes),),
        answers=(JSON, Logged),
        status=201,
        repeats=True,
        problems=("unprocessable", "conflict", *problems),
    )


def _drafts(operation: str, takes: Shape, answers: Shape, *problems: str, status: int = 200) -> Contract:
    return Contract(
        operation=operation,
        tag="agreements",
        takes=((JSON, takes),),
        answers=(JSON, answers),
        status=status,
        problems=("conflict", *problems),
    )


CONTRACTS_OF_AGREEMENTS: dict[tuple[str, str], Contract] = {
    ("GET", "/api/v1/agreement-drafts"): Contract(
        operation="listDrafts", tag="agreements", answers=(JSON, drafts.DraftList)
    ),
    ("POST", "/api/v1/agreement-drafts"): _drafts(
        "beginDraft", drafts.NewDraft, drafts.DraftWhole, "unprocessable", status=201
    ),
    ("GET", _DRAFT): Contract(operation="readDraft", tag="agreements", answers=(JSON, drafts.DraftWhole)),
    ("POST", f"{_DRAFT}/revision"): _drafts("reviseDraft", drafts.RevisedDraft, drafts.DraftWhole, "unprocessable"),
    ("POST", f"{_DRAFT}/submission"): _drafts("submitDraft", drafts.DraftStep, drafts.DraftLine),
    ("POST", f"{_DRAFT}/return"): _drafts("returnDraft", drafts.DraftReturn, drafts.DraftLine, "unprocessable"),
    ("POST", f"{_DRAFT}/check"): _drafts(
        "checkDraft", drafts.DraftHashes, drafts.DraftLine, "unprocessable", "second-person"
    ),
    ("POST", f"{_DRAFT}/discard"): _drafts("discardDraft", drafts.DraftStep, drafts.DraftLine),
    ("POST", "/api/v1/agreements/{agreement}/versions"): _decides(
        "publishVersion", drafts.VersionPublication, "second-person"
    ),
    ("GET", f"{_VERSION}/life"): Contract(operation="readLife", tag="agreements", answers=(JSON, life.VersionLife)),
    ("POST", f"{_VERSION}/opening"): _decides("openVersion", life.VersionOpening),
    ("POST", f"{_VERSION}/in-force"): _decides("bringIntoForce", life.VersionInForce),
    ("POST", f"{_VERSION}/suspension"): _decides("suspendVersion", life.VersionSuspension),
    ("POST", f"{_VERSION}/resumption"): _decides("resumeVersion", life.VersionResumption),
    ("POST", f"{_VERSION}/withdrawal"): _decides("withdrawVersion", life.VersionWithdrawal),
    ("POST", f"{_VERSION}/review"): _decides("reviewVersion", life.VersionReview),
    ("GET", f"{_VERSION}/companions"): Contract(
        operation="listCompanions", tag="agreements", answers=(JSON, companions.CompanionList)
    ),
    ("POST", f"{_VERSION}/companions"): _decides("publishCompanion", companions.NewCompanion),
}
