"""The JSON of a version and of a clause as JSON-LD: in the terms of schema.org, Dublin Core, ELI and PROV.

Each says what the JSON says and what came of it since: what replaced it, and which clauses took over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from isa_registry.domain.agreement_documents import (
    ClauseDocument,
    ClauseInVersion,
    VersionDocument,
    clause_url,
    identifier,
)
from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.lineage import Lineage

CONTEXT_ADDRESS = "/contexts/agreements-1.jsonld"
"""Where the terms are. They never change there: other terms get another number."""

_LINK = {"@type": "@id"}
CONTEXT: dict[str, Any] = {
    "@context": {
        "@version": 1.1,
        "schema": "https://schema.org/",
        "dct": "http://purl.org/dc/terms/",
        "eli": "http://data.europa.eu/eli/ontology#",
        "prov": "http://www.w3.org/ns/prov#",
        "id": "@id",
        "type": "@type",
        "DigitalDocument": "schema:DigitalDocument",
        "MediaObject": "schema:MediaObject",
        "LegalResource": "eli:LegalResource",
        "LegalExpression": "eli:LegalExpression",
        "LegalResourceSubdivision": "eli:LegalResourceSubdivision",
        "identifier": "schema:identifier",
        "name": "schema:name",
        "version": "schema:version",
        "position": "schema:position",
        "text": "schema:text",
        "answers": {"@id": "schema:keywords", "@container": "@list"},
        "datePublished": {"@id": "schema:datePublished", "@type": "schema:Date"},
        "inLanguage": "schema:inLanguage",
        "translationOfWork": {"@id": "schema:translationOfWork", **_LINK},
        "url": {"@id": "schema:url", **_LINK},
        "sha256": "schema:sha256",
        "encoding": "schema:encoding",
        "encodingFormat": "schema:encodingFormat",
        "contentUrl": {"@id": "schema:contentUrl", **_LINK},
        "hasPart": {"@id": "schema:hasPart", "@container": "@list"},
        "isPartOf": {"@id": "schema:isPartOf", **_LINK},
        "isVersionOf": {"@id": "dct:isVersionOf", **_LINK},
        "replaces": {"@id": "dct:replaces", **_LINK},
        "isReplacedBy": {"@id": "dct:isReplacedBy", **_LINK},
        "realizes": "eli:realizes",
        "is_realized_by": {"@id": "eli:is_realized_by", **_LINK},
        "based_on": {"@id": "eli:based_on", **_LINK},
        "wasDerivedFrom": {"@id": "prov:wasDerivedFrom", **_LINK},
    }
}


def context_bytes() -> bytes:
    """The terms as they are served: canonical JSON."""
    return msgspec.json.encode(CONTEXT, order="sorted")


Laws = Mapping[str, str]
"""The legislation.gov.uk identifier of each provision that has one, by its code."""


def linked_version(document: VersionDocument, lineage: Lineage, laws: Laws, base: str) -> dict[str, Any]:
    """A version with its clauses. `base` is the address of this registry, without a slash at its end."""
    url = base + document.url
    work = base + document.identifier
    later = lineage.after(document.version)
    found: dict[str, Any] = {
        "@context": base + CONTEXT_ADDRESS,
        "id": url,
        "type": ["DigitalDocument", "LegalExpression"],
        "identifier": f"{document.agreement}/{document.version}",
        "name": document.title,
        "version": document.version,
        "datePublished": london_date(parse_instant(document.published_at)),
        "inLanguage": document.language,
        "isVersionOf": work,
        "realizes": {"id": work, "type": "LegalResource", "is_realized_by": url},
        "encoding": {
            "type": "MediaObject",
            "encodingFormat": "text/markdown",
            "contentUrl": f"{url}{'' if document.signed else f'.{document.language}'}.md",
            "sha256": document.text_sha256,
        },
        "hasPart": [_clause(one, document, lineage, laws, base) for one in document.clauses],
    }
    if not document.signed:
        found |= {"id": f"{url}.{document.language}", "translationOfWork": url}
    if document.replaces is not None:
        found["replaces"] = f"{base}/agreements/{document.agreement}/{document.replaces}"
    if later is not None:
        found["isReplacedBy"] = f"{base}/agreements/{document.agreement}/{later}"
    return found


def linked_clause(document: ClauseDocument, lineage: Lineage, laws: Laws, base: str) -> dict[str, Any]:
    """One clause by itself."""
    return {"@context": base + CONTEXT_ADDRESS, **_clause(document.clause, document, lineage, laws, base)}


def linked_outcome(agreement: str, clause: str, heirs: Sequence[str], version: str, base: str) -> dict[str, Any]:
    """The identifier of a clause that is no more under that id, and what took over in a version."""
    found: dict[str, Any] = {
        "@context": base + CONTEXT_ADDRESS,
        "id": base + identifier(agreement, clause),
        "type": "LegalResourceSubdivision",
        "isPartOf": base + identifier(agreement),
    }
    if heirs:
        found["isReplacedBy"] = [base + _anchor(agreement, version, one) for one in heirs]
    return found


def _clause(
    clause: ClauseInVersion, document: VersionDocument | ClauseDocument, lineage: Lineage, laws: Laws, base: str
) -> dict[str, Any]:
    agreement, version = document.agreement, document.version
    signed = f"/agreements/{agreement}/{version}"
    whole = base + (signed if document.signed else f"{signed}.{document.language}")
    above = clause.id.rpartition(".")[0]
    found: dict[str, Any] = {
        "id": f"{whole}#{clause.id}",
        "type": ["DigitalDocument", "LegalExpression"],
        "identifier": f"{agreement}/{version}#{clause.id}",
        "position": clause.id,
        "name": clause.heading,
        "text": clause.text,
        "inLanguage": document.language,
        "sha256": clause.sha256,
        "url": base + clause_url(agreement, version, clause.id),
        "isVersionOf": base + identifier(agreement, clause.id),
        "isPartOf": f"{whole}#{above}" if above else whole,
    }
    if not document.signed:
        found["translationOfWork"] = f"{base}{signed}#{clause.id}"
    if clause.answers:
        found["answers"] = list(clause.answers)
    law = [laws[code] for code in clause.cites if code in laws]
    if law:
        found["based_on"] = law
    if clause.came_from is not None:
        came = clause.came_from
        found["wasDerivedFrom"] = [base + _anchor(agreement, came.version, one) for one in came.clauses]
    later = lineage.after(version)
    if later is not None:
        heirs = lineage.became(clause.id, version, later).heirs
        if heirs:
            found["isReplacedBy"] = [base + _anchor(agreement, later, one) for one in heirs]
    return found


def _anchor(agreement: str, version: str, clause: str) -> str:
    return f"/agreements/{agreement}/{version}#{clause}"
