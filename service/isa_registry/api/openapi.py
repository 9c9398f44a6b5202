"""This interface as OpenAPI 3.1, put together from the table of routes, the table of contracts and the structs."""

from __future__ import annotations

import json

import msgspec
from litestar import Response

from isa_registry.api import contract_types
from isa_registry.api.access import ACCESS, Access
from isa_registry.api.contract_form import ATTESTATION_JWS, COMPACT_JWS, Contract, Parameter
from isa_registry.api.contract_of_asking import SHAPES_OF_ASKING
from isa_registry.api.contract_of_casework import SHAPES_OF_CASEWORK
from isa_registry.api.contract_of_events import SHAPES_OF_EVENTS
from isa_registry.api.contract_of_replaying import LAW
from isa_registry.api.contract_of_reports import TABLE
from isa_registry.api.contract_types import CONTRACTS, PATH_PARAMETERS
from isa_registry.api.examples import EXAMPLES
from isa_registry.api.examples_of_requests import EXAMPLES_OF_REQUESTS
from isa_registry.api.json import json_bytes
from isa_registry.api.openapi_responses import RESPONSE_HEADERS, content, responses_of
from isa_registry.api.operation_words import described
from isa_registry.api.problems import Problem
from isa_registry.api.refinements import JsonSchema, refine
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.attestations import AttestationDocument
from isa_registry.domain.casework.tables import CaseEvent
from isa_registry.domain.sharing import Acknowledgement, SharingEvent, Withheld

Document = dict[str, object]

_SAYS = """\
A false or absent agreement is never a prohibition: never gate a referral on an answer from here. If a child is in \
immediate danger, share now with the police on 999 and record it afterwards. Unknown means "seek advice", never "no", \
and an outage is never a reason not to share.

Errors are RFC 9457 problem details. Times are RFC 3339 UTC with `Z` and milliseconds; dates are Europe/London. \
Members that are not part of a request are refused. Every answer carries `ISA-Log-Size`; a read that is sent with \
`ISA-Min-Log-Size` sees the log at least so far."""

_REQUEST_HEADERS: dict[str, tuple[str, str, str]] = {
    "X-Request-ID": (
        "Your own id for this request, 8 to 128 letters, digits, '.', '_' or '-'; it comes back.",
        "^[A-Za-z0-9._-]{8,128}$",
        "case-system-4711",
    ),
    "ISA-Min-Log-Size": (
        "Read after write: waits up to 500 ms until this worker has read the log so far, else 503; a check is `stale`.",
        "^[0-9]{1,15}$",
        "1234",
    ),
    "Idempotency-Key": (
        "For 24 hours the same request under the same key makes one entry. A repetition is answered from the log.",
        '^"?[A-Za-z0-9._:-]{8,128}"?$',
        '"a-new-uuid-for-each-decision"',
    ),
}

