"""Registering a signing key: the proof that its holder has it, and the request that the registry takes."""

from collections.abc import Sequence
from dataclasses import dataclass

from isa_client.documents import KEY_PROOF_TYPE, SigningKey
from isa_client.errors import InputError
from isa_client.events import check_code
from isa_verify.encoding import JsonValue

USES = ("event", "acknowledgement", "attestation")


@dataclass(frozen=True, slots=True)
class Signatory:
    """Whose an attestation key is: the role in which they sign, and your own opaque reference of that person."""

    role: str
    ref: str


def prove_key(
    key: SigningKey,
    *,
    registry: str,
    partnership: str,
    organisation: str,
    uses: Sequence[str],
    made_at: str,
    signatory: Signatory | None = None,
) -> str:
    """Return the isa-key-proof+jws by which the key's holder asks for it to be registered for these uses.

    It is good for ten minutes from `made_at` (RFC 3339 UTC with milliseconds), at the registry whose log is called
    `registry`. Raises `InputError` for uses that do not go together, and for an attestation key of nobody.
    """
    if not uses or any(use not in USES for use in uses):
        raise InputError("use-unknown", f"A key is for one or more of {', '.join(USES)}.")
    if "attestation" in uses and len(uses) > 1:
        raise InputError("attestation-mixed", "An attestation key is one person's and has no other use.")
    if ("attestation" in uses) != (signatory is not None):
        raise InputError("signatory-missing", "An attestation key, and no other, names its signatory.")
    return key.sign(
        KEY_PROOF_TYPE,
        {
            "v": 1,
            "registry": registry,
            "partnership": partnership,
            "organisation": check_code(organisation, "organisation"),
            "kid": key.kid,
            "uses": list(uses),
            "signatory": None if signatory is None else {"role": signatory.role, "ref": signatory.ref},
            "thumbprint": key.thumbprint,
            "made_at": made_at,
        },
    )


def registration(
    key: SigningKey,
    proof: str,
    *,
    uses: Sequence[str],
    signatory: Signatory | None = None,
    jwks_uri: str | None = None,
    valid_from: str | None = None,
    valid_until: str | None = None,
) -> dict[str, JsonValue]:
    """Return the body of `POST /api/v1/organisations/{organisation}/keys`: the key itself, or where it is published."""
    body: dict[str, JsonValue] = {"kid": key.kid, "algorithm": key.algorithm, "uses": list(uses), "proof": proof}
    if jwks_uri is None:
        body["jwk"] = dict(key.public_jwk)
    else:
        body["jwks_uri"] = jwks_uri
    if signatory is not None:
        body["signatory"] = {"role": signatory.role, "ref": signatory.ref}
    given = {"valid_from": valid_from, "valid_until": valid_until}
    return body | {name: value for name, value in given.items() if value is not None}
