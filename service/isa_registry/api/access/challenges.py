"""The lines of managing professional differences: for systems, and the pages."""

from __future__ import annotations

from isa_registry.api.access.terms import JSON, OWN, UNIT, Access, Reader, page

_CHALLENGES = "/api/v1/challenges"
_PAGES = "/account/challenges"
_READERS: dict[Reader, tuple[str, ...]] = {"caller": ("*",), "auditor": ("*",)}
_WRITERS = frozenset({"practitioner", "ig-lead"})


def _shows(says: str) -> Access:
    """Each of the two bodies reads its own, the business unit and auditors those of all."""
    return Access(
        says=says,
        scopes=frozenset({"events:read", "audit:read"}),
        roles=_WRITERS | UNIT | {"auditor"},
        fields=_READERS,
        oversight=UNIT,
    )


def _records(says: str) -> Access:
    return Access(
        says=says,
        scopes=frozenset({"events:write"}),
        roles=_WRITERS,
        content_types=JSON,
        body_limit=16_384,
        fields=OWN,
    )


CHALLENGES: dict[tuple[str, str], Access] = {
    ("POST", _CHALLENGES): _records("Challenge a refusal, a decision or an answer"),
    ("GET", _CHALLENGES): _shows("List challenges that your organisation raised or received, newest first"),
    ("GET", f"{_CHALLENGES}/{{challenge}}"): _shows("Read one challenge, its steps and where it stands"),
    ("POST", f"{_CHALLENGES}/{{challenge}}/steps"): _records("Answer a challenge, move it up a stage, or close it"),
    ("GET", f"{_CHALLENGES}/{{challenge}}/receipt"): _shows("Fetch the receipt of a challenge, or of one of its steps"),
    ("GET", _PAGES): page("Challenges that your organisation raised or received, as a page", roles=_WRITERS),
    ("GET", f"{_PAGES}/new"): page("A challenge to raise", roles=_WRITERS),
    ("POST", f"{_PAGES}/new"): page("Raise a challenge", form=True, roles=_WRITERS),
    ("GET", f"{_PAGES}/{{challenge}}"): page(
        "One challenge as a page, with what can be done next", roles=_WRITERS | UNIT
    ),
    ("POST", f"{_PAGES}/{{challenge}}"): page("Take a step in a challenge", form=True, roles=_WRITERS),
    ("GET", "/reports/challenges-overdue"): page("Challenges that are overdue, for the business unit", roles=UNIT),
}
