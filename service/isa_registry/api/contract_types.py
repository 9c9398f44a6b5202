"""What each route takes and gives, beside the terms in `access.py`: the second half of the published interface."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.actions import audit as audit_actions
from isa_registry.actions import checks as check_actions
from isa_registry.actions.key_sets import Compared
from isa_registry.api import (
    agreements,
    audit,
    clauses,
    erasures,
    health,
    keys,
    organisations,
    protected_resource,
    witnesses,
)
from isa_registry.api.contract_form import JSON, SCHEMA, Contract, Parameter, Receipt
from isa_registry.api.contract_of_access import CONTRACTS_OF_ACCESS
from isa_registry.api.contract_of_agreements import CONTRACTS_OF_AGREEMENTS
from isa_registry.api.contract_of_asking import CONTRACTS_OF_ASKING
from isa_registry.api.contract_of_attesting import CONTRACTS_OF_ATTESTING
from isa_registry.api.contract_of_bases import CONTRACTS_OF_BASES
from isa_registry.api.contract_of_casework import CONTRACTS_OF_CASEWORK
from isa_registry.api.contract_of_challenges import CONTRACTS_OF_CHALLENGES
from isa_registry.api.contract_of_consents import CONTRACTS_OF_CONSENTS
from isa_registry.api.contract_of_events import CONTRACTS_OF_EVENTS
from isa_registry.api.contract_of_joining import CONTRACTS_OF_JOINING
from isa_registry.api.contract_of_law import CONTRACTS_OF_LAW
from isa_registry.api.contract_of_notices import CONTRACTS_OF_NOTICES
from isa_registry.api.contract_of_parties import CONTRACTS_OF_PARTIES, LISTING
from isa_registry.api.contract_of_replaying import CONTRACTS_OF_REPLAYING
from isa_registry.api.contract_of_reports import CONTRACTS_OF_REPORTS
from isa_registry.api.contract_of_training import CONTRACTS_OF_TRAINING
from isa_registry.domain.questions import Question
from isa_registry.runtime.access.key_registrations import NewKey

TEXT = "text/plain; charset=utf-8"
OCTETS = "application/octet-stream"
JSON_LINES = "application/jsonl"

BATCH = "BatchOfChecks"
BATCH_RESULTS = "BatchResults"
BYTES = "Bytes"
EVIDENCE = "Evidence"
PLAIN = "PlainText"
ANY_OBJECT = "OpenApiDocument"
SCHEMA_FILE = "JsonSchemaDocument"
PROBLEM_TYPES = "ProblemTypes"
"""Shapes without a struct of their own; `openapi.py` writes them by hand."""


class Alive(Struct, frozen=True):
    """The process runs."""

    status: str


PATH_PARAMETERS: dict[str, Parameter] = {
    "check": Parameter("check", "The id of a recorded check.", "chk_01999c3e7c0070008000000000000001"),
    "event": Parameter("event", "The id of a sharing event: a version 7 UUID.", "01999c3e-7c00-7000-8000-000000000001"),
    "challenge": Parameter("challenge", "The id of a challenge.", "chl_01999c3e7c0070008000000000000001"),
    "agreement": Parameter("agreement", "The id of an agreement.", "tier-2-hoth"),
    "version": Parameter("version", "A version of the agreement.", "1.0"),
    "clause": Parameter("clause", "The number of a clause.", "5.3"),
    "attestation": Parameter("attestation", "The id of an attestation.", "att_5f0c2a9e81d34b76a0c4e2f7b8d91c35"),
    "question": Parameter("question", "The id of a question.", "qry_01999c3e7c0070008000000000000001"),
    "consent": Parameter("consent", "The id of a consent.", "cns_01999c3e7c0070008000000000000001"),
    "organisation": Parameter("organisation", "The id of an organisation.", "durham-county-council"),
    "partnership": Parameter("partnership", "The id of a partnership.", "durham"),
    "delegation": Parameter("delegation", "The id of a delegation.", "dlg_01999c3e7c0070008000000000000001"),
    "record": Parameter("record", "The id of a lawful-basis record.", "lb_01999c3e7c0070008000000000000001"),
    "webhook": Parameter("webhook", "The id of a webhook.", "whk_01999c3e7c0040008000000000000001"),
    "delivery": Parameter("delivery", "The id of a delivery.", "msg_01999c3e7c0040008000000000000001"),
    "proposal": Parameter("proposal", "The id of a proposal.", "prp_01999c3e7c0070008000000000000001"),
    "verification": Parameter(
        "verification", "The id of a proposal about the law.", "vfy_01999c3e7c0070008000000000000001"
    ),
    "provision": Parameter("provision", "A provision's code.", "ca-2004-s16la"),
    "kind": Parameter("kind", "A kind of organisation that has rows of its own.", "police"),
    "purpose": Parameter("purpose", "A purpose that has a column of its own, or immediate-danger.", "mappa"),
    "invitation": Parameter("invitation", "The id of an invitation.", "inv_01999c3e7c0070008000000000000001"),
    "draft": Parameter("draft", "The id of a draft.", "agd_01999c3e7c0070008000000000000001"),
    "kid": Parameter("kid", "The id of a signing key.", "durham-county-council-2026"),
    "index": Parameter("index", "An entry's place in the log, from 0.", "1234"),
    "digest": Parameter("digest", "SHA-256 in lower-case hex, as an answer names it.", "0f" * 32),
    "file": Parameter("file", "The name of a file of the published interface.", "sharing-event.schema.json"),
    "path": Parameter("path", "Level, number and width of a tile, as C2SP tlog-tiles writes them.", "0/000"),
}

_KIND = Parameter("kind", "Only entries of this kind; may be given several times.", "sharing-event.recorded")
_ORGANISATION = Parameter(
    "organisation",
    "Only what is this body's, or was shared with it; may be given several times.",
    "durham-constabulary",
)
_AGREEMENT = Parameter("agreement", "Only what is about this agreement; may be given several times.", "tier-2-hoth")
_FROM = Parameter("from", "Only entries from this day in London, or this moment, on.", "2026-09-01")
_UNTIL = Parameter("until", "Only entries up to this day, or this moment, inclusive.", "2026-09-30T14:05:00.000Z")
_REASON = Parameter(
    "reason", f"Why others' payloads are read, for the log: {', '.join(audit_actions.REASONS)}.", "inspection"
)
_ENTRIES_CURSOR = Parameter("cursor", "Where the page begins: `next` of the page before.", "a1234")
_LIMIT = Parameter("limit", "At most so many entries, 1 to 200; 50 without it.", "50")
_PAYLOADS = Parameter(
    "payloads", "`none` leaves other bodies' payloads out, and nothing about the reading is logged.", "visible",
    ("visible", "none"),
)  # fmt: skip
_ENTRY = Parameter("entry", "The number of an entry; as often as needed, up to 100 times.", "1234")
_NARROWING = (_KIND, _ORGANISATION, _AGREEMENT, _FROM, _UNTIL, _ENTRY)
_ERASURES_CURSOR = Parameter("cursor", "Where the page begins: `next` of the page before.", "x1234")

_ASKING = ("gone", "unprocessable", "not-your-organisation")
_RECEIPT = ("gone", "receipt-not-ready")
_CHECK = (JSON, check_actions.CheckResponse)

CONTRACTS: dict[tuple[str, str], Contract] = {
    ("POST", "/api/v1/checks"): Contract(
        operation="askCheck", tag="checks", takes=((JSON, Question),), answers=_CHECK, repeats=True, problems=_ASKING
    ),
    ("POST", "/api/v1/checks/batch"): Contract(
        operation="askChecks", tag="checks", takes=((JSON, BATCH),), answers=(JSON, BATCH_RESULTS)
    ),
    ("GET", "/api/v1/checks/{check}"): Contract(
        operation="readCheck", tag="checks", answers=_CHECK, problems=("gone",)
    ),
    ("GET", "/api/v1/checks/{check}/receipt"): Contract(
        operation="readCheckReceipt", tag="checks", answers=(JSON, Receipt), problems=_RECEIPT
    ),
    ("GET", "/api/v1/agreements"): Contract(
        operation="listAgreements", tag="agreements", answers=(JSON, agreements.AgreementList)
    ),
    ("GET", "/api/v1/agreements/{agreement}"): Contract(
        operation="readAgreement", tag="agreements", answers=(JSON, agreements.AgreementVersions)
    ),
    ("GET", "/api/v1/agreements/{agreement}/versions/{version}"): Contract(
        operation="readAgreementVersion", tag="agreements", answers=(JSON, agreements.VersionWhole)
    ),
    ("GET", "/api/v1/agreements/{agreement}/versions/{version}/receipt"): Contract(
        operation="readPublicationReceipt", tag="agreements", answers=(JSON, Receipt), problems=_RECEIPT
    ),
    ("GET", "/api/v1/clauses"): Contract(
        operation="resolveCitation",
        tag="agreements",
        answers=(JSON, clauses.ClauseWhole),
        query=(Parameter("cite", "agreement/version#clause. Needed.", "tier-2-hoth/1.0#5.3"),),
        problems=("not-found",),
    ),
    ("GET", "/api/v1/agreements/{agreement}/clauses/{clause}/lineage"): Contract(
        operation="readClauseLineage", tag="agreements", answers=(JSON, clauses.ClauseLineage)
    ),
    ("GET", "/api/v1/agreements/{agreement}/versions/{version}/clauses/{clause}"): Contract(
        operation="readClause", tag="agreements", answers=(JSON, clauses.ClauseWhole)
    ),
    ("GET", "/api/v1/organisations"): Contract(
        operation="listOrganisations",
        tag="organisations",
        answers=(JSON, organisations.OrganisationList),
        query=LISTING,
        headers=("Link",),
    ),
    ("GET", "/api/v1/organisations/{organisation}"): Contract(
        operation="readOrganisation", tag="organisations", answers=(JSON, organisations.OrganisationWhole)
    ),
    ("GET", "/api/v1/organisations/{organisation}/keys"): Contract(
        operation="listKeys",
        tag="organisations",
        answers=(JSON, keys.KeyList),
        problems=("not-your-organisation",),
    ),
    ("POST", "/api/v1/organisations/{organisation}/keys"): Contract(
        operation="registerKey",
        tag="organisations",
        takes=((JSON, NewKey),),
        answers=(JSON, organisations.Logged),
        status=201,
        repeats=True,
        problems=("not-your-organisation", "bad-document", "unprocessable", "conflict", "gone"),
    ),
    ("POST", "/api/v1/organisations/{organisation}/keys/{kid}/revocation"): Contract(
        operation="revokeKey",
        tag="organisations",
        takes=((JSON, keys.Revocation),),
        answers=(JSON, organisations.Logged),
        status=201,
        repeats=True,
        problems=("not-your-organisation", "not-found", "unprocessable", "conflict", "gone"),
    ),
    ("GET", "/api/v1/organisations/{organisation}/keys/published"): Contract(
        operation="compareKeys", tag="organisations", answers=(JSON, Compared), problems=("not-your-organisation",)
    ),
    **CONTRACTS_OF_ASKING,
    **CONTRACTS_OF_CONSENTS,
    **CONTRACTS_OF_EVENTS,
    **CONTRACTS_OF_BASES,
    **CONTRACTS_OF_CHALLENGES,
    **CONTRACTS_OF_CASEWORK,
    **CONTRACTS_OF_ACCESS,
    **CONTRACTS_OF_AGREEMENTS,
    **CONTRACTS_OF_ATTESTING,
    **CONTRACTS_OF_PARTIES,
    **CONTRACTS_OF_JOINING,
    **CONTRACTS_OF_REPLAYING,
    **CONTRACTS_OF_REPORTS,
    **CONTRACTS_OF_LAW,
    **CONTRACTS_OF_NOTICES,
    **CONTRACTS_OF_TRAINING,
    ("GET", "/api/v1/audit/entries"): Contract(
        operation="listEntries",
        tag="audit",
        answers=(JSON, audit.AuditPage),
        query=(*_NARROWING, _PAYLOADS, _REASON, _ENTRIES_CURSOR, _LIMIT),
        headers=("Link",),
    ),
    ("GET", "/api/v1/audit/entries/{index}"): Contract(
        operation="readEntry", tag="audit", answers=(JSON, audit.AuditEntry), query=(_REASON,)
    ),
    ("GET", "/api/v1/audit/inclusion"): Contract(
        operation="proveInclusion",
        tag="audit",
        answers=(JSON, audit.InclusionProof),
        query=(
            Parameter("index", "The entry's place in the log.", "1234"),
            Parameter("size", "Of which tree; without it, that of the newest signed checkpoint.", "2000"),
        ),
        problems=("unprocessable",),
    ),
    ("GET", "/api/v1/audit/consistency"): Contract(
        operation="proveConsistency",
        tag="audit",
        answers=(JSON, audit.ConsistencyProof),
        query=(
            Parameter("from", "The older tree's size.", "1000"),
            Parameter("to", "The newer tree's size; without it, that of the newest signed checkpoint.", "2000"),
        ),
        problems=("unprocessable",),
    ),
    ("POST", "/api/v1/audit/erasures"): Contract(
        operation="askErasure",
        tag="audit",
        takes=((JSON, erasures.ErasureRequest),),
        answers=(JSON, erasures.AnnouncedErasure),
        status=202,
        problems=("not-found", "unprocessable", "gone", "on-hold", "still-in-force", "conflict"),
    ),
    ("GET", "/api/v1/audit/erasures"): Contract(
        operation="listErasures",
        tag="audit",
        answers=(JSON, erasures.ErasureList),
        query=(_ERASURES_CURSOR,),
        headers=("Link",),
    ),
    ("GET", "/api/v1/audit/export"): Contract(
        operation="exportEvidence",
        tag="audit",
        answers=(JSON_LINES, EVIDENCE),
        query=(*_NARROWING, _REASON),
        headers=("ISA-Export-Entries",),
    ),
    ("GET", "/log/checkpoint"): Contract(operation="readCheckpoint", tag="the log", answers=(TEXT, PLAIN)),
    ("GET", "/log/checkpoint.pending"): Contract(
        operation="readPendingCheckpoint", tag="the log", answers=(TEXT, PLAIN)
    ),
    ("GET", "/log/keys"): Contract(operation="readLogKeys", tag="the log", answers=(TEXT, PLAIN)),
    ("GET", "/log/key-rotations"): Contract(operation="readKeyRotations", tag="the log", answers=(JSON_LINES, PLAIN)),
    ("GET", "/log/continuation"): Contract(
        operation="readContinuation", tag="the log", answers=(JSON, Receipt), problems=("not-found", *_RECEIPT)
    ),
    ("GET", "/log/witnesses"): Contract(
        operation="listWitnesses", tag="the log", answers=(JSON, witnesses.WitnessList)
    ),
    ("GET", "/log/tile/entries/{path}"): Contract(operation="readEntryBundle", tag="the log", answers=(OCTETS, BYTES)),
    ("GET", "/log/tile/{path}"): Contract(operation="readTile", tag="the log", answers=(OCTETS, BYTES)),
    ("GET", "/.well-known/oauth-protected-resource"): Contract(
        operation="readProtectedResource",
        tag="health and documentation",
        answers=(JSON, protected_resource.ProtectedResource),
    ),
    ("GET", "/livez"): Contract(operation="isAlive", tag="health and documentation", answers=(JSON, Alive)),
    ("GET", "/readyz"): Contract(operation="isReady", tag="health and documentation", answers=(JSON, health.Health)),
    ("GET", "/schema/openapi.json"): Contract(
        operation="readOpenApi", tag="health and documentation", answers=(JSON, ANY_OBJECT)
    ),
    ("GET", "/schema/{file}"): Contract(
        operation="readSchema",
        tag="health and documentation",
        answers=(SCHEMA, SCHEMA_FILE),
        also=((JSON, PROBLEM_TYPES),),
        conditional=True,
    ),
}
