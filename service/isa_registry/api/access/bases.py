"""The lines of what bodies rely on in law: their records, what they may choose, and their records of processing."""

from __future__ import annotations

from isa_registry.api.access.terms import IG_LEAD, JSON, OWN, Access, Reader

_BASES = "/api/v1/organisations/{organisation}/lawful-bases"
_READERS: dict[Reader, tuple[str, ...]] = {"caller": ("*",), "auditor": ("*",)}


def _shows(says: str) -> Access:
    """What a body's own lead and systems read of it, and auditors of all."""
    return Access(
        says=says,
        scopes=frozenset({"checks:ask", "audit:read"}),
        roles=frozenset({"ig-lead", "auditor"}),
        fields=_READERS,
    )


def _decides(says: str) -> Access:
    """What the body's own lead decides alone, who signed in just now."""
    return Access(says=says, roles=IG_LEAD, content_types=JSON, body_limit=16_384, recent_sign_in=True, fields=OWN)


BASES: dict[tuple[str, str], Access] = {
    ("GET", _BASES): _shows("The lawful-basis records of your own organisation"),
    ("POST", _BASES): _decides(
        "Record what your own organisation relies on for a purpose, or adopt the defaults for what it signed"
    ),
    ("GET", f"{_BASES}/choices"): _shows("What the law lets your own organisation choose from for a purpose"),
    ("GET", f"{_BASES}/{{record}}"): _shows("One lawful-basis record of your own organisation"),
    ("GET", f"{_BASES}/{{record}}/history"): _shows("What became of a record, and of all others for its purpose"),
    ("POST", f"{_BASES}/{{record}}/end"): _decides("End a lawful-basis record of your own organisation"),
    ("GET", "/api/v1/organisations/{organisation}/processing-record"): _shows(
        "The record of processing activities of your own organisation (UK GDPR Article 30)"
    ),
}
