"""Attestations: who has attested exactly which words, and where each body stands; their receipts."""

from __future__ import annotations

from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.api.agreements import published_version
from isa_registry.api.json import json_bytes, json_response
from isa_registry.api.reading import note_reading_of, reader_scope
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.attestation_states import Standing, standing, standings
from isa_registry.domain.register.facts import AgreementVersion, Attestation
from isa_registry.domain.register.register import RegisterView
from isa_registry.runtime.receipts import receipt_for
from isa_registry.runtime.registry import Registry

VERSION = "/api/v1/agreements/{agreement:str}/versions/{version:str}"
ATTESTATION = f"{VERSION}/attestations/{{attestation:str}}"


class AttestationLine(Struct, frozen=True):
    """A body's attestation. The signatory is named by role alone. `state` is what has become of it today:
    `attested`, `re-attested` where the body had attested an earlier version, `stale` once a newer version is in force,
    `withdrawn`, or `lapsed`. `receipt` is where each body of the registry fetches its proof."""

    attestation: str
    organisation: str
    signatory_role: str
    attested_at: str
    text_sha256: str
    entry: int
    reservations: tuple[str, ...]
    withdrawn_on: str | None
    withdrawal_reason: str | None
    state: str
    receipt: str


class BodyLine(Struct, frozen=True):
    """Where a body stands today. `invited`: it is asked to attest, and has not; `by-parent`: its parent, `through`, has
    attested for it. `counts`: the register takes it for a signatory. `attestation` is the one by which it is or was
    bound, `reservations` the purposes that it did not accept there."""

    organisation: str
    state: str
    counts: bool
    attestation: str | None
    through: str | None
    reservations: tuple[str, ...]


class AttestationList(Struct, frozen=True):
    """Every attestation of a version, by organisation and entry, and where each body stands towards it. What a body
    declined, and how far it has come with an invitation, is not told in public."""

    attestations: list[AttestationLine]
    bodies: list[BodyLine]


@reads(f"{VERSION}/attestations")
async def list_attestations(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    view, today = registry.follower.view, london_date(registry.now())
    found = published_version(view, agreement, version)
    return json_response(
        AttestationList(
            attestations=[_line(one, found, view, today) for one in view.attestations_of(agreement, version)],
            bodies=[_body(one) for one in standings(view, found, today) if one.state != "declined"],
        )
    )


def _line(one: Attestation, version: AgreementVersion, view: RegisterView, today: str) -> AttestationLine:
    state = "withdrawn"
    if one.withdrawn_on is None or today < one.withdrawn_on:
        state = standing(view, version, one.organisation, today).state
    return AttestationLine(
        attestation=one.attestation,
        organisation=one.organisation,
        signatory_role=one.signatory_role,
        attested_at=one.attested_at,
        text_sha256=one.text_sha256,
        entry=one.entry,
        reservations=one.reservations,
        withdrawn_on=one.withdrawn_on,
        withdrawal_reason=one.withdrawal_reason,
        state=state,
        receipt=receipt_address(one),
    )


def receipt_address(one: Attestation) -> str:
    return f"/api/v1/agreements/{one.agreement}/versions/{one.version}/attestations/{one.attestation}/receipt"


def _body(one: Standing) -> BodyLine:
    return BodyLine(
        organisation=one.organisation,
        state=one.state,
        counts=one.counts,
        attestation=None if one.attestation is None else one.attestation.attestation,
        through=one.through,
        reservations=() if one.attestation is None else one.attestation.reservations,
    )


def attestation_of(view: RegisterView, agreement: str, version: str, attestation: str) -> Attestation:
    """Raises `Refused` (`not-found`)."""
    found = view.attestation(attestation)
    if found is None or (found.agreement, found.version) != (agreement, version):
        raise Refused("not-found", "There is no such attestation of this version.")
    return found


@reads(f"{ATTESTATION}/receipt")
async def read_attestation_receipt(
    request: Request, agreement: FromPath[str], version: FromPath[str], attestation: FromPath[str]
) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    found = attestation_of(registry.follower.view, agreement, version, attestation)
    await note_reading_of(request, found.entry, purpose="receipt")
    receipt = await receipt_for(registry, reader_scope(request), found.entry)
    headers = {"Content-Disposition": f'attachment; filename="{found.entry}.isa-receipt.json"'}
    return json_bytes(receipt, headers=headers)


HANDLERS = [list_attestations, read_attestation_receipt]
