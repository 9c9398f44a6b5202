"""The organisations, and each one's own keys and lawful-basis records."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import keys
from isa_registry.api.frame import caller_of
from isa_registry.api.idempotency import claim_of, in_flight
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.api.visibility import sight_of
from isa_registry.domain.access_entries import KeyRegistered, KeyRevoked
from isa_registry.domain.dates import instant
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.facts import Organisation, SigningKey
from isa_registry.domain.shapes import decoding
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.registry import Registry


class OrganisationLine(Struct, frozen=True):
    """An organisation, as every partner sees it."""

    organisation: str
    name: str
    kind: str
    parent: str | None
    contacts: dict[str, str]


class OrganisationList(Struct, frozen=True):
    organisations: list[OrganisationLine]


class KeyLine(Struct, frozen=True):
    """A public signing key. Times are RFC 3339 UTC."""

    kid: str
    algorithm: str
    jwk: dict[str, str]
    uses: tuple[str, ...]
    valid_from: str
    valid_until: str | None
    revoked: bool
    suspect_from: str | None


class KeyList(Struct, frozen=True):
    keys: list[KeyLine]


class NewKey(Struct, frozen=True, forbid_unknown_fields=True):
    """A public key to register. Without `valid_from` it is valid from now."""

    kid: str
    algorithm: str
    jwk: dict[str, str]
    uses: tuple[str, ...]
    valid_from: str | None = None
    valid_until: str | None = None


class Revocation(Struct, frozen=True, forbid_unknown_fields=True):
    """`reason` is superseded, ceased or compromised; `suspect_from` marks earlier events as suspect."""

    reason: str
    suspect_from: str | None = None


class Logged(Struct, frozen=True):
    """Where a change stands in the log: it counts from the next entry on."""

    entry: int
    logged_at: str


class LawfulBasisList(Struct, frozen=True):
    lawful_bases: list[LawfulBasisRecorded]


def _line(body: Organisation) -> OrganisationLine:
    return OrganisationLine(
        organisation=body.organisation,
        name=body.name,
        kind=body.organisation_kind,
        parent=body.parent,
        contacts=body.contacts,
    )


@reads("/api/v1/organisations")
async def list_organisations(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    return json_response(OrganisationList([_line(body) for body in registry.follower.view.organisations()]))


@reads("/api/v1/organisations/{organisation:str}")
async def read_organisation(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    body = registry.follower.view.organisation(organisation)
    if body is None:
        raise Refused("not-found", "There is no such organisation.")
    return json_response(_line(body))


@reads("/api/v1/organisations/{organisation:str}/keys")
async def list_keys(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    found = registry.follower.view.keys_of(sight_of(request).own(organisation))
    return json_response(KeyList([_key_line(key) for key in found]))


def _key_line(key: SigningKey) -> KeyLine:
    registered = key.registered
    return KeyLine(
        kid=registered.kid,
        algorithm=registered.algorithm,
        jwk=registered.jwk,
        uses=registered.uses,
        valid_from=registered.valid_from,
        valid_until=registered.valid_until,
        revoked=key.revoked,
        suspect_from=key.suspect_from,
    )


@writes("/api/v1/organisations/{organisation:str}/keys")
async def register_key(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("The key"):
        new = msgspec.json.decode(body, type=NewKey)
    draft = keys.register(
        KeyRegistered(
            organisation=organisation,
            kid=new.kid,
            algorithm=new.algorithm,
            jwk=new.jwk,
            uses=new.uses,
            valid_from=new.valid_from or instant(registry.now()),
            valid_until=new.valid_until,
        )
    )
    return await _log(request, draft, body)


@writes("/api/v1/organisations/{organisation:str}/keys/{kid:str}/revocation")
async def revoke_key(request: Request, organisation: FromPath[str], kid: FromPath[str]) -> Response[bytes]:
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("The revocation"):
        revocation = msgspec.json.decode(body, type=Revocation)
    draft = keys.revoke(
        KeyRevoked(organisation=organisation, kid=kid, reason=revocation.reason, suspect_from=revocation.suspect_from)
    )
    return await _log(request, draft, body)


async def _log(request: Request, draft: Draft, body: bytes) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    claim = claim_of(request, caller_of(request), body)
    with in_flight(request, claim):
        appended = await registry.sequencer.append(msgspec.structs.replace(draft, idempotency=claim))
    status = 200 if appended.repeated else 201
    return json_response(Logged(entry=appended.index, logged_at=appended.at), status=status)


@reads("/api/v1/organisations/{organisation:str}/lawful-bases")
async def list_lawful_bases(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    found = registry.follower.view.lawful_bases_of(sight_of(request).own(organisation))
    return json_response(LawfulBasisList([one.recorded for one in found]))


HANDLERS = [list_organisations, read_organisation, list_keys, register_key, revoke_key, list_lawful_bases]
