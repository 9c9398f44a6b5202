import json
from collections.abc import Callable

import pytest

from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import canonical_json, decode_base64, encode_base64
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.leaf import FIRST_PREV, Leaf, commitment
from isa_verify.merkle import leaf_hash
from isa_verify.note import ED25519, VerifierKey, format_note, parse_note
from isa_verify.proof import TlogProof
from isa_verify.receipt import MAX_RECEIPT_SIZE, Receipt, build, verify_receipt
from verify.naive_merkle import naive_root
from verify.published_log import (
    ED25519_KEY,
    KEYS,
    ML_DSA_KEY,
    ORIGIN,
    flipped,
    make_entries,
    make_receipt,
    payload_of,
    salt_of,
    sign,
)

ENTRIES = make_entries(11)
RECEIPT = make_receipt(ENTRIES, 6)
SALT = bytes(range(32))


def refusal(data: bytes, keys: tuple[VerifierKey, ...] = KEYS) -> str:
    with pytest.raises(VerificationError) as caught:
        verify_receipt(data, keys)
    return caught.value.code


def changed(**members: object) -> bytes:
    return canonical_json({**json.loads(RECEIPT), **members})


def changed_proof(change: Callable[[TlogProof], TlogProof]) -> bytes:
    proof = TlogProof.parse(json.loads(RECEIPT)["proof"].encode())
    return changed(proof=change(proof).text().decode())


def receipt_for(
    payload: bytes, *, kind: str = "record", origin: str = ORIGIN, salt: bytes = SALT, seq: int = 0, at: str = ""
) -> bytes:
    """A receipt for the only entry of a log, honest but for what the arguments say."""
    prev = FIRST_PREV if seq == 0 else "ab" * 32
    leaf = Leaf(origin, seq, prev, at or "2026-04-01T00:00:00.000Z", kind, commitment(kind, payload, salt)).encode()
    proof = TlogProof(0, (), sign(Checkpoint(ORIGIN, 1, leaf_hash(leaf))))
    return build(leaf, payload, salt, proof.text())


def test_an_honest_receipt_is_verified() -> None:
    verified = verify_receipt(RECEIPT, KEYS)
    assert (verified.origin, verified.index, verified.size) == (ORIGIN, 6, 11)
    assert (verified.kind, verified.at) == ("check.answered", "2026-04-01T00:00:06.000Z")
    assert verified.assurance == "operator"
    assert json.loads(payload_of(6)) == verified.payload
    assert list(KEYS) == [signature.key for signature in verified.verified]
    assert verified.unverified == ()


def test_every_entry_of_every_small_log_has_a_receipt() -> None:
    for size in range(1, 12):
        for index in range(size):
            assert index == verify_receipt(make_receipt(ENTRIES[:size], index), KEYS).index


def test_a_register_entry_names_its_own_kind() -> None:
    verified = verify_receipt(receipt_for(b'{"kind":"registry.opened"}', kind="registry.opened"), KEYS)
    assert verified.kind == "registry.opened"


def test_every_flipped_byte_is_refused() -> None:
    for position in range(len(RECEIPT)):
        refusal(flipped(RECEIPT, position))


def test_every_truncation_and_addition_is_refused() -> None:
    for length in [*range(0, len(RECEIPT), 13), len(RECEIPT) - 1]:
        refusal(RECEIPT[:length])
    for extra in (b"\n", b" ", b"\0", RECEIPT):
        assert refusal(RECEIPT + extra) == "receipt-malformed"


def test_with_the_ed25519_key_alone_its_signature_is_enough_and_the_other_is_set_apart() -> None:
    verified = verify_receipt(RECEIPT, [ED25519_KEY])
    assert [ML_DSA_KEY.key_id] == [line.key_id for line in verified.unverified]


@pytest.mark.parametrize("kept", [0, 1])
def test_every_key_given_must_have_signed(kept: int) -> None:
    def only_one(proof: TlogProof) -> TlogProof:
        note = parse_note(proof.checkpoint)
        return TlogProof(proof.index, proof.hashes, format_note(note.text, [note.signatures[kept]]))

    data = changed_proof(only_one)
    assert verify_receipt(data, [KEYS[kept]]).index == 6
    assert refusal(data) == "signature-missing"
    assert refusal(data, (KEYS[1 - kept],)) == "signature-missing"


def test_keys_of_another_log_prove_nothing() -> None:
    assert refusal(RECEIPT, (VerifierKey("other.example", ED25519, ED25519_KEY.public),)) == "signature-missing"
    assert refusal(RECEIPT, ()) == "keys-unsuitable"


def test_another_key_under_the_same_name_proves_nothing() -> None:
    stranger = VerifierKey(ORIGIN, ED25519, bytes(31) + b"\x01")
    assert refusal(RECEIPT, (stranger,)) == "signature-missing"


def test_another_payload_is_refused() -> None:
    payload = payload_of(6).replace(b"may-share", b"share-now")
    assert refusal(changed(payload=encode_base64(payload))) == "commitment-mismatch"


