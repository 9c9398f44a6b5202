"""The payloads of entries about agreements: the words, what is decided about a version, and who attests it.

Dates are YYYY-MM-DD, Europe/London. `approved_by` are the entries that made the people known who decided it; none where
the log was founded with it, or where it follows from a rule that was decided before.
"""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.agreements import Schedule
from isa_registry.domain.payloads import PayloadStruct as _Payload


class AgreementPublished(_Payload, frozen=True, tag="agreement.published"):
    """The words and the schedule of one version, whole. The hashes are lower-case hex SHA-256 of the text (UTF-8, LF)
    and of the schedule's canonical JSON. `published_at` (RFC 3339 UTC) is there in a log that continues another: when
    that one published the version; otherwise that is the entry's own time. `partnership`: none named is the one that
    the registry was opened for."""

    agreement: str
    version: str
    text: str
    text_sha256: str
    schedule: Schedule
    schedule_sha256: str
    published_at: str | None = None
    partnership: str | None = None
    approved_by: tuple[int, ...] = ()


class InForceRule(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """When a version comes into force: not before `on`, once `quorum` bodies have attested it, the `bodies` named
    among them. What is not said is not asked for."""

    on: str | None = None
    quorum: int | None = None
    bodies: tuple[str, ...] = ()


class AgreementOpened(_Payload, frozen=True, tag="agreement.opened"):
    """A published version is open for attestation. `parties` are the bodies that are asked to attest it, and `rule`
    says when it comes into force."""

    agreement: str
    version: str
    rule: InForceRule
    parties: tuple[str, ...] = ()
    approved_by: tuple[int, ...] = ()


class AgreementInForce(_Payload, frozen=True, tag="agreement.in-force"):
    """In force from `on`."""

    agreement: str
    version: str
    on: str
    review_due: str | None = None
    ends: str | None = None
    approved_by: tuple[int, ...] = ()


class AgreementSuspended(_Payload, frozen=True, tag="agreement.suspended"):
    """Not in force from `on`, until it is resumed. `reason` is a code."""

    agreement: str
    version: str
    on: str
    reason: str
    approved_by: tuple[int, ...] = ()


class AgreementResumed(_Payload, frozen=True, tag="agreement.resumed"):
    """A suspended version is in force again from `on`."""

    agreement: str
    version: str
    on: str
    approved_by: tuple[int, ...] = ()


class AgreementWithdrawn(_Payload, frozen=True, tag="agreement.withdrawn"):
    """Never in force again from `on`. `reason` is a code, `successor` the version (`agreement/version`) that takes its
    place, if any."""

    agreement: str
    version: str
    on: str
    reason: str
    successor: str | None = None
    approved_by: tuple[int, ...] = ()


class AgreementReviewed(_Payload, frozen=True, tag="agreement.reviewed"):
    """A review took place `on` and came to an `outcome` (a code). `review_due` is when the next one is due."""

    agreement: str
    version: str
    on: str
    outcome: str
    review_due: str | None = None
    approved_by: tuple[int, ...] = ()


class CompanionPublished(_Payload, frozen=True, tag="companion.published"):
    """A text that stands beside the words of a version and is not signed: a summary, or the words in another language.

    `companion` is one of `COMPANIONS`, `language` one of `LANGUAGES`, `text_sha256` the lower-case hex SHA-256 of the
    text (Markdown in UTF-8 with LF). The newest of a companion and a language is the one that is shown.
    `published_at`: as of a version, in a log that continues another.
    """

    agreement: str
    version: str
    companion: str
    language: str
    text: str
    text_sha256: str
    published_at: str | None = None
    approved_by: tuple[int, ...] = ()


class SignInEvidence(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a person had signed in on whose authority the registry signed: the issuer, when (RFC 3339 UTC), with what
    kind of authentication, and the SHA-256 (hex) of the ID token that said so. Who it was is the entry's
    `approved_by`."""

    issuer: str
    auth_time: str
    id_token_sha256: str | None = None
    acr: str | None = None
    amr: tuple[str, ...] = ()


class AttestationMade(_Payload, frozen=True, tag="attestation.made"):
    """A body's attestation: `jws` is the exact isa-attestation+jws. `sign_in` is there where the registry signed it."""

    attestation: str
    jws: str
    sign_in: SignInEvidence | None = None
    approved_by: tuple[int, ...] = ()


class AttestationDeclined(_Payload, frozen=True, tag="attestation.declined"):
    """A body says that it does not attest a version, and why, by a code. It may still do so later."""

    agreement: str
    version: str
    organisation: str
    reason: str
    approved_by: tuple[int, ...] = ()


class AttestationWithdrawn(_Payload, frozen=True, tag="attestation.withdrawn"):
    """`on` is the first day on which the body is a signatory no longer. `reason` is a code."""

    attestation: str
    agreement: str
    version: str
    organisation: str
    on: str
    reason: str
    approved_by: tuple[int, ...] = ()
