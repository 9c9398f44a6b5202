import hashlib
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_verify.encoding import canonical_json, encode_base64url
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.evidence import VerifiedEvidence, verify_evidence
from isa_verify.evidence_parts import (
    End,
    Entry,
    ErasedBy,
    Head,
    PayloadState,
    Present,
    ReceiptPart,
    TextPart,
    Withheld,
    read_parts,
)
from isa_verify.merkle import consistency_ranges, inclusion_ranges
from isa_verify.policy import Policy
from verify.naive_merkle import naive_root
from verify.published_log import salt_of
from verify.signing import NHS, POLICE, POLICY_TEXT, START, checkpoint_of, log_signer, note_of, receipt_of, with_payload

LOG = log_signer("log")
WORDS = b"# An agreement\n"
SCHEDULE = canonical_json({"purposes": []})
FILES = {"codes": {"version": "1"}}
CLAIMS = encode_base64url(canonical_json({"text_sha256": hashlib.sha256(WORDS).hexdigest()}))

PAYLOADS: list[dict[str, object]] = [
    {"kind": "registry.opened", "origin": LOG.name},
    {
        "kind": "agreement.published",
        "text": WORDS.decode(),
        "text_sha256": hashlib.sha256(WORDS).hexdigest(),
        "schedule": {"purposes": []},
        "schedule_sha256": hashlib.sha256(SCHEDULE).hexdigest(),
    },
    {"kind": "catalogue.changed", "files": FILES, "sha256": hashlib.sha256(canonical_json(FILES)).hexdigest()},
    {"kind": "attestation.made", "jws": f"e30.{CLAIMS}.c2ln"},
    {"kind": "check.answered", "outcome": "may-share"},
    {"kind": "check.answered", "outcome": "seek-advice"},
    {"kind": "payload.erased", "index": 4, "reason": "retention", "rule": "checks"},
    {"kind": "check.answered", "outcome": "share-now"},
]
RECORDS = {4, 5, 6, 7}


def made() -> list[bytes]:
    entries: list[bytes] = []
    for index, payload in enumerate(PAYLOADS):
        entries = with_payload(entries, payload, leaf_kind="record" if index in RECORDS else None)
    return entries


ENTRIES = made()
NOTE = note_of(checkpoint_of(ENTRIES), [LOG])


def present(index: int) -> Present:
    return Present(canonical_json(PAYLOADS[index]), salt_of(index))


STATES: dict[int, PayloadState] = {index: present(index) for index in range(8)} | {4: ErasedBy(6), 5: Withheld()}


def proof_of(index: int) -> tuple[bytes, ...]:
    return tuple(naive_root(ENTRIES[start:end]) for start, end in inclusion_ranges(index, len(ENTRIES)))


def consistency_from(size: int) -> tuple[bytes, ...]:
    return tuple(naive_root(ENTRIES[start:end]) for start, end in consistency_ranges(size, len(ENTRIES)))


def old_receipt(size: int = 6) -> ReceiptPart:
    note = note_of(checkpoint_of(ENTRIES[:size]), [LOG])
    return ReceiptPart(receipt_of(ENTRIES[:size], 3, PAYLOADS[3], note), consistency_from(size))


def text(data: bytes) -> TextPart:
    return TextPart(hashlib.sha256(data).hexdigest(), data)


TEXTS = sorted((text(data) for data in (WORDS, SCHEDULE, canonical_json(FILES))), key=lambda one: one.sha256)


def bundle(
    indexes: list[int] | None = None,
    states: dict[int, PayloadState] | None = None,
    receipts: list[ReceiptPart] | None = None,
    texts: list[TextPart] | None = None,
    *,
    note: bytes = NOTE,
    leaves: list[bytes] | None = None,
) -> bytes:
    """A bundle of these entries, and of the whole log where none are named."""
    scope = "whole" if indexes is None else "selection"
    filters = {} if indexes is None else {"kinds": ("check.answered",)}
    lines = [Head(scope, "2026-05-01T00:00:00.000Z", note, filters).encode()]
    chosen = range(len(ENTRIES)) if indexes is None else indexes
    for index in chosen:
        state = (STATES | (states or {}))[index]
        lines.append(Entry((leaves or ENTRIES)[index], state, None if indexes is None else proof_of(index)).encode())
    lines += [one.encode() for one in receipts or []]
    lines += [one.encode() for one in texts or []]
    return ended(lines, len(chosen), len(receipts or []), len(texts or []))


