"""Attesting, declining and withdrawing, by a body's own system or one of its signatories."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions.attestations import Target
from isa_registry.api.attestations import ATTESTATION, VERSION
from isa_registry.api.frame import caller_of, media_type
from isa_registry.api.idempotency import claim_of, in_flight
from isa_registry.api.json import json_response
from isa_registry.api.organisations import Logged
from isa_registry.api.requests import Request
from isa_registry.api.routes import writes
from isa_registry.domain.attestations import AttestationAuthority, AttestationConsulted, Signatory
from isa_registry.domain.attesting import Said
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.shapes import decoding
from isa_registry.ledger.drafts import Appended
from isa_registry.runtime.attesting.signing import Attesting, Made


class SignedAttestation(Struct, frozen=True, forbid_unknown_fields=True):
    """An isa-attestation+jws, signed with a key that is registered for this signatory."""

    attestation: str


class AttestationWish(Struct, frozen=True, forbid_unknown_fields=True):
    """What the registry is to sign on the authority of the person who asks: exactly the words and the schedule with
    these hashes (lower-case hex SHA-256), as they saw them. `organisation` is the person's own unless it says another
    that delegated to it. References are the organisation's own and name nobody."""

    text_sha256: str
    schedule_sha256: str
    signatory: Signatory
    authority: AttestationAuthority
    organisation: str | None = None
    consulted: tuple[AttestationConsulted, ...] = ()
    reservations: tuple[str, ...] = ()


class AttestationRecorded(Struct, frozen=True):
    """Where an attestation stands in the log, its receipt, and its certificate for people."""

    attestation: str
    agreement: str
    version: str
    organisation: str
    entry: int
    logged_at: str
    receipt: str
    certificate: str


class Refusal(Struct, frozen=True, forbid_unknown_fields=True):
    """That a body does not attest a version: why, by a code, and for whom where it is not the caller's own body."""

    reason: str
    organisation: str | None = None


class AttestationWithdrawal(Struct, frozen=True, forbid_unknown_fields=True):
    """`on` is the first day without it, today or later; `reason` a code."""

    on: str
    reason: str


def attesting_of(request: Request) -> Attesting:
    attesting: Attesting = request.app.state.attesting
    return attesting


@writes(f"{VERSION}/attestations")
async def attest(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    caller, attesting, target = caller_of(request), attesting_of(request), Target(agreement, version)
    body = await request.body()
    jws, wish = _submission(body, media_type(request))
    claim = claim_of(request, caller, body)
    with in_flight(request, claim):
        if wish is None:
            made = await attesting.by_document(jws, target, caller, claim=claim)
        else:
            made = await attesting.by_person(
                _said(wish), target, wish.organisation or caller.organisation, caller, claim=claim
            )
    return json_response(_recorded(made, target), status=200 if made.repeated else 201)


def _submission(body: bytes, content_type: str) -> tuple[str, AttestationWish | None]:
    """A signed document as it came, or what the registry is to sign. Raises `Refused` (`malformed`)."""
    if content_type == "application/jose":
        try:
            return body.decode("ascii"), None
        except UnicodeDecodeError:
            detail = "A compact JWS is ASCII text."
            raise Refused("malformed", detail, (Fault("#", "not-ascii", detail),)) from None
    with decoding("The attestation"):
        if "attestation" in msgspec.json.decode(body, type=dict[str, msgspec.Raw]):
            return msgspec.json.decode(body, type=SignedAttestation).attestation, None
        return "", msgspec.json.decode(body, type=AttestationWish)


def _said(wish: AttestationWish) -> Said:
    return Said(
        text_sha256=wish.text_sha256,
        schedule_sha256=wish.schedule_sha256,
        signatory=wish.signatory,
        authority=wish.authority,
        consulted=wish.consulted,
        reservations=wish.reservations,
    )


def _recorded(made: Made, target: Target) -> AttestationRecorded:
    address = f"/api/v1/agreements/{target.agreement}/versions/{target.version}/attestations/{made.attestation}"
    return AttestationRecorded(
        attestation=made.attestation,
        agreement=target.agreement,
        version=target.version,
        organisation=made.organisation,
        entry=made.entry,
        logged_at=made.logged_at,
        receipt=f"{address}/receipt",
        certificate=f"/account/certificates/{made.attestation}",
    )


@writes(f"{VERSION}/refusal")
async def decline(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    caller, body = caller_of(request), await request.body()
    with decoding("The refusal"):
        said = msgspec.json.decode(body, type=Refusal)
    claim, target = claim_of(request, caller, body), Target(agreement, version)
    organisation = said.organisation or caller.organisation
    with in_flight(request, claim):
        done = await attesting_of(request).decline(target, organisation, said.reason, caller, claim)
    return _logged(done)


@writes(f"{ATTESTATION}/withdrawal")
async def withdraw(
    request: Request, agreement: FromPath[str], version: FromPath[str], attestation: FromPath[str]
) -> Response[bytes]:
    caller, body = caller_of(request), await request.body()
    with decoding("The withdrawal"):
        said = msgspec.json.decode(body, type=AttestationWithdrawal)
    claim, target = claim_of(request, caller, body), Target(agreement, version)
    with in_flight(request, claim):
        done = await attesting_of(request).withdraw(target, attestation, said.on, said.reason, caller, claim)
    return _logged(done)


def _logged(done: Appended) -> Response[bytes]:
    return json_response(Logged(entry=done.index, logged_at=done.at), status=200 if done.repeated else 201)


HANDLERS = [attest, decline, withdraw]
