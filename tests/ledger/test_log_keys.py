"""Which key of a log signs which size: whatever rotations there were, no key signs a size that it does not hold for."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from isa_registry.actions.log_keys import COMPROMISE, SCHEDULED, rotate, stated
from isa_registry.domain.entries import decode_payload, encode_payload, leaf_kind_of
from isa_registry.domain.log_key_entries import LogKeyRotated
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.influence import Folded, Influence
from isa_registry.domain.register.register import Register
from isa_registry.domain.register.snapshots import read_snapshot, write_snapshot
from isa_registry.ledger.checkpoints import LogKeyLacking, LogSigner, only_lines_of
from isa_registry.ledger.concerns import organisations_of, shown_to
from isa_registry.ledger.log_keys import LoggedRotation, LogKeys, read_rotation
from isa_registry.ledger.readers import readers_of
from isa_verify.errors import VerificationError
from isa_verify.log_keys import LogKey
from isa_verify.note import open_note, parse_note
from isa_verify.rotations import Rotation

ORIGIN = "log.example.org/durham"
AT = "2026-11-27T10:00:00.000Z"


def generation(number: int) -> LogSigner:
    seed = hashlib.sha256(b"generation %d" % number).digest()
    return LogSigner(
        origin=ORIGIN,
        ed25519=Ed25519PrivateKey.from_private_bytes(seed),
        ml_dsa_44=MLDSA44PrivateKey.from_seed_bytes(seed),
    )


GENERATIONS = [generation(number) for number in range(4)]
FIRST, SECOND, THIRD, _ = GENERATIONS


def root(size: int) -> bytes:
    return hashlib.sha256(b"" if size == 0 else b"%d" % size).digest()


def rotation(old: LogSigner, new: LogSigner, *, to: int, first: int, reason: str = SCHEDULED) -> LogKeyRotated:
    return stated(
        reason=reason, old=[LogKey(key) for key in old.keys.verifiers], to=to, new=new.keys.verifiers, first=first
    )


def logged(index: int, payload: LogKeyRotated) -> LoggedRotation:
    return read_rotation(ORIGIN, index, payload)


@st.composite
def histories(draw: st.DrawFn) -> list[LoggedRotation]:
    """Up to three rotations, one after the other is over, scheduled or after a compromise."""
    found: list[LoggedRotation] = []
    over = 0
    for old, new in list(pairwise(GENERATIONS))[: draw(st.integers(0, 3))]:
        index = over + draw(st.integers(1, 5))
        first = draw(st.integers(over + 1, index + 1))
        if draw(st.booleans()):
            to = index + draw(st.integers(1, 5))
            found.append(logged(index, rotation(old, new, to=to, first=first)))
        else:
            to = draw(st.integers(over, index))
            found.append(logged(index, rotation(old, new, to=to, first=index + 1, reason=COMPROMISE)))
        over = max(to, index + 1)
    return found


@given(histories(), st.integers(0, 3), st.integers(0, 40))
def test_a_signer_signs_with_each_key_that_holds_and_no_other_or_not_at_all(
    rotations: list[LoggedRotation], held: int, size: int
) -> None:
    following = GENERATIONS[held + 1] if held + 1 < len(GENERATIONS) else None
    pair = GENERATIONS[held]
    signer = LogSigner(origin=ORIGIN, ed25519=pair.ed25519, ml_dsa_44=pair.ml_dsa_44, following=following)
    covered = tuple(one for one in rotations if one.index < size)
    known = {one.key: one for one in LogKeys(origin=ORIGIN, vkeys=signer.vkeys, rotations=covered).signing}
    try:
        note = signer.sign(size, root(size), 1, rotations)
    except LogKeyLacking:
        mine = {*signer.keys.verifiers, *signer.keys.following}
        assert any(one.holds_for(size) and key not in mine for key, one in known.items())
        return
    signed = {line.key_id for line in parse_note(note).signatures}
    for key, one in known.items():
        assert one.holds_for(size) == (key.key_id in signed)
    LogKeys(origin=ORIGIN, vkeys=signer.vkeys, rotations=covered).open(note)


@given(histories(), st.integers(0, 3))
def test_a_setting_may_pin_the_keys_of_any_time(rotations: list[LoggedRotation], pinned: int) -> None:
    wanted = LogKeys(origin=ORIGIN, vkeys=FIRST.vkeys, rotations=tuple(rotations))
    found = LogKeys(origin=ORIGIN, vkeys=GENERATIONS[min(pinned, len(rotations))].vkeys, rotations=tuple(rotations))
    assert (wanted.trusted, wanted.signing) == (found.trusted, found.signing)
    assert set(GENERATIONS[len(rotations)].vkeys) == set(found.current)


def test_after_a_compromise_the_sizes_that_were_signed_are_more_than_those_that_are_trusted() -> None:
    keys = LogKeys(
        origin=ORIGIN,
        vkeys=SECOND.vkeys,
        rotations=(logged(20, rotation(FIRST, SECOND, to=15, first=21, reason=COMPROMISE)),),
    )
    last = {str(one.key): one.last for one in keys.trusted}
    assert [15, None] == [last[FIRST.vkeys[0]], last[SECOND.vkeys[0]]]
    assert 20 == keys.open(FIRST.sign(20, root(20), 1)).checkpoint.size
    with pytest.raises(VerificationError) as refused:
        keys.open(FIRST.sign(21, root(21), 1))
    assert "key-beyond-range" == refused.value.code


def test_the_next_size_is_never_beyond_the_last_of_a_key_that_hands_over() -> None:
    keys = LogKeys(origin=ORIGIN, vkeys=FIRST.vkeys, rotations=(logged(20, rotation(FIRST, SECOND, to=30, first=18)),))
    assert [25, 30, 40, 41] == [
        keys.next_stop(signed, size) for signed, size in ((21, 25), (25, 40), (30, 40), (40, 41))
    ]
    compromised = LogKeys(
        origin=ORIGIN,
        vkeys=FIRST.vkeys,
        rotations=(logged(20, rotation(FIRST, SECOND, to=15, first=21, reason=COMPROMISE)),),
    )
    assert 40 == compromised.next_stop(10, 40)


def test_a_handover_that_a_compromise_overtook_holds_nothing_up() -> None:
    both = (
        logged(20, rotation(FIRST, SECOND, to=30, first=18)),
        logged(40, rotation(SECOND, THIRD, to=25, first=41, reason=COMPROMISE)),
    )
    keys = LogKeys(origin=ORIGIN, vkeys=FIRST.vkeys, rotations=both)
    assert [45, 30, 60] == [keys.next_stop(25, 45), keys.next_stop(25, 35), keys.next_stop(45, 60)]


def test_what_a_witness_shows_needs_a_key_of_each_type_and_none_that_is_retired() -> None:
    signer = LogSigner(origin=ORIGIN, ed25519=FIRST.ed25519, ml_dsa_44=FIRST.ml_dsa_44, following=SECOND)
    note = signer.sign(5, root(5), 1)
    alone = only_lines_of(note, SECOND.keys.verifiers)
    assert alone is not None
    assert 5 == signer.keys.open_shown(alone).checkpoint.size
    with pytest.raises(VerificationError, match="signature-missing"):
        FIRST.keys.open_shown(alone)
    half = only_lines_of(note, SECOND.keys.verifiers[:1])
    assert half is not None
    with pytest.raises(VerificationError, match="signature-missing"):
        signer.keys.open_shown(half)
    over = LogKeys(origin=ORIGIN, vkeys=FIRST.vkeys, rotations=(logged(2, rotation(FIRST, SECOND, to=4, first=2)),))
    with pytest.raises(VerificationError, match="key-beyond-range"):
        over.open_shown(note)


def test_only_some_lines_are_taken_from_a_note_and_never_none_or_all() -> None:
    signer = LogSigner(origin=ORIGIN, ed25519=FIRST.ed25519, ml_dsa_44=FIRST.ml_dsa_44, following=SECOND)
    note = signer.sign(5, root(5), 1)
    found = only_lines_of(note, SECOND.keys.verifiers)
    assert found is not None
    assert set(SECOND.keys.verifiers) == {one.key for one in open_note(found, SECOND.keys.verifiers).verified}
    assert None is only_lines_of(note, THIRD.keys.verifiers)
    assert None is only_lines_of(note, [*FIRST.keys.verifiers, *SECOND.keys.verifiers])


# --- the entry ------------------------------------------------------------------------------------------------------


def refusal(index: int, payload: LogKeyRotated, *before: tuple[int, LogKeyRotated], at_index: int | None = None) -> str:
    register = Register()
    for entry, earlier in before:
        apply(register, entry, AT, earlier)
    (holds,) = rotate(FIRST.keys, payload, at_index=at_index).preconditions
    try:
        holds(register.at(index), AT)
    except Refused as refused:
        return f"{refused.code}: {refused.detail}"
    return ""


BEFORE = 20, rotation(FIRST, SECOND, to=30, first=18)


@pytest.mark.parametrize(
    ("index", "payload", "before", "why"),
    [
        (20, rotation(FIRST, SECOND, to=30, first=18), (), ""),
        (20, rotation(FIRST, SECOND, to=20, first=21, reason=COMPROMISE), (), ""),
        (20, rotation(FIRST, SECOND, to=20, first=18), (), "conflict: The log has grown past"),
        (20, rotation(FIRST, SECOND, to=30, first=22), (), "unprocessable: A rotation of the log's keys has a new key"),
        (20, rotation(FIRST, SECOND, to=21, first=21, reason=COMPROMISE), (), "unprocessable: A rotation of"),
        (20, rotation(FIRST, SECOND, to=30, first=18, reason="whim"), (), "unprocessable: A rotation of the log's"),
        (20, rotation(SECOND, THIRD, to=30, first=18), (), "unprocessable: A key that is to end is not in use"),
        (31, rotation(SECOND, THIRD, to=40, first=31), (BEFORE,), ""),
        (31, rotation(FIRST, THIRD, to=40, first=31), (BEFORE,), "unprocessable: A key that is to end"),
        (31, rotation(SECOND, FIRST, to=40, first=31), (BEFORE,), "unprocessable: A key that is to begin"),
        (25, rotation(SECOND, THIRD, to=40, first=25), (BEFORE,), "conflict: An earlier rotation is not over"),
        (25, rotation(SECOND, THIRD, to=20, first=26, reason=COMPROMISE), (BEFORE,), ""),
        (
            20,
            stated(reason=SCHEDULED, old=[LogKey(FIRST.keys.verifiers[0])], to=30, first=18,
                   new=SECOND.keys.verifiers[:1]),
            (),
            "",
        ),
        (
            20,
            stated(reason=SCHEDULED, old=[LogKey(FIRST.keys.verifiers[0])], to=30, first=18,
                   new=SECOND.keys.verifiers),
            (),
            "unprocessable: A log has one Ed25519 and one ML-DSA-44 key",
        ),
    ],
)  # fmt: skip
def test_the_entry_is_held_against_the_register_at_the_tail(
    index: int, payload: LogKeyRotated, before: tuple[tuple[int, LogKeyRotated], ...], why: str
) -> None:
    found = refusal(index, payload, *before)
    assert found.startswith(why) if why else found == ""


def test_a_key_that_was_never_good_cannot_have_been_trusted_before_it_began() -> None:
    payload = rotation(SECOND, THIRD, to=10, first=31, reason=COMPROMISE)
    assert refusal(30, payload, (20, rotation(FIRST, SECOND, to=25, first=18))).startswith("unprocessable")


def test_the_entry_may_be_bound_to_its_place() -> None:
    payload = rotation(FIRST, SECOND, to=20, first=21, reason=COMPROMISE)
    assert ("", "conflict: The log has grown meanwhile.") == (
        refusal(20, payload, at_index=20),
        refusal(21, payload, at_index=20),
    )


def test_the_payload_is_what_a_verifier_reads() -> None:
    payload = rotation(FIRST, SECOND, to=30, first=18)
    assert payload == decode_payload(encode_payload(payload))
    found = logged(20, payload).rotation
    assert isinstance(found, Rotation)
    assert {(str(key), to) for key, to in found.old} == {(vkey, 30) for vkey in FIRST.vkeys}
    assert {(str(key), first) for key, first in found.new} == {(vkey, 18) for vkey in SECOND.vkeys}


def test_the_register_holds_every_rotation_and_a_snapshot_brings_them_back() -> None:
    register = Register()
    for index, payload in (BEFORE, (40, rotation(SECOND, THIRD, to=50, first=35))):
        apply(register, index, AT, payload)
    for one in (register, read_snapshot(write_snapshot(register))):
        assert [20, 40] == [found.entry for found in one.at(60).log_key_rotations()]
        assert [20] == [found.entry for found in one.at(40).log_key_rotations()]
        keys = FIRST.keys.after(one.at(60).log_key_rotations())
        assert [(35, None), (18, 50), (0, 30)] == list(dict.fromkeys((k.first, k.last) for k in keys.trusted))


def test_everybody_may_read_it_and_it_never_becomes_erasable() -> None:
    payload = rotation(FIRST, SECOND, to=30, first=18)
    assert (None, (), "log-key.rotated") == (readers_of(payload), organisations_of(payload), leaf_kind_of(payload))
    assert shown_to(payload, "any-body")
    entries = [Folded(20, AT, payload), Folded(40, AT, rotation(SECOND, THIRD, to=50, first=35))]
    assert [None, None] == [Influence(entries).ends(one.index) for one in entries]
