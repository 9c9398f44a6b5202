"""AuthZEN's requests and responses as JSON Schema: the standard leaves properties and context open, and here they hold
a check. Unknown members are ignored, so no schema closes anything."""

from __future__ import annotations

from isa_registry.api.refinements import URGENCIES, JsonSchema

EVALUATION, EVALUATIONS = "AuthzenEvaluation", "AuthzenEvaluations"
SUBJECT_SEARCH, RESOURCE_SEARCH, ACTION_SEARCH = "AuthzenSubjectSearch", "AuthzenResourceSearch", "AuthzenActionSearch"
DECISION, DECISIONS = "AuthzenDecision", "AuthzenDecisions"

_STRING: JsonSchema = {"type": "string"}


def _ref(name: str) -> JsonSchema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(properties: JsonSchema, *required: str, says: str | None = None) -> JsonSchema:
    told: JsonSchema = {} if says is None else {"description": says}
    return {"type": "object", "properties": properties, "required": list(required), **told}


def _named(name: str, says: str, properties: JsonSchema, *required: str) -> JsonSchema:
    return {"title": name, **_object(properties, *required, says=says)}


_RECIPIENT: JsonSchema = {
    "anyOf": [_STRING, _ref("RecipientKind")],
    "description": "Who is to have it: an organisation's id, or the kind of a body that is not registered.",
}
_PROPERTIES = _object(
    {
        "recipient": _RECIPIENT,
        "categories": {
            "type": "array",
            "items": _STRING,
            "minItems": 1,
            "maxItems": 30,
            "description": "Instead of the id, which then is any label.",
        },
    },
    "recipient",
)
_CONTEXT = _object(
    {
        "purpose": _STRING,
        "urgency": {"enum": list(URGENCIES), "default": "routine"},
        "subjects": {"type": "array", "items": _ref("Subject"), "maxItems": 50},
        "circumstances": _ref("Circumstances"),
        "on": {"type": "string", "format": "date", "description": "The date that the question is about."},
        "record": {"type": "boolean", "description": "As in a check. A search is never recorded."},
    },
    "purpose",
    says="The rest of a check's question.",
)
_SUBJECT = _object({"type": {"const": "organisation"}, "id": _STRING}, "type", "id", says="The body that would share.")
_ACTION = _object({"name": {"const": "share"}}, "name")
_RESOURCE = _object(
    {"type": {"const": "information"}, "id": _STRING, "properties": _PROPERTIES},
    "type",
    "id",
    says="The id is a category of information.",
)
_SOUGHT_SUBJECT = _object({"type": {"const": "organisation"}}, "type")
_SOUGHT_RESOURCE = _object({"type": {"const": "information"}, "properties": _PROPERTIES}, "type")
_PAGE = _object({"token": _STRING, "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}})
_ALL: JsonSchema = {"subject": _SUBJECT, "action": _ACTION, "resource": _RESOURCE, "context": _CONTEXT}

_OBLIGATIONS: JsonSchema = {
    "type": "array",
    "items": _object(
        {"type": {"const": "custom"}, "id": _STRING, "vendor": {"const": "isa-registry"}, "text": _STRING},
        "type",
        "id",
        "vendor",
        "text",
    ),
    "description": "The conditions of the answer: `id` is the condition's code.",
}
_SAID = _object(
    {
        "evaluation_id": _STRING,
        "evaluated_at": {"type": "string", "format": "date-time"},
        "reason": {"type": "string", "description": "The outcome of the check, or why there was none."},
        "prohibition": {"type": "boolean", "description": "True only for `do-not-share`."},
        "obligations": _OBLIGATIONS,
        "isa": _ref("CheckResponse"),
        "error": _object({"status": {"type": "integer"}, "message": _STRING}, "status", "message"),
        "problem": _ref("Problem"),
    },
    "reason",
    "prohibition",
)

SHAPES: dict[str, JsonSchema] = {
    EVALUATION: _named(
        EVALUATION, "May this body share this information with that one?", _ALL, "subject", "action", "resource"
    ),
    EVALUATIONS: _named(
        EVALUATIONS,
        "Many evaluations: what one leaves out is taken from the top.",
        {
            **_ALL,
            "evaluations": {"type": "array", "items": {"type": "object", "properties": _ALL}, "maxItems": 1000},
            "options": _object(
                {
                    "evaluations_semantic": {
                        "enum": ["execute_all", "deny_on_first_deny", "permit_on_first_permit"],
                        "default": "execute_all",
                    }
                }
            ),
        },
    ),
    SUBJECT_SEARCH: _named(
        SUBJECT_SEARCH,
        "Which bodies could share it?",
        {**_ALL, "subject": _SOUGHT_SUBJECT, "page": _PAGE},
        "subject",
        "action",
        "resource",
    ),
    RESOURCE_SEARCH: _named(
        RESOURCE_SEARCH,
        "Which categories may go?",
        {**_ALL, "resource": _SOUGHT_RESOURCE, "page": _PAGE},
        "subject",
        "action",
        "resource",
    ),
    ACTION_SEARCH: _named(
        ACTION_SEARCH,
        "What may be done?",
        {"subject": _SUBJECT, "resource": _RESOURCE, "context": _CONTEXT, "page": _PAGE},
        "subject",
        "resource",
    ),
    DECISION: _named(
        DECISION,
        "A false decision is not a prohibition: never gate a referral on it.",
        {"decision": {"type": "boolean"}, "context": _SAID},
        "decision",
    ),
    DECISIONS: _named(
        DECISIONS,
        "A decision for each evaluation, in order, as far as the semantic goes. Without evaluations in the request: "
        "one decision, as of a single evaluation.",
        {"evaluations": {"type": "array", "items": _ref(DECISION)}, "decision": {"type": "boolean"}, "context": _SAID},
    ),
}
