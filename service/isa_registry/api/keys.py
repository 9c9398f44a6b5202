"""An organisation's signing keys: what is registered, with what is to be done about it; registering and revoking."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import key_sets, keys
from isa_registry.api.frame import caller_of
from isa_registry.api.idempotency import claim_of, in_flight
from isa_registry.api.json import json_response
from isa_registry.api.organisations import Logged
from isa_registry.api.reading import stored_entry
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.api.visibility import sight_of
from isa_registry.domain.access_entries import KeyRevoked, KeySignatory
from isa_registry.domain.dates import instant
from isa_registry.domain.register.facts import SigningKey
from isa_registry.domain.register.signing_keys import KeyToDo, days_left, state_of, to_do
from isa_registry.domain.shapes import decoding
from isa_registry.identity.key_material import thumbprint
from isa_registry.identity.key_proofs import proved_at
from isa_registry.ledger.drafts import Draft
from isa_registry.outbound.fetching import PublicFetcher
from isa_registry.runtime.access.key_registrations import NewKey, registration_of
from isa_registry.runtime.registry import Registry
from isa_registry.store.pool import reading_for


class KeyLine(Struct, frozen=True):
    """A public signing key. Times are RFC 3339 UTC. `thumbprint` is RFC 7638 with SHA-256. `state` is current, not-yet,
    expired or revoked; `days_left` are whole days until `valid_until`. `source` says how it came here: `founding`,
    `sent`, or `jwks-uri` with the address; `proved_at` when its holder showed that they have it, null for the founding.
    """

    kid: str
    algorithm: str
    jwk: dict[str, str]
    thumbprint: str
    uses: tuple[str, ...]
    signatory: KeySignatory | None
    source: str
    jwks_uri: str | None
    proved_at: str | None
    approved_by: tuple[int, ...]
    valid_from: str
    valid_until: str | None
    state: str
    days_left: int | None
    revoked: bool
    revoked_because: str | None
    suspect_from: str | None


class KeyList(Struct, frozen=True):
    """An organisation's keys, by kid, and what its information-governance lead is to see to."""

    keys: list[KeyLine]
    to_do: list[KeyToDo]


class Revocation(Struct, frozen=True, forbid_unknown_fields=True):
    """`reason` is superseded, ceased or compromised; with the last, what was logged from `suspect_from` on under the
    key is in doubt."""

    reason: str
    suspect_from: str | None = None


@reads("/api/v1/organisations/{organisation:str}/keys")
async def list_keys(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    found = registry.follower.view.keys_of(sight_of(request).own(organisation))
    now = instant(registry.now())
    return json_response(KeyList(keys=[_line(key, now) for key in found], to_do=to_do(found, now)))


def _line(key: SigningKey, now: str) -> KeyLine:
    registered = key.registered
    sent = "founding" if registered.proof is None else "sent"
    return KeyLine(
        kid=registered.kid,
        algorithm=registered.algorithm,
        jwk=registered.jwk,
        thumbprint=thumbprint(registered.jwk),
        uses=registered.uses,
        signatory=registered.signatory,
        source=sent if registered.jwks_uri is None else "jwks-uri",
        jwks_uri=registered.jwks_uri,
        proved_at=proved_at(registered),
        approved_by=registered.approved_by,
        valid_from=registered.valid_from,
        valid_until=registered.valid_until,
        state=state_of(key, now),
        days_left=days_left(registered, now),
        revoked=key.revoked,
        revoked_because=key.reason,
        suspect_from=key.suspect_from,
    )


@reads("/api/v1/organisations/{organisation:str}/keys/published")
async def compare_keys(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    fetcher: PublicFetcher = request.app.state.key_fetcher
    found = registry.follower.view.keys_of(sight_of(request).own(organisation))
    return json_response(await key_sets.compare(fetcher.fetch_json, found, instant(registry.now())))


@writes("/api/v1/organisations/{organisation:str}/keys")
async def register_key(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("The key"):
        new = msgspec.json.decode(body, type=NewKey)
    fetcher: PublicFetcher = request.app.state.key_fetcher
    return await _log(request, await registration_of(registry, fetcher.fetch_json, caller_of(request), new), body)


@writes("/api/v1/organisations/{organisation:str}/keys/{kid:str}/revocation")
async def revoke_key(request: Request, organisation: FromPath[str], kid: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    sight_of(request).own(organisation)
    body = await request.body()
    with decoding("The revocation"):
        said = msgspec.json.decode(body, type=Revocation)
    revoked = KeyRevoked(organisation=organisation, kid=kid, reason=said.reason, suspect_from=said.suspect_from)
    return await _log(request, keys.revoke_as(revoked, caller_of(request), registry.follower.view), body)


async def _log(request: Request, draft: Draft, body: bytes) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    claim = claim_of(request, caller_of(request), body)
    with in_flight(request, claim):
        appended = await registry.sequencer.append(msgspec.structs.replace(draft, idempotency=claim))
    if not appended.repeated:
        return json_response(Logged(entry=appended.index, logged_at=appended.at), status=201)
    async with reading_for(registry.reading, caller_of(request).organisation) as connection:
        first = await stored_entry(connection, appended.index)
    return json_response(Logged(entry=first.index, logged_at=first.at))


HANDLERS = [list_keys, register_key, revoke_key, compare_keys]
