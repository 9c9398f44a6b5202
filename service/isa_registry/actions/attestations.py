"""Attesting exactly the published words: as the signatory's own signed document, or by the registry's signature on the
authority of a person who is signed in."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from isa_registry.actions import leading
from isa_registry.actions.deciding import Decider
from isa_registry.domain.access_entries import KeyRegistered, KeySignatory
from isa_registry.domain.agreement_entries import AttestationMade, SignInEvidence
from isa_registry.domain.attestations import AttestationDocument, read_attestation
from isa_registry.domain.attesting import Said, said_faults, said_in, word_faults
from isa_registry.domain.dates import instant, is_instant, london_date, parse_instant
from isa_registry.domain.lifecycles import step
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.attestation_states import why_not_open
from isa_registry.domain.register.binding import Signer, binder_of
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.lives import state_of_attestation
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.signing_keys import key_for_use, valid_at
from isa_registry.domain.register.units import partnerships_of
from isa_registry.domain.shapes import decoding
from isa_registry.identity.attestation_key import TYPE, AttestationKey
from isa_registry.identity.documents import DocumentRefused, verify_document
from isa_registry.ledger.drafts import Draft, Precondition
from isa_verify.encoding import decode_base64url
from isa_verify.errors import MalformedError

_AHEAD = timedelta(minutes=2)
_LATE = timedelta(hours=24)


class Target(Struct, frozen=True):
    """The version that is attested, by the address that it was sent to."""

    agreement: str
    version: str


def attest(attestation: str, jws: str) -> Draft:
    """A body's attestation of exactly the published words and schedule, made for this log, on the word of whoever
    founds a demonstration's. `by_document` and `by_person` are for everybody else."""
    claims = read_attestation(jws)
    target = Target(claims.agreement, claims.version)

    def holds(view: RegisterView, at: str) -> None:
        opened = view.opened()
        if opened is None or claims.registry != opened.origin:
            detail = "This attestation was made for another registry."
            raise Refused("unprocessable", detail, (Fault("#/registry", "another-registry", detail),))
        version = _published(view, target)
        if (claims.text_sha256, claims.schedule_sha256) != (version.text_sha256, version.schedule_sha256):
            detail = "This attests other words than those published."
            raise Refused("unprocessable", detail, (Fault("#/text_sha256", "other-words", detail),))
        if view.organisation(claims.organisation) is None:
            raise Refused("not-found", "There is no such organisation.")

    free = _free(target, claims.organisation)
    return Draft(payloads=(AttestationMade(attestation=attestation, jws=jws),), preconditions=(holds, free))


def attestation_id(jws: str) -> str:
    """The id of the attestation that a document makes: from what was signed, so that neither the same document nor the
    same words under another signature make a second one. Raises `Refused` (`bad-document`) for what is no JWS."""
    try:
        signed = decode_base64url(jws.split(".")[1])
    except (IndexError, MalformedError):
        detail = "A compact JWS has three parts in base64url."
        raise Refused("bad-document", detail, (Fault("#", "jws-malformed", detail),)) from None
    return f"att_{hashlib.sha256(signed).hexdigest()[:32]}"


# --- by the signatory's own signature ---------------------------------------------------------------------------------


