"""Receipts, honest and tampered with in every way: the page says what `isa_verify` says, with the same code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import pytest

from in_page.asking import VERIFIED, Page, Question, Verdict, b64
from isa_verify.cosignature import LAST_TIME
from isa_verify.encoding import canonical_json, encode_base64
from isa_verify.leaf import Leaf
from isa_verify.log_keys import Keys, LogKey
from isa_verify.note import ED25519, VerifierKey, format_note, parse_note
from isa_verify.policy import Policy
from isa_verify.proof import TlogProof
from isa_verify.receipt import Receipt, VerifiedReceipt, verify_receipt
from isa_verify.signed_checkpoint import open_signed_checkpoint
from verify import test_receipt as known
from verify.published_log import (
    ED25519_KEY,
    KEYS,
    ML_DSA_KEY,
    ORIGIN,
    flipped,
    make_receipt,
)
from verify.signing import (
    COUNCIL,
    NHS,
    POLICE,
    POLICY_TEXT,
    START,
    checkpoint_of,
    log_signer,
    note_of,
    receipt_of,
    witness,
)

RECEIPT = known.RECEIPT
LOG = log_signer("log")
PAYLOAD = {"kind": "check.answered", "outcome": "may-share", "number": 6}
CHECKPOINT = checkpoint_of(known.ENTRIES)
ML_DSA_WITNESS = witness("later", 0x06)
Case = tuple[Question, Callable[[], object]]


def case(data: bytes, keys: Keys = KEYS, policy: str | None = None) -> Case:
    read = None if policy is None else Policy.parse(policy)
    question = {
        "ask": "receipt",
        "data": b64(data),
        "keys": [str(key) for key in keys],
        "policy": None if policy is None else b64(policy.encode()),
    }
    return question, lambda: verify_receipt(data, keys, read)


def witnessed(note: bytes) -> bytes:
    return receipt_of(known.ENTRIES, 6, PAYLOAD, note)


def behind_its_ml_dsa_44_key_id(position: int) -> bool:
    """Whether this byte of the receipt is of the time and the signature that no browser checks."""
    line = str(parse_note(TlogProof.parse(Receipt.parse(RECEIPT).proof).checkpoint).signatures[1])
    encoded = line.split(" ")[2].encode()
    return 5 <= position - RECEIPT.index(encoded) < len(encoded)


def altered() -> Iterable[Case]:
    """The receipts of tests/verify/test_receipt.py, each honest but for one thing."""
    changed, forged, other = (
        known.changed,
        known.make_entries(11, seed="forged"),
        json.loads(make_receipt(known.ENTRIES, 7)),
    )
    for size in range(1, 12):
        yield from (case(make_receipt(known.ENTRIES[:size], index)) for index in range(size))
    yield case(known.receipt_for(b'{"kind":"registry.opened"}', kind="registry.opened"))
    for length in [*range(0, len(RECEIPT), 97), len(RECEIPT) - 1]:
        yield case(RECEIPT[:length])
    for extra in (b"\n", b" ", b"\0", RECEIPT):
        yield case(RECEIPT + extra)
    yield case(RECEIPT, (VerifierKey("other.example", ED25519, ED25519_KEY.public),))
    yield case(RECEIPT, (VerifierKey(ORIGIN, ED25519, bytes(31) + b"\x01"),))
    yield case(RECEIPT, (VerifierKey(ORIGIN, 0x04, ED25519_KEY.public),))
    yield case(RECEIPT, (ED25519_KEY, ED25519_KEY))
    yield case(RECEIPT, ())
    yield case(changed(payload=encode_base64(known.payload_of(6).replace(b"may-share", b"share-now"))))
    for salt in (known.salt_of(7), known.salt_of(6) + b"\0", known.salt_of(6)[:31]):
        yield case(changed(salt=encode_base64(salt)))
    yield case(changed(leaf=other["leaf"]))
    yield case(changed(proof=other["proof"]))
    yield case(canonical_json({**other, "proof": json.loads(RECEIPT)["proof"]}))
    yield case(changed(leaf=encode_base64(forged[6]), salt=encode_base64(known.salt_of(6, "forged"))))
    for at in range(4):
        yield case(
            known.changed_proof(
                lambda one, at=at: with_hashes(one, [*one.hashes[:at], bytes(32), *one.hashes[at + 1 :]])
            )
        )
    for hashes in (lambda one: one.hashes[:-1], lambda one: [*one.hashes, bytes(32)], lambda one: ()):
        yield case(known.changed_proof(lambda one, hashes=hashes: with_hashes(one, hashes(one))))
    small = known.sign(checkpoint_of(known.ENTRIES[:6]))
    yield case(known.changed_proof(lambda one: TlogProof(one.index, one.hashes, small)))
    yield case(known.changed_proof(lambda one: TlogProof(one.index, one.hashes, one.checkpoint, b"extra")))
    yield case(known.changed_proof(lambda one: TlogProof(one.index, one.hashes, one.checkpoint, b"")))
    yield case(known.receipt_for(b'{"kind":"a"}', origin="other.example"))
    yield case(known.receipt_for(b'{"kind":"a"}', seq=1))
    yield case(known.receipt_for(b'{"kind":"key.revoked"}', kind="key.registered"))
    for payload in (
        b'{"kind": "a"}',
        b'{"kind":"a","kind":"a"}',
        b'{"kind":"a","x":1.5}',
        b"\xff",
        b"[" * 5000,
        b"",
        b"[]",
        b"{}",
        b'{"kind":1}',
        b'{"kind":"\xc2\x9b1m"}',
        b'{"__proto__":{"kind":"a"}}',
        b"null",
        b'"kind"',
    ):
        yield case(known.receipt_for(payload))
    for data in (
        b"",
        b"null",
        b"[]",
        b"{}",
        json.dumps(json.loads(RECEIPT)).encode(),
        changed(v=2),
        changed(v=True),
        changed(v="1"),
        changed(extra=1),
        changed(leaf=None),
        changed(payload=[]),
        changed(proof=1),
        changed(leaf="AB=="),
        changed(salt=encode_base64(known.SALT).rstrip("=")),
        canonical_json({name: one for name, one in json.loads(RECEIPT).items() if name != "salt"}),
        RECEIPT.replace(b'"v":1', b'"v":1,"v":1'),
        b"[" * 100_000,
    ):
        yield case(data)
    leaf = json.loads(known.decode_base64(json.loads(RECEIPT)["leaf"]))
    for member, values in {
        "at": (
            "2026-02-30T00:00:00.000Z",
            "2026-04-01T24:00:00.000Z",
            "0000-01-01T00:00:00.000Z",
            "2026-04-01T00:00:60.000Z",
        ),
        "seq": (-1, 0, 7, 6.5, True, 2**53),
        "v": (2, True, "1"),
        "origin": ("", "a b", "a+b", "a\u200bb", "\u00e9" * 128),
        "kind": ("", "Record", "a" * 65, "a" * 70_000, "a..b", "a\n"),
        "prev": ("AB" * 32, "ab" * 31),
        "commitment": ("", None),
    }.items():
        for value in values:
            text = json.dumps({**leaf, member: value}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            yield case(changed(leaf=encode_base64(text.encode())))


def with_hashes(proof: TlogProof, hashes: Iterable[bytes]) -> TlogProof:
    return TlogProof(proof.index, tuple(hashes), proof.checkpoint)


def policed() -> Iterable[Case]:
    """Receipts under a policy: a quorum, and everything short of one."""
    both = {POLICE: START, NHS: START + 1}
    keys = (LOG.key,)
    yield case(witnessed(note_of(CHECKPOINT, [LOG], both)), keys, POLICY_TEXT)
    for time in (LAST_TIME, LAST_TIME + 1, 2**63 - 1):
        yield case(witnessed(note_of(CHECKPOINT, [LOG], {POLICE: time, NHS: START})), keys, POLICY_TEXT)
    for cosigned in ({}, {POLICE: START}, {POLICE: START, witness("stranger"): START}, {POLICE: START, NHS: 0}):
        yield case(witnessed(note_of(CHECKPOINT, [LOG], cosigned)), keys, POLICY_TEXT)
    yield case(witnessed(note_of(CHECKPOINT, [LOG], both)), keys, POLICY_TEXT.replace("quorum partners", "quorum none"))
    forged = [LOG.line(CHECKPOINT), COUNCIL.line(CHECKPOINT), NHS.line(CHECKPOINT)]
    forged.append(POLICE.line(checkpoint_of(known.ENTRIES[:4])))
    yield case(witnessed(format_note(CHECKPOINT.text(), forged)), keys, POLICY_TEXT)
    twice = [LOG.line(CHECKPOINT), *(POLICE.line(CHECKPOINT, time) for time in (1, 3, 2))]
    yield case(witnessed(format_note(CHECKPOINT.text(), twice)), keys, POLICY_TEXT)
    twice.append(NHS.line(CHECKPOINT))
    yield case(witnessed(format_note(CHECKPOINT.text(), twice)), keys, POLICY_TEXT)


def ranged() -> Iterable[Case]:
    """Keys that hold for some sizes; the checkpoint's is 11."""
    old, new = log_signer("old"), log_signer("new")
    for signers in ([old], [new], [old, new]):
        data = witnessed(note_of(CHECKPOINT, signers))
        for first, last in ((0, 10), (0, 11), (0, None), (12, None), (11, 11)):
            yield case(data, (LogKey(old.key, first, last), LogKey(new.key, 11, None)))
            yield case(data, (LogKey(old.key, first, last),))


