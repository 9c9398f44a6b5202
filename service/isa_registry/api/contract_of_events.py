"""What the routes of `api/access/sharing_events.py` take and give."""

from __future__ import annotations

from isa_registry.actions.sharing_events import MOST_IN_A_BATCH, Submitted
from isa_registry.api import acknowledgements, sharing_events
from isa_registry.api.contract_form import COMPACT_JWS, JOSE, JSON, Contract, Parameter, Receipt
from isa_registry.api.refinements import JsonSchema
from isa_registry.api.shape_words import SHAPE_WORDS
from isa_registry.domain.sharing import STATES

EVENT_BATCH = "BatchOfEvents"
EVENT_RESULTS = "EventResults"
ACKNOWLEDGEMENT_JWS = "CompactAcknowledgement"
ACKNOWLEDGEMENT_SENT = "AcknowledgementSent"

_ACKNOWLEDGEMENT: JsonSchema = {
    "description": "A compact JWS (RFC 7515) of the type isa-acknowledgement+jws.",
    "type": "string",
    "x-isa-claims": {"$ref": "#/components/schemas/Acknowledgement"},
    "pattern": r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$",
}

SHAPES_OF_EVENTS: dict[str, JsonSchema] = {
    ACKNOWLEDGEMENT_JWS: {"title": ACKNOWLEDGEMENT_JWS, **_ACKNOWLEDGEMENT},
    ACKNOWLEDGEMENT_SENT: {
        "title": ACKNOWLEDGEMENT_SENT,
        "description": SHAPE_WORDS[ACKNOWLEDGEMENT_SENT],
        "type": "object",
        "properties": {"acknowledgement": _ACKNOWLEDGEMENT},
        "required": ["acknowledgement"],
        "additionalProperties": False,
    },
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
    "part",
    "Which receipt: that of the event, of its withheld list, or of the acknowledgement that counts.",
    "event",
    ("event", "withheld", "acknowledgement"),
)
_SIDE = Parameter("side", "Events that you provided, or that you received.", "provider", ("provider", "recipient"))
_STATE = Parameter(
    "state",
    "Only events that a recipient sees, of which this is so: it acknowledged them as they are, said nothing yet, or "
    "disputes them; or another event corrects them. The same on both sides. A page may then hold fewer while there are "
    "more.",
    "unmatched",
    STATES,
    optional=True,
)
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
        query=(_SIDE, _STATE, _CURSOR),
        headers=("Link",),
    ),
    ("GET", "/api/v1/sharing-events/{event}"): Contract(
        operation="readSharingEvent",
        tag="sharing events",
        answers=(JSON, sharing_events.EventResponse),
        problems=("gone",),
    ),
    ("POST", "/api/v1/sharing-events/{event}/acknowledgement"): Contract(
        operation="acknowledgeSharingEvent",
        tag="sharing events",
        takes=((JOSE, ACKNOWLEDGEMENT_JWS), (JSON, ACKNOWLEDGEMENT_SENT)),
        answers=(JSON, acknowledgements.AcknowledgementResponse),
        status=201,
        repeats=True,
        problems=("bad-document", "unprocessable", "not-your-organisation", "gone"),
    ),
    ("GET", "/api/v1/sharing-events/{event}/receipt"): Contract(
        operation="readSharingEventReceipt",
        tag="sharing events",
        answers=(JSON, Receipt),
        query=(_PART,),
        problems=_RECEIPT,
    ),
}
