"""Signing keys of organisations: registered for named uses by whoever shows that they hold them, and revoked."""

from __future__ import annotations

import re

from msgspec.structs import replace

from isa_registry.actions.organisations import registered
from isa_registry.domain.access_entries import KeyRegistered, KeyRevoked
from isa_registry.domain.agreements import SIGNATORY_ROLES
from isa_registry.domain.dates import is_instant, london_date, parse_instant
from isa_registry.domain.references import own_reference_fault
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.people import granted_roles
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.signing_keys import USES
from isa_registry.identity.callers import Caller
from isa_registry.identity.compact import KeyUnusableError
from isa_registry.identity.documents import DocumentRefused
from isa_registry.identity.key_material import PRIVATE, registrable
from isa_registry.identity.key_proofs import KeyProof, is_fresh, proof_faults, read_proof
from isa_registry.ledger.drafts import Draft, Precondition

ALGORITHMS = ("Ed25519", "ES256", "PS256")
REASONS = ("superseded", "ceased", "compromised")
ATTESTATION = ("attestation",)
_KID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_UNUSABLE = {
    "key-spelling": "Write each number of the key as RFC 7518 has it: unpadded base64url without leading zero octets.",
    "key-weak": "Signatures under this key prove nothing. Make another.",
    "key-size": "An RSA key has 2048 to 8192 bits.",
    "key-curve": "The curves are Ed25519 and P-256.",
}


def register(key: KeyRegistered) -> Draft:
    """A public key for named uses, on the word of whoever founds the log: `register_proved` is for everybody else.

    Refused (`unprocessable`) for what is not such a key, or is a private one; (`conflict`) where the body has used this
    `kid` before, revoked or not, or the key itself is registered already, by whichever body.
    """
    key = checked(key)
    return Draft(payloads=(key,), preconditions=(registered(key.organisation), _unused(key)))


def register_proved(
    key: KeyRegistered, caller: Caller, view: RegisterView, *, proof: str, origin: str, partnership: str
) -> Draft:
    """The same for a person who shows with `proof` that whoever holds the key wants it registered.

    An attestation key is registered by a signatory, any other by the information-governance lead. Raises `Refused`:
    `forbidden`, `bad-document` and `unprocessable` for the proof.
    """
    _refuse_another_body(key.organisation, caller)
    role = role_for(key)
    if role not in caller.roles:
        raise Refused("forbidden", f"A key for these uses is registered by a person with the role {role}.")
    number = _number(caller, view)
    key = replace(checked(key), proof=proof, approved_by=(number,))
    try:
        claims = read_proof(proof, key)
    except DocumentRefused as refused:
        # A pointer into the document's header means nothing in the request: the whole proof is at fault.
        raise Refused("bad-document", refused.detail, (Fault("#/proof", refused.code, refused.detail),)) from None
    faults = proof_faults(claims, key, origin=origin, partnership=partnership)
    if faults:
        raise Refused("unprocessable", "The proof does not cover this key.", tuple(faults))
    holder = _still_holds(caller, number, role)
    return Draft(
        payloads=(key,), preconditions=(registered(key.organisation), holder, _made_just_now(claims), _unused(key))
    )


def role_for(key: KeyRegistered) -> str:
    """Whose business a key for these uses is: with an attestation key one signs in a signatory's name."""
    return "signatory" if "attestation" in key.uses else "ig-lead"


def checked(key: KeyRegistered) -> KeyRegistered:
    """The key as it is to be logged. Raises `Refused` (`unprocessable`) with each thing that is wrong with it."""
    faults = [*wish_faults(key), *_material_faults(key)]
    if faults:
        raise Refused("unprocessable", "This key cannot be registered.", tuple(faults))
    # A JWK may hold anything beside its key, and the log is for ever.
    return replace(key, jwk=registrable(key.jwk, key.algorithm))


