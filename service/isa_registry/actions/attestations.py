"""Attesting exactly the published words."""

from __future__ import annotations

from isa_registry.domain.agreement_entries import AttestationMade
from isa_registry.domain.attestations import read_attestation
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft


def attest(attestation: str, jws: str) -> Draft:
    """A body's attestation of exactly the published words and schedule, made for this log. The signature is verified
    before."""
    claims = read_attestation(jws)

    def holds(view: RegisterView, at: str) -> None:
        opened = view.opened()
        if opened is None or claims.registry != opened.origin:
            detail = "This attestation was made for another registry."
            raise Refused("unprocessable", detail, (Fault("#/registry", "another-registry", detail),))
        version = view.agreement_version(claims.agreement, claims.version)
        if version is None:
            raise Refused("not-found", "There is no such version.")
        if (claims.text_sha256, claims.schedule_sha256) != (version.text_sha256, version.schedule_sha256):
            detail = "This attests other words than those published."
            raise Refused("unprocessable", detail, (Fault("#/text_sha256", "other-words", detail),))
        if view.organisation(claims.organisation) is None:
            raise Refused("not-found", "There is no such organisation.")
        own = view.attestations_by(claims.agreement, claims.version, claims.organisation)
        if any(one.withdrawn_on is None for one in own):
            raise Refused("conflict", "This organisation has attested this version already.")

    return Draft(payloads=(AttestationMade(attestation=attestation, jws=jws),), preconditions=(holds,))
