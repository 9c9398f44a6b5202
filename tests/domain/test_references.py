"""References say nothing about a person."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_client.errors import InputError
from isa_client.references import check_reference
from isa_registry.domain.references import is_nhs_number, is_subject_reference, own_reference_fault

GOOD = (
    "CMS-1234",
    "PNN-4411",
    "a001",
    "2026/0007:b",
    "0463020100",
    "case.9434765918",
    "NHS:9434765919",
    "X1-2026-11-23",
)
BAD = {
    "a name": "Jane Smith",
    "a name without a digit": "jane-smith",
    "an e-mail address": "jane1@example.org",
    "a postcode": "DH1-5UL",
    "a postcode without its gap": "DH15UL",
    "the postcode that begins as a code does": "GIR0AA",
    "the same in lower case": "gir-0aa",
    "a National Insurance number": "QQ123456C",
    "a pupil number": "H801200001001",
    "an NHS number": "9434765919",
    "an NHS number in groups": "943-476-5919",
    "an NHS number in other groups": "94/3476:5919",
    "a National Insurance number in groups": "QQ-12-34-56-C",
    "a date": "2014-02-17",
    "a date without hyphens": "20140217",
    "a day of a week": "2014-W08-1",
    "the one postcode of another form": "GIR-0AA",
    "too short": "a12",
    "too long": "a1" * 33,
    "a space": "CMS 1234",
    "a control character": "CMS\n1234",
    "a letter that is not ASCII": "CMSé1234",
    "digits that are not ASCII": "CMS-١٢٣٤",
    "nothing": "",
}


@pytest.mark.parametrize("value", GOOD)
def test_a_number_in_the_agencys_own_system_is_taken(value: str) -> None:
    assert own_reference_fault(value) is None


@pytest.mark.parametrize("value", BAD.values(), ids=BAD.keys())
def test_what_names_a_person_is_refused_with_the_way_on_and_without_repeating_it(value: str) -> None:
    fault = own_reference_fault(value)

    assert fault is not None
    assert not value or value not in fault


@pytest.mark.parametrize("value", [value for what, value in BAD.items() if "number" in what or what.startswith("a da")])
def test_a_systems_prefix_makes_a_number_a_reference(value: str) -> None:
    assert own_reference_fault(f"CMS:{value}") is None


@given(st.integers(0, 999_999_999))
def test_an_nhs_number_is_known_by_its_check_digit(nine: int) -> None:
    digits = f"{nine:09d}"
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
    valid = {f"{digits}{check % 11}"} if check != 10 else set()

    assert valid == {f"{digits}{last}" for last in range(10) if is_nhs_number(f"{digits}{last}")}


def accepted_by_the_client(value: str) -> bool:
    try:
        check_reference(value, "reference")
    except InputError:
        return False
    return True


LIKE = st.from_regex(
    r"\A([A-Za-z]{1,2}[0-9][A-Za-z0-9]?[ ._:/-]?[0-9][A-Za-z]{2}|[A-Z]{2}([._:-]?[0-9]{2}){3}[._:-]?[A-Da-d]"
    r"|[A-Z][0-9]{11}[0-9A-Z]|(19|20)[0-9]{2}-?[01][0-9]-?[0-3][0-9]|[0-9]{3}[._/-]?[0-9]{3}[._/-]?[0-9]{4}"
    r"|20[0-9]{2}-?W[0-5][0-9](-?[1-7])?)\Z"
)


@given(LIKE | st.text("aG1029-./:_W@ ", max_size=14))
def test_client_and_registry_refuse_the_same(value: str) -> None:
    """Otherwise an agency's system signs what is then refused, or sends what the client would have stopped."""
    assert (own_reference_fault(value) is None) == accepted_by_the_client(value)


@given(st.binary(min_size=32, max_size=32))
def test_a_subject_reference_is_32_bytes_in_their_one_spelling(digest: bytes) -> None:
    text = "s1_" + base64.urlsafe_b64encode(digest).decode().rstrip("=")

    assert is_subject_reference(text)
    assert not is_subject_reference(text + "=")
    assert not is_subject_reference(text[:-1])
    assert not is_subject_reference(text.removeprefix("s1_"))


def test_a_subject_reference_has_no_second_spelling() -> None:
    assert is_subject_reference("s1_" + "A" * 43)
    assert not is_subject_reference("s1_" + "A" * 42 + "B")
