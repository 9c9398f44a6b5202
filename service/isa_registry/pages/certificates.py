"""The certificate of an attestation: one page to print, with all that is needed to prove it without the registry."""

from __future__ import annotations

import msgspec
from litestar import Response
from msgspec import Struct

from isa_registry.domain.agreement_entries import AttestationMade
from isa_registry.domain.attestations import AttestationDocument
from isa_registry.domain.attesting_codes import AUTHORITIES
from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.binding import speaks_for
from isa_registry.domain.register.facts import Attestation
from isa_registry.pages.attesting_words import CONSULTED_ROLES, SIGNATORY_ROLES, grouped
from isa_registry.pages.changing import body_name
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, plain_time, registry_of
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.runtime.folding import payload_as_logged
from isa_registry.store import log
from isa_registry.store.pool import reading_for
from isa_verify.encoding import decode_base64url


class Certificate(Struct, frozen=True):
    """An attestation in words. `reference` and `authority_reference` mean something to the organisation alone."""

    attestation: Attestation
    title: str
    organisation: str
    role: str
    reference: str
    authority: str
    authority_reference: str
    consulted: tuple[str, ...]
    reservations: tuple[str, ...]
    attested: str
    logged: str
    signed_by: str
    text_sha256: tuple[str, ...]
    schedule_sha256: tuple[str, ...]
    receipt: str


async def certificate_page(request: Request, attestation: Attestation, *, fresh: bool = False) -> Response[bytes]:
    """`fresh`: it was made by this very request. Raises `Refused` (`gone`) once its entry is erased."""
    registry, caller = registry_of(request), caller_of(request)
    own, today = caller.organisation, london_date(registry.now())
    theirs = speaks_for(registry.follower.view, own, attestation.organisation, attestation.agreement, today)
    async with reading_for(registry.reading, own) as connection:
        entry = await log.entry(connection, attestation.entry)
    payload = None if entry is None else payload_as_logged(entry)
    if entry is None or not isinstance(payload, AttestationMade):
        raise Refused("gone", "This was erased when its retention ended; the log still proves that it was there.")
    document = msgspec.json.decode(decode_base64url(payload.jws.split(".")[1]), type=AttestationDocument)
    return layout_of(request).page(
        "certificate.html",
        shown=_certificate(request, attestation, document, logged=entry.at),
        fresh=fresh,
        origin=registry.origin,
        address=request.app.state.public_url,
        may_withdraw="signatory" in caller.roles and attestation.withdrawn_on is None and theirs,
    )


def _certificate(
    request: Request, attestation: Attestation, document: AttestationDocument, *, logged: str
) -> Certificate:
    view = registry_of(request).follower.view
    version = view.agreement_version(attestation.agreement, attestation.version)
    catalogue = view.catalogue()
    purposes = {} if catalogue is None else catalogue.purposes
    api = f"/api/v1/agreements/{attestation.agreement}/versions/{attestation.version}/attestations"
    return Certificate(
        attestation=attestation,
        title=attestation.agreement if version is None else version.title,
        organisation=body_name(view, attestation.organisation),
        role=SIGNATORY_ROLES.get(document.signatory.role, document.signatory.role),
        reference=document.signatory.ref,
        authority=AUTHORITIES[document.authority.code],
        authority_reference=document.authority.reference,
        consulted=tuple(
            f"{CONSULTED_ROLES.get(one.role, one.role)}, {plain_date(one.on)}" for one in document.consulted
        ),
        reservations=tuple(purposes[code].label if code in purposes else code for code in document.reservations),
        attested=plain_time(parse_instant(document.attested_at)),
        logged=plain_time(parse_instant(logged)),
        signed_by=(
            "The signatory, with a key of their own"
            if document.signed_by == "organisation"
            else "The registry, on the authority of the signatory, who was signed in"
        ),
        text_sha256=grouped(document.text_sha256),
        schedule_sha256=grouped(document.schedule_sha256),
        receipt=f"{api}/{attestation.attestation}/receipt",
    )