def wish_faults(key: KeyRegistered) -> list[Fault]:
    """What is wrong with everything beside the key itself, which may still have to be fetched."""
    faults: list[Fault] = []
    if not _KID.fullmatch(key.kid):
        faults.append(Fault("#/kid", "malformed", "A kid is 1 to 64 letters, digits, '.', '_' or '-'."))
    if key.algorithm not in ALGORITHMS:
        faults.append(Fault("#/algorithm", "unknown-code", f"Use one of {', '.join(ALGORITHMS)}."))
    if not key.uses or len(set(key.uses)) < len(key.uses) or any(use not in USES for use in key.uses):
        faults.append(Fault("#/uses", "unknown-code", f"Name one or more of {', '.join(USES)}, each once."))
    elif "attestation" in key.uses and key.uses != ATTESTATION:
        detail = "An attestation key is one person's and has no other use. Register another key for the rest."
        faults.append(Fault("#/uses", "attestation-mixed", detail))
    faults += _signatory_faults(key)
    for pointer, value in (("#/valid_from", key.valid_from), ("#/valid_until", key.valid_until)):
        if value is not None and not is_instant(value):
            faults.append(Fault(pointer, "not-a-time", "Write times as 2026-09-30T14:05:00.000Z."))
    if not faults and key.valid_until is not None and key.valid_until <= key.valid_from:
        faults.append(Fault("#/valid_until", "never-valid", "A key ends after it begins."))
    return faults


def _signatory_faults(key: KeyRegistered) -> list[Fault]:
    signatory = key.signatory
    if "attestation" not in key.uses:
        detail = "Only an attestation key names a signatory."
        return [] if signatory is None else [Fault("#/signatory", "no-attestation-key", detail)]
    if signatory is None:
        return [Fault("#/signatory", "signatory-missing", "Say whose key it is: a role and your own reference.")]
    faults: list[Fault] = []
    if signatory.role not in SIGNATORY_ROLES:
        faults.append(Fault("#/signatory/role", "unknown-code", f"Use one of {', '.join(sorted(SIGNATORY_ROLES))}."))
    unfit = own_reference_fault(signatory.ref)
    if unfit is not None:
        faults.append(Fault("#/signatory/ref", "not-a-reference", unfit))
    return faults


def _material_faults(key: KeyRegistered) -> list[Fault]:
    if PRIVATE & key.jwk.keys():
        detail = "This holds a private key. Send the public part alone, and replace the key: it has been seen."
        return [Fault("#/jwk", "private-key", detail)]
    if key.algorithm not in ALGORITHMS:
        return []
    try:
        registrable(key.jwk, key.algorithm)
    except KeyUnusableError as error:
        detail = _UNUSABLE.get(str(error), "This is not a public JWK (RFC 7517) of the algorithm's kind.")
        return [Fault("#/jwk", "not-a-key", detail)]
    return []


def _unused(key: KeyRegistered) -> Precondition:
    def holds(view: RegisterView, at: str) -> None:
        if view.key(key.organisation, key.kid) is not None:
            raise Refused("conflict", "This organisation has used this kid before. Choose another.")
        opened = view.opened()
        if opened is not None and opened.attestation_key.get("kid") == key.kid:
            # Whoever reads a document sees by its kid whether the registry signed it for a person.
            detail = "This is the kid of the registry's own key. Choose another."
            raise Refused("conflict", detail, (Fault("#/kid", "kid-of-the-registry", detail),))
        # Whose it is stays unsaid: whoever asks has shown that they hold it, and should hold it alone.
        if any(other.registered.jwk == key.jwk for other in view.all_keys()):
            detail = "This key is registered already. Each kid and each organisation has its own: make another."
            raise Refused("conflict", detail, (Fault("#/jwk", "key-already-registered", detail),))

    return holds


def _made_just_now(claims: KeyProof) -> Precondition:
    def holds(view: RegisterView, at: str) -> None:
        if not is_fresh(claims, at):
            detail = "This proof was not made within the last ten minutes. Make it anew, on a clock that is right."
            raise Refused("unprocessable", detail, (Fault("#/proof/made_at", "proof-stale", detail),))

    return holds