_BY_HAND: dict[str, JsonSchema] = {
    **SHAPES_OF_ASKING,
    **SHAPES_OF_EVENTS,
    **SHAPES_OF_CASEWORK,
    contract_types.BATCH: {
        "title": contract_types.BATCH,
        "description": "Up to 1,000 questions, each answered or refused by itself.",
        "type": "object",
        "properties": {
            "checks": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/Question"},
                "minItems": 1,
                "maxItems": 1000,
            }
        },
        "required": ["checks"],
        "additionalProperties": False,
    },
    contract_types.BATCH_RESULTS: {
        "title": contract_types.BATCH_RESULTS,
        "description": "One result for each question, in order: an answer, or problem details.",
        "type": "object",
        "properties": {
            "results": {
                "type": "array",
                "items": {
                    "anyOf": [{"$ref": "#/components/schemas/CheckResponse"}, {"$ref": "#/components/schemas/Problem"}]
                },
            }
        },
        "required": ["results"],
    },
    COMPACT_JWS: {
        "title": COMPACT_JWS,
        "description": "A compact JWS (RFC 7515) of the type isa-sharing-event+jws.",
        "type": "string",
        "x-isa-claims": {"$ref": "#/components/schemas/SharingEvent"},
        "pattern": r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$",
    },
    ATTESTATION_JWS: {
        "title": ATTESTATION_JWS,
        "description": "A compact JWS (RFC 7515) of the type isa-attestation+jws, by a signatory's own key.",
        "type": "string",
        "x-isa-claims": {"$ref": "#/components/schemas/AttestationDocument"},
        "pattern": r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$",
    },
    contract_types.BYTES: {"title": contract_types.BYTES, "description": "Bytes as C2SP tlog-tiles lays them out."},
    contract_types.EVIDENCE: {
        "title": contract_types.EVIDENCE,
        "description": "An evidence bundle, a JSON object to a line: verify it with `isa-verify export`.",
        "type": "string",
    },
    LAW: {
        "title": LAW,
        "description": "The files of a catalogue of the law by name (docs/formats/catalogue.md), in canonical JSON "
        "(RFC 8785): the SHA-256 of these bytes is the hash that was asked for.",
        "type": "object",
    },
    TABLE: {
        "title": TABLE,
        "description": "A table in UTF-8 with a header line (RFC 4180): docs/formats/reports.md.",
        "type": "string",
    },
    contract_types.PLAIN: {"title": contract_types.PLAIN, "description": "Text in UTF-8.", "type": "string"},
    contract_types.ANY_OBJECT: {
        "title": contract_types.ANY_OBJECT,
        "description": "An OpenAPI 3.1 document: this one.",
        "type": "object",
    },
    contract_types.SCHEMA_FILE: {
        "title": contract_types.SCHEMA_FILE,
        "description": "A JSON Schema (draft 2020-12), whole in itself. Of a signed document it is that of the claims.",
        "type": "object",
    },
    contract_types.PROBLEM_TYPES: {
        "title": contract_types.PROBLEM_TYPES,
        "description": "Every type of problem: code, type, status, title, and what to do (problems.json).",
        "type": "array",
        "items": {"type": "object"},
    },
}

_CLAIMS = {"event": SharingEvent, "withheld": Withheld}
_TAGS = {
    "checks": "May I share this, with them, for this? Never a bare yes or no.",
    "sharing events": "Signed decisions to share or not to share.",
    "challenges": "Managing professional differences. No challenge delays a share in immediate danger.",
    "consents": "Your own records of what people agreed to, refused and took back.",
    "agreements": "The words, word for word, and who has attested them. Public.",
    "organisations": "The bodies, their keys and what they rely on.",
    "proposals": "What takes two people of the business unit: one proposes, another approves exactly that.",
    "reports": "Who has attested what, and what is due.",
    "law": "How sure the law as data is, and who checked it.",
    "audit": "What the log holds, as far as you may see it, with proofs. Reading others' payloads is itself logged.",
    "the log": "Signed checkpoints and tiles, for verifiers. Public, except for the entries.",
    "notices": "Who is told of things and where, and webhooks: what an organisation decides about its own. For people.",
    "AuthZEN": "The same question by the OpenID AuthZEN Authorization API 1.0. A false decision is not a prohibition.",
    "health and documentation": "For operators and tools. Public.",
}


def openapi_document(public_url: str) -> Document:
    """The interface as served at `public_url` (without a final slash)."""
    paths: dict[str, dict[str, object]] = {}
    for (method, template), contract in CONTRACTS.items():
        access = ACCESS[method, template]
        paths.setdefault(template, {})[method.lower()] = _operation(method, template, access, contract)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ISA Registry",
            "version": "1",
            "summary": "Information sharing agreements, checks and signed sharing decisions for safeguarding children",
            "description": _SAYS,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": public_url}],
        "externalDocs": {"description": "The same as a page", "url": f"{public_url}/documentation"},
        "tags": [{"name": name, "description": says} for name, says in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "parameters": {name: _header_parameter(name) for name in _REQUEST_HEADERS},
            "headers": {
                name: {"description": says, "schema": {"type": kind}} for name, (says, kind) in RESPONSE_HEADERS.items()
            },
            "securitySchemes": {
                "agencyToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token of your organisation's own OpenID Connect issuer. Effective scopes "
                    "are the token's, as far as the registry has granted them to your client.",
                }
            },
        },
    }


