"""The lines of comparisons and reports."""

from __future__ import annotations

from isa_registry.api.access.terms import JSON, OWN, PEOPLE, UNIT, Access, page, public

_SCOPES = frozenset({"agreements:read", "audit:read", "admin"})


def _report(says: str) -> Access:
    """A report of which everybody in the registry sees what is everybody's, and their own."""
    return Access(
        says=says,
        scopes=_SCOPES,
        roles=PEOPLE,
        fields={"caller": ("*",), "auditor": ("*",)},
        oversight=UNIT,
    )


REPORTS: dict[tuple[str, str], Access] = {
    ("GET", "/api/v1/agreements/{agreement}/compare"): public(
        "Two versions of an agreement compared: clauses, words, and the schedules in plain sentences"
    ),
    ("GET", "/api/v1/agreements-register"): public("The register of information sharing agreements, as JSON or CSV"),
    ("GET", "/cite"): public("Where a citation in a document leads", greets=True),
    ("GET", "/register-of-agreements"): public("The register of information sharing agreements", greets=True),
    ("GET", "/agreements/{agreement}/compare"): public("Two versions of an agreement compared", greets=True),
    ("GET", "/reports/attestation-matrix"): page("Who has attested what: every body beside every version"),
    ("GET", "/reports/reviews-due"): page("What is due for review, or ends"),
    ("GET", "/reports/quarterly"): page(
        "A quarter's figures for learning, in the Signs of Safety frame",
        roles=frozenset({"ig-lead", "auditor", "business-unit", "partnership-unit"}),
    ),
    ("POST", "/reports/quarterly"): page(
        "Give your body's number from 0 to 10 to a question of the Signs of Safety frame",
        form=True,
        roles=frozenset({"ig-lead", "business-unit", "partnership-unit"}),
    ),
    ("GET", "/api/v1/reports/attestation-matrix"): _report("Every body beside every version: where each stands today"),
    ("GET", "/api/v1/reports/reviews-due"): _report("What is due for review, or ends, within some days"),
    ("GET", "/api/v1/reports/quarterly"): Access(
        says="A quarter's figures for learning, small numbers taken out: your own body's, or a partnership's",
        scopes=frozenset({"events:read", "audit:read", "admin"}),
        roles=frozenset({"ig-lead", "auditor", "business-unit", "partnership-unit"}),
        fields={"caller": ("*",), "auditor": ("*",)},
        oversight=UNIT,
    ),
    ("POST", "/api/v1/reports/quarterly/scaling"): Access(
        says="Give your body's number from 0 to 10 to a question of the Signs of Safety frame",
        roles=frozenset({"ig-lead", "business-unit", "partnership-unit"}),
        content_types=JSON,
        body_limit=16_384,
        fields=OWN,
    ),
}
