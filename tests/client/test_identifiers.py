"""UUID version 7: RFC 9562 section 5.7 and its example in appendix A.6."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_client.identifiers import is_check_id, is_event_id, new_event_id, uuid7

moments = st.integers(0, 2**48 - 1)
entropies = st.binary(min_size=10, max_size=10)


def test_the_example_of_the_rfc_is_made_from_its_time_and_its_random_bits() -> None:
    # Appendix A.6: unix_ts_ms 0x017F22E279B0, rand_a 0xCC3, rand_b 0b01 and 0x8C4DC0C0C07398F
    entropy = (0xCC3).to_bytes(2, "big") + (0x18C4DC0C0C07398F).to_bytes(8, "big")
    assert uuid7(0x017F22E279B0, entropy) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(moments, entropies)
def test_version_variant_and_time_are_where_the_rfc_puts_them(milliseconds: int, entropy: bytes) -> None:
    made = uuid7(milliseconds, entropy)
    parsed = uuid.UUID(made)
    assert (parsed.version, parsed.variant, parsed.int >> 80) == (7, uuid.RFC_4122, milliseconds)
    assert is_event_id(made)


@given(moments, moments, entropies, entropies)
def test_a_later_millisecond_sorts_later_whatever_the_random_bits(a: int, b: int, one: bytes, two: bytes) -> None:
    if a != b:
        assert (uuid7(a, one) < uuid7(b, two)) == (a < b)


@pytest.mark.parametrize(("milliseconds", "size"), [(-1, 10), (2**48, 10), (0, 9), (0, 11)])
def test_what_does_not_fit_is_refused(milliseconds: int, size: int) -> None:
    with pytest.raises(ValueError, match="48-bit"):
        uuid7(milliseconds, bytes(size))


def test_fresh_ids_differ() -> None:
    assert len({new_event_id() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "text",
    [
        "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
        "017f22e2-79b0-4cc3-98c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-c8c4-dc0c0c07398f",
        "017f22e279b07cc398c4dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n",
        "../../checks",
    ],
)
def test_any_other_spelling_is_not_an_event_id(text: str) -> None:
    assert not is_event_id(text)


def test_the_id_of_a_check_cannot_leave_its_place_in_an_address() -> None:
    assert is_check_id("chk_01hzz")
    assert not any(is_check_id(text) for text in ("chk_", "chk_a/b", "chk_..", "chk_a?b", "evt_1", "chk_a\n"))
