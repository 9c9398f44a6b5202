"""The payload of every kind of log entry: what is logged, member by member.

Register kinds are folded into the register; record kinds are about a case and are indexed, never folded. A payload is
canonical JSON (RFC 8785) of one of these structs; its member `kind` is the struct's tag. Documents that somebody
signed are kept as the exact compact JWS received.
"""

from __future__ import annotations

from typing import get_args

import msgspec

from isa_registry.domain.access_entries import (
    ClientGranted,
    ClientRevoked,
    IssuerRegistered,
    IssuerRemoved,
    KeyRegistered,
    KeyRevoked,
    RoleGranted,
    RoleRevoked,
)
from isa_registry.domain.agreement_entries import (
    AgreementInForce,
    AgreementOpened,
    AgreementPublished,
    AgreementResumed,
    AgreementReviewed,
    AgreementSuspended,
    AgreementWithdrawn,
    AttestationDeclined,
    AttestationMade,
    AttestationWithdrawn,
    CompanionPublished,
    SignInEvidence,
)
from isa_registry.domain.answers import Answer, RegisterSeen
from isa_registry.domain.challenge_entries import ChallengeClosed, ChallengeMoved, ChallengeRaised
from isa_registry.domain.consent_entries import (
    ConsentGiven,
    ConsentInvalidated,
    ConsentRefused,
    ConsentRenewed,
    ConsentWithdrawn,
)
from isa_registry.domain.keeping_entries import HoldLifted, HoldPlaced, PayloadErased, RetentionChanged
from isa_registry.domain.log_key_entries import LogKeyRotated
from isa_registry.domain.party_entries import (
    DelegationEnded,
    DelegationGiven,
    OrganisationChanged,
    OrganisationRegistered,
    PartnershipChanged,
    PartnershipRegistered,
    PolicyDocument,
)
from isa_registry.domain.payloads import PayloadStruct as _Payload
from isa_registry.domain.payloads import known_once
from isa_registry.domain.questions import Evidence, Question
from isa_registry.domain.sharing import SharingEvent, content_sha256, read_event
from isa_registry.domain.verification_entries import LawChangeLookedAt, LawVerificationWithdrawn, LawVerified

# --- the registry itself -------------------------------------------------------------------------------------------


class RegistryOpened(_Payload, frozen=True, tag="registry.opened"):
    """The first entry of a log. `attestation_key` is the public JWK that signs attestations made on a page."""

    origin: str
    partnership: str
    partnership_name: str
    lead_body: str
    attestation_key: dict[str, str]
    demo: bool = False


class LogContinued(_Payload, frozen=True, tag="log.continued"):
    """The second entry of a log that continues another (docs/formats/continuation.md): that log's origin, the last
    checkpoint that it signed, verbatim, and why it ended: one of `isa_verify.continuation.REASONS`."""

    old_origin: str
    old_checkpoint: str
    reason: str


class CatalogueChanged(_Payload, frozen=True, tag="catalogue.changed"):
    """The law as data from here on: the catalogue's files by name, and the SHA-256 (hex) of their canonical JSON."""

    sha256: str
    files: dict[str, object]


# --- what bodies declare ------------------------------------------------------------------------------------------


class LawfulBasisRecorded(_Payload, frozen=True, tag="lawful-basis.recorded"):
    """What a body relies on for one purpose of one agreement, from `starts` until the end of `ends` (London days).

    The lists hold provision codes in the order in which the body relies on them; conditions of Schedule 1 and Part 3
    stand beside the Article that they serve. `adopted` is `default` (the law as data, as it stood) or `own`;
    `approved_by` the role that approved it. `confidentiality_route` is the route by which the common law duty is met,
    `s36_4_authority` the provision that authorises a use beyond law enforcement (DPA 2018 s.36(4)). `policy_document`
    is the appropriate policy document where this record has one of its own (Sch 1 Part 4); `dpia` and `balancing_test`
    (UK GDPR Article 6(1)(f)) are references into the body's own system. `supersedes` is the record that this one takes
    the place of from `starts` on. `decided_by` are the entries that made the people known who decided it.
    """

    record: str
    organisation: str
    agreement: str
    purpose: str
    article_6: tuple[str, ...]
    article_9: tuple[str, ...]
    article_10: tuple[str, ...]
    part_3: tuple[str, ...]
    gateways: tuple[str, ...]
    adopted: str
    approved_by: str
    starts: str
    ends: str | None = None
    confidentiality_route: str | None = None
    s36_4_authority: str | None = None
    policy_document: PolicyDocument | None = None
    dpia: str | None = None
    balancing_test: str | None = None
    supersedes: str | None = None
    decided_by: tuple[int, ...] = ()


class LawfulBasisEnded(_Payload, frozen=True, tag="lawful-basis.ended"):
    """`on` is the first day on which the record holds no longer."""

    record: str
    organisation: str
    on: str
    decided_by: tuple[int, ...] = ()


# --- records about a case ------------------------------------------------------------------------------------------


class CheckAnswered(_Payload, frozen=True, tag="check.answered"):
    """A question asked and the answer given. The question carries no subject references; the evidence is kinds and
    entry indexes only."""

    check: str
    organisation: str
    client: str
    decided_at: str
    question: Question
    evidence: Evidence
    register: RegisterSeen
    answer: Answer


