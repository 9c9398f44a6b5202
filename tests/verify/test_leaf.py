import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_verify.encoding import canonical_json
from isa_verify.errors import MalformedError
from isa_verify.leaf import FIRST_PREV, Leaf, commitment
from isa_verify.merkle import leaf_hash
from verify.published_log import ORIGIN, flipped

LEAF = Leaf(ORIGIN, 7, "ab" * 32, "2026-04-01T09:30:00.250Z", "record", "cd" * 32)
MEMBERS = json.loads(LEAF.encode())
NAUGHTY_TIMES = [
    "2026-04-01T09:30:00Z",
    "2026-04-01T09:30:00.25Z",
    "2026-04-01T09:30:00.250000Z",
    "2026-04-01T09:30:00.250+00:00",
    "2026-04-01t09:30:00.250z",
    "2026-04-01 09:30:00.250Z",
    "2026-02-30T09:30:00.250Z",
    "2025-02-29T09:30:00.250Z",
    "2026-04-01T24:00:00.000Z",
    "2026-04-01T09:60:00.250Z",
    "2026-04-01T09:30:60.000Z",
    "0000-04-01T09:30:00.250Z",
    "2026-13-01T09:30:00.250Z",
    "2026-04-01T09:30:00.250Z\n",
    "٢٠٢٦-04-01T09:30:00.250Z",
    "20260401T093000.250Z",
    "",
]


def refusal(data: bytes, **options: int) -> str:
    with pytest.raises(MalformedError) as caught:
        Leaf.parse(data, **options)
    return caught.value.code


def test_a_leaf_is_seven_members_of_canonical_json() -> None:
    assert list(MEMBERS) == ["at", "commitment", "kind", "origin", "prev", "seq", "v"]
    assert Leaf.parse(LEAF.encode()) == LEAF
    assert leaf_hash(LEAF.encode()) == LEAF.hash()


@given(
    st.integers(1, 2**53 - 1), st.datetimes(), st.from_regex(r"[a-z]{1,9}(\.[a-z]{1,9}(-[a-z]{1,9})?)?", fullmatch=True)
)
def test_every_leaf_survives_a_round_trip(seq: int, at: object, kind: str) -> None:
    leaf = Leaf(ORIGIN, seq, "ab" * 32, f"{at.isoformat(timespec='milliseconds')}Z", kind, "cd" * 32)
    assert leaf == Leaf.parse(leaf.encode())


def test_other_spellings_of_the_same_leaf_are_refused() -> None:
    assert refusal(json.dumps(MEMBERS).encode()) == "leaf-not-canonical"
    assert refusal(LEAF.encode() + b"\n") == "leaf-not-canonical"
    assert refusal(json.dumps(dict(reversed(MEMBERS.items())), separators=(",", ":")).encode()) == "leaf-not-canonical"
    assert refusal(b"\xff") == "leaf-not-canonical"


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_exactly_these_members_are_accepted(name: str) -> None:
    without = {key: value for key, value in MEMBERS.items() if key != name}
    assert refusal(canonical_json(without)) == "leaf-malformed"
    assert refusal(canonical_json({**without, name.upper(): MEMBERS[name]})) == "leaf-malformed"
    assert refusal(canonical_json({**MEMBERS, "extra": 1})) == "leaf-malformed"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("v", 2),
        ("v", True),
        ("v", "1"),
        ("seq", -1),
        ("seq", "7"),
        ("seq", None),
        ("seq", True),
        ("seq", 0),
        ("origin", ""),
        ("origin", "a b"),
        ("origin", 1),
        ("prev", "AB" * 32),
        ("prev", "ab" * 31),
        ("prev", None),
        ("commitment", "cd" * 33),
        ("commitment", ["cd" * 32]),
        ("kind", ""),
        ("kind", "Record"),
        ("kind", "a..b"),
        ("kind", "a.b."),
        ("kind", "a b"),
        ("kind", "a\n"),
        ("kind", "a" * 65),
        *(("at", time) for time in NAUGHTY_TIMES),
    ],
)
def test_other_values_are_refused(name: str, value: object) -> None:
    assert refusal(canonical_json({**MEMBERS, name: value})) == "leaf-malformed"


def test_values_that_are_no_json_of_ours_are_refused() -> None:
    for data in (b"null", b"[]", b'"leaf"', canonical_json([MEMBERS])):
        assert refusal(data) == "leaf-malformed"


def test_a_leaf_larger_than_allowed_is_refused_unread() -> None:
    assert refusal(b"x" * 65536) == "leaf-too-large"
    assert refusal(LEAF.encode(), max_size=len(LEAF.encode()) - 1) == "leaf-too-large"
    assert Leaf.parse(LEAF.encode(), max_size=len(LEAF.encode())) == LEAF


def test_the_first_leaf_has_none_before_it() -> None:
    first = Leaf(ORIGIN, 0, FIRST_PREV, LEAF.at, "registry.opened", LEAF.commitment)
    assert first == Leaf.parse(first.encode())


def test_a_leaf_day_may_be_a_leap_day() -> None:
    assert Leaf(ORIGIN, 1, "ab" * 32, "2028-02-29T00:00:00.000Z", "a", "cd" * 32).at == "2028-02-29T00:00:00.000Z"


class TestCommitment:
    def test_it_is_an_hmac_over_scheme_kind_and_payload_keyed_with_the_salt(self) -> None:
        salt, payload = bytes(range(32)), b'{"kind":"check.answered"}'
        expected = hmac.new(salt, b"isa-registry/v1\nrecord\n" + payload, hashlib.sha256).hexdigest()
        assert expected == commitment("record", payload, salt)

    def test_it_changes_with_every_byte_of_its_parts(self) -> None:
        salt, payload = bytes(range(32)), b'{"kind":"a"}'
        found = {commitment("a", payload, salt), commitment("b", payload, salt)}
        found |= {commitment("a", flipped(payload, position), salt) for position in range(len(payload))}
        found |= {commitment("a", payload, flipped(salt, position)) for position in range(32)}
        assert 2 + len(payload) + 32 == len(found)

    @pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
    def test_a_salt_of_another_length_is_refused(self, size: int) -> None:
        """HMAC pads its key with zeros, so that a shorter salt could stand for a longer one."""
        with pytest.raises(MalformedError, match="salt-malformed"):
            commitment("record", b"{}", bytes(size))

    def test_a_kind_that_could_run_into_the_payload_is_refused(self) -> None:
        with pytest.raises(MalformedError, match="leaf-malformed"):
            commitment("record\nx", b"{}", bytes(32))
