"""What the routes of `api/access/casework.py` take and give."""

from __future__ import annotations

from isa_registry.actions import casework
from isa_registry.api import case_search, retention
from isa_registry.api.contract_form import JSON, Contract
from isa_registry.api.contract_of_reports import TABLE
from isa_registry.api.csv_answers import CSV
from isa_registry.api.organisations import Logged
from isa_registry.api.refinements import JsonSchema
from isa_registry.domain.casework.access import SubjectAccess

CASE_EVENTS = "CaseEvents"
"""An array of what is taken out, which has no struct."""

SHAPES_OF_CASEWORK: dict[str, JsonSchema] = {
    CASE_EVENTS: {
        "title": CASE_EVENTS,
        "description": "The events, newest first, an event to a line (docs/formats/case-export.md).",
        "type": "array",
        "items": {"$ref": "#/components/schemas/CaseEvent"},
    },
}

_REFUSED = ("unprocessable", "quota-exceeded")

CONTRACTS_OF_CASEWORK: dict[tuple[str, str], Contract] = {
    ("POST", "/api/v1/sharing-events/search"): Contract(
        operation="searchSharingEvents",
        tag="sharing events",
        takes=((JSON, casework.EventSearch),),
        answers=(JSON, case_search.EventsFound),
        problems=_REFUSED,
    ),
    ("POST", "/api/v1/sharing-events/export"): Contract(
        operation="exportSharingEvents",
        tag="sharing events",
        takes=((JSON, casework.EventExport),),
        answers=(JSON, CASE_EVENTS),
        also=((CSV, TABLE),),
        problems=_REFUSED,
    ),
    ("POST", "/api/v1/sharing-events/subject-access"): Contract(
        operation="findForSubjectAccess",
        tag="sharing events",
        takes=((JSON, casework.AccessSearch),),
        answers=(JSON, SubjectAccess),
        problems=_REFUSED,
    ),
    ("GET", "/api/v1/organisations/{organisation}/retention"): Contract(
        operation="readRetention", tag="organisations", answers=(JSON, retention.RetentionInForce)
    ),
    ("POST", "/api/v1/organisations/{organisation}/retention"): Contract(
        operation="setRetention",
        tag="organisations",
        takes=((JSON, retention.OwnRules),),
        answers=(JSON, Logged),
        status=201,
        repeats=True,
        problems=("unprocessable", "not-your-organisation"),
    ),
}