def encode(document: Document) -> bytes:
    """The document as JSON in UTF-8."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _schemas() -> dict[str, JsonSchema]:
    shapes: list[type] = [Problem, CaseEvent, *_CLAIMS.values(), Acknowledgement, AttestationDocument]
    for contract in CONTRACTS.values():
        shapes += [
            shape for _, shape in (*contract.takes, contract.answers, *contract.also) if not isinstance(shape, str)
        ]
        shapes += [contract.proposes] if isinstance(contract.proposes, type) else []
    _, found = msgspec.json.schema_components(dict.fromkeys(shapes), ref_template="#/components/schemas/{name}")
    schemas = {name: refine(name, schema) for name, schema in found.items()} | _BY_HAND
    sent = schemas["Submitted"]["properties"]
    assert isinstance(sent, dict)
    for member, claims in _CLAIMS.items():
        sent[member] = {"type": "string", "x-isa-claims": {"$ref": f"#/components/schemas/{claims.__name__}"}}
    attested = schemas["SignedAttestation"]["properties"]
    assert isinstance(attested, dict)
    attested["attestation"] = _BY_HAND[ATTESTATION_JWS]
    for name, example in {**EXAMPLES, **EXAMPLES_OF_REQUESTS}.items():
        schemas[name]["examples"] = [example]
    return dict(sorted(schemas.items()))


def _operation(method: str, template: str, access: Access, contract: Contract) -> dict[str, object]:
    operation: dict[str, object] = {
        "operationId": contract.operation,
        "summary": access.says,
        "description": described(access, contract),
        "tags": [contract.tag],
        "parameters": _parameters(template, contract),
        "responses": responses_of(method, template, access, contract),
        "x-isa-scopes": sorted(access.scopes),
        "x-isa-roles": sorted(access.roles),
        "x-isa-fields": {reader: list(fields) for reader, fields in access.fields.items()},
        "x-isa-public": access.public,
        "x-isa-recent-sign-in": access.recent_sign_in,
        "security": [] if access.public else [{"agencyToken": []}],
    }
    if contract.takes:
        operation["requestBody"] = {"required": True, "content": content(*contract.takes)}
        operation["x-isa-body-limit"] = access.body_limit
    return operation


def _parameters(template: str, contract: Contract) -> list[object]:
    names = [part[1:-1] for part in template.split("/") if part.startswith("{")]
    headers = ["X-Request-ID"]
    if template.startswith(("/api/", "/access/")):
        headers.append("ISA-Min-Log-Size")
    if contract.repeats:
        headers.append("Idempotency-Key")
    return [
        *(_parameter(PATH_PARAMETERS[name], "path") for name in names),
        *(_parameter(parameter, "query") for parameter in contract.query),
        *({"$ref": f"#/components/parameters/{name}"} for name in headers),
    ]


def _parameter(parameter: Parameter, place: str) -> JsonSchema:
    schema: JsonSchema = {"type": "string"}
    if parameter.values:
        schema |= {"enum": list(parameter.values)}
        schema |= {} if parameter.optional else {"default": parameter.values[0]}
    return {
        "name": parameter.name,
        "in": place,
        "required": place == "path",
        "description": parameter.says,
        "schema": schema,
        "example": parameter.example,
    }


def _header_parameter(name: str) -> JsonSchema:
    says, pattern, example = _REQUEST_HEADERS[name]
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": says,
        "schema": {"type": "string", "pattern": pattern},
        "example": example,
    }


@reads("/schema/openapi.json")
async def read_openapi(request: Request) -> Response[bytes]:
    return json_bytes(request.app.state.openapi, headers={"Cache-Control": "public, max-age=300"})


HANDLERS = [read_openapi]