def test_of_each_receipt_the_page_says_what_isa_verify_says(page: Page) -> None:
    assert page.differing(altered()) == []
    assert page.differing(policed()) == []
    assert page.differing(ranged()) == []


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.long), 29])
def test_every_flipped_byte_is_refused_but_of_the_signature_that_it_says_it_did_not_check(
    page: Page, step: int
) -> None:
    unseen = []
    for position in range(0, len(RECEIPT), step):
        question, verify = case(flipped(RECEIPT, position))
        if page.differing([(question, verify)]):
            assert page.ask(question).told["unchecked"] == ["the log's ML-DSA-44 signature"]
            unseen.append(position)
    assert unseen
    assert all(behind_its_ml_dsa_44_key_id(position) for position in unseen)


def test_what_an_ml_dsa_44_key_signed_is_verified_by_another_signature_or_not_at_all(page: Page) -> None:
    both = page.ask(case(RECEIPT)[0])
    assert (both.verdict, both.told["assurance"]) == (VERIFIED, "operator")
    assert both.told["unchecked"] == ["the log's ML-DSA-44 signature"]
    assert page.ask(case(RECEIPT, (ED25519_KEY,))[0]).told["unchecked"] == []
    unavailable = Verdict("could not run", "ml-dsa-unavailable")
    assert page.ask(case(RECEIPT, (ML_DSA_KEY,))[0]).verdict == unavailable
    # What fails is said first.
    swapped = known.changed(proof=json.loads(make_receipt(known.ENTRIES, 7))["proof"])
    assert page.differing([case(swapped, (ML_DSA_KEY,))]) == []


