import base64
import json
import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_verify.encoding import (
    MAX_DEPTH,
    MAX_SAFE_INTEGER,
    canonical_json,
    decode_base64,
    decode_base64url,
    decode_hex,
    encode_base64,
    encode_base64url,
    parse_canonical_json,
    parse_decimal,
    parse_json_strict,
)
from isa_verify.errors import MalformedError

CHARACTERS = st.characters(exclude_categories=["Cs"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER) | st.text(CHARACTERS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(CHARACTERS), inner, max_size=4),
    max_leaves=20,
)


def naive_canonical(value: object) -> str:
    """RFC 8785 by hand: members in UTF-16 order, ECMAScript's escapes."""
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: list(utf16_units(member[0])))
        return "{" + ",".join(f"{naive_canonical(k)}:{naive_canonical(v)}" for k, v in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(naive_canonical(item) for item in value) + "]"
    if isinstance(value, str):
        named = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
        escaped = (named.get(c, f"\\u{ord(c):04x}" if ord(c) < 32 else c) for c in value)
        return '"' + "".join(escaped) + '"'
    return {None: "null", True: "true", False: "false"}[value] if isinstance(value, bool | None) else str(value)


def utf16_units(text: str) -> list[int]:
    data = text.encode("utf-16-be")
    return [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]


def code_of(function: Callable[..., object], *arguments: object, **options: object) -> str:
    with pytest.raises(MalformedError) as caught:
        function(*arguments, **options)
    return caught.value.code


class TestBase64:
    @given(st.binary())
    def test_every_value_survives_a_round_trip(self, data: bytes) -> None:
        assert data == decode_base64(encode_base64(data))
        assert data == decode_base64url(encode_base64url(data))

    @given(st.text(string.ascii_letters + string.digits + "+/-_= \n", max_size=12))
    def test_what_decodes_is_the_only_spelling_of_its_value(self, text: str) -> None:
        for decode, encode in ((decode_base64, encode_base64), (decode_base64url, encode_base64url)):
            try:
                data = decode(text)
            except MalformedError:
                continue
            assert text == encode(data)

    @pytest.mark.parametrize(
        "text", ["AB==", "A!A*A=A==", "AA", "AA=", "AA===", "AAA=A", "AA==\n", " AA==", "-_8=", "AÀ==", "٣A=="]
    )
    def test_other_spellings_are_refused(self, text: str) -> None:
        assert code_of(decode_base64, text) == "base64-malformed"

    @pytest.mark.parametrize("text", ["AB", "AA==", "A", "AA\n", "+/8", "AÀ", "A!A"])
    def test_other_url_safe_spellings_are_refused(self, text: str) -> None:
        assert code_of(decode_base64url, text) == "base64url-malformed"

    def test_a_value_of_another_size_is_refused(self) -> None:
        assert decode_base64("AA==", size=1) == b"\0"
        assert code_of(decode_base64, "AA==", size=2) == "base64-malformed"

    def test_the_traps_are_real(self) -> None:
        """What is refused above is accepted by the standard library."""
        assert base64.b64decode("AB==", validate=True) == b"\0"
        assert int("٣") == 3 and int(" 1_0\n") == 10


class TestHex:
    def test_lower_case_of_the_right_size_is_accepted(self) -> None:
        assert decode_hex("00ff", 2) == b"\x00\xff"

    @pytest.mark.parametrize("text", ["00FF", "00f", "00ff0", " 00f", "0x00", "00f ", "٠٠ff", "00ff\n"])
    def test_other_spellings_are_refused(self, text: str) -> None:
        assert code_of(decode_hex, text, 2) == "hex-malformed"


class TestDecimal:
    @given(st.integers(0, 2**63 - 1))
    def test_every_number_survives_a_round_trip(self, value: int) -> None:
        assert value == parse_decimal(str(value))

    @pytest.mark.parametrize(
        "text",
        ["", "00", "01", "-0", "-1", "+1", "1_0", " 1", "1 ", "1\n", "٣", "１", "1e3", "0x1", str(2**63), "9" * 5000],
    )
    def test_other_spellings_are_refused(self, text: str) -> None:
        assert code_of(parse_decimal, text) == "decimal-malformed"


class TestCanonicalJson:
    @given(VALUES)
    def test_it_agrees_with_a_naive_reading_of_rfc_8785(self, value: object) -> None:
        assert naive_canonical(value).encode() == canonical_json(value)

    @given(VALUES)
    def test_every_value_survives_a_round_trip(self, value: object) -> None:
        assert value == parse_canonical_json(canonical_json(value))

    @given(VALUES)
    def test_a_strict_reader_takes_any_layout(self, value: object) -> None:
        assert value == parse_json_strict(json.dumps(value, indent=2).encode())

    @given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
    def test_what_parses_is_the_only_spelling_of_its_value(self, data: bytes) -> None:
        try:
            value = parse_canonical_json(data)
        except MalformedError:
            return
        assert data == canonical_json(value)

    def test_members_are_in_the_order_of_utf_16_code_units(self) -> None:
        """RFC 8785 section 3.2.3: an astral character sorts below U+FB33, unlike in code point order."""
        value = {"\u20ac": 0, "\r": 0, "\ufb33": 0, "1": 0, "\U0001f600": 0, "\x80": 0, "\xf6": 0}
        parsed = json.loads(canonical_json(value))
        assert list(parsed) == ["\r", "1", "\x80", "\xf6", "\u20ac", "\U0001f600", "\ufb33"]

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b'{"a": 1}', "json-not-canonical"),
            (b'{"b":1,"a":1}', "json-not-canonical"),
            (b'"\\u0041"', "json-not-canonical"),
            (b'"\\/"', "json-not-canonical"),
            (b'"\\u001F"', "json-not-canonical"),
            (b"1\n", "json-not-canonical"),
            (b"-0", "json-number-refused"),
            (b"1.0", "json-number-refused"),
            (b"1e2", "json-number-refused"),
            (b"NaN", "json-number-refused"),
            (b"-Infinity", "json-number-refused"),
            (str(2**53).encode(), "json-number-refused"),
            (b"9" * 5000, "json-number-refused"),
            (b'{"a":1,"a":1}', "json-duplicate-member"),
            (b'{"a":1,"\\u0061":2}', "json-duplicate-member"),
            (b'"\\ud800"', "json-lone-surrogate"),
            (b'{"\\ud800":1}', "json-lone-surrogate"),
            (b'"\xff"', "json-malformed"),
            (b"\xef\xbb\xbf1", "json-malformed"),
            (b"", "json-malformed"),
            (b"1 2", "json-malformed"),
            (b'"\n"', "json-malformed"),
            (b"'a'", "json-malformed"),
            (b"01", "json-malformed"),
            ("\u0661".encode(), "json-malformed"),
            (b"\xed\xa0\x80", "json-malformed"),
        ],
    )
    def test_other_text_is_refused_by_name(self, data: bytes, code: str) -> None:
        assert code == code_of(parse_canonical_json, data)

    @pytest.mark.parametrize("opening", [b"[", b'{"a":'])
    def test_nesting_is_bounded(self, opening: bytes) -> None:
        closing = b"]" if opening == b"[" else b"}"
        deepest = opening * MAX_DEPTH + b"1" + closing * MAX_DEPTH
        if opening == b"[":
            assert deepest == canonical_json(parse_canonical_json(deepest))
        for depth in (MAX_DEPTH + 1, 900, 100_000):
            data = opening * depth + b"1" + closing * depth
            assert code_of(parse_canonical_json, data) == "json-too-deep"
            assert code_of(parse_json_strict, data) == "json-too-deep"

    @pytest.mark.parametrize("value", [1.5, float("nan"), b"a", (1,), {1: 2}, {"a", "b"}, [object()]])
    def test_other_types_are_refused(self, value: object) -> None:
        assert code_of(canonical_json, value) == "json-type-refused"

    @pytest.mark.parametrize("value", [2**53, -(2**53), [2**63]])
    def test_integers_that_doubles_cannot_hold_are_refused(self, value: object) -> None:
        assert code_of(canonical_json, value) == "json-number-refused"

    def test_a_value_that_holds_itself_is_refused(self) -> None:
        value: list[object] = []
        value.append(value)
        assert code_of(canonical_json, value) == "json-too-deep"


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(st.one_of(st.text(alphabet=ALPHABET, max_size=70), st.text(alphabet=ALPHABET + "+/= \n\u00e9", max_size=12)))
def test_base64url_is_taken_in_the_one_spelling_that_the_library_writes(text: str) -> None:
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        expected = data if encode_base64url(data) == text else None
    except ValueError:
        expected = None
    try:
        assert expected == decode_base64url(text)
    except MalformedError as error:
        assert error.code == "base64url-malformed"
        assert expected is None
