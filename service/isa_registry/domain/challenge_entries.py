"""The entries of a professional difference: one body challenges what another decided, or what an answer said, and both
take it through the partnership's stages until it is settled."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from isa_registry.domain.payloads import PayloadStruct as _Payload


class _Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class ChallengeSubject(_Part, frozen=True):
    """What is challenged: a sharing event of the other body or of one's own, a check, or a refusal known only by the
    request that was refused (`request`: the reference that the asking body gave it). `provider` is the body whose
    decision or question it was. The registry does not say whether there is such an event: a decision not to share is
    not shown to whom it was not shared with."""

    kind: Literal["event", "check", "request"]
    provider: str
    id: str


class ChallengeActor(_Part, frozen=True):
    """Who took a step: a role of `decided_by` in a sharing event, and an opaque staff reference."""

    role: str
    ref: str


class ChallengeRaised(_Payload, frozen=True, tag="challenge.raised"):
    """A challenge (`chl_…`) by `organisation` to `other`, at the first stage. `ground` is a code of what is disputed;
    `case_record` the record in the raising body's own system that holds why. `raised_at` is RFC 3339 UTC."""

    challenge: str
    organisation: str
    other: str
    client: str
    partnership: str
    about: ChallengeSubject
    ground: str
    stage: str
    raised_by: ChallengeActor
    raised_at: str
    case_record: str | None = None


class ChallengeMoved(_Payload, frozen=True, tag="challenge.moved"):
    """A step by one of the two bodies (`by_body`): `step` is a code of what it did, `stage` where the challenge is from
    then on. `organisation` and `other` are as in the challenge."""

    challenge: str
    organisation: str
    other: str
    by_body: str
    client: str
    step: str
    stage: str
    taken_by: ChallengeActor
    taken_at: str


class ChallengeClosed(_Payload, frozen=True, tag="challenge.closed"):
    """What came of it, by a code, said by one of the two bodies (`by_body`)."""

    challenge: str
    organisation: str
    other: str
    by_body: str
    client: str
    outcome: str
    taken_by: ChallengeActor
    taken_at: str


ChallengePayload = ChallengeRaised | ChallengeMoved | ChallengeClosed
