"""Attestations: who has attested exactly which words."""

from __future__ import annotations

from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.api.agreements import published_version
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.runtime.registry import Registry


class AttestationLine(Struct, frozen=True):
    """A body's attestation. The signatory is named by role alone."""

    attestation: str
    organisation: str
    signatory_role: str
    attested_at: str
    text_sha256: str
    entry: int
    reservations: tuple[str, ...]
    withdrawn_on: str | None


class AttestationList(Struct, frozen=True):
    attestations: list[AttestationLine]


@reads("/api/v1/agreements/{agreement:str}/versions/{version:str}/attestations")
async def list_attestations(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    view = registry.follower.view
    published_version(view, agreement, version)
    return json_response(
        AttestationList(
            [
                AttestationLine(
                    attestation=one.attestation,
                    organisation=one.organisation,
                    signatory_role=one.signatory_role,
                    attested_at=one.attested_at,
                    text_sha256=one.text_sha256,
                    entry=one.entry,
                    reservations=one.reservations,
                    withdrawn_on=one.withdrawn_on,
                )
                for one in view.attestations_of(agreement, version)
            ]
        )
    )


HANDLERS = [list_attestations]
