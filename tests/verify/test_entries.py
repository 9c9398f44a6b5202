"""The quick way of recognising entries accepts exactly what reading each one strictly accepts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_verify.entries import EntryChain
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.leaf import FIRST_PREV, Leaf
from isa_verify.merkle import leaf_hash
from verify.published_log import ORIGIN, make_entries

ENTRIES = make_entries(12)
KINDS = ["record", "registry.opened", "log-key.rotated"]


def tile_of(entries: list[bytes]) -> bytes:
    return b"".join(leaf_hash(entry) for entry in entries)


def strictly(entries: list[bytes]) -> str | None:
    """The code with which reading one entry after the other ends."""
    previous, at = FIRST_PREV, ""
    for index, entry in enumerate(entries):
        try:
            leaf = Leaf.parse(entry)
        except MalformedError as error:
            return error.code
        for wrong, code in (
            (leaf.origin != ORIGIN, "origin-mismatch"),
            (leaf.seq != index, "index-mismatch"),
            (leaf.prev != previous, "chain-broken"),
            (leaf.at < at, "time-fell"),
        ):
            if wrong:
                return code
        previous, at = leaf_hash(entry).hex(), leaf.at
    return None


def quickly(entries: list[bytes]) -> str | None:
    chain = EntryChain(ORIGIN)
    try:
        chain.check(0, entries, tile_of(entries))
    except VerificationError as error:
        return error.code
    return None


def rechained(entries: list[bytes], start: int, **members: object) -> list[bytes]:
    """The entries with one of them changed and all that follow made to follow it."""
    made = entries[:start]
    for index, entry in enumerate(entries[start:], start=start):
        leaf = Leaf.parse(entry)
        fields = {name: getattr(leaf, name) for name in ("origin", "seq", "at", "kind", "commitment")}
        if index == start:
            fields |= members
        made.append(Leaf(prev=leaf_hash(made[-1]).hex() if made else FIRST_PREV, **fields).encode())
    return made


@given(st.integers(0, 11), st.integers(0, 300), st.sampled_from([1, 2, 4, 8, 16, 32, 64, 128]))
def test_a_flipped_bit_anywhere(index: int, position: int, bit: int) -> None:
    entry = ENTRIES[index]
    place = position % len(entry)
    changed = entry[:place] + bytes([entry[place] ^ bit]) + entry[place + 1 :]
    entries = [*ENTRIES[:index], changed, *ENTRIES[index + 1 :]]
    assert strictly(entries) == quickly(entries)
    # A time or a commitment in the last entry can be another one, and the entries still be in order.
    assert quickly(entries) is not None or index == len(ENTRIES) - 1


@given(
    st.integers(0, 11),
    st.sampled_from(KINDS),
    st.datetimes().map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z".zfill(24)),
)
def test_any_kind_and_time(index: int, kind: str, at: str) -> None:
    entries = rechained(ENTRIES, index, kind=kind, at=at)
    assert strictly(entries) == quickly(entries)
    assert quickly(rechained(ENTRIES, index, kind=kind)) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"at":"2026-04-01', b'"at":"2026-04-31'),
        (b'"at":"2026-04-01', b'"at":"2026-4-001'),
        (b"T00:00:05.000Z", b"T00:00:60.000Z"),
        (b"T00:00:05.000Z", b"T24:00:05.000Z"),
        (b"T00:00:05.000Z", b"T00:00:05.0000"),
        (b"T00:00:05.000Z", b"T00:00:05,000Z"),
        (b'"kind":"record"', b'"kind":"Record"'),
        (b'"kind":"record"', b'"kind":""'),
        (b'"kind":"record"', b'"kind":"record","kind":"record"'),
        (b'"kind":"record"', b'"kind":"' + b"a" * 65 + b'"'),
        (b'"kind":"record"', b'"kind":"a%b"'),
        (b'"commitment":"', b'"commitment":"A'),
        (b'"seq":5', b'"seq":05'),
        (b'"v":1}', b'"v":1 }'),
        (b'"v":1}', b'"v":2}'),
        (b'"v":1}', b'"v":1,"x":1}'),
        (b'{"at"', b'{"aa":1,"at"'),
        (b"registry.example.org", b"registry.example.net"),
    ],
)
def test_an_entry_in_no_form_of_a_leaf(old: bytes, new: bytes) -> None:
    assert old in ENTRIES[5]
    entries = [*ENTRIES[:5], ENTRIES[5].replace(old, new, 1)]
    assert strictly(entries) == quickly(entries) is not None


@pytest.mark.parametrize("start", [1, 5])
def test_a_run_from_the_middle_says_what_it_took_at_its_word(start: int) -> None:
    chain = EntryChain(ORIGIN, None)
    chain.check(start, ENTRIES[start:], tile_of(ENTRIES[start:]))
    assert chain.first_previous == leaf_hash(ENTRIES[start - 1]).hex()
    assert (chain.first_at, chain.at) == (Leaf.parse(ENTRIES[start]).at, Leaf.parse(ENTRIES[-1]).at)
    assert chain.previous == leaf_hash(ENTRIES[-1]).hex()


def test_a_hash_that_is_not_the_entrys() -> None:
    tile = tile_of(ENTRIES)
    with pytest.raises(VerificationError, match="entry-mismatch: Entry 11"):
        EntryChain(ORIGIN).check(0, ENTRIES, tile[:-1] + bytes([tile[-1] ^ 1]))


def test_an_origin_that_looks_like_a_form_is_taken_as_it_is() -> None:
    origin = "a%b%d/é"
    leaf = Leaf(origin, 0, FIRST_PREV, "2026-04-01T00:00:00.000Z", "record", "0" * 64)
    chain = EntryChain(origin)
    chain.check(0, [leaf.encode()], leaf.hash())
    assert chain.previous == leaf.hash().hex()
