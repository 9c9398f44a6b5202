"""The lines of what answers again, and of the law and the words that answers name."""

from __future__ import annotations

from isa_registry.api.access.terms import ASKERS, JSON, Access, public

REPLAYING: dict[tuple[str, str], Access] = {
    ("POST", "/api/v1/checks/{check}/replay"): Access(
        says="Answer a recorded check again, on the register, law, evidence and engine of then",
        scopes=frozenset({"checks:ask", "audit:read"}),
        roles=ASKERS,
        content_types=JSON,
        body_limit=1_024,
        fields={"caller": ("*",), "auditor": ("*",)},
        records=True,
    ),
    ("GET", "/api/v1/catalogues/{digest}"): public("The law as data that an answer names, whole, by its hash"),
    ("GET", "/api/v1/texts/{digest}"): public("The words of an agreement that an answer names, by their hash"),
}
