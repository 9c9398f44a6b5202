"""The lines of the pages about consents: an organisation's own, recording one, and what becomes of it."""

from __future__ import annotations

from isa_registry.api.access.terms import Access, page

CONSENT_KEEPERS = frozenset({"practitioner", "ig-lead"})
_CONSENT = "/consents/{consent}"

CONSENT_PAGES: dict[tuple[str, str], Access] = {
    ("GET", "/consents"): page("Your organisation's own consents, and those to be asked again", roles=CONSENT_KEEPERS),
    ("POST", "/consents/search"): page(
        "Your organisation's own consents under one reference", form=True, roles=CONSENT_KEEPERS, records=True
    ),
    ("GET", "/consents/new"): page(
        "A consent or a refusal to record, step by step, after whether it is needed at all", roles=CONSENT_KEEPERS
    ),
    ("POST", "/consents/new"): page("Record a consent or a refusal", form=True, roles=CONSENT_KEEPERS),
    ("GET", _CONSENT): page("One of your organisation's own consents, with what happened to it", roles=CONSENT_KEEPERS),
    ("GET", f"{_CONSENT}/family"): page("A consent in plain words for the family, to print", roles=CONSENT_KEEPERS),
    ("GET", f"{_CONSENT}/withdrawal"): page("A consent that is taken back", roles=CONSENT_KEEPERS),
    ("POST", f"{_CONSENT}/withdrawal"): page("Record that a consent was taken back", form=True, roles=CONSENT_KEEPERS),
    ("GET", f"{_CONSENT}/renewal"): page("A consent that is said again", roles=CONSENT_KEEPERS),
    ("POST", f"{_CONSENT}/renewal"): page("Record that a consent was said again", form=True, roles=CONSENT_KEEPERS),
    ("GET", f"{_CONSENT}/invalidation"): page("A consent that was recorded in error or is void", roles=CONSENT_KEEPERS),
    ("POST", f"{_CONSENT}/invalidation"): page("Record that a consent is void", form=True, roles=CONSENT_KEEPERS),
}
