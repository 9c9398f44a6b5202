"""The lines of the pages on which a version of an agreement is read."""

from __future__ import annotations

from isa_registry.api.access.terms import Access, public

_VERSION = "/agreements/{agreement}/{version}"

READING: dict[tuple[str, str], Access] = {
    ("GET", f"{_VERSION}/part/{{clause}}"): public("The part of a long text that has a clause", greets=True),
    ("GET", f"{_VERSION}/search"): public("Find clauses of a version by words", greets=True),
    ("GET", f"{_VERSION}/versions"): public("The versions of an agreement, and a clause through them", greets=True),
    ("GET", f"{_VERSION}/schedule"): public("The schedule of a version in words", greets=True),
    ("GET", f"{_VERSION}/law"): public("The law that a version rests on", greets=True),
    ("GET", f"{_VERSION}/attestations"): public("Who has attested exactly these words, as a page", greets=True),
    ("GET", f"{_VERSION}/summaries"): public("A version in plain words, for adults and for children", greets=True),
    ("GET", f"{_VERSION}/print"): public("A whole version for paper"),
}
