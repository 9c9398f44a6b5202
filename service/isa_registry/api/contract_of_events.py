"""What the routes of `api/access/sharing_events.py` take and give."""

from __future__ import annotations

from isa_registry.actions.sharing_events import MOST_IN_A_BATCH, Submitted
from isa_registry.api import sharing_events
from isa_registry.api.contract_form import COMPACT_JWS, JOSE, JSON, Contract, Parameter, Receipt
from isa_registry.api.refinements import JsonSchema

EVENT_BATCH = "BatchOfEvents"
EVENT_RESULTS = "EventResults"

SHAPES_OF_EVENTS: dict[str, JsonSchema] = {
    EVENT_BATCH: {
        "title": EVENT_BATCH,
        "description": "Up to 100 events, each with its list of what was withheld, if it has one; each is recorded or "
        "refused by itself.",
        "type": "object",
        "properties": {
            "events": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/Submitted"},
                "minItems": 1,
                "maxItems": MOST_IN_A_BATCH,
            }
        },
        "required": ["events"],
        "additionalProperties": False,
    },
    EVENT_RESULTS: {
        "title": EVENT_RESULTS,
        "description": "One result for each event, in order: an answer, whose `status` is 201 where the event was "
        "recorded and 200 where the same content was there already, or problem details.",
        "type": "object",
        "properties": {
            "results": {
                "type": "array",
                "items": {
                    "anyOf": [
                        {
                            "allOf": [
                                {"$ref": "#/components/schemas/EventResponse"},
                                {
                                    "type": "object",
                                    "properties": {"status": {"type": "integer", "enum": [200, 201]}},
                                    "required": ["status"],
                                },
                            ]
                        },
                        {"$ref": "#/components/schemas/Problem"},
                    ]
                },
            }
        },
        "required": ["results"],
    },
}
"""Shapes without a struct of their own."""

_PART = Parameter(
    "part", "Which receipt: that of the event, or that of its withheld list.", "event", ("event", "withheld")
)
_SIDE = Parameter("side", "Events that you provided, or that you received.", "provider", ("provider", "recipient"))
_CURSOR = Parameter("cursor", "Where the page begins: `next` of the page before.", "e1234")


_RECEIPT = ("gone", "receipt-not-ready")

CONTRACTS_OF_EVENTS: dict[tuple[str, str], Contract] = {
    ("POST", "/api/v1/sharing-events"): Contract(
        operation="recordSharingEvent",
        tag="sharing events",
        takes=((JOSE, COMPACT_JWS), (JSON, Submitted)),
        answers=(JSON, sharing_events.EventResponse),
        status=201,
        repeats=True,
        headers=("Location",),
        problems=("bad-document", "unprocessable", "not-your-organisation", "event-conflict", "gone"),
    ),
    ("POST", "/api/v1/sharing-events/batch"): Contract(
        operation="recordSharingEvents",
        tag="sharing events",
        takes=((JSON, EVENT_BATCH),),
        answers=(JSON, EVENT_RESULTS),
    ),
    ("GET", "/api/v1/sharing-events"): Contract(
        operation="listSharingEvents",
        tag="sharing events",
        answers=(JSON, sharing_events.EventList),
        query=(_SIDE, _CURSOR),
        headers=("Link",),
    ),
    ("GET", "/api/v1/sharing-events/{event}"): Contract(
        operation="readSharingEvent",
        tag="sharing events",
        answers=(JSON, sharing_events.EventResponse),
        problems=("gone",),
    ),
    ("GET", "/api/v1/sharing-events/{event}/receipt"): Contract(
        operation="readSharingEventReceipt",
        tag="sharing events",
        answers=(JSON, Receipt),
        query=(_PART,),
        problems=_RECEIPT,
    ),
}
