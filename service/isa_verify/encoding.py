"""Text forms of bytes, numbers and JSON, each with exactly one spelling per value.

Python's own decoders are generous (`int(" ٣\\n")`, `b64decode("A!A=A==")`), and a generous decoder lets two
different files carry the same signature. Every decoder here therefore accepts only what its encoder would
have written.
"""

import base64
import binascii
import json
import re
from typing import TypeAlias

from isa_verify.errors import MalformedError

JsonValue: TypeAlias = "bool | int | str | list[JsonValue] | dict[str, JsonValue] | None"

MAX_DEPTH = 32
"""Arrays and objects nested deeper than this are refused."""

MAX_SAFE_INTEGER = 2**53 - 1
"""RFC 7493 section 2.2: beyond this, readers that hold numbers as doubles disagree."""

MAX_DECIMAL = 2**63 - 1

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_SORTING = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_KEEPING = json.JSONEncoder(ensure_ascii=False, sort_keys=False, separators=(",", ":"))

_JSON_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,15}")
_URL_SAFE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_STANDARD = bytes.maketrans(b"-_", b"+/")
_LAST = {2: frozenset(_URL_SAFE[::16]), 3: frozenset(_URL_SAFE[::4])}
_HEX = re.compile(r"(?:[0-9a-f]{2})*")


def encode_base64(data: bytes) -> str:
    """Return standard padded base64 (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str, *, size: int | None = None) -> bytes:
    """Return the bytes of canonical standard base64, of exactly `size` bytes where that is given.

    Raises `MalformedError` for any other spelling: missing or extra padding, spare bits set, other
    characters.
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise MalformedError("base64-malformed", "A value is not standard base64.") from None
    if encode_base64(data) != text:
        raise MalformedError("base64-malformed", "A value is base64, but not in its one canonical spelling.")
    if size is not None and len(data) != size:
        raise MalformedError("base64-malformed", f"A base64 value holds {len(data)} bytes instead of {size}.")
    return data


def encode_base64url(data: bytes) -> str:
    """Return unpadded URL-safe base64, as JWS uses it (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_base64url(text: str) -> bytes:
    """Return the bytes of canonical unpadded URL-safe base64.

    Raises `MalformedError` for any other spelling.
    """
    spare = len(text) % 4
    if not text.isascii() or spare == 1 or (written := text.encode()).translate(None, _URL_SAFE):
        raise MalformedError("base64url-malformed", "A value is not URL-safe base64.")
    if spare and written[-1] not in _LAST[spare]:
        # The bits that stand for nothing are zero.
        raise MalformedError("base64url-malformed", "A value is not canonical, unpadded URL-safe base64.")
    return binascii.a2b_base64(written.translate(_STANDARD) + b"=" * (-spare % 4))


def decode_hex(text: str, size: int) -> bytes:
    """Return the `size` bytes that lower-case hexadecimal spells. Raises `MalformedError` otherwise."""
    if len(text) != 2 * size or _HEX.fullmatch(text) is None:
        raise MalformedError("hex-malformed", f"A value is not {size} bytes in lower-case hexadecimal.")
    return bytes.fromhex(text)


def parse_decimal(text: str) -> int:
    """Return a number from 0 to 2**63-1 written in ASCII digits without sign, spaces or leading zeros."""
    if _DECIMAL.fullmatch(text) is None or (value := int(text)) > MAX_DECIMAL:
        raise MalformedError("decimal-malformed", "A number is not a plain decimal between 0 and 2^63-1.")
    return value


def canonical_json(value: object) -> bytes:
    """Return the RFC 8785 form of a value made of null, booleans, integers, strings, lists and string-keyed
    dicts.

    Integers lie within ±(2**53-1). Raises `MalformedError` for floats, larger integers, other types, lone
    surrogates, and nesting deeper than `MAX_DEPTH`.
    """
    plain = _check(value, 0)
    # The standard library escapes what ECMAScript's JSON.stringify escapes, in the same spelling.
    text = _SORTING.encode(value) if plain else _KEEPING.encode(_in_order(value))
    return text.encode("utf-8")


def parse_canonical_json(data: bytes) -> JsonValue:
    """Return the value of JSON that is already in the form `canonical_json` writes.

    Raises `MalformedError` for everything else, including other spellings of the same value.
    """
    value = _parse(data)
    if canonical_json(value) != data:
        raise MalformedError("json-not-canonical", "The JSON is valid but not in its RFC 8785 canonical form.")
    return value


def parse_json_strict(data: bytes) -> JsonValue:
    """Return the value of JSON in any layout, under the same limits as `canonical_json`.

    Raises `MalformedError` for what is not UTF-8 JSON, for duplicate members, floats and over-deep nesting.
    """
    value = _parse(data)
    # Without an escape there is no half of a pair, and with few brackets no depth: most documents need no walk.
    if b"\\u" in data or data.count(b"{") + data.count(b"[") > MAX_DEPTH:
        _check(value, 0)
    return value


def _parse(data: bytes) -> JsonValue:
    try:
        value: JsonValue = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object_without_duplicates,
            parse_int=_safe_integer,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise MalformedError("json-malformed", "The text is not UTF-8 JSON.") from None
    except RecursionError:
        raise _too_deep() from None
    return value


def _object_without_duplicates(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedError("json-duplicate-member", "A JSON object names the same member twice.")
    return members


def _safe_integer(text: str) -> int:
    if _JSON_INTEGER.fullmatch(text) is None or abs(value := int(text)) > MAX_SAFE_INTEGER:
        raise MalformedError("json-number-refused", "A JSON number is not an integer within ±(2^53-1).")
    return value


def _refuse_number(_text: str) -> JsonValue:
    raise MalformedError("json-number-refused", "A JSON number is not an integer within ±(2^53-1).")


def _too_deep() -> MalformedError:
    return MalformedError("json-too-deep", f"The JSON is nested deeper than {MAX_DEPTH} levels.")


def _check(value: object, depth: int) -> bool:
    """Refuse what canonical JSON does not carry; return whether plain sorting puts every member in order.

    RFC 8785 sorts by UTF-16 code units, which is the order of code points for ASCII names, and not for all.
    """
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, str):
        _check_text(value)
        return True
    if isinstance(value, int):
        if abs(value) > MAX_SAFE_INTEGER:
            _refuse_number("")
        return True
    if not isinstance(value, list | dict):
        raise MalformedError("json-type-refused", "A value has a type that canonical JSON does not carry here.")
    if depth >= MAX_DEPTH:
        raise _too_deep()
    plain = True
    if isinstance(value, list):
        for item in value:
            plain &= _check(item, depth + 1)
        return plain
    for name, item in value.items():
        if not isinstance(name, str):
            raise MalformedError("json-type-refused", "A JSON object has a member name that is not a string.")
        _check_text(name)
        plain &= _check(item, depth + 1) and name.isascii()
    return plain


def _in_order(value: object) -> object:
    if isinstance(value, list):
        return [_in_order(item) for item in value]
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: str(name).encode("utf-16-be"))
        return {name: _in_order(value[name]) for name in names}
    return value


def _check_text(text: str) -> None:
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise _lone_surrogate() from None


def _lone_surrogate() -> MalformedError:
    return MalformedError("json-lone-surrogate", "A string holds half of a surrogate pair, which is no character.")
