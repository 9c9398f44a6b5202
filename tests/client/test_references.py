"""References: a person only ever appears as a keyed hash, a case only as a code of the agency's own system."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from isa_client.errors import InputError
from isa_client.references import (
    check_reference,
    check_subject_reference,
    nhs_number,
    read_subject_key,
    subject_reference,
)
from isa_verify.encoding import encode_base64url

KEY = bytes(range(32))


def test_a_subject_reference_is_the_hmac_that_any_other_tool_computes() -> None:
    # printf 'local-child-77' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0001…1f -binary | basenc --base64url
    assert subject_reference(KEY, "local-child-77") == "s1_K_g2gFkcDNrpByChadmOVcJqg1JhSqFEIIPl5UZdlMQ"


def test_an_identifier_is_hashed_as_utf_8() -> None:
    # printf 'Zoë-1' | openssl dgst … (the same key)
    assert subject_reference(KEY, "Zoë-1") != subject_reference(KEY, "Zoe-1")


@given(st.binary(min_size=32, max_size=32), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_reference_has_the_published_form_and_is_stable(key: bytes, identifier: str) -> None:
    if identifier.strip():
        made = subject_reference(key, identifier)
        assert check_subject_reference(made) == made == subject_reference(key, identifier)


def test_two_bodies_cannot_match_their_references() -> None:
    assert subject_reference(KEY, "local-child-77") != subject_reference(KEY[::-1], "local-child-77")


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(InputError, match="exactly 32 bytes"):
        subject_reference(bytes(size), "local-child-77")


@pytest.mark.parametrize("identifier", ["", "  ", "\ud800"])
def test_an_identifier_that_is_none_is_refused(identifier: str) -> None:
    with pytest.raises(InputError, match="identifier"):
        subject_reference(KEY, identifier)


@pytest.mark.parametrize("text", ["s1_", "s1_" + "A" * 42, "s1_" + "A" * 42 + "B", "s2_" + "A" * 43, "A" * 46])
def test_another_form_is_not_a_subject_reference(text: str) -> None:
    with pytest.raises(InputError, match="s1_"):
        check_subject_reference(text)


def test_a_subject_key_file_holds_base64url_text(tmp_path: Path) -> None:
    path = tmp_path / "own.subject-key"
    path.write_text(encode_base64url(KEY) + "\n")
    assert read_subject_key(path) == KEY


@pytest.mark.parametrize("content", [b"", KEY, encode_base64url(KEY[:31]).encode(), b"+" * 43, b"A" * 43 + b"="])
def test_a_bad_subject_key_file_is_named_and_never_quoted(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "own.subject-key"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"own\.subject-key does not hold 32 bytes") as caught:
        read_subject_key(path)
    assert content == b"" or content.decode("latin-1") not in str(caught.value)


def test_a_missing_subject_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_subject_key(tmp_path / "none")


@pytest.mark.parametrize(
    "text",
    ["CMS-1234", "a1/b2:c3", "LL/2026-01-31", "CMS-943-476-5919", "0001", "x" * 63 + "1", "9434765918", "0463020100"],
)
def test_a_code_of_the_agencys_own_system_is_a_reference(text: str) -> None:
    assert check_reference(text, "case record") == text


@pytest.mark.parametrize(
    "text", ["", "abc", "CMS", "no-digits", "-1234", "CMS 1234", "CMS-1234\n", "é1234", "x" * 64 + "1"]
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputError, match="such as CMS-1234"):
        check_reference(text, "case record")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("jo.bloggs1@example.org", "an e-mail address"),
        ("DH1 5UL", "a postcode"),
        ("dh15ul", "a postcode"),
        ("W1A-0AX", "a postcode"),
        ("QQ123456C", "a National Insurance number"),
        ("qq-12-34-56-c", "a National Insurance number"),
        ("A123456789012", "a unique pupil number"),
        ("B12345678901C", "a unique pupil number"),
        ("2014-02-28", "a date"),
        ("20140228", "a date"),
        ("9434765919", "an NHS number"),
        ("943-476-5919", "an NHS number"),
        ("943 476 5919", "an NHS number"),
    ],
)
def test_what_identifies_a_person_is_refused_with_the_way_out_and_never_quoted(text: str, what: str) -> None:
    with pytest.raises(InputError, match=f"The case record looks like {what}.*CMS-") as caught:
        check_reference(text, "case record")
    assert text not in str(caught.value)


@given(st.integers(0, 10**9 - 1))
@example(46302010)
def test_of_ten_numbers_that_differ_in_the_last_digit_at_most_one_is_an_nhs_number(stem: int) -> None:
    refused = 0
    for last in range(10):
        try:
            check_reference(f"{stem:09}{last}", "case record")
        except InputError:
            refused += 1
    assert refused <= 1


@pytest.mark.parametrize(
    "text", ["9434765919", "943 476 5919", " 943-476-5919\n", "943\u00a0476\u00a05919", "9 4 3 4 7 6 5 9 1 9"]
)
def test_every_spelling_of_an_nhs_number_is_one_identifier(text: str) -> None:
    assert nhs_number(text) == "9434765919"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("9434765918", "a digit is mistyped"),
        ("9434756919", "a digit is mistyped"),
        ("0000000060", "a digit is mistyped"),
        ("", "ten digits"),
        ("943476591", "ten digits"),
        ("94347659190", "ten digits"),
        ("943.476.5919", "ten digits"),
        ("NHS 943 476 5919", "ten digits"),
        ("٩٤٣٤٧٦٥٩١٩", "ten digits"),
        ("943476591\u0969", "ten digits"),
    ],
)
def test_what_is_no_nhs_number_is_refused_and_never_quoted(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        nhs_number(text)
    assert text == "" or text not in str(caught.value)


@given(st.integers(0, 10**9 - 1), st.integers(0, 9), st.integers(1, 9))
def test_one_mistyped_digit_never_passes_for_another_persons_number(stem: int, place: int, change: int) -> None:
    digits = f"{stem:09}"
    last = (11 - sum(int(digit) * (10 - at) for at, digit in enumerate(digits)) % 11) % 11
    if last < 10:
        whole = f"{digits}{last}"
        assert nhs_number(whole) == whole
        mistyped = whole[:place] + str((int(whole[place]) + change) % 10) + whole[place + 1 :]
        with pytest.raises(InputError, match="mistyped"):
            nhs_number(mistyped)
