"""The lines of the consent register: a body's own records, and nobody else's."""

from __future__ import annotations

from isa_registry.api.access.terms import JSON, OWN, Access

_PEOPLE = frozenset({"practitioner", "ig-lead"})
_WRITE = frozenset({"consents:write"})
_READ = frozenset({"consents:read"})


def _records(says: str) -> Access:
    return Access(says=says, scopes=_WRITE, roles=_PEOPLE, content_types=JSON, body_limit=16_384, fields=OWN)


def _shows(says: str) -> Access:
    return Access(says=says, scopes=_READ, roles=_PEOPLE, fields=OWN)


CONSENTS: dict[tuple[str, str], Access] = {
    ("POST", "/api/v1/consents"): _records(
        "Record what somebody answered when they were asked: a consent or a refusal"
    ),
    ("POST", "/api/v1/consents/search"): Access(
        says="Look for your own consent records by your own references",
        scopes=_READ,
        roles=_PEOPLE,
        content_types=JSON,
        body_limit=16_384,
        fields=OWN,
    ),
    ("GET", "/api/v1/consents/{consent}"): _shows("Read one consent with its whole life"),
    ("GET", "/api/v1/consents/{consent}/receipt"): _shows(
        "Fetch a consent's receipt (ISO/IEC TS 27560), or with `part=proof` what proves that the log holds an entry"
    ),
    ("POST", "/api/v1/consents/{consent}/withdrawal"): _records("Record that somebody took a consent back"),
    ("POST", "/api/v1/consents/{consent}/renewal"): _records("Record that a consent was said again"),
    ("POST", "/api/v1/consents/{consent}/invalidation"): _records("Record that a consent is not what it says"),
}