def ended(lines: list[bytes], *counts: int) -> bytes:
    body = b"".join(lines)
    return body + End(*counts, hashlib.sha256(body).hexdigest()).encode()


def verify(data: bytes, policy: Policy | None = None) -> VerifiedEvidence:
    return verify_evidence(io.BytesIO(data), [LOG.key], policy)


def refusal(data: bytes) -> str:
    with pytest.raises(VerificationError) as caught:
        verify(data)
    return caught.value.code


def edited(data: bytes, line: int, **members: object) -> bytes:
    """The bundle with members of one line replaced (None takes one away), and its end made to fit."""
    lines = data.splitlines(keepends=True)
    value = {**json.loads(lines[line]), **members}
    lines[line] = canonical_json({name: member for name, member in value.items() if member != "ABSENT"}) + b"\n"
    end = json.loads(lines.pop())
    return ended(lines, end["entries"], end["receipts"], end["texts"])


class TestAnHonestBundle:
    def test_of_a_whole_log(self) -> None:
        found = verify(bundle(receipts=[old_receipt(), old_receipt(8)], texts=TEXTS))
        assert (found.entries, found.present, found.withheld, found.erased) == (8, 6, 1, 1)
        assert (found.receipts, found.texts, found.signed.assurance) == (2, 3, "operator")

    def test_of_a_selection(self) -> None:
        found = verify(bundle([1, 4, 6]))
        assert (found.entries, found.erased, found.head.filter) == (3, 1, {"kinds": ("check.answered",)})

    def test_of_nothing(self) -> None:
        assert verify(bundle([])).entries == 0

    def test_of_a_log_longer_than_a_batch(self) -> None:
        entries: list[bytes] = []
        for _ in range(1300):
            entries = with_payload(entries, PAYLOADS[7], leaf_kind="record")
        note = note_of(checkpoint_of(entries), [LOG])
        lines = [Head("whole", "2026-05-01T00:00:00.000Z", note).encode()]
        lines += [Entry(leaf, Withheld()).encode() for leaf in entries]
        assert verify(ended(lines, 1300, 0, 0)).withheld == 1300

    def test_with_a_policy_its_quorum_counts(self) -> None:
        policy = Policy.parse(POLICY_TEXT)
        cosigned = note_of(checkpoint_of(ENTRIES), [LOG], {POLICE: START, NHS: START})
        assert verify(bundle(note=cosigned), policy).signed.assurance == "witnessed"
        with pytest.raises(VerificationError, match="quorum-short"):
            verify(bundle(), policy)

    def test_what_is_read_writes_the_same_line(self) -> None:
        for line, part in read_parts(io.BytesIO(bundle([1, 4, 6], receipts=[old_receipt()], texts=TEXTS[:1]))):
            assert line == part.encode()


class TestDamage:
    def test_every_flipped_byte_is_refused(self) -> None:
        data = bundle([1, 4, 6], receipts=[old_receipt()], texts=[text(WORDS)])
        for position in range(0, len(data), 7):
            damaged = data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]
            with pytest.raises(VerificationError):
                verify(damaged)

    def test_every_cut_is_refused(self) -> None:
        data = bundle([1])
        for end in range(0, len(data), 11):
            with pytest.raises(VerificationError):
                verify(data[:end])
        assert refusal(b"") == "evidence-cut-short"
        assert refusal(data[:-1]) == "evidence-cut-short"

    def test_what_follows_the_end_is_refused(self) -> None:
        assert refusal(bundle() + b"\n") == "evidence-out-of-order"

    def test_an_end_that_counts_otherwise_is_refused(self) -> None:
        data = bundle()
        lines = data.splitlines(keepends=True)[:-1]
        assert refusal(ended(lines, 9, 0, 0)) == "evidence-cut-short"
        assert refusal(b"".join(lines) + End(8, 0, 0, "0" * 64).encode()) == "evidence-damaged"

    @given(st.binary(max_size=200))
    def test_any_bytes_are_refused(self, data: bytes) -> None:
        with pytest.raises(MalformedError):
            verify(data)