def by_document(
    jws: str, target: Target, signer: str, view: RegisterView, *, origin: str, now: datetime, at: str = ""
) -> Draft:
    """The draft of an attestation that came as its signatory's JWS, by the system of the body `signer` or one of its
    people. `at` is where the document stands in the request, for pointers.

    Raises `Refused` with a pointer to each thing that is wrong: `bad-document` (signature and form), `malformed`,
    `not-your-organisation`, `unprocessable`, `conflict`, `not-found`.
    """
    attestation = attestation_id(jws)
    version = _published(view, target)
    document, kid = _read(jws, signer, view, at)
    faults = [*_name_faults(document, version, view, origin=origin), *_clock_faults(document, now)]
    if (document.agreement, document.version) != (target.agreement, target.version):
        detail = "This is another version than the one at the address that it was sent to."
        faults.append(Fault("#/version", "another-version", detail))
        raise Refused("unprocessable", _CANNOT, tuple(faults))
    said, organisation = said_in(document), document.organisation
    faults += _said_faults(view, said, version, organisation, signer, now)
    key = key_for_use(view, signer, kid, "attestation", signatory=_key_signatory(document))
    if key is not None and is_instant(document.attested_at) and not valid_at(key, document.attested_at):
        faults.append(Fault("#/attested_at", "key-not-valid-then", "The signing key was not valid at that time."))
    if faults:
        raise Refused("unprocessable", _CANNOT, tuple(faults))

    def key_still_good(view: RegisterView, at: str) -> None:
        if key_for_use(view, signer, kid, "attestation", signatory=_key_signatory(document)) is None:
            detail = "The signing key is not registered for this signatory, or was revoked."
            raise Refused("bad-document", detail, (Fault("#/kid", "jws-key-unknown", detail),))

    return Draft(
        payloads=(AttestationMade(attestation=attestation, jws=jws),),
        preconditions=(key_still_good, *_held_at_the_tail(attestation, target, said, organisation, signer)),
    )


def _read(jws: str, signer: str, view: RegisterView, at: str) -> tuple[AttestationDocument, str]:
    """The document, if it is signed with an attestation key of the body that sends it, of the very signatory whom it
    names."""

    def key_for(kid: str) -> KeyRegistered | None:
        key = view.key(signer, kid)
        signatory = None if key is None else key.registered.signatory
        return None if signatory is None else key_for_use(view, signer, kid, "attestation", signatory=signatory)

    try:
        verified = verify_document(jws, typ=TYPE, key_for=key_for)
    except DocumentRefused as refused:
        pointer = f"#{at}{refused.pointer}"
        raise Refused("bad-document", refused.detail, (Fault(pointer, refused.code, refused.detail),)) from None
    with decoding("The attestation", at):
        document = msgspec.json.decode(verified.payload, type=AttestationDocument)
    if verified.key.signatory != _key_signatory(document):
        detail = "The key is registered for another signatory than the one whom the document names."
        raise Refused("bad-document", detail, (Fault(f"#{at}/signatory", "another-signatory", detail),))
    if document.signed_by != "organisation":
        detail = "What an organisation signs says so: signed_by is organisation."
        raise Refused("unprocessable", detail, (Fault("#/signed_by", "contradicts-signature", detail),))
    return document, verified.kid


def _key_signatory(document: AttestationDocument) -> KeySignatory:
    return KeySignatory(role=document.signatory.role, ref=document.signatory.ref)


def _name_faults(
    document: AttestationDocument, version: AgreementVersion, view: RegisterView, *, origin: str
) -> list[Fault]:
    faults = []
    if document.registry != origin:
        faults.append(Fault("#/registry", "another-registry", "This document was made for another registry."))
    if document.partnership != partnership_of(view, version):
        detail = "This is not the partnership that the agreement belongs to."
        faults.append(Fault("#/partnership", "another-partnership", detail))
    return faults


def _clock_faults(document: AttestationDocument, now: datetime) -> list[Fault]:
    if not is_instant(document.attested_at):
        detail = "Write times as 2026-09-30T14:05:00.000Z: UTC with milliseconds."
        return [Fault("#/attested_at", "not-a-time", detail)]
    attested = parse_instant(document.attested_at)
    if attested > now + _AHEAD:
        return [Fault("#/attested_at", "in-the-future", "This is more than two minutes ahead of our clock.")]
    if attested < now - _LATE:
        return [Fault("#/attested_at", "late", "This is more than 24 hours ago. Sign it anew, and send it at once.")]
    return []


# --- by the registry, on the authority of a person who is signed in ---------------------------------------------------


