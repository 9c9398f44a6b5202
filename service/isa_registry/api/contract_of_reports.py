"""What the routes of `api/access/reports.py` take and give."""

from __future__ import annotations

from isa_registry.api import agreements_register, comparing, quarterly, reports
from isa_registry.api.contract_form import JSON, Contract, Parameter
from isa_registry.api.csv_answers import CSV
from isa_registry.domain.reporting.matrix import SORTS
from isa_registry.domain.reporting.reviews import WHAT
from isa_registry.domain.reporting.safety_frame import Scaling

TABLE = "Table"
"""A table as CSV; `openapi.py` writes its shape by hand."""

_OLDER = Parameter("from", "The version to begin with, mostly the older one. Needed.", "1.0")
_NEWER = Parameter("to", "The version to compare it with. Needed.", "1.1")

_PARTNERSHIP = Parameter("partnership", "Only what concerns this partnership.", "durham")
_AGREEMENT = Parameter("agreement", "Only what concerns this agreement.", "tier-2-hoth")
_FORMS = (
    Parameter("format", "Without it, Accept decides.", "csv", ("json", "csv")),
    Parameter("limit", "At most so many rows of a page, 1 to 1000; 200 without it. CSV has them all.", "50"),
    Parameter("cursor", "Where the page begins: `next` of the page before.", "m200"),
)

CONTRACTS_OF_REPORTS: dict[tuple[str, str], Contract] = {
    ("GET", "/api/v1/agreements/{agreement}/compare"): Contract(
        operation="compareVersions",
        tag="agreements",
        answers=(JSON, comparing.VersionComparison),
        query=(_OLDER, _NEWER),
        headers=("ETag",),
        conditional=True,
    ),
    ("GET", "/api/v1/agreements-register"): Contract(
        operation="readAgreementsRegister",
        tag="agreements",
        answers=(JSON, agreements_register.AgreementsRegister),
        also=((CSV, TABLE),),
        query=_FORMS[:1],
    ),
    ("GET", "/api/v1/reports/attestation-matrix"): Contract(
        operation="readAttestationMatrix",
        tag="reports",
        answers=(JSON, reports.MatrixPage),
        also=((CSV, TABLE),),
        query=(
            _PARTNERSHIP,
            _AGREEMENT,
            Parameter("kind", "Only bodies of this kind.", "maintained-school"),
            Parameter("state", "Only bodies with a cell in this state.", "stale"),
            Parameter("sort", "By what the rows are sorted; with - before it, backwards.", "state", SORTS),
            *_FORMS,
        ),
        headers=("Link",),
    ),
    ("GET", "/api/v1/reports/reviews-due"): Contract(
        operation="readReviewsDue",
        tag="reports",
        answers=(JSON, reports.ReviewsPage),
        also=((CSV, TABLE),),
        query=(
            Parameter(
                "within", "Within so many days, 0 to 1096; 90 without it. What is overdue is always there.", "30"
            ),
            _PARTNERSHIP,
            _AGREEMENT,
            Parameter("what", f"Only one sort: {', '.join(WHAT)}.", "policy-document-review"),
            *_FORMS,
        ),
        headers=("Link",),
    ),
    ("GET", "/api/v1/reports/quarterly"): Contract(
        operation="readQuarterlyReport",
        tag="reports",
        answers=(JSON, quarterly.QuarterlyReport),
        also=((CSV, TABLE),),
        query=(
            Parameter("quarter", "A quarter of the calendar year; the one of today without it.", "2026-Q3"),
            Parameter("partnership", "The registry's own without it.", "durham"),
            _FORMS[0],
        ),
        problems=("unprocessable",),
    ),
    ("POST", "/api/v1/reports/quarterly/scaling"): Contract(
        operation="giveScaling",
        tag="reports",
        takes=((JSON, quarterly.NewScaling),),
        answers=(JSON, Scaling),
        problems=("unprocessable",),
    ),
}
