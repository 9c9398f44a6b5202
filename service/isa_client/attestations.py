"""Attestations: a signatory signs exactly the words and the schedule that they have in hand."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from isa_client.documents import ATTESTATION_TYPE, SigningKey
from isa_client.errors import InputError
from isa_client.events import check_code, is_date, is_time
from isa_client.key_proofs import Signatory
from isa_client.references import check_reference
from isa_verify.encoding import JsonValue, canonical_json, parse_json_strict
from isa_verify.errors import MalformedError

AUTHORITIES = ("office-holder", "scheme-of-delegation", "board-resolution")
"""By the office that they hold, under a scheme of delegation, by a resolution of the board."""

_VERSION = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Authority:
    """On what authority the signatory signs; `reference` is where the body holds it."""

    code: str
    reference: str


@dataclass(frozen=True, slots=True)
class Consulted:
    """Who was asked before signing, by role, and the day (YYYY-MM-DD)."""

    role: str
    on: str


def text_sha256(text: bytes) -> str:
    """Return the lower-case hex SHA-256 of the words, which are UTF-8 with LF. Raises `InputError`."""
    try:
        if "\r" in text.decode("utf-8"):
            raise InputError("text-malformed", "The words must end their lines with LF alone, as they were published.")
    except UnicodeDecodeError:
        raise InputError("text-malformed", "The words are not UTF-8.") from None
    return hashlib.sha256(text).hexdigest()


def schedule_sha256(schedule: bytes) -> str:
    """Return the lower-case hex SHA-256 of the schedule's canonical JSON (RFC 8785). Raises `InputError`."""
    try:
        return hashlib.sha256(canonical_json(parse_json_strict(schedule))).hexdigest()
    except MalformedError as error:
        raise InputError("schedule-malformed", f"The schedule is not JSON that can be signed. {error.detail}") from None


def sign_attestation(
    key: SigningKey,
    *,
    registry: str,
    partnership: str,
    organisation: str,
    agreement: str,
    version: str,
    text: bytes,
    schedule: bytes,
    signatory: Signatory,
    authority: Authority,
    attested_at: str,
    consulted: Sequence[Consulted] = (),
    reservations: Sequence[str] = (),
) -> str:
    """Return the isa-attestation+jws of these very words and this very schedule, by the signatory's own key.

    `reservations` are the purposes that the body does not agree to. Raises `InputError`; what only the register knows,
    such as who may sign for the body, the registry looks at.
    """
    if authority.code not in AUTHORITIES:
        raise InputError("authority-unknown", f"An authority is one of {', '.join(AUTHORITIES)}.")
    if not _VERSION.fullmatch(version):
        raise InputError("version-malformed", "A version is two numbers with a full stop between them, such as 1.1.")
    if not is_time(attested_at):
        raise InputError("attested-at-malformed", "The time is RFC 3339 UTC with milliseconds.")
    if not all(is_date(one.on) for one in consulted):
        raise InputError("consulted-malformed", "The day of a consultation is YYYY-MM-DD.")
    listed: list[JsonValue] = [{"role": check_code(one.role, "role"), "on": one.on} for one in consulted]
    return key.sign(
        ATTESTATION_TYPE,
        {
            "v": 1,
            "registry": registry,
            "partnership": partnership,
            "agreement": check_code(agreement, "agreement"),
            "version": version,
            "text_sha256": text_sha256(text),
            "schedule_sha256": schedule_sha256(schedule),
            "organisation": check_code(organisation, "organisation"),
            "signatory": {
                "role": check_code(signatory.role, "role"),
                "ref": check_reference(signatory.ref, "signatory"),
            },
            "consulted": listed,
            "authority": {"code": authority.code, "reference": check_reference(authority.reference, "authority")},
            "reservations": [check_code(one, "reservation") for one in reservations],
            "attested_at": attested_at,
            "signed_by": "organisation",
        },
    )
