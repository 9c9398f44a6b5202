"""Keys of a log and of its witnesses, and checkpoints that any of them have signed."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import canonical_json
from isa_verify.leaf import FIRST_PREV, Leaf, commitment
from isa_verify.merkle import inclusion_ranges, leaf_hash
from isa_verify.note import (
    ED25519,
    ED25519_COSIGNATURE,
    ML_DSA_44,
    SignatureLine,
    VerifierKey,
    cosign_ed25519,
    format_note,
    sign_ed25519,
    sign_ml_dsa_44,
)
from isa_verify.proof import TlogProof
from isa_verify.receipt import build
from verify.naive_merkle import naive_root
from verify.published_log import ORIGIN, PublishedLog, salt_of

START = 1_775_001_600
"""2026-04-01T00:00:00Z, when the logs made for tests begin."""


@dataclass(frozen=True)
class Signer:
    """A private key made from its seed; `type` as in a signed note."""

    name: str
    type: int
    seed: str

    @cached_property
    def _private(self) -> Ed25519PrivateKey | MLDSA44PrivateKey:
        seed = hashlib.sha256(self.seed.encode()).digest()
        if self.type == ML_DSA_44:
            return MLDSA44PrivateKey.from_seed_bytes(seed)
        return Ed25519PrivateKey.from_private_bytes(seed)

    @cached_property
    def key(self) -> VerifierKey:
        return VerifierKey(self.name, self.type, self._private.public_key().public_bytes_raw())

    def line(self, checkpoint: Checkpoint, time: int = START) -> SignatureLine:
        text = checkpoint.text()
        if isinstance(self._private, MLDSA44PrivateKey):
            return sign_ml_dsa_44(self.name, self._private, text, time)
        if self.type == ED25519_COSIGNATURE:
            return cosign_ed25519(self.name, self._private, text, time)
        return sign_ed25519(self.name, self._private, text)


def log_signer(seed: str, key_type: int = ED25519, origin: str = ORIGIN) -> Signer:
    return Signer(origin, key_type, seed)


def witness(name: str, key_type: int = ED25519_COSIGNATURE) -> Signer:
    return Signer(f"witness.example.org/{name}", key_type, f"witness {name}")


POLICE, COUNCIL, NHS = (witness(name) for name in ("police", "council", "nhs"))
POLICY_TEXT = f"""\
# Two of three, of different operators.
witness police {POLICE.key}
witness council {COUNCIL.key} https://witness.example.org/council
witness nhs {NHS.key}
group partners 2 police council nhs
quorum partners
"""


def note_of(checkpoint: Checkpoint, signers: Iterable[Signer], cosigned: Mapping[Signer, int] | None = None) -> bytes:
    """The checkpoint signed by a log's keys, then cosigned by witnesses at these times."""
    lines = [one.line(checkpoint) for one in signers]
    lines += [one.line(checkpoint, time) for one, time in (cosigned or {}).items()]
    return format_note(checkpoint.text(), lines)


def checkpoint_of(entries: list[bytes], origin: str = ORIGIN) -> Checkpoint:
    return Checkpoint(origin, len(entries), naive_root(entries))


def with_payload(
    entries: list[bytes], payload: dict[str, object], *, leaf_kind: str | None = None, origin: str = ORIGIN
) -> list[bytes]:
    """The entries and one more, a second after the last, which commits to this payload."""
    index, data = len(entries), canonical_json(payload)
    kind = leaf_kind or str(payload["kind"])
    leaf = Leaf(
        origin=origin,
        seq=index,
        prev=leaf_hash(entries[-1]).hex() if entries else FIRST_PREV,
        at=f"2026-04-01T{index // 3600:02}:{index // 60 % 60:02}:{index % 60:02}.000Z",
        kind=kind,
        commitment=commitment(kind, data, salt_of(index)),
    )
    return [*entries, leaf.encode()]


def receipt_of(entries: list[bytes], index: int, payload: dict[str, object], note: bytes) -> bytes:
    """The receipt of an entry that `with_payload` made, in the log of these entries."""
    hashes = tuple(naive_root(entries[start:end]) for start, end in inclusion_ranges(index, len(entries)))
    text = TlogProof(index, hashes, note).text()
    return build(entries[index], canonical_json(payload), salt_of(index), text)


def published(entries: list[bytes], note: bytes) -> PublishedLog:
    log = PublishedLog(entries)
    log.files["checkpoint"] = note
    return log