def test_a_checkpoint_of_another_log_under_the_keys_of_this_one_is_refused(page: Page) -> None:
    elsewhere = checkpoint_of(known.ENTRIES, "other.example")
    for signers in ([LOG], [log_signer("log", origin="other.example")]):
        note = note_of(elsewhere, signers)
        question = {"ask": "signed", "data": b64(note), "keys": [str(LOG.key)]}
        assert page.differing([(question, lambda note=note: open_signed_checkpoint(note, [LOG.key]))]) == []


def test_what_a_receipt_rests_on_is_told_as_isa_verify_tells_it(page: Page) -> None:
    told = 0
    for question, verify in policed():
        answer = page.ask(question)
        if answer.verdict == VERIFIED:
            theirs = verify()
            assert isinstance(theirs, VerifiedReceipt)
            times = {name: str(time) for name, time in theirs.cosigners.items()}
            assert (answer.told["assurance"], answer.told["cosigners"]) == (theirs.assurance, times)
            told += 1
    assert told == 4


def test_a_witness_whose_kind_of_key_is_not_checked_is_not_counted(page: Page) -> None:
    later = ML_DSA_WITNESS
    policy = POLICY_TEXT.replace(f"witness nhs {NHS.key}", f"witness nhs {later.key}")
    unavailable = Verdict("could not run", "ml-dsa-unavailable")
    for cosigned, verdict in (
        ({POLICE: START, later: START}, unavailable),
        ({POLICE: START, COUNCIL: START, later: START}, VERIFIED),
        ({later: START}, Verdict("not verified", "quorum-short")),
    ):
        question, _ = case(witnessed(note_of(CHECKPOINT, [LOG], cosigned)), (LOG.key,), policy)
        assert page.ask(question).verdict == verdict


def test_an_entry_of_the_log_is_what_the_leaf_of_its_receipt_says(page: Page) -> None:
    leaf = Receipt.parse(RECEIPT).leaf
    assert page.differing([({"ask": "leaf", "data": b64(leaf)}, lambda: Leaf.parse(leaf))]) == []
