"""Checking entries, their payloads, what is stored beside them, and the register that they add up to."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache

import msgspec

from isa_registry.domain.agreement_entries import AgreementPublished
from isa_registry.domain.dates import instant, parse_instant
from isa_registry.domain.entries import (
    CatalogueChanged,
    Payload,
    RegisterPayload,
    decode_payload,
    encode_payload,
    kind_of,
    leaf_kind_of,
)
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register
from isa_registry.ledger.leaves import leaf_bytes
from isa_registry.ledger.readers import readers_of
from isa_registry.ledger.rows import Rows
from isa_registry.runtime.fsck.findings import Findings
from isa_registry.runtime.fsck.signatures import SignatureCheck
from isa_registry.store.fsck import StoredRow
from isa_verify.encoding import canonical_json
from isa_verify.errors import VerificationError
from isa_verify.leaf import SALT_SIZE, Leaf, commitment, is_kind
from isa_verify.merkle import leaf_hash

ERASED = "payload.erased"
RECORD = "record"

_sorted = msgspec.json.Encoder(order="sorted")


class EntryCheck:
    """One pass over the entries, in order. `rows` gathers what the index tables ought to hold, `register` is the fold,
    `missing` a bit for each entry whose payload is not there. With `signatures`, those of events are verified too."""

    def __init__(self, origin: str, findings: Findings, *, signatures: bool = False) -> None:
        self.origin = origin
        self.findings = findings
        self.rows = Rows()
        self.register = Register()
        self.last_hash = bytes(32)
        self.erased = 0
        self._missing = bytearray()
        self._at = ""
        self._signatures = SignatureCheck(self.register, findings) if signatures else None
        self._register_whole = True

    def entry(self, row: StoredRow) -> bytes:
        """Checks one entry and whatever hangs on it; returns its leaf hash, computed anew."""
        where = f"entry {row.index}"
        computed = leaf_hash(row.leaf)
        if computed != row.leaf_hash:
            self.findings.add("leaf-hash", where)
        if row.payload is None or row.salt is None:
            self._leaf(row, where)
            self._miss(row.index)
            self._register_whole = self._register_whole and row.kind == RECORD
        elif self._is_as_sealed(row, row.payload, row.salt):
            self._payload(row, row.kind, self._at, row.payload, where)
        else:
            leaf = self._leaf(row, where)
            if len(row.salt) != SALT_SIZE:
                # Zeros at a salt's end can be cut off, and the commitment stays the same.
                self.findings.add("salt-malformed", where)
            elif leaf is not None and commitment(leaf.kind, row.payload, row.salt) != leaf.commitment:
                self.findings.add("commitment", where)
            elif leaf is not None:
                self._payload(row, leaf.kind, leaf.at, row.payload, where)
        self.last_hash = computed
        return computed

    def _is_as_sealed(self, row: StoredRow, payload: bytes, salt: bytes) -> bool:
        """Whether the leaf is, byte for byte, the one that would be made of everything stored beside it. Nearly all
        are, and then nothing of it needs to be looked at by itself."""
        at = _instant(row.at)
        if at < self._at or row.at.microsecond % 1000 or len(salt) != SALT_SIZE or not is_kind(row.kind):
            return False
        made = leaf_bytes(
            origin=self.origin,
            index=row.index,
            previous=self.last_hash,
            at=at,
            kind=row.kind,
            commitment=commitment(row.kind, payload, salt),
        )
        if made != row.leaf:
            return False
        self._at = at
        return True

    def _leaf(self, row: StoredRow, where: str) -> Leaf | None:
        try:
            leaf = Leaf.parse(row.leaf)
        except VerificationError as error:
            self.findings.add(error.code, where, error.detail)
            return None
        if (leaf.seq, leaf.origin, leaf.prev) != (row.index, self.origin, self.last_hash.hex()):
            self.findings.add("chain", where)
        if leaf.at < self._at:
            self.findings.add("time-fell", where)
        self._at = leaf.at
        # The fold and row-level security rely on the columns, so they must be the leaf's own.
        if (row.kind, row.at) != (leaf.kind, _moment(leaf.at)):
            self.findings.add("columns", where)
        return leaf

    def _payload(self, row: StoredRow, leaf_kind: str, at: str, body: bytes, where: str) -> None:
        try:
            payload = decode_payload(body)
        except msgspec.MsgspecError:
            self.findings.add("payload-unknown", where)
            return
        if encode_payload(payload) != body or leaf_kind_of(payload) != leaf_kind:
            self.findings.add("payload-form", where)
        try:
            if (row.payload_kind, row.readers) != (kind_of(payload), readers_of(payload)):
                self.findings.add("columns", where)
            self.rows.add(row.index, payload)
            self._texts(payload, where)
            if self._signatures is not None:
                self._signatures.entry(row.index, payload, at=at, register_whole=self._register_whole)
            if isinstance(payload, RegisterPayload):
                apply(self.register, row.index, at, payload)
        except (ValueError, LookupError, msgspec.MsgspecError, VerificationError):
            # What was never admitted can be there if somebody wrote leaf, payload and salt anew.
            self.findings.add("payload-unknown", where)
        if row.payload_kind == ERASED:
            self._erasure(row.index, payload, where)

    def _texts(self, payload: Payload, where: str) -> None:
        """Words and law that carry their own hash must be of that hash."""
        if isinstance(payload, AgreementPublished):
            if hashlib.sha256(payload.text.encode()).hexdigest() != payload.text_sha256:
                self.findings.add("agreement-text", where)
            if hashlib.sha256(_sorted.encode(payload.schedule)).hexdigest() != payload.schedule_sha256:
                self.findings.add("agreement-schedule", where)
        if isinstance(payload, CatalogueChanged):
            catalogue = hashlib.sha256(canonical_json(payload.files)).hexdigest()
            if catalogue != payload.sha256:
                self.findings.add("catalogue-hash", where)

    # --- payloads that are not there ------------------------------------------------------------------------------

    def _miss(self, index: int) -> None:
        byte, bit = divmod(index, 8)
        if byte >= len(self._missing):
            self._missing.extend(bytes(byte + 1 - len(self._missing)))
        self._missing[byte] |= 1 << bit

    def _erasure(self, index: int, payload: Payload, where: str) -> None:
        """An entry that says what it erased: that must be before it, and gone."""
        erased = getattr(payload, "index", None)
        if not isinstance(erased, int) or not 0 <= erased < index:
            self.findings.add("erasure-unfounded", where)
            return
        byte, bit = divmod(erased, 8)
        if byte < len(self._missing) and self._missing[byte] & 1 << bit:
            self._missing[byte] &= ~(1 << bit)
            self.erased += 1
        else:
            self.findings.add("erased-but-present", f"entry {erased}")

    @property
    def suspect(self) -> int:
        """How many signed documents were logged when their key was in doubt; 0 where signatures are not verified."""
        return 0 if self._signatures is None else self._signatures.suspect()

    @property
    def of_earlier_logs(self) -> int:
        """How many attestations only an earlier log's key can verify; 0 where signatures are not verified."""
        return 0 if self._signatures is None else self._signatures.of_earlier_logs

    def end(self) -> None:
        """Says that the last entry came: what is missing now was never said to be erased."""
        self.rows.end()
        for byte, bits in enumerate(self._missing):
            for bit in range(8) if bits else ():
                if bits & 1 << bit:
                    self.findings.add("payload-missing", f"entry {byte * 8 + bit}")


@lru_cache(maxsize=4)
def _moment(at: str) -> datetime:
    return parse_instant(at)


@lru_cache(maxsize=4)
def _instant(at: datetime) -> str:
    return instant(at)
