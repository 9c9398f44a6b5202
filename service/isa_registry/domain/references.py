"""References that say nothing about a person: subject references, and references into an agency's own systems."""

from __future__ import annotations

import re
from datetime import date

_ORGANISATION = re.compile(r"[a-z0-9][a-z0-9-]{0,127}")
SUBJECT_REFERENCE = re.compile(r"s1_[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
_OWN = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9._:/-]{3,63}")

_POSTCODE = re.compile(r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?|GIR)[ ._:/-]?[0-9][A-Z]{2}", re.IGNORECASE)
_NATIONAL_INSURANCE = re.compile(r"[A-Z]{2}[0-9]{6}[A-D]", re.IGNORECASE)
_PUPIL_NUMBER = re.compile(r"[A-HJ-NP-RT-Z][0-9]{11}[0-9A-Z]", re.IGNORECASE)
_NHS_NUMBER = re.compile(r"[0-9]{10}")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}|[0-9]{4}-?W[0-9]{2}(?:-?[1-7])?")
_DIGIT = re.compile("[0-9]")
# Of all these only the postcode GIR 0AA begins with three letters: most systems' codes settle it.
_WITH_A_CODE = re.compile(r"(?![Gg][Ii][Rr])[A-Za-z]{3}(?=[^0-9]*[0-9])[A-Za-z0-9._:/-]{1,61}")
_SEPARATORS = re.compile(r"[._:/-]")


RESERVED = frozenset({"import", "invitations", "set-up"})
"""No organisation's id: addresses below `/organisations/` that are something else."""


def is_organisation_id(value: str) -> bool:
    """A name of lower-case letters, digits and hyphens: row-level security and lists of readers rest on its form."""
    return _ORGANISATION.fullmatch(value) is not None and value not in RESERVED


def is_subject_reference(value: str) -> bool:
    """`s1_` and the canonical unpadded base64url of 32 bytes: an HMAC under the organisation's own key."""
    return SUBJECT_REFERENCE.fullmatch(value) is not None


def is_nhs_number(value: str) -> bool:
    """Ten digits, however separated, whose last is the modulus 11 check digit of the nine before it."""
    whole = _SEPARATORS.sub("", value)
    if not _NHS_NUMBER.fullmatch(whole):
        return False
    digits = [int(character) for character in whole]
    check = 11 - sum(digit * (10 - position) for position, digit in enumerate(digits[:9])) % 11
    return check != 10 and digits[9] == check % 11


def _is_iso_date(value: str) -> bool:
    """A real day, or a real week, in any spelling of ISO 8601: `2014-02-28`, `20140228`, `2014-W09-5`."""
    # The pattern comes first: Python 3.11 takes any ten digits that begin like a date for one.
    if not _ISO_DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def own_reference_fault(value: str) -> str | None:
    """Why a value cannot be a reference into an agency's own systems, or None where it can.

    Identifiers that name a person to anybody are refused as whole values; the way out is always a system's prefix.
    """
    if _WITH_A_CODE.fullmatch(value):
        return None
    if not _OWN.fullmatch(value):
        return (
            "A reference is 4 to 64 letters, digits, '.', '_', ':', '/' or '-', beginning with a letter or digit, "
            "with at least one digit. Use the record's number in your own system, never a name."
        )
    what = looks_like_a_person(value)
    if what is None:
        return None
    return f"This looks like {what}. Put your system's code before it, as in 'CMS-1234', or use another number."


def looks_like_a_person(value: str) -> str | None:
    """The identifier of a person, or the day, that a value could be. All hold digits, and each has its own length, so
    that most values are held against nothing."""
    if not _DIGIT.search(value):
        return None
    if len(value) <= 8 and _POSTCODE.fullmatch(value):
        return "a postcode"
    whole = _SEPARATORS.sub("", value)
    if len(whole) == 9 and _NATIONAL_INSURANCE.fullmatch(whole):
        return "a National Insurance number"
    if len(value) == 13 and _PUPIL_NUMBER.fullmatch(value):
        return "a unique pupil number"
    if len(whole) == 10 and is_nhs_number(value):
        return "an NHS number"
    return "a date" if value[0].isdecimal() and _is_iso_date(value) else None
