"""Registering a signing key as it is asked for: itself, or the address where it is published, which is fetched once."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions import key_sets, keys
from isa_registry.domain.access_entries import KeyRegistered, KeySignatory
from isa_registry.domain.dates import instant
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.registry import Registry


class NewKey(Struct, frozen=True, forbid_unknown_fields=True):
    """A public key to register: itself (`jwk`), or where it is published (`jwks_uri`). Without `valid_from` it is valid
    from now. `signatory` for an attestation key and no other. `proof` is an isa-key-proof+jws made with the key."""

    kid: str
    algorithm: str
    uses: tuple[str, ...]
    proof: str
    jwk: dict[str, str] | None = None
    jwks_uri: str | None = None
    signatory: KeySignatory | None = None
    valid_from: str | None = None
    valid_until: str | None = None


async def registration_of(registry: Registry, fetch_json: key_sets.FetchJson, caller: Caller, new: NewKey) -> Draft:
    """The entry that registers a key of the caller's organisation. Raises `Refused` for what no register takes."""
    view = registry.follower.view
    opened = view.opened()
    if opened is None:
        raise Refused("unavailable", "The registry is not open yet.", retry_after=30)
    key = await _with_material(registry, fetch_json, caller, new)
    return keys.register_proved(
        key, caller, view, proof=new.proof, origin=registry.origin, partnership=opened.partnership
    )


async def _with_material(
    registry: Registry, fetch_json: key_sets.FetchJson, caller: Caller, new: NewKey
) -> KeyRegistered:
    """The key that is to be registered; where only its address was sent, fetched once all else about it is well."""
    if (new.jwk is None) == (new.jwks_uri is None):
        detail = "Send the key as jwk, or say with jwks_uri where it is published: one of the two."
        raise Refused("malformed", detail, (Fault("#/jwk", "one-of-two", detail),))
    key = KeyRegistered(
        organisation=caller.organisation,
        kid=new.kid,
        algorithm=new.algorithm,
        jwk=new.jwk or {},
        uses=new.uses,
        valid_from=new.valid_from or instant(registry.now()),
        valid_until=new.valid_until,
        signatory=new.signatory,
        jwks_uri=new.jwks_uri,
    )
    if new.jwks_uri is None:
        return key
    if keys.role_for(key) not in caller.roles:
        raise Refused("forbidden", "None of your roles covers a key for these uses.")
    faults = keys.wish_faults(key)
    if faults:
        raise Refused("unprocessable", "This key cannot be registered.", tuple(faults))
    return replace(key, jwk=await key_sets.key_at(fetch_json, new.jwks_uri, new.kid))
