"""References into an agency's own systems: opaque for cases and staff, keyed for people.

Nothing that identifies a person leaves the agency. A person is named by `subject_reference`, which only the
agency's own key can make again; a case and a member of staff by a code of the agency's own system.
"""

import hashlib
import hmac
import re
from datetime import date
from pathlib import Path

from isa_client.errors import InputError
from isa_verify.encoding import decode_base64url, encode_base64url
from isa_verify.errors import MalformedError

SUBJECT_KEY_SIZE = 32

_SUBJECT_REFERENCE = re.compile(r"s1_[A-Za-z0-9_-]{43}")
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{3,63}")

_NATIONAL_INSURANCE = re.compile(r"[A-Z]{2}[0-9]{6}[A-D]", re.IGNORECASE)
_POSTCODE = re.compile(r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?|GIR)[ .:/_-]?[0-9][A-Z]{2}", re.IGNORECASE)
_PUPIL_NUMBER = re.compile(r"[A-HJ-NP-RT-Z][0-9]{11}[0-9A-Z]", re.IGNORECASE)
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}|[0-9]{4}-?W[0-9]{2}(?:-?[1-7])?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_SEPARATORS = re.compile(r"[ .:/_-]")


def subject_reference(key: bytes, identifier: str) -> str:
    """Return `s1_` and the base64url HMAC-SHA-256 of the identifier's UTF-8 bytes under the organisation's own key.

    The same identifier under the same key always gives the same reference. Surrounding white space is part of the
    identifier, so trim it at the source. Raises `InputError` for a key that is not 32 bytes or an empty identifier.
    """
    if len(key) != SUBJECT_KEY_SIZE:
        raise InputError("subject-key-malformed", "A subject-reference key is exactly 32 bytes.")
    if not identifier.strip():
        raise InputError("subject-identifier-empty", "The identifier of a person is empty.")
    try:
        message = identifier.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError("subject-identifier-malformed", "The identifier of a person is not UTF-8 text.") from None
    return "s1_" + encode_base64url(hmac.new(key, message, hashlib.sha256).digest())


def check_subject_reference(text: str) -> str:
    """Return the text if it has the form that `subject_reference` makes; raise `InputError` otherwise."""
    if _SUBJECT_REFERENCE.fullmatch(text) is not None:
        try:
            decode_base64url(text.removeprefix("s1_"))
        except MalformedError:
            pass
        else:
            return text
    raise InputError("subject-reference-malformed", "A subject's reference is s1_ and 43 base64url characters.")


def nhs_number(text: str) -> str:
    """Return an NHS number as ten digits, however it was spaced, once its check digit is right.

    It is an identifier of the agency's own records like any other: make a `subject_reference` of what this returns, so
    that every spelling of one number gives one reference, and a mistyped one gives none. The number itself is never
    sent. Raises `InputError`, which does not repeat it.
    """
    digits = re.sub(r"[ \u00a0-]", "", text.strip())
    if re.fullmatch(r"[0-9]{10}", digits) is None:
        raise InputError("nhs-number-malformed", "This is not an NHS number: ten digits, with or without spaces.")
    if not _is_nhs_number(digits):
        raise InputError("nhs-number-mistyped", "The NHS number's check digit is wrong: a digit is mistyped.")
    return digits


def read_subject_key(path: Path) -> bytes:
    """Return the 32 bytes that the file holds as unpadded base64url text, with or without a final line feed.

    Raises `InputError`, which never repeats the file's content.
    """
    try:
        key = decode_base64url(path.read_text(encoding="ascii").removesuffix("\n"))
    except OSError:
        raise InputError("subject-key-unreadable", f"The subject-reference key {path} cannot be read.") from None
    except (UnicodeDecodeError, MalformedError):
        key = b""
    if len(key) != SUBJECT_KEY_SIZE:
        raise InputError("subject-key-malformed", f"{path} does not hold 32 bytes as unpadded base64url text.")
    return key


def check_reference(text: str, name: str) -> str:
    """Return a reference into the agency's own systems unchanged. `name` says which one, for the message.

    A reference is 4 to 64 ASCII letters, digits and `. _ : / -`, starts with a letter or digit, holds at least one
    digit, and is not, as a whole, something that identifies a person. Raises `InputError` otherwise.
    """
    if (what := _identifies(text)) is not None:
        raise InputError(
            "reference-identifies",
            f"The {name} looks like {what}, which may identify a person. Use a reference of your own system, and if "
            "this is one, put a code of that system in front of it (for example CMS-).",
        )
    if _REFERENCE.fullmatch(text) is None or not any("0" <= character <= "9" for character in text):
        raise InputError(
            "reference-malformed",
            f"The {name} is not an opaque reference: 4 to 64 letters, digits and . _ : / -, starting with a letter or "
            "digit and holding at least one digit, such as CMS-1234.",
        )
    return text


def _identifies(text: str) -> str | None:
    whole = text.strip()
    if _EMAIL.fullmatch(whole):
        return "an e-mail address"
    if _POSTCODE.fullmatch(whole):
        return "a postcode"
    if _is_date(whole):
        return "a date"
    compact = _SEPARATORS.sub("", whole)
    if _NATIONAL_INSURANCE.fullmatch(compact):
        return "a National Insurance number"
    if _PUPIL_NUMBER.fullmatch(whole):
        return "a unique pupil number"
    if _is_nhs_number(compact):
        return "an NHS number"
    return None


def _is_date(text: str) -> bool:
    # The pattern comes first: Python 3.11 takes any ten digits that begin like a date for one.
    try:
        return _ISO_DATE.fullmatch(text) is not None and date.fromisoformat(text) is not None
    except ValueError:
        return False


def _is_nhs_number(text: str) -> bool:
    """Ten digits, the last of which is the modulus-11 check digit (NHS Data Dictionary, NHS NUMBER)."""
    if re.fullmatch(r"[0-9]{10}", text) is None:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:9], range(10, 1, -1), strict=True))
    return (11 - total % 11) % 11 == int(text[9])