def by_person(
    said: Said,
    target: Target,
    organisation: str,
    by: Decider,
    view: RegisterView,
    *,
    key: AttestationKey,
    sign_in: SignInEvidence,
    now: datetime,
) -> Draft:
    """The draft of an attestation that the registry signs for a signatory, who signed in just now and saw these hashes.

    Raises `Refused`: `forbidden`, `not-your-organisation`, `unprocessable` with a pointer to each thing that is wrong,
    `conflict`, `not-found`; `unavailable` where the registry's key is not the log's.
    """
    opened, version = view.opened(), _published(view, target)
    if opened is None or not key.is_named_by(opened):
        raise Refused("unavailable", "The registry cannot sign attestations at this moment.", retry_after=30)
    word = leading.signatory_of(by.organisation, by, view)
    faults = _said_faults(view, said, version, organisation, by.organisation, now)
    if faults:
        raise Refused("unprocessable", _CANNOT, tuple(faults))
    document = AttestationDocument(
        v=1,
        registry=opened.origin,
        partnership=partnership_of(view, version),
        agreement=target.agreement,
        version=target.version,
        text_sha256=said.text_sha256,
        schedule_sha256=said.schedule_sha256,
        organisation=organisation,
        signatory=said.signatory,
        consulted=said.consulted,
        authority=said.authority,
        reservations=said.reservations,
        attested_at=instant(now),
        signed_by="registry",
    )
    jws = key.sign(document)
    attestation = attestation_id(jws)
    draft = Draft(
        payloads=(AttestationMade(attestation=attestation, jws=jws, sign_in=sign_in),),
        preconditions=_held_at_the_tail(attestation, target, said, organisation, by.organisation),
    )
    return leading.on_the_word_of(draft, word)


# --- held at the tail -------------------------------------------------------------------------------------------------

_CANNOT = "The attestation cannot be recorded as it stands."


def _held_at_the_tail(
    attestation: str, target: Target, said: Said, organisation: str, by: str
) -> tuple[Precondition, ...]:
    def holds(view: RegisterView, at: str) -> None:
        today, version = london_date(parse_instant(at)), _published(view, target)
        refuse_outside_partnership(view, version, organisation)
        reason = why_not_open(view, version, today)
        if reason is not None:
            raise Refused("conflict", reason)
        if view.attestation(attestation) is not None:
            raise Refused("conflict", "This attestation is recorded already.")
        faults = [*word_faults(said, version), *_binding_faults(view, said, version, organisation, by, today)]
        if faults:
            raise Refused("unprocessable", _CANNOT, tuple(faults))

    return holds, _free(target, organisation)


def _free(target: Target, organisation: str) -> Precondition:
    """That the body has not attested the version, or has withdrawn."""

    def holds(view: RegisterView, at: str) -> None:
        state = state_of_attestation(view, target.agreement, target.version, organisation)
        if step("attestation", state, "attest") is None:
            raise Refused("conflict", "This organisation has attested this version already.")

    return holds


def refuse_outside_partnership(view: RegisterView, version: AgreementVersion, organisation: str) -> None:
    """Raises `Refused` (`conflict`) unless a body belongs to the partnership of the agreement."""
    body = view.organisation(organisation)
    if body is None or partnership_of(view, version) not in partnerships_of(view, body):
        detail = "The organisation does not belong to the partnership of this agreement. Its business unit adds it."
        raise Refused("conflict", detail)


def partnership_of(view: RegisterView, version: AgreementVersion) -> str:
    """The partnership that a version belongs to."""
    opened = view.opened()
    return version.partnership or ("" if opened is None else opened.partnership)


def _published(view: RegisterView, target: Target) -> AgreementVersion:
    version = view.agreement_version(target.agreement, target.version)
    if version is None:
        raise Refused("not-found", "There is no such version.")
    return version


def _said_faults(
    view: RegisterView, said: Said, version: AgreementVersion, organisation: str, by: str, now: datetime
) -> list[Fault]:
    today = london_date(now)
    return [*said_faults(said, version, on=today), *_binding_faults(view, said, version, organisation, by, today)]


def _binding_faults(
    view: RegisterView, said: Said, version: AgreementVersion, organisation: str, by: str, on: str
) -> tuple[Fault, ...]:
    """Why whoever signs may not bind the body. Raises `Refused` (`not-found`) for a body that is not registered."""
    try:
        binder_of(view, organisation, version, on, Signer(by, said.signatory.role, said.signatory.ref))
    except Refused as refused:
        if refused.code != "unprocessable":
            raise
        return refused.faults
    return ()