class TestTheOrder:
    @pytest.mark.parametrize("order", [(1, 0, 2, 3), (0, 2, 1, 3), (0, 0, 1, 2, 3), (0, 1, 3, 2), (1, 2, 3)])
    def test_parts_stand_where_they_belong(self, order: tuple[int, ...]) -> None:
        lines = bundle([1], receipts=[old_receipt()]).splitlines(keepends=True)
        assert len(lines) == 4
        data = b"".join(lines[place] for place in order)
        assert refusal(data) == "evidence-out-of-order"

    def test_entries_rise(self) -> None:
        assert refusal(bundle([6, 5])) == refusal(bundle([6, 6])) == "evidence-out-of-order"

    def test_texts_rise(self) -> None:
        assert refusal(bundle(texts=TEXTS[::-1])) == refusal(bundle(texts=TEXTS[:1] * 2)) == "evidence-out-of-order"


class TestForm:
    @pytest.mark.parametrize(
        ("line", "members"),
        [
            (0, {"v": 2}),
            (0, {"v": True}),
            (0, {"scope": "most"}),
            (0, {"made_at": "today"}),
            (0, {"filter": []}),
            (0, {"filter": {"kinds": "all"}}),
            (0, {"filter": {"kinds": ["é"]}}),
            (0, {"filter": {"": []}}),
            (0, {"checkpoint": 1}),
            (0, {"extra": 1}),
            (1, {"proof": "ABSENT"}),
            (1, {"proof": ["AA=="]}),
            (1, {"leaf": "="}),
            (1, {"payload": {"state": "lost"}}),
            (1, {"payload": {"state": "withheld", "payload": ""}}),
            (1, {"payload": {"state": "erased-by"}}),
            (1, {"payload": {"state": "erased-by", "entry": -1}}),
            (1, {"payload": {"state": "present", "payload": "", "salt": "AA=="}}),
            (1, {"payload": None}),
            (1, {"part": "entries"}),
        ],
    )
    def test_other_members_are_refused(self, line: int, members: dict[str, object]) -> None:
        assert refusal(edited(bundle([1]), line, **members)) == "evidence-malformed"

    def test_a_whole_bundle_has_neither_filter_nor_proofs(self) -> None:
        assert refusal(edited(bundle(), 0, filter={"kinds": ["x"]})) == "evidence-malformed"
        assert refusal(edited(bundle(), 1, proof=[])) == "evidence-malformed"

    def test_another_spelling_is_refused(self) -> None:
        assert refusal(bundle().replace(b'{"checkpoint', b'{ "checkpoint', 1)) == "evidence-malformed"
        assert refusal(b"[]\n") == "evidence-malformed"


class TestEntriesAndProofs:
    def test_an_entry_left_out_of_a_whole_log(self) -> None:
        lines = bundle().splitlines(keepends=True)
        assert refusal(ended([*lines[:3], *lines[4:-1]], 7, 0, 0)) == "evidence-gap"
        assert refusal(ended(lines[:-2], 7, 0, 0)) == "evidence-gap"

    def test_an_entry_that_is_not_in_the_log(self) -> None:
        other = with_payload(ENTRIES[:7], {"kind": "check.answered", "outcome": "other"}, leaf_kind="record")
        assert refusal(bundle(states={7: Withheld()}, leaves=other)) == "root-mismatch"
        assert refusal(bundle([7], {7: Withheld()}, leaves=other)) == "inclusion-failed"

    def test_an_entry_beyond_the_checkpoint(self) -> None:
        assert refusal(bundle([7], note=note_of(checkpoint_of(ENTRIES[:5]), [LOG]))) == "index-out-of-range"

    def test_an_entry_of_another_log(self) -> None:
        other = with_payload([], PAYLOADS[0], origin="other.example")
        assert refusal(bundle([0], leaves=[*other, *ENTRIES[1:]])) == "origin-mismatch"

    def test_a_checkpoint_by_another_key(self) -> None:
        assert refusal(bundle(note=note_of(checkpoint_of(ENTRIES), [log_signer("thief")]))) == "signature-missing"

    def test_another_payload_or_salt(self) -> None:
        payload = present(7)
        assert refusal(bundle([7], {7: Present(present(5).payload, payload.salt)})) == "commitment-mismatch"
        assert refusal(bundle([7], {7: Present(payload.payload, bytes(32))})) == "commitment-mismatch"
        assert refusal(bundle([1], {1: present(2)})) == "kind-mismatch"
        assert refusal(bundle([7], {7: Present(b"{ }", payload.salt)})) == "payload-not-canonical"