class SharingEventRecorded(_Payload, frozen=True, tag="sharing-event.recorded", dict=True):
    """The exact isa-sharing-event+jws. `sign_in` is there where the registry signed it, and its withheld list, for a
    person who had just signed in; `approved_by` are then the entries that made that person known."""

    jws: str
    sign_in: SignInEvidence | None = None
    approved_by: tuple[int, ...] = ()

    @classmethod
    def of(
        cls,
        jws: str,
        event: SharingEvent,
        *,
        sha256: bytes | None = None,
        sign_in: SignInEvidence | None = None,
        approved_by: tuple[int, ...] = (),
    ) -> SharingEventRecorded:
        """The payload of a document that was read already; `sha256` is its own, where that was worked out too."""
        recorded = cls(jws, sign_in, approved_by)
        known = recorded.__dict__
        known["event"] = event
        if sha256 is not None:
            known["sha256"] = sha256
        return recorded

    @known_once
    def event(self) -> SharingEvent:
        """What the document says; its signature was verified before it was logged. Raises `msgspec.DecodeError` or
        ValueError for a document that is no event."""
        return read_event(self.jws)

    @known_once
    def sha256(self) -> bytes:
        """The content by which a repeated event is known to be the same one, where no list came with it."""
        return content_sha256(self.jws, None)


class SharingEventWithheld(_Payload, frozen=True, tag="sharing-event.withheld"):
    """The exact isa-withheld+jws of the event in the entry before it: what was withheld is itself sensitive, so it
    has an entry, a commitment and readers of its own."""

    provider: str
    event: str
    jws: str


class SharingEventFlagged(_Payload, frozen=True, tag="sharing-event.flagged"):
    """What the registry marks on an event before it, for the provider's own safeguarding lead and nobody else."""

    provider: str
    event: str
    flags: tuple[str, ...]


class SharingEventAcknowledged(_Payload, frozen=True, tag="sharing-event.acknowledged"):
    """The exact isa-acknowledgement+jws of an event's recipient. `provider` is whose event it is, which the document
    does not name; `sign_in` and `approved_by` as for an event."""

    provider: str
    jws: str
    sign_in: SignInEvidence | None = None
    approved_by: tuple[int, ...] = ()


class RecordsSearched(_Payload, frozen=True, tag="records.searched"):
    """A body looked for its own records by reference. `what` is `consents`, `sharing-events` or `subject-access`;
    `references` how many different ones it asked for, `found` how many records that gave. The references themselves
    are not kept: that it was asked, how often and by whom, is what shows whether somebody walks the register."""

    organisation: str
    client: str
    what: str
    references: int
    found: int


class PayloadRead(_Payload, frozen=True, tag="payload.read"):
    """Somebody read payloads about a case that are not its own organisation's: entries `first` to `last`, of which
    `count` were such (None where it was not counted beforehand: an export). `role` is the role or scope that let it.
    `purpose` is `entry`, `page`, `receipt` or `export`.

    `owners` are the organisations whose one record was read, so that they see it; a page or an export names none,
    since each would learn of the others.
    """

    organisation: str
    client: str
    role: str
    purpose: str
    first: int
    last: int
    count: int | None = None
    reason: str | None = None
    owners: tuple[str, ...] = ()


RegisterPayload = (
    RegistryOpened
    | LogContinued
    | CatalogueChanged
    | LawVerified
    | LawVerificationWithdrawn
    | LawChangeLookedAt
    | PartnershipRegistered
    | PartnershipChanged
    | OrganisationRegistered
    | OrganisationChanged
    | DelegationGiven
    | DelegationEnded
    | IssuerRegistered
    | IssuerRemoved
    | ClientGranted
    | ClientRevoked
    | KeyRegistered
    | KeyRevoked
    | RoleGranted
    | RoleRevoked
    | AgreementPublished
    | AgreementOpened
    | AgreementInForce
    | AgreementSuspended
    | AgreementResumed
    | AgreementWithdrawn
    | AgreementReviewed
    | CompanionPublished
    | AttestationMade
    | AttestationDeclined
    | AttestationWithdrawn
    | LawfulBasisRecorded
    | LawfulBasisEnded
    | RetentionChanged
    | HoldPlaced
    | HoldLifted
    | LogKeyRotated
)
RecordPayload = (
    CheckAnswered
    | SharingEventRecorded
    | SharingEventWithheld
    | SharingEventFlagged
    | SharingEventAcknowledged
    | ConsentGiven
    | ConsentRefused
    | ConsentRenewed
    | ConsentWithdrawn
    | ConsentInvalidated
    | ChallengeRaised
    | ChallengeMoved
    | ChallengeClosed
    | RecordsSearched
    | PayloadRead
    | PayloadErased
)
Payload = RegisterPayload | RecordPayload

_KINDS: dict[type[Payload], str] = {one: str(one.__struct_config__.tag) for one in get_args(Payload)}
REGISTER_KINDS = frozenset(_KINDS[one] for one in get_args(RegisterPayload))
_LEAF_KINDS = {one: kind if kind in REGISTER_KINDS else "record" for one, kind in _KINDS.items()}

_encoder = msgspec.json.Encoder(order="sorted")
_decoder: msgspec.json.Decoder[Payload] = msgspec.json.Decoder(Payload)


def kind_of(payload: Payload) -> str:
    """The payload's own kind, which is also its member `kind`."""
    return _KINDS[type(payload)]


def leaf_kind_of(payload: Payload) -> str:
    """The kind that stands in the public leaf: the register kind, or only `record` for what is about a case."""
    return _LEAF_KINDS[type(payload)]


def encode_payload(payload: Payload) -> bytes:
    """Canonical JSON (RFC 8785): members sorted, no space, integers only."""
    return _encoder.encode(payload)


def decode_payload(data: bytes) -> Payload:
    """The payload in `data`. Raises `msgspec.ValidationError` for a kind or member this version does not know."""
    return _decoder.decode(data)