def test_another_salt_is_refused() -> None:
    assert refusal(changed(salt=encode_base64(salt_of(7)))) == "commitment-mismatch"
    assert refusal(changed(salt=encode_base64(salt_of(6) + b"\0"))) == "receipt-malformed"
    assert refusal(changed(salt=encode_base64(salt_of(6)[:31]))) == "receipt-malformed"


def test_another_entry_of_the_same_log_is_refused() -> None:
    other = json.loads(make_receipt(ENTRIES, 7))
    own = json.loads(RECEIPT)
    assert refusal(changed(leaf=other["leaf"])) == "commitment-mismatch"
    assert refusal(changed(proof=other["proof"])) == "index-mismatch"
    assert refusal(canonical_json({**other, "proof": own["proof"]})) == "index-mismatch"


def test_an_entry_that_the_log_does_not_hold_is_refused() -> None:
    forged = make_entries(11, seed="forged")
    payload, salt = payload_of(6), salt_of(6, "forged")
    data = changed(leaf=encode_base64(forged[6]), payload=encode_base64(payload), salt=encode_base64(salt))
    assert refusal(data) == "inclusion-failed"


def test_altered_proof_hashes_are_refused() -> None:
    for position in range(4):
        assert (
            refusal(
                changed_proof(
                    lambda proof, at=position: TlogProof(
                        proof.index,
                        tuple(flipped(h, 0) if n == at else h for n, h in enumerate(proof.hashes)),
                        proof.checkpoint,
                    )
                )
            )
            == "inclusion-failed"
        )
    assert (
        refusal(changed_proof(lambda proof: TlogProof(proof.index, proof.hashes[:-1], proof.checkpoint)))
        == "inclusion-failed"
    )


def test_a_checkpoint_too_small_for_the_index_is_refused() -> None:
    small = sign(Checkpoint(ORIGIN, 6, naive_root(ENTRIES[:6])))
    assert refusal(changed_proof(lambda p: TlogProof(p.index, p.hashes, small))) == "index-out-of-range"


def test_a_proof_with_extra_data_is_refused() -> None:
    assert (
        refusal(changed_proof(lambda proof: TlogProof(proof.index, proof.hashes, proof.checkpoint, b"extra")))
        == "proof-malformed"
    )


def test_an_entry_of_another_log_is_refused() -> None:
    assert refusal(receipt_for(b'{"kind":"a"}', origin="other.example")) == "origin-mismatch"


def test_an_entry_whose_number_is_not_its_place_is_refused() -> None:
    assert refusal(receipt_for(b'{"kind":"a"}', seq=1)) == "index-mismatch"


def test_a_payload_of_another_kind_than_the_entry_is_refused() -> None:
    assert refusal(receipt_for(b'{"kind":"key.revoked"}', kind="key.registered")) == "kind-mismatch"


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b'{"kind": "a"}', "payload-not-canonical"),
        (b'{"kind":"a","kind":"a"}', "payload-not-canonical"),
        (b'{"kind":"a","x":1.5}', "payload-not-canonical"),
        (b"\xff", "payload-not-canonical"),
        (b"[" * 5000, "payload-not-canonical"),
        (b"", "payload-not-canonical"),
        (b"[]", "payload-malformed"),
        (b"{}", "payload-malformed"),
        (b'{"kind":1}', "payload-malformed"),
        (b'{"kind":"\xc2\x9b1m"}', "payload-malformed"),
    ],
)
def test_payloads_that_are_not_canonical_objects_with_a_kind_are_refused(payload: bytes, code: str) -> None:
    assert code == refusal(receipt_for(payload))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        json.dumps(json.loads(RECEIPT)).encode(),
        changed(v=2),
        changed(v=True),
        changed(v="1"),
        changed(extra=1),
        canonical_json({k: v for k, v in json.loads(RECEIPT).items() if k != "salt"}),
        changed(leaf=None),
        changed(payload=[]),
        changed(proof=1),
        changed(leaf="AB=="),
        changed(salt=encode_base64(SALT).rstrip("=")),
        RECEIPT.replace(b'"v":1', b'"v":1,"v":1'),
        b" " * (MAX_RECEIPT_SIZE + 1),
        b"[" * 100_000,
    ],
)
def test_files_in_another_shape_are_refused(data: bytes) -> None:
    assert refusal(data) == "receipt-malformed"


def test_a_leaf_in_another_spelling_is_refused() -> None:
    leaf = decode_base64(json.loads(RECEIPT)["leaf"])
    assert refusal(changed(leaf=encode_base64(leaf + b" "))) == "leaf-not-canonical"


def test_a_receipt_survives_a_round_trip() -> None:
    assert Receipt.parse(RECEIPT).encode() == RECEIPT
    with pytest.raises(MalformedError, match="receipt-malformed"):
        build(b"", b"", SALT, b"\xff")


def test_no_refusal_repeats_the_input() -> None:
    for payload in (b'{"kind":"s3cret"}', b'{"kind": "s3cret"}', b'{"kind":["s3cret"]}'):
        with pytest.raises(VerificationError) as caught:
            verify_receipt(receipt_for(payload, kind="a"), KEYS)
        assert "s3cret" not in str(caught.value)