class TestErasure:
    @pytest.mark.parametrize(
        ("indexes", "states"),
        [
            ([4, 5], None),
            ([4, 6], {6: Withheld()}),
            ([5, 6], {5: ErasedBy(6)}),
            ([4, 7], {4: ErasedBy(7)}),
            ([4, 6], {4: ErasedBy(4)}),
            ([4, 6], {4: ErasedBy(3)}),
            ([4, 6], {4: ErasedBy(900)}),
        ],
    )
    def test_only_a_later_entry_that_says_so_erases(
        self, indexes: list[int], states: dict[int, PayloadState] | None
    ) -> None:
        assert refusal(bundle(indexes, states)) == "payload-not-erased"


class TestReceiptsAndTexts:
    def test_a_receipt_of_another_history(self) -> None:
        forked = with_payload(ENTRIES[:5], {"kind": "check.answered", "outcome": "other"}, leaf_kind="record")
        note = note_of(checkpoint_of(forked), [LOG])
        receipt = receipt_of(forked, 3, PAYLOADS[3], note)
        assert refusal(bundle(receipts=[ReceiptPart(receipt, consistency_from(6))])) == "consistency-failed"

    def test_a_receipt_that_does_not_verify(self) -> None:
        receipt = old_receipt()
        assert refusal(bundle(receipts=[ReceiptPart(receipt.receipt, ())])) == "consistency-failed"
        assert refusal(bundle(receipts=[ReceiptPart(b"{}", receipt.consistency)])) == "receipt-malformed"

    def test_a_receipt_of_a_larger_log(self) -> None:
        larger = with_payload(ENTRIES, PAYLOADS[7], leaf_kind="record")
        receipt = receipt_of(larger, 3, PAYLOADS[3], note_of(checkpoint_of(larger), [LOG]))
        assert refusal(bundle(receipts=[ReceiptPart(receipt, ())])) == "consistency-failed"

    def test_an_edited_text(self) -> None:
        forged = TextPart(hashlib.sha256(WORDS).hexdigest(), WORDS + b"!")
        assert refusal(bundle(texts=[forged])) == "text-mismatch"

    def test_a_text_that_no_payload_names(self) -> None:
        assert refusal(bundle(texts=[text(b"unheard of")])) == "text-unnamed"
        assert refusal(bundle([0], texts=[text(WORDS)])) == "text-unnamed"

    def test_a_text_that_only_a_signed_document_names(self) -> None:
        assert verify(bundle([3], texts=[text(WORDS)])).texts == 1

    @pytest.mark.parametrize(
        ("index", "members"),
        [(1, {"text": "# Other words\n"}), (1, {"schedule": {}}), (2, {"files": {}}), (1, {"text_sha256": None})],
    )
    def test_a_payload_whose_own_text_was_edited(self, index: int, members: dict[str, object]) -> None:
        payload = {**PAYLOADS[index], **members}
        entries = with_payload(ENTRIES[:index], payload)
        note = note_of(checkpoint_of(entries), [LOG])
        lines = [Head("whole", "2026-05-01T00:00:00.000Z", note).encode()]
        lines += [Entry(leaf, Withheld()).encode() for leaf in entries[:-1]]
        lines.append(Entry(entries[-1], Present(canonical_json(payload), salt_of(index))).encode())
        assert refusal(ended(lines, len(entries), 0, 0)) == "text-mismatch"
