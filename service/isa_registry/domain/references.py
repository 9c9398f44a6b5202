"""References that say nothing about a person: subject references, and references into an agency's own systems."""

from __future__ import annotations

import re

from isa_registry.domain.dates import is_date

SUBJECT_REFERENCE = re.compile(r"s1_[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
_OWN = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9._:/-]{3,63}")

_POSTCODE = re.compile(r"[A-Za-z]{1,2}[0-9][A-Za-z0-9]?[ ._:/-]?[0-9][A-Za-z]{2}")
_NATIONAL_INSURANCE = re.compile(r"[A-Za-z]{2}[._:/-]?[0-9]{2}[._:/-]?[0-9]{2}[._:/-]?[0-9]{2}[._:/-]?[A-Da-d]")
_PUPIL_NUMBER = re.compile(r"[A-HJ-NP-RT-Za-hj-np-rt-z][0-9]{11}[0-9A-Za-z]")
_NHS_NUMBER = re.compile(r"[0-9]{3}[._:/-]?[0-9]{3}[._:/-]?[0-9]{4}")


def is_subject_reference(value: str) -> bool:
    """`s1_` and the canonical unpadded base64url of 32 bytes: an HMAC under the organisation's own key."""
    return SUBJECT_REFERENCE.fullmatch(value) is not None


def is_nhs_number(value: str) -> bool:
    """Ten digits whose last is the modulus 11 check digit of the nine before it."""
    if not _NHS_NUMBER.fullmatch(value):
        return False
    digits = [int(character) for character in value if character.isdigit()]
    check = 11 - sum(digit * (10 - position) for position, digit in enumerate(digits[:9])) % 11
    return check != 10 and digits[9] == check % 11


def own_reference_fault(value: str) -> str | None:
    """Why a value cannot be a reference into an agency's own systems, or None where it can.

    Identifiers that name a person to anybody are refused as whole values; the way out is always a system's prefix.
    """
    if not _OWN.fullmatch(value):
        return (
            "A reference is 4 to 64 letters, digits, '.', '_', ':', '/' or '-', beginning with a letter or digit, "
            "with at least one digit. Use the record's number in your own system, never a name."
        )
    looks_like = (
        ("a postcode", _POSTCODE.fullmatch(value) is not None),
        ("a National Insurance number", _NATIONAL_INSURANCE.fullmatch(value) is not None),
        ("a unique pupil number", _PUPIL_NUMBER.fullmatch(value) is not None),
        ("an NHS number", is_nhs_number(value)),
        ("a date", is_date(value)),
    )
    for what, found in looks_like:
        if found:
            return f"This looks like {what}. Put your system's code before it, as in 'CMS-1234', or use another number."
    return None
