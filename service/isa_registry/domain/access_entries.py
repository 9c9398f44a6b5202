"""The payloads of entries about what lets others act for an organisation: issuers, clients, signing keys, roles."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.payloads import PayloadStruct as _Payload


class SignIn(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How people sign in on the registry's pages by way of an issuer: the id of the registry's own client there, how
    that client proves itself (`private_key_jwt` or `client_secret_basic`; `none` to issuers on this machine alone), and
    the scopes it asks for. `acr_values` are the kinds of authentication that it asks for and accepts; none: any."""

    client: str
    authentication: str
    scopes: tuple[str, ...] = ("openid",)
    acr_values: tuple[str, ...] = ()


class RoleMapping(Struct, frozen=True, forbid_unknown_fields=True):
    """A role that everybody has whose token carries this value in this claim."""

    claim: str
    value: str
    role: str


class IssuerRegistered(_Payload, frozen=True, tag="issuer.registered"):
    """An OpenID Connect issuer whose tokens act for the organisation; `claim` and `value` where one serves several.

    Without `sign_in` nobody signs in on a page by way of it. In this kind and the others here, `approved_by` are the
    entries that made the people known who decided it; none where the log was founded with it.
    """

    organisation: str
    issuer: str
    audiences: tuple[str, ...]
    algorithms: tuple[str, ...]
    profile: str
    claim: str | None = None
    value: str | None = None
    sign_in: SignIn | None = None
    roles_from: tuple[RoleMapping, ...] = ()
    approved_by: tuple[int, ...] = ()


class IssuerRemoved(_Payload, frozen=True, tag="issuer.removed"):
    organisation: str
    issuer: str
    approved_by: tuple[int, ...] = ()


class ClientGranted(_Payload, frozen=True, tag="client.granted"):
    """The scopes that this registry grants to a machine client of the organisation's issuer; replaces earlier ones.
    `until` is a date, the last on which any of them holds."""

    organisation: str
    client: str
    scopes: tuple[str, ...]
    until: str | None = None
    approved_by: tuple[int, ...] = ()


class ClientRevoked(_Payload, frozen=True, tag="client.revoked"):
    organisation: str
    client: str
    approved_by: tuple[int, ...] = ()


class KeySignatory(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose an attestation key is: the role in which they sign, and a reference that only their body can resolve."""

    role: str
    ref: str


class KeyRegistered(_Payload, frozen=True, tag="key.registered"):
    """A public signing key (JWK members as strings) with the uses it is good for and the one algorithm it is held to.

    Times are RFC 3339 UTC with milliseconds. `signatory` is there for the use `attestation` and no other. `proof` is
    the exact isa-key-proof+jws that the key's holder made (docs/formats/key-proof.md); none where the log was founded
    with the key. `jwks_uri` is where the key was published when it was fetched; none where it was sent.
    """

    organisation: str
    kid: str
    algorithm: str
    jwk: dict[str, str]
    uses: tuple[str, ...]
    valid_from: str
    valid_until: str | None = None
    signatory: KeySignatory | None = None
    jwks_uri: str | None = None
    proof: str | None = None
    approved_by: tuple[int, ...] = ()


class KeyRevoked(_Payload, frozen=True, tag="key.revoked"):
    """From this entry on nothing signed with the key is accepted. What was logged from `suspect_from` on under the key
    is in doubt."""

    organisation: str
    kid: str
    reason: str
    suspect_from: str | None = None
    approved_by: tuple[int, ...] = ()


class RoleGranted(_Payload, frozen=True, tag="role.granted"):
    """A role of one person, known by issuer and subject; `until` is a date, the last on which it holds."""

    organisation: str
    issuer: str
    subject: str
    role: str
    until: str | None = None
    approved_by: tuple[int, ...] = ()


class RoleRevoked(_Payload, frozen=True, tag="role.revoked"):
    organisation: str
    issuer: str
    subject: str
    role: str
    approved_by: tuple[int, ...] = ()
