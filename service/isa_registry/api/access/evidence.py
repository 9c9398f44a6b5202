"""The lines of the log, and of what an auditor asks of it."""

from __future__ import annotations

from isa_registry.api.access.terms import (
    JSON,
    LOG_READERS,
    LOG_SCOPES,
    OWN,
    Access,
    public,
)

EVIDENCE: dict[tuple[str, str], Access] = {
    ("GET", "/api/v1/audit/entries"): Access(
        says="List entries of the log, newest first: your own and the register's public ones, or all to an auditor",
        scopes=LOG_SCOPES,
        roles=LOG_READERS,
        fields={"caller": ("*",), "auditor": ("*",)},
    ),
    ("GET", "/api/v1/audit/entries/{index}"): Access(
        says="Read one entry of the log",
        scopes=LOG_SCOPES,
        roles=LOG_READERS,
        fields={"caller": ("*",), "auditor": ("*",)},
    ),
    ("GET", "/api/v1/audit/inclusion"): public("Prove that an entry is in the log (RFC 9162 section 2.1.3)"),
    ("GET", "/api/v1/audit/consistency"): public("Prove that the log only grew (RFC 9162 section 2.1.4)"),
    ("GET", "/api/v1/audit/export"): Access(
        says="Take evidence away: entries with payloads and proofs, to check offline",
        scopes=LOG_SCOPES,
        roles=LOG_READERS,
        fields={"caller": ("*",), "auditor": ("*",)},
    ),
    ("POST", "/api/v1/audit/erasures"): Access(
        says="Ask that a record be erased that no retention rule ends yet, or be the second person who does",
        roles=frozenset({"business-unit"}),
        content_types=JSON,
        body_limit=16_384,
        recent_sign_in=True,
        fields=OWN,
    ),
    ("GET", "/api/v1/audit/erasures"): Access(
        says="What is going to be erased of your organisation's records, when, and what was",
        scopes=frozenset({"events:read", "audit:read"}),
        roles=frozenset({"ig-lead", "auditor", "business-unit"}),
        fields={"caller": ("*",), "auditor": ("*",)},
        # Whoever is asked to agree must see what to.
        oversight=frozenset({"business-unit"}),
    ),
    ("GET", "/log/checkpoint"): public("The newest signed checkpoint that meets the witness policy"),
    ("GET", "/log/checkpoint.pending"): public("Our newest signed checkpoint"),
    ("GET", "/log/keys"): public("The log's verifier keys with the sizes they hold for; never a root of trust"),
    ("GET", "/log/key-rotations"): public("A receipt of each change of the log's keys, by which an auditor follows"),
    ("GET", "/log/continuation"): public("The receipt of the entry that says which log this one continues"),
    ("GET", "/log/witnesses"): public("The witnesses of the log: keys, and how far each has cosigned"),
    ("GET", "/log/tile/entries/{path}"): Access(
        says="Entry bundles (C2SP tlog-tiles): timing and volume are information too",
        opened_by="open_entries",
        scopes=frozenset({"audit:read"}),
        roles=frozenset({"auditor"}),
        fields={"auditor": ("*",)},
    ),
    ("GET", "/log/tile/{path}"): public("Hash tiles (C2SP tlog-tiles)"),
}
