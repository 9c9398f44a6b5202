"""Verify an evidence bundle, line by line as it is read (docs/formats/evidence.md)."""

import hashlib
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from isa_verify.encoding import JsonValue, canonical_json, decode_base64url, parse_json_strict
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.evidence_parts import End, Entry, ErasedBy, Head, Present, ReceiptPart, Scope, TextPart, read_parts
from isa_verify.leaf import FIRST_PREV, Leaf
from isa_verify.log_keys import Keys
from isa_verify.merkle import Frontier, leaf_hash, verify_consistency, verify_inclusion
from isa_verify.policy import Policy
from isa_verify.receipt import check_commitment, open_receipt, read_payload
from isa_verify.signed_checkpoint import SignedCheckpoint, open_signed_checkpoint

ERASED: Final = "payload.erased"


@dataclass(frozen=True, slots=True)
class VerifiedEvidence:
    """What a bundle has proved: these entries are in the log that `signed` commits to, and say what is present.

    `head` is the exporter's statement of what was selected, and when.
    """

    head: Head
    signed: SignedCheckpoint
    entries: int
    present: int
    withheld: int
    erased: int
    receipts: int
    texts: int


def verify_evidence(file: BinaryIO, keys: Keys, policy: Policy | None = None) -> VerifiedEvidence:
    """Verify a bundle with the log's keys, a line at a time; what is kept of it are the hashes that its payloads name.

    1. The first line is an `evidence` part in its one spelling.
    2. Every key that holds for its size has signed the checkpoint; with a policy, its quorum has cosigned it.
    3. Each entry is in its one spelling; its leaf is of the checkpoint's log, above the one before and below its size,
       not earlier than that one, and chained to it where it is its neighbour.
    4. In a selection each leaf's hash and proof lead to the root; in a whole bundle all leaves together do.
    5. A present payload is of the leaf's kind and gives its commitment, and the texts that it carries have the hashes
       that it states.
    6. Each erased payload has a later entry that says so.
    7. Each receipt verifies, and its checkpoint is consistent with the bundle's.
    8. Each text has its SHA-256, and a present payload names it.
    9. The end counts what was there, its hash is that of all bytes before it, and nothing follows.

    Raises `VerificationError`, or its `MalformedError`, that names what failed.
    """
    parts = read_parts(file)

    # 1.
    line, head = next(parts)
    assert isinstance(head, Head)
    whole = hashlib.sha256(line)

    # 2.
    signed = open_signed_checkpoint(head.checkpoint, keys, policy)

    entries = _Entries(signed, head.scope)
    receipts, texts, last_text = 0, 0, ""
    end: End | None = None
    finished = False
    for line, part in parts:
        if not isinstance(part, Entry) and not finished:
            # 4., 6.
            entries.finish()
            finished = True
        if isinstance(part, Entry):
            # 3., 4., 5.
            entries.take(part)
        elif isinstance(part, ReceiptPart):
            # 7.
            _check_receipt(part, keys, signed)
            receipts += 1
        elif isinstance(part, TextPart):
            # 8.
            if part.sha256 <= last_text:
                raise MalformedError("evidence-out-of-order", "The texts of the evidence are not in order.")
            entries.check_text(part)
            texts, last_text = texts + 1, part.sha256
        elif isinstance(part, End):
            end = part
        if end is None:
            whole.update(line)

    # 9.
    assert end is not None
    if (end.entries, end.receipts, end.texts) != (entries.count, receipts, texts):
        raise VerificationError("evidence-cut-short", "The evidence does not hold as many lines as its end says.")
    if end.sha256 != whole.hexdigest():
        raise VerificationError("evidence-damaged", "The evidence is not the one that its last line was written for.")
    return VerifiedEvidence(
        head, signed, entries.count, entries.present, entries.withheld, entries.erased, receipts, texts
    )


def _check_receipt(part: ReceiptPart, keys: Keys, signed: SignedCheckpoint) -> None:
    _, proved_by = open_receipt(part.receipt, keys)
    old, new = proved_by.checkpoint, signed.checkpoint
    if old.size > new.size:
        raise VerificationError("consistency-failed", "A receipt is of a larger log than the evidence.")
    verify_consistency(old.size, old.root, new.size, new.root, part.consistency)


