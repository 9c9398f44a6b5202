"""The worked example of docs/formats/attestation.md, made and read as the service does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec

from demonstration import ATTESTATION_KEY, published
from isa_registry.actions.attestations import attestation_id
from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.domain.attestations import AttestationDocument
from isa_registry.domain.attesting import said_faults, said_in
from isa_registry.domain.attesting_codes import AUTHORITIES
from isa_registry.domain.lifecycles import DERIVED, states
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.identity.documents import verify_document
from isa_registry.identity.signing import sign_document

PAGE = (Path(__file__).parents[2] / "docs" / "formats" / "attestation.md").read_text(encoding="utf-8")
KID = "durham-constabulary-chief-officer"


def block(opening: str) -> str:
    found = re.search(rf"```{opening}\n(.*?)\n```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_document_of_the_page_makes_the_signature_of_the_page() -> None:
    claims, jws = json.loads(block("json")), PAGE.rpartition("```\n")[0].rpartition("```\n")[2].strip()
    assert sign_document(claims, "isa-attestation+jws", ATTESTATION_KEY, KID) == jws
    key = KeyRegistered(
        organisation="durham-constabulary",
        kid=KID,
        algorithm="Ed25519",
        jwk={name: value for name, value in ATTESTATION_KEY.items() if name in ("kty", "crv", "x")},
        uses=("attestation",),
        valid_from="2026-01-01T00:00:00.000Z",
    )
    held = verify_document(jws, typ="isa-attestation+jws", key_for=lambda kid: key if kid == KID else None)
    assert held.claims == claims
    assert f"`{attestation_id(jws)}`" in PAGE


def test_what_the_page_says_can_be_recorded() -> None:
    document = msgspec.json.decode(block("json"), type=AttestationDocument)
    words = published("tier-2-hoth")
    version = AgreementVersion(
        agreement=words.agreement,
        version=words.version,
        title="",
        tier=2,
        text=words.text,
        text_sha256=words.text_sha256,
        schedule=words.schedule,
        schedule_sha256=words.schedule_sha256,
        published_at="",
    )
    assert said_faults(said_in(document), version, on="2026-11-27") == []


def test_the_page_names_every_authority_and_every_state() -> None:
    named = set(re.findall(r"`([a-z-]+)`", PAGE))
    shown = {*states("attestation"), *DERIVED["attestation", "attested"], "invited", "viewed", "queried", "by-parent"}
    assert set(AUTHORITIES) | shown <= named
