"""Entry bytes: what the service writes is what the verifier reads, to the byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demonstration import demonstration_entries
from isa_registry.domain.access_entries import KeyRevoked
from isa_registry.domain.entries import Payload, decode_payload, encode_payload, kind_of
from isa_registry.ledger.leaves import NO_PREVIOUS, check_origin, seal
from isa_verify.encoding import canonical_json, parse_canonical_json
from isa_verify.leaf import Leaf, commitment
from isa_verify.merkle import leaf_hash

ORIGIN = "registry.example.org/durham"
AT = "2026-11-23T09:30:00.000Z"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize("payload", list(demonstration_entries()), ids=kind_of)
def test_every_payload_of_the_demonstration_is_canonical_json_and_reads_back(payload: Payload) -> None:
    body = encode_payload(payload)

    assert body == canonical_json(parse_canonical_json(body))
    assert type(payload) is type(decode_payload(body))
    assert body == encode_payload(decode_payload(body))


@given(TEXT, TEXT, TEXT, st.binary(min_size=32, max_size=32), st.integers(0, 2**53 - 1))
def test_a_sealed_entry_is_a_leaf_whose_commitment_holds(
    organisation: str, kid: str, reason: str, salt: bytes, index: int
) -> None:
    payload = KeyRevoked(organisation=organisation, kid=kid, reason=reason)
    previous = leaf_hash(salt) if index else NO_PREVIOUS
    sealed = seal(origin=ORIGIN, index=index, previous=previous, at=AT, payload=payload, salt=salt)
    leaf = Leaf.parse(sealed.leaf)

    assert (ORIGIN, index, previous.hex(), AT, "key.revoked") == (leaf.origin, leaf.seq, leaf.prev, leaf.at, leaf.kind)
    assert leaf.commitment == commitment("key.revoked", sealed.payload_bytes, salt)
    assert sealed.leaf_hash == leaf_hash(sealed.leaf)
    assert sealed.payload_bytes == canonical_json(parse_canonical_json(sealed.payload_bytes))


@pytest.mark.parametrize("origin", ["", "a b", "https://x", "x+y", "ä", 'x"y', "x\n", "x" * 201])
def test_an_origin_that_would_need_escaping_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        check_origin(origin)
