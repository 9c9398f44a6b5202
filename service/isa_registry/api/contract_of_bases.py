"""What the routes of `api/access/bases.py` take and give."""

from __future__ import annotations

from isa_registry.api import lawful_bases, lawful_basis_views
from isa_registry.api.contract_form import JSON, Contract, Parameter
from isa_registry.api.contract_of_reports import TABLE
from isa_registry.api.csv_answers import CSV
from isa_registry.api.organisations import Logged
from isa_registry.domain.lawful_bases.choices import Choices
from isa_registry.domain.lawful_bases.processing import ProcessingRecord

_BASES = "/api/v1/organisations/{organisation}/lawful-bases"
_AGREEMENT = Parameter("agreement", "Only records for this agreement.", "tier-2-hoth")
_PURPOSE = Parameter("purpose", "Only records for this purpose.", "harm-outside-the-home")

CONTRACTS_OF_BASES: dict[tuple[str, str], Contract] = {
    ("GET", _BASES): Contract(
        operation="listLawfulBases",
        tag="organisations",
        answers=(JSON, lawful_basis_views.LawfulBasisList),
        query=(
            _AGREEMENT,
            _PURPOSE,
            Parameter("limit", "At most so many records of a page, 1 to 1000; 200 without it.", "50"),
            Parameter("cursor", "Where the page begins: `next` of the page before.", "b200"),
        ),
        headers=("Link",),
        problems=("not-your-organisation",),
    ),
    ("POST", _BASES): Contract(
        operation="recordLawfulBases",
        tag="organisations",
        takes=((JSON, lawful_bases.NewLawfulBases),),
        answers=(JSON, lawful_bases.LoggedBases),
        status=201,
        repeats=True,
        problems=("not-your-organisation", "unprocessable", "conflict"),
    ),
    ("GET", f"{_BASES}/choices"): Contract(
        operation="readBasisChoices",
        tag="organisations",
        answers=(JSON, Choices),
        query=(
            Parameter("agreement", "The agreement. Needed.", "tier-2-hoth"),
            Parameter("purpose", "A purpose that it speaks of. Needed.", "harm-outside-the-home"),
            Parameter("on", "The record's first day; today without it.", "2026-12-01"),
        ),
        problems=("not-your-organisation", "not-found"),
    ),
    ("GET", f"{_BASES}/{{record}}"): Contract(
        operation="readLawfulBasis",
        tag="organisations",
        answers=(JSON, lawful_basis_views.LawfulBasisView),
        problems=("not-your-organisation", "not-found"),
    ),
    ("GET", f"{_BASES}/{{record}}/history"): Contract(
        operation="readBasisHistory",
        tag="organisations",
        answers=(JSON, lawful_basis_views.BasisHistory),
        problems=("not-your-organisation", "not-found"),
    ),
    ("POST", f"{_BASES}/{{record}}/end"): Contract(
        operation="endLawfulBasis",
        tag="organisations",
        takes=((JSON, lawful_bases.EndedLawfulBasis),),
        answers=(JSON, Logged),
        status=201,
        repeats=True,
        problems=("not-your-organisation", "not-found", "unprocessable", "conflict"),
    ),
    ("GET", "/api/v1/organisations/{organisation}/processing-record"): Contract(
        operation="readProcessingRecord",
        tag="organisations",
        answers=(JSON, ProcessingRecord),
        also=((CSV, TABLE),),
        query=(
            Parameter("on", "As of this day; today without it.", "2026-12-01"),
            Parameter("format", "Without it, Accept decides.", "csv", ("json", "csv")),
        ),
        problems=("not-your-organisation", "not-found"),
    ),
}
