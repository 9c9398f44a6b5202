"""Attestations: a signatory signs, with a key of their own, exactly the words and the schedule that lie before them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from isa_client.documents import ATTESTATION_TYPE, SigningKey
from isa_client.errors import InputError
from isa_client.events import check_code
from isa_client.key_proofs import Signatory
from isa_verify.encoding import JsonValue, canonical_json, parse_json_strict
from isa_verify.errors import MalformedError

AUTHORITIES = ("office-holder", "scheme-of-delegation", "board-resolution")


@dataclass(frozen=True, slots=True)
class Words:
    """The two files of a version, by their hashes: lower-case hex SHA-256 of the text as it is stored, and of the
    schedule in RFC 8785 form."""

    agreement: str
    version: str
    text_sha256: str
    schedule_sha256: str

    @classmethod
    def read(cls, agreement: str, version: str, text: bytes, schedule: bytes) -> "Words":
        """Return the hashes of these bytes. Raises `InputError` where the schedule is another version's, or none."""
        try:
            parsed = parse_json_strict(schedule)
        except MalformedError as error:
            raise InputError("schedule-malformed", f"The schedule cannot be read. {error.detail}") from None
        if not isinstance(parsed, dict) or (parsed.get("agreement"), parsed.get("version")) != (agreement, version):
            raise InputError("schedule-differs", f"The schedule is not that of {agreement}, version {version}.")
        return cls(
            agreement,
            version,
            hashlib.sha256(text).hexdigest(),
            hashlib.sha256(canonical_json(parsed)).hexdigest(),
        )


def sign_attestation(
    key: SigningKey,
    words: Words,
    *,
    registry: str,
    partnership: str,
    organisation: str,
    signatory: Signatory,
    authority: tuple[str, str],
    attested_at: str,
    consulted: Sequence[tuple[str, str]] = (),
    reservations: Sequence[str] = (),
) -> str:
    """Return the isa-attestation+jws. `authority` is a code of `AUTHORITIES` and your own reference; `consulted` are
    roles with the day on which each was asked; `reservations` the purposes that are not agreed to.

    It is taken within 24 hours of `attested_at` (RFC 3339 UTC with milliseconds). Raises `InputError`.
    """
    code, reference = authority
    if code not in AUTHORITIES:
        raise InputError("authority-unknown", f"The authority is one of {', '.join(AUTHORITIES)}.")
    asked: list[JsonValue] = [{"role": role, "on": on} for role, on in consulted]
    return key.sign(
        ATTESTATION_TYPE,
        {
            "v": 1,
            "registry": registry,
            "partnership": partnership,
            "agreement": words.agreement,
            "version": words.version,
            "text_sha256": words.text_sha256,
            "schedule_sha256": words.schedule_sha256,
            "organisation": check_code(organisation, "organisation"),
            "signatory": {"role": signatory.role, "ref": signatory.ref},
            "consulted": asked,
            "authority": {"code": code, "reference": reference},
            "reservations": list(reservations),
            "attested_at": attested_at,
            "signed_by": "organisation",
        },
    )
