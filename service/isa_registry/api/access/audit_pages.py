"""The lines of the auditor's pages, which a body's information-governance lead has for what is its own."""

from __future__ import annotations

from isa_registry.api.access.terms import LOG_READERS, UNIT, Access, page

_WHAT_IF = LOG_READERS | UNIT

AUDIT_PAGES: dict[tuple[str, str], Access] = {
    ("GET", "/audit"): page("Entries of the log, newest first: what one may see", roles=LOG_READERS),
    ("POST", "/audit/look-up"): page(
        "Look an entry up by its number, its id or a receipt", upload=True, roles=LOG_READERS, records=True
    ),
    ("GET", "/audit/entries/{index}"): page("One entry of the log as a page", roles=LOG_READERS),
    ("POST", "/audit/entries/{index}"): page(
        "Open what an entry says, which is noted where it is another body's", form=True, roles=LOG_READERS, records=True
    ),
    ("POST", "/audit/entries/{index}/receipt"): page(
        "The receipt of an entry", form=True, roles=LOG_READERS, records=True
    ),
    ("POST", "/audit/entries/{index}/replay"): page(
        "Answer a recorded question again, as then and as today, on a page", form=True, roles=LOG_READERS, records=True
    ),
    ("GET", "/audit/evidence"): page("Which evidence to take away", roles=LOG_READERS),
    ("POST", "/audit/evidence"): page(
        "Take evidence away, or see how large it would be", form=True, roles=LOG_READERS, records=True
    ),
    ("GET", "/audit/what-if"): page("A question about another day, or as it was known then", roles=_WHAT_IF),
    ("POST", "/audit/what-if"): page("What would have been answered, recorded nowhere", form=True, roles=_WHAT_IF),
    ("GET", "/audit/as-known"): page("Agreements, organisations and signatures as they were known", roles=_WHAT_IF),
}