def _refuse_another_body(organisation: str, caller: Caller) -> None:
    if organisation != caller.organisation:
        raise Refused("not-your-organisation", "This is open to the organisation itself.")


def _number(caller: Caller, view: RegisterView) -> int:
    """The entry that first made the deciding person known, for `approved_by`."""
    number = view.first_known_by(caller.issuer, caller.subject)
    if number is None:
        raise Refused("forbidden", "Whoever decides this has a role that was granted by name, and not by a claim.")
    return number


def _still_holds(caller: Caller, number: int, *roles: str) -> Precondition:
    """That the person whom that entry made known has one of the roles by a grant at the tail, whatever their token was
    told, and signs in through an issuer that still acts for their body."""

    def holds(view: RegisterView, at: str) -> None:
        person, today = (caller.issuer, caller.subject), london_date(parse_instant(at))
        if granted_roles(view, caller.organisation, person, today).isdisjoint(roles):
            raise Refused("forbidden", f"This takes the role {' or '.join(roles)}, granted by name, at this moment.")
        if view.first_known_by(caller.issuer, caller.subject) != number:
            raise Refused("conflict", "What the log says of who decides was changed at this moment. Try again.")

    return holds


def revoke(revocation: KeyRevoked) -> Draft:
    """From its entry on, nothing signed with the key is accepted.

    A key is revoked once; that it was compromised may come to light later, and then it is said with a second
    revocation, as may that it was so from an earlier time on. Refused (`not-found`, `conflict`, `unprocessable`).
    """
    faults: list[Fault] = []
    suspect_from = revocation.suspect_from
    if revocation.reason not in REASONS:
        faults.append(Fault("#/reason", "unknown-code", f"Use one of {', '.join(REASONS)}."))
    if suspect_from is not None:
        if not is_instant(suspect_from):
            faults.append(Fault("#/suspect_from", "not-a-time", "Write times as 2026-09-30T14:05:00.000Z."))
        elif revocation.reason != "compromised":
            detail = "Only what a compromised key signed is in doubt."
            faults.append(Fault("#/suspect_from", "not-compromised", detail))
    if faults:
        raise Refused("unprocessable", "The key cannot be revoked like this.", tuple(faults))

    def holds(view: RegisterView, at: str) -> None:
        key = view.key(revocation.organisation, revocation.kid)
        if key is None:
            raise Refused("not-found", "The organisation has no such key.")
        worse = suspect_from is not None and (key.suspect_from is None or suspect_from < key.suspect_from)
        if key.revoked and not worse:
            raise Refused("conflict", "The key is revoked already.")
        if suspect_from is not None and suspect_from > at:
            detail = "Say since when the key has been in doubt: a time that has passed."
            raise Refused("unprocessable", detail, (Fault("#/suspect_from", "in-the-future", detail),))

    return Draft(payloads=(revocation,), preconditions=(holds,))


def revoke_as(revocation: KeyRevoked, caller: Caller, view: RegisterView) -> Draft:
    """The same on a person's word: the information-governance lead's for any key of the body, a signatory's for an
    attestation key that they registered themselves. Raises `Refused` (`forbidden`) for anybody else."""
    _refuse_another_body(revocation.organisation, caller)
    number = _number(caller, view)
    key = view.key(revocation.organisation, revocation.kid)
    own = key is not None and key.registered.approved_by == (number,)
    roles = ("ig-lead", "signatory") if own else ("ig-lead",)
    if not caller.roles & set(roles):
        raise Refused("forbidden", "A key is revoked by the ig-lead, or by the signatory who registered it.")
    draft = revoke(replace(revocation, approved_by=(number,)))
    return replace(draft, preconditions=(_still_holds(caller, number, *roles), *draft.preconditions))
