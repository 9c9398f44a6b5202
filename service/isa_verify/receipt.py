"""A receipt (`.isa-receipt.json`): one entry, what it commits to, and the proof that the log holds it.

Member by member: docs/formats/receipt.md.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from isa_verify.encoding import (
    JsonValue,
    canonical_json,
    decode_base64,
    encode_base64,
    parse_canonical_json,
)
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.leaf import RECORD, SALT_SIZE, Leaf, commitment, is_kind
from isa_verify.log_keys import Keys
from isa_verify.merkle import leaf_hash, verify_inclusion
from isa_verify.note import SignatureLine, VerifiedSignature
from isa_verify.policy import Policy
from isa_verify.proof import TlogProof
from isa_verify.signed_checkpoint import Assurance, SignedCheckpoint, open_signed_checkpoint

VERSION: Final = 1

MAX_RECEIPT_SIZE: Final = 16 << 20
"""In bytes; the largest payload, an agreement's whole text, stays far below."""

_MEMBERS = {"v", "leaf", "payload", "salt", "proof"}


@dataclass(frozen=True, slots=True)
class Receipt:
    """A parsed receipt. Nothing about it has been verified."""

    leaf: bytes
    payload: bytes
    salt: bytes
    proof: bytes

    def encode(self) -> bytes:
        """Return the file's bytes: canonical JSON. Raises `MalformedError` for a proof that is not UTF-8."""
        try:
            proof = self.proof.decode("utf-8")
        except UnicodeDecodeError:
            raise MalformedError("receipt-malformed", "The receipt's proof is not UTF-8 text.") from None
        return canonical_json(
            {
                "v": VERSION,
                "leaf": encode_base64(self.leaf),
                "payload": encode_base64(self.payload),
                "salt": encode_base64(self.salt),
                "proof": proof,
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Return the receipt whose file is exactly these bytes. Raises `MalformedError` otherwise."""
        if len(data) > MAX_RECEIPT_SIZE:
            raise MalformedError("receipt-malformed", "The receipt is larger than 16 mebibytes.")
        try:
            value = parse_canonical_json(data)
            if not isinstance(value, dict) or value.keys() != _MEMBERS:
                raise MalformedError("receipt-malformed", "The file does not have exactly a receipt's members.")
            if type(value["v"]) is not int or value["v"] != VERSION:
                raise MalformedError("receipt-malformed", "The receipt is of a version not known here.")
            leaf, payload, salt, proof = (value[name] for name in ("leaf", "payload", "salt", "proof"))
            if not (
                isinstance(leaf, str) and isinstance(payload, str) and isinstance(salt, str) and isinstance(proof, str)
            ):
                raise MalformedError("receipt-malformed", "A member of the receipt that must be text is not.")
            return cls(
                leaf=decode_base64(leaf),
                payload=decode_base64(payload),
                salt=decode_base64(salt, size=SALT_SIZE),
                proof=proof.encode("utf-8"),
            )
        except MalformedError as error:
            raise MalformedError("receipt-malformed", error.detail) from None


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """What a receipt has proved: entry `index` of the log `origin`, when it had `size` entries, is this
    payload.

    `kind` is the payload's own kind. `at` is the time that the operator's log states. `assurance` says on
    whose word the log is the one that everybody else sees: `operator` means the operator's alone, `witnessed` that
    the policy's quorum cosigned it; `cosigners` are its witnesses that did, and when in POSIX seconds. Nothing is
    known about the lines in `unverified`.
    """

    origin: str
    index: int
    size: int
    kind: str
    at: str
    assurance: Assurance
    payload: dict[str, JsonValue]
    verified: tuple[VerifiedSignature, ...]
    unverified: tuple[SignatureLine, ...]
    cosigners: Mapping[str, int] = field(default_factory=dict)


def build(leaf: bytes, payload: bytes, salt: bytes, proof_text: bytes) -> bytes:
    """Return the receipt's file. It is not verified: whoever hands it out calls `verify_receipt` first."""
    return Receipt(leaf, payload, salt, proof_text).encode()


def verify_receipt(data: bytes, keys: Keys, policy: Policy | None = None) -> VerifiedReceipt:
    """Verify a receipt with the log's keys, every one of which that holds for its size must have signed it.

    1. The file is a receipt in its one spelling.
    2. The leaf is an entry in its one spelling.
    3. The payload is canonical JSON of the leaf's kind (any kind, where the leaf says `record`).
    4. The payload and the salt give the leaf's commitment.
    5. The proof is a tlog-proof in its one spelling, without unauthenticated extra data.
    6. Every key that holds for its size has signed the checkpoint, which names the log that the keys belong to; with
       a policy, the quorum has cosigned it.
    7. The leaf names the same log, and its number is the proof's index.
    8. The leaf's hash and the proof lead to the checkpoint's root.

    Raises `VerificationError`, or its `MalformedError`, that names the first step that failed.
    """
    return open_receipt(data, keys, policy)[0]


def open_receipt(data: bytes, keys: Keys, policy: Policy | None = None) -> tuple[VerifiedReceipt, SignedCheckpoint]:
    """Verify a receipt as `verify_receipt` does, and return the checkpoint that it rests on as well."""
    # 1.
    receipt = Receipt.parse(data)

    # 2.
    leaf = Leaf.parse(receipt.leaf)

    # 3.
    payload = read_payload(leaf, receipt.payload)

    # 4.
    check_commitment(leaf, receipt.payload, receipt.salt)

    # 5.
    proof = TlogProof.parse(receipt.proof)
    if proof.extra is not None:
        raise MalformedError("proof-malformed", "The proof carries extra data, which nothing vouches for.")

    # 6.
    signed = open_signed_checkpoint(proof.checkpoint, keys, policy)
    checkpoint = signed.checkpoint

    # 7.
    if leaf.origin != checkpoint.origin:
        raise VerificationError("origin-mismatch", "The entry and the checkpoint are of different logs.")
    if leaf.seq != proof.index:
        raise VerificationError("index-mismatch", "The entry's number is not the index that the proof is for.")

    # 8.
    verify_inclusion(leaf_hash(receipt.leaf), proof.index, checkpoint.size, proof.hashes, checkpoint.root)

    verified = VerifiedReceipt(
        origin=leaf.origin,
        index=leaf.seq,
        size=checkpoint.size,
        kind=str(payload["kind"]),
        at=leaf.at,
        assurance=signed.assurance,
        payload=payload,
        verified=signed.verified,
        unverified=signed.unverified,
        cosigners=signed.cosigners,
    )
    return verified, signed


def read_payload(leaf: Leaf, payload: bytes) -> dict[str, JsonValue]:
    """Return the object that a payload of this entry's kind spells.

    Raises `MalformedError` `payload-not-canonical` or `payload-malformed`, `VerificationError` `kind-mismatch`.
    """
    try:
        value = parse_canonical_json(payload)
    except MalformedError as error:
        raise MalformedError("payload-not-canonical", error.detail) from None
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(kind, str) or not is_kind(kind):
        raise MalformedError("payload-malformed", "The payload is not an object that names its kind.")
    if leaf.kind not in (RECORD, kind):
        raise VerificationError("kind-mismatch", "The payload is of another kind than the entry says.")
    return value


def check_commitment(leaf: Leaf, payload: bytes, salt: bytes) -> None:
    """Raise `VerificationError` `commitment-mismatch` unless payload and salt give what the entry commits to."""
    if not hmac.compare_digest(commitment(leaf.kind, payload, salt), leaf.commitment):
        raise VerificationError("commitment-mismatch", "The payload is not the one that the entry commits to.")
