"""The pages on formats say what is true: their examples are taken by the code that takes the real ones."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from demonstration import catalogue, demonstration_view
from isa_registry.actions import key_sets
from isa_registry.actions.keys import checked
from isa_registry.api.audit import AuditEntry, ConsistencyProof, InclusionProof
from isa_registry.api.check_matrix import QuestionMatrix
from isa_registry.domain.access_entries import KeyRegistered, KeySignatory
from isa_registry.domain.decisions import check_question, decide
from isa_registry.domain.questions import Evidence, Question
from isa_registry.domain.sharing import STATES, decode_acknowledgement, decode_event, decode_withheld, read_event
from isa_registry.domain.sharing_faults import acknowledgement_faults, event_faults, withheld_faults
from isa_registry.identity.documents import verify_document
from isa_registry.identity.key_material import thumbprint
from isa_registry.identity.key_proofs import KeyProof, is_fresh, proof_faults, read_proof
from isa_verify.encoding import canonical_json, decode_base64
from isa_verify.leaf import commitment
from isa_verify.merkle import leaf_hash, verify_consistency, verify_inclusion
from isa_verify.signed_checkpoint import open_signed_checkpoint
from verify.published_log import KEYS

T = TypeVar("T")

FORMATS = Path(__file__).parents[2] / "docs" / "formats"


def blocks(page: str, kind: str) -> list[str]:
    return re.findall(
        rf"^```{kind}\n(.*?)^```$", (FORMATS / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def example_key(kid: str) -> KeyRegistered | None:
    (public,) = (block.strip() for block in blocks("sharing-event.md", "key"))
    return KeyRegistered(
        organisation="durham-constabulary",
        kid=kid,
        algorithm="Ed25519",
        jwk={"kty": "OKP", "crv": "Ed25519", "x": public},
        uses=("event",),
        valid_from="2026-01-01T00:00:00.000Z",
    )


def test_the_worked_event_and_its_list_are_signed_and_without_fault() -> None:
    (wrapped_event,) = blocks("sharing-event.md", "event")
    (wrapped_list,) = blocks("sharing-event.md", "withheld")
    compact, held_back = wrapped_event.replace("\n", ""), wrapped_list.replace("\n", "")
    document = verify_document(compact, typ="isa-sharing-event+jws", key_for=example_key)
    event = decode_event(document.payload)
    withheld = decode_withheld(verify_document(held_back, typ="isa-withheld+jws", key_for=example_key).payload)

    assert () == event_faults(event, catalogue(), origin="demo.isa-registry.invalid/durham", partnership="durham")
    assert () == withheld_faults(withheld, event, catalogue())
    assert hashlib.sha256(held_back.encode()).hexdigest() == event.withheld_sha256
    assert canonical_json(document.claims) == document.payload


def recipients_key(kid: str) -> KeyRegistered | None:
    (public,) = (block.strip() for block in blocks("sharing-event.md", "recipient-key"))
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": public}
    return msgspec.structs.replace(
        proved_key(), organisation="durham-county-council", kid=kid, jwk=jwk, uses=("acknowledgement",)
    )


def test_the_worked_acknowledgement_is_of_the_worked_event() -> None:
    text = (FORMATS / "sharing-event.md").read_text(encoding="utf-8")
    (wrapped_event,), wrapped = blocks("sharing-event.md", "event"), blocks("sharing-event.md", "acknowledgement")
    jws = wrapped[0].replace("\n", "")
    document = verify_document(jws, typ="isa-acknowledgement+jws", key_for=recipients_key)
    said = decode_acknowledgement(document.payload)

    assert () == acknowledgement_faults(said, origin="demo.isa-registry.invalid/durham", partnership="durham")
    assert hashlib.sha256(wrapped_event.replace("\n", "").encode()).hexdigest() == said.event_sha256
    assert read_event(wrapped_event.replace("\n", "")).recipient == said.recipient
    assert canonical_json(document.claims) == document.payload
    assert [] == [member for member in document.claims if f"`{member}`" not in text]
    assert [] == [state for state in STATES if f"`{state}`" not in text]


def test_the_page_names_every_member_of_an_event() -> None:
    text = (FORMATS / "sharing-event.md").read_text(encoding="utf-8")
    (wrapped,) = blocks("sharing-event.md", "event")
    event = verify_document(wrapped.replace("\n", ""), typ="isa-sharing-event+jws", key_for=example_key).claims

    assert [] == [member for member in event if f"`{member}`" not in text]


def proved_key() -> KeyRegistered:
    (public,) = (block.strip() for block in blocks("key-proof.md", "key"))
    return KeyRegistered(
        organisation="durham-constabulary",
        kid="case-system-2",
        algorithm="Ed25519",
        jwk={"kty": "OKP", "crv": "Ed25519", "x": public},
        uses=("event", "acknowledgement"),
        valid_from="2026-11-23T09:30:00.000Z",
    )


def test_the_worked_proof_covers_its_key_for_ten_minutes() -> None:
    (wrapped,), (print_,) = blocks("key-proof.md", "proof"), blocks("key-proof.md", "thumbprint")
    key = checked(proved_key())
    proof = read_proof(wrapped.replace("\n", ""), key)

    assert [] == proof_faults(proof, key, origin="demo.isa-registry.invalid/durham", partnership="durham")
    assert print_.strip() == proof.thumbprint == thumbprint(key.jwk)
    assert is_fresh(proof, "2026-11-23T09:40:00.000Z")
    assert is_fresh(proof, "2026-11-23T09:28:00.000Z")
    assert not is_fresh(proof, "2026-11-23T09:40:00.001Z")
    assert not is_fresh(proof, "2026-11-23T09:27:59.999Z")


def test_the_page_names_every_member_of_a_proof_and_every_code() -> None:
    text = (FORMATS / "key-proof.md").read_text(encoding="utf-8")

    assert [] == [member for member in KeyProof.__struct_fields__ if f"`{member}`" not in text]
    assert [] == [code for code in key_sets.SAYS if f"`{code}`" not in text]
    # Each member is said otherwise than the key has it: every code but that of a wrong time comes up.
    other = KeyProof(0, "", "", "", "", (), KeySignatory("siro", "POST-1"), "", "2026-11-23T09:30:00.000Z")
    faults = proof_faults(other, proved_key(), origin="a.example", partnership="durham")
    assert len(faults) == len(KeyProof.__struct_fields__) - 1
    assert [] == [fault.code for fault in faults if f"`{fault.code}`" not in text]


def questions_of(example: str) -> list[Question]:
    """The check, or those of a matrix's cells."""
    if '"recipients"' not in example:
        return [msgspec.json.decode(example, type=Question)]
    matrix = msgspec.json.decode(example, type=QuestionMatrix)
    return [matrix.question(*cell) for cell in itertools.product(matrix.recipients, matrix.purposes)]


