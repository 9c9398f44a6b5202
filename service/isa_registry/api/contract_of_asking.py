"""What the routes of `api/access/asking.py` take and give."""

from __future__ import annotations

from isa_registry.api import check_matrix
from isa_registry.api.authzen import metadata, searching
from isa_registry.api.authzen.shapes import (
    ACTION_SEARCH,
    DECISION,
    DECISIONS,
    EVALUATION,
    EVALUATIONS,
    RESOURCE_SEARCH,
    SHAPES,
    SUBJECT_SEARCH,
)
from isa_registry.api.contract_form import JSON, Contract
from isa_registry.api.refinements import JsonSchema

MATRIX_RESULTS = "MatrixResults"

SHAPES_OF_ASKING: dict[str, JsonSchema] = {
    **SHAPES,
    MATRIX_RESULTS: {
        "title": MATRIX_RESULTS,
        "description": "A cell for every recipient and purpose, in the order in which they were sent.",
        "type": "object",
        "properties": {
            "cells": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "recipient": {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/RecipientKind"}]},
                        "purpose": {"type": "string"},
                        "result": {
                            "anyOf": [
                                {"$ref": "#/components/schemas/CheckResponse"},
                                {"$ref": "#/components/schemas/Problem"},
                            ]
                        },
                    },
                    "required": ["recipient", "purpose", "result"],
                },
            }
        },
        "required": ["cells"],
    },
}
"""Shapes without a struct of their own."""

_ASKING = ("not-your-organisation",)

CONTRACTS_OF_ASKING: dict[tuple[str, str], Contract] = {
    ("POST", "/api/v1/checks/matrix"): Contract(
        operation="askMatrix",
        tag="checks",
        takes=((JSON, check_matrix.QuestionMatrix),),
        answers=(JSON, MATRIX_RESULTS),
    ),
    ("POST", "/access/v1/evaluation"): Contract(
        operation="evaluate",
        tag="AuthZEN",
        takes=((JSON, EVALUATION),),
        answers=(JSON, DECISION),
        repeats=True,
        problems=("gone", *_ASKING),
    ),
    ("POST", "/access/v1/evaluations"): Contract(
        operation="evaluateMany",
        tag="AuthZEN",
        takes=((JSON, EVALUATIONS),),
        answers=(JSON, DECISIONS),
        problems=_ASKING,
    ),
    ("POST", "/access/v1/search/subject"): Contract(
        operation="searchSubjects",
        tag="AuthZEN",
        takes=((JSON, SUBJECT_SEARCH),),
        answers=(JSON, searching.SearchResponse),
        problems=(*_ASKING, "not-folded"),
    ),
    ("POST", "/access/v1/search/resource"): Contract(
        operation="searchResources",
        tag="AuthZEN",
        takes=((JSON, RESOURCE_SEARCH),),
        answers=(JSON, searching.SearchResponse),
        problems=(*_ASKING, "not-folded"),
    ),
    ("POST", "/access/v1/search/action"): Contract(
        operation="searchActions",
        tag="AuthZEN",
        takes=((JSON, ACTION_SEARCH),),
        answers=(JSON, searching.ActionSearchResponse),
        problems=(*_ASKING, "not-folded"),
    ),
    ("GET", "/.well-known/authzen-configuration"): Contract(
        operation="readAuthzenConfiguration", tag="AuthZEN", answers=(JSON, metadata.Metadata)
    ),
}