@dataclass(slots=True)
class _Entries:
    """The entries as they come. What later ones must say is kept until they have said it."""

    signed: SignedCheckpoint
    scope: Scope
    count: int = 0
    present: int = 0
    withheld: int = 0
    erased: int = 0
    _before: Leaf | None = None
    _hash: str = FIRST_PREV
    _frontier: Frontier = field(default_factory=Frontier)
    _batch: list[bytes] = field(default_factory=list)
    _awaited: dict[int, list[int]] = field(default_factory=dict)
    """By the entry that is to say so, the entries that it erased."""
    _named: set[str] = field(default_factory=set)

    def take(self, entry: Entry) -> None:
        leaf, digest = Leaf.parse(entry.leaf), leaf_hash(entry.leaf)
        self._check_place(leaf, digest, entry)
        payload = None
        if isinstance(entry.payload, Present):
            payload = read_payload(leaf, entry.payload.payload)
            check_commitment(leaf, entry.payload.payload, entry.payload.salt)
            _check_own_texts(payload)
            _collect_hashes(payload, self._named)
            self.present += 1
        elif isinstance(entry.payload, ErasedBy):
            if entry.payload.entry <= leaf.seq:
                raise _not_erased(leaf.seq)
            self._awaited.setdefault(entry.payload.entry, []).append(leaf.seq)
            self.erased += 1
        else:
            self.withheld += 1
        for index in self._awaited.pop(leaf.seq, []):
            if payload is None or payload["kind"] != ERASED or payload.get("index") != index:
                raise _not_erased(index)
        self.count += 1
        self._before, self._hash = leaf, digest.hex()

    def finish(self) -> None:
        for indexes in self._awaited.values():
            raise _not_erased(indexes[0])
        checkpoint = self.signed.checkpoint
        if self.scope == "whole":
            if self.count != checkpoint.size:
                raise VerificationError("evidence-gap", "The evidence does not hold every entry of the log.")
            if self._frontier.extend(self._batch).root() != checkpoint.root:
                raise VerificationError("root-mismatch", "The entries do not give the root that the log signed.")

    def check_text(self, text: TextPart) -> None:
        if hashlib.sha256(text.data).hexdigest() != text.sha256:
            raise VerificationError("text-mismatch", "A text does not have the hash that it is filed under.")
        if text.sha256 not in self._named:
            raise VerificationError("text-unnamed", "No payload of the evidence names one of its texts.")

    def _check_place(self, leaf: Leaf, digest: bytes, entry: Entry) -> None:
        checkpoint, before = self.signed.checkpoint, self._before
        if leaf.origin != checkpoint.origin:
            raise VerificationError("origin-mismatch", f"Entry {leaf.seq} is of another log.")
        if leaf.seq >= checkpoint.size:
            raise MalformedError("index-out-of-range", f"Entry {leaf.seq} does not lie within the checkpoint's tree.")
        last = -1 if before is None else before.seq
        if leaf.seq <= last:
            raise MalformedError("evidence-out-of-order", f"Entry {leaf.seq} does not come after the one before it.")
        if self.scope == "whole" and leaf.seq != last + 1:
            raise VerificationError("evidence-gap", f"The evidence lacks the entry before entry {leaf.seq}.")
        if leaf.seq == last + 1 and leaf.prev != self._hash:
            raise VerificationError("chain-broken", f"Entry {leaf.seq} does not follow the entry before it.")
        if before is not None and leaf.at < before.at:
            raise VerificationError("time-fell", f"Entry {leaf.seq} is earlier than the entry before it.")
        if entry.proof is not None:
            verify_inclusion(digest, leaf.seq, checkpoint.size, entry.proof, checkpoint.root)
        else:
            self._batch.append(digest)
            if len(self._batch) == 1024:
                self._frontier = self._frontier.extend(self._batch)
                self._batch.clear()


def _not_erased(index: int) -> VerificationError:
    return VerificationError(
        "payload-not-erased", f"The payload of entry {index} is missing, and no entry of the evidence erased it."
    )


def _check_own_texts(payload: dict[str, JsonValue]) -> None:
    """An agreement's and a catalogue's payload carry the texts whose hashes they state."""
    carried: list[tuple[JsonValue, bytes]] = []
    if payload["kind"] == "agreement.published":
        text = payload.get("text")
        carried = [
            (payload.get("text_sha256"), text.encode("utf-8") if isinstance(text, str) else b""),
            (payload.get("schedule_sha256"), canonical_json(payload.get("schedule"))),
        ]
    elif payload["kind"] == "catalogue.changed":
        carried = [(payload.get("sha256"), canonical_json(payload.get("files")))]
    if any(hashlib.sha256(data).hexdigest() != stated for stated, data in carried):
        raise VerificationError("text-mismatch", "A payload carries a text that does not have the hash it states.")


def _collect_hashes(value: JsonValue, found: set[str], *, documents: bool = True) -> None:
    """Adds every SHA-256 that a value names. Documents in it are looked into, and none that stands in such a one."""
    if isinstance(value, list):
        for one in value:
            _collect_hashes(one, found, documents=documents)
    elif isinstance(value, dict):
        for name, member in value.items():
            if isinstance(member, str):
                if name == "sha256" or name.endswith("_sha256"):
                    found.add(member)
                elif name == "jws" and documents:
                    _collect_hashes(_claims(member), found, documents=False)
            else:
                _collect_hashes(member, found, documents=documents)


def _claims(jws: str) -> JsonValue:
    """What a compact JWS says, without a word on its signature; nothing where it is none."""
    parts = jws.split(".")
    try:
        return parse_json_strict(decode_base64url(parts[1])) if len(parts) == 3 else None
    except MalformedError:
        return None
