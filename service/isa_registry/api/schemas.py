"""The published contract as files: OpenAPI, JSON Schemas of what is signed, asked and read, problem types. A registry
serves them as the same bytes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import msgspec
from litestar import Response
from litestar.params import FromPath

from isa_registry.actions.checks import CheckResponse
from isa_registry.api.conditional import FOR_A_DAY, conditional
from isa_registry.api.contract_form import JSON, SCHEMA, Receipt
from isa_registry.api.examples import EXAMPLES
from isa_registry.api.examples_of_requests import EXAMPLES_OF_REQUESTS
from isa_registry.api.openapi import openapi_document
from isa_registry.api.problems import PROBLEMS, Problem
from isa_registry.api.refinements import JsonSchema, refine
from isa_registry.api.replay import ReplayResponse
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.agreement_documents import ClauseDocument, VersionDocument
from isa_registry.domain.attestations import AttestationDocument
from isa_registry.domain.consents.documents import ConsentRequest
from isa_registry.domain.consents.receipts import ConsentReceipt
from isa_registry.domain.questions import Question
from isa_registry.domain.refusals import Refused
from isa_registry.domain.sharing import Acknowledgement, SharingEvent, Withheld
from isa_registry.identity.key_proofs import KeyProof

PLACEHOLDER_URL = "https://registry.example.org"

DOCUMENTS: dict[str, type] = {
    "acknowledgement": Acknowledgement,
    "agreement-version": VersionDocument,
    "attestation": AttestationDocument,
    "check-request": Question,
    "check-response": CheckResponse,
    "clause": ClauseDocument,
    "consent": ConsentRequest,
    "consent-receipt": ConsentReceipt,
    "key-proof": KeyProof,
    "problem": Problem,
    "receipt": Receipt,
    "replay-response": ReplayResponse,
    "sharing-event": SharingEvent,
    "withheld": Withheld,
}
"""By the name of the file, `{name}.schema.json`. Of signed documents, the schema is that of the claims."""


def write_schemas(directory: Path) -> list[Path]:
    """Writes every file of the published contract into an existing directory, and returns their paths in order."""
    files = {**schema_files(), "openapi.json": _file(openapi_document(PLACEHOLDER_URL))}
    written = []
    for name, content in sorted(files.items()):
        path = directory / name
        path.write_bytes(content)
        written.append(path)
    return written


@cache
def schema_files() -> dict[str, bytes]:
    """The files that are the same at every registry, by their names: all but the OpenAPI document, which names it."""
    files: dict[str, object] = {f"{name}.schema.json": _json_schema(name, of) for name, of in DOCUMENTS.items()}
    files["problems.json"] = _problems()
    return {name: _file(content) for name, content in files.items()}


@reads("/schema/{file:str}")
async def read_schema(request: Request, file: FromPath[str]) -> Response[bytes]:
    content = schema_files().get(file)
    if content is None:
        raise Refused(
            "not-found", "There is no such file of the published interface. `schemas/` in the sources has all."
        )
    return conditional(request, content, FOR_A_DAY, media_type=JSON if file == "problems.json" else SCHEMA)


def _file(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"


def _json_schema(name: str, of: type) -> JsonSchema:
    """A document's JSON Schema (draft 2020-12), whole in itself."""
    _, components = msgspec.json.schema_components([of], ref_template="#/$defs/{name}")
    definitions = {one: refine(one, schema) for one, schema in sorted(components.items())}
    whole = definitions.pop(of.__name__)
    example = {**EXAMPLES, **EXAMPLES_OF_REQUESTS}.get(of.__name__)
    if example is not None:
        whole["examples"] = [example]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:isa-registry:schema:{name}:1",
        **whole,
        **({"$defs": definitions} if definitions else {}),
    }


def _problems() -> list[dict[str, object]]:
    return [
        {
            "code": code,
            "type": f"{PLACEHOLDER_URL}/problems/{code}",
            "status": kind.status,
            "title": kind.title,
            "advice": kind.advice,
        }
        for code, kind in PROBLEMS.items()
    ]


HANDLERS = [read_schema]
