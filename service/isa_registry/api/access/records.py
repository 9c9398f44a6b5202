"""The lines of what systems and people ask, record and look up."""

from __future__ import annotations

from isa_registry.api.access.terms import (
    ASKERS,
    JSON,
    OWN,
    PEOPLE,
    Access,
    public,
)

RECORDS: dict[tuple[str, str], Access] = {
    ("POST", "/api/v1/checks"): Access(
        says="Ask whether, and on what lawful basis, information may be shared",
        scopes=frozenset({"checks:ask"}),
        roles=ASKERS,
        content_types=JSON,
        body_limit=65_536,
        fields=OWN,
    ),
    ("POST", "/api/v1/checks/batch"): Access(
        says="Ask up to 1,000 questions at once",
        scopes=frozenset({"checks:ask"}),
        roles=ASKERS,
        content_types=JSON,
        body_limit=4_194_304,
        fields=OWN,
    ),
    ("GET", "/api/v1/checks/{check}"): Access(
        says="Read a recorded answer again",
        scopes=frozenset({"checks:ask", "audit:read"}),
        roles=ASKERS,
        fields={"caller": ("*",), "auditor": ("*",)},
    ),
    ("GET", "/api/v1/checks/{check}/receipt"): Access(
        says="Fetch the receipt that proves that the log holds an answer",
        scopes=frozenset({"checks:ask", "audit:read"}),
        roles=ASKERS,
        fields={"caller": ("*",), "auditor": ("*",)},
    ),
    ("GET", "/api/v1/agreements"): public("List the agreements with their versions"),
    ("GET", "/api/v1/agreements/{agreement}"): public("One agreement with its versions and what is in force"),
    ("GET", "/api/v1/agreements/{agreement}/versions/{version}"): public(
        "One version: words, schedule, hashes, clauses, its publication, and who has attested exactly this text"
    ),
    ("GET", "/api/v1/agreements/{agreement}/versions/{version}/receipt"): public(
        "Fetch the receipt that proves that the log holds exactly these words"
    ),
    ("GET", "/api/v1/agreements/{agreement}/versions/{version}/clauses/{clause}"): public(
        "One clause, word for word, and who has attested the text that it stands in"
    ),
    ("GET", "/api/v1/clauses"): public("Where a citation leads: the clause, its hash, and who has attested it"),
    ("GET", "/api/v1/organisations"): Access(
        says="List the organisations",
        scopes=frozenset({"checks:ask", "events:write", "events:read", "agreements:read", "audit:read", "admin"}),
        roles=PEOPLE,
        fields=OWN,
    ),
    ("GET", "/api/v1/organisations/{organisation}"): Access(
        says="One organisation",
        scopes=frozenset({"checks:ask", "events:write", "events:read", "agreements:read", "audit:read", "admin"}),
        roles=PEOPLE,
        fields=OWN,
    ),
}