@pytest.mark.parametrize("example", blocks("check.md", "json"))
def test_every_question_on_the_page_is_answered(example: str) -> None:
    questions = questions_of(example)
    assert questions
    for question in questions:
        asked = msgspec.structs.replace(question, provider="durham-constabulary")

        assert [] == check_question(asked, catalogue())
        answer = decide(demonstration_view(), catalogue(), asked, Evidence(), today="2026-11-23")
        assert answer.outcome in ("duty-to-share", "may-share")


def of_audit(name: str, shape: type[T]) -> T:
    """The worked answer on the page, which has exactly the members of what the interface answers."""
    (text,) = blocks("audit.md", f"json {name}")
    shown = json.loads(text)
    # A payload goes out as the log holds it, so the interface's own type takes none in.
    found = msgspec.convert({name: None if name == "payload" else value for name, value in shown.items()}, type=shape)
    assert list(msgspec.to_builtins(found)) == list(shown)
    return found


def test_the_worked_answers_for_auditors_prove_what_they_say() -> None:
    entry = of_audit("entry", AuditEntry)
    inclusion, consistency = of_audit("inclusion", InclusionProof), of_audit("consistency", ConsistencyProof)
    leaf = canonical_json(msgspec.to_builtins(entry.leaf))
    payload = canonical_json(json.loads(blocks("audit.md", "json entry")[0])["payload"])
    root = decode_base64(inclusion.root)

    assert entry.leaf_hash == leaf_hash(leaf).hex() == decode_base64(inclusion.leaf_hash).hex()
    assert entry.leaf.commitment == commitment(entry.leaf.kind, payload, decode_base64(entry.salt or ""))
    hashes = [decode_base64(one) for one in inclusion.hashes]
    verify_inclusion(leaf_hash(leaf), inclusion.index, inclusion.size, hashes, root)
    checkpoint = open_signed_checkpoint(inclusion.checkpoint.encode(), KEYS[:1]).checkpoint
    assert (inclusion.size, root) == (checkpoint.size, checkpoint.root)
    verify_consistency(
        consistency.older,
        decode_base64(consistency.from_root),
        consistency.newer,
        decode_base64(consistency.to_root),
        [decode_base64(one) for one in consistency.hashes],
    )
    assert (consistency.to_root, consistency.checkpoint) == (inclusion.root, inclusion.checkpoint)
