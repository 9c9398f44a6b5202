"""What is wrong with an attestation, held against the version that it names."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from isa_registry.domain.agreements import CONSULTED_ROLES
from isa_registry.domain.attestations import AttestationAuthority, AttestationConsulted, AttestationDocument, Signatory
from isa_registry.domain.dates import is_date
from isa_registry.domain.references import own_reference_fault
from isa_registry.domain.refusals import Fault
from isa_registry.domain.register.facts import AgreementVersion

_MOST_CONSULTED = 10


class Said(Struct, frozen=True):
    """What a signatory says in an attestation, whoever writes the document."""

    text_sha256: str
    schedule_sha256: str
    signatory: Signatory
    authority: AttestationAuthority
    consulted: tuple[AttestationConsulted, ...] = ()
    reservations: tuple[str, ...] = ()


def said_in(document: AttestationDocument) -> Said:
    return Said(
        text_sha256=document.text_sha256,
        schedule_sha256=document.schedule_sha256,
        signatory=document.signatory,
        authority=document.authority,
        consulted=document.consulted,
        reservations=document.reservations,
    )


def word_faults(said: Said, version: AgreementVersion) -> list[Fault]:
    """Whether exactly the published words and schedule are meant."""
    found = []
    for pointer, given, published, what in (
        ("#/text_sha256", said.text_sha256, version.text_sha256, "words"),
        ("#/schedule_sha256", said.schedule_sha256, version.schedule_sha256, "schedule"),
    ):
        if given != published:
            detail = (
                f"This is not the SHA-256 of the published {what}. Read the version again, and sign what stands there."
            )
            found.append(Fault(pointer, "other-words", detail))
    return found


def said_faults(said: Said, version: AgreementVersion, *, on: str) -> list[Fault]:
    """Everything wrong with what is said, but for whether the signatory may bind the body (`register.binding`). `on` is
    the day on which it is said."""
    return [
        *word_faults(said, version),
        *_signatory_faults(said),
        *_authority_faults(said),
        *_consulted_faults(said.consulted, on),
        *_reservation_faults(said.reservations, version),
    ]


def _signatory_faults(said: Said) -> Iterable[Fault]:
    unfit = own_reference_fault(said.signatory.ref)
    if unfit is not None:
        yield Fault("#/signatory/ref", "not-a-reference", unfit)


def _authority_faults(said: Said) -> Iterable[Fault]:
    unfit = own_reference_fault(said.authority.reference)
    if unfit is not None:
        yield Fault("#/authority/reference", "not-a-reference", unfit)
    if said.signatory.role == "delegate" and said.authority.code == "office-holder":
        detail = "A delegate signs under a scheme of delegation or a board's resolution, not by an office."
        yield Fault("#/authority/code", "contradicts-role", detail)


def _consulted_faults(consulted: tuple[AttestationConsulted, ...], on: str) -> Iterable[Fault]:
    if len(consulted) > _MOST_CONSULTED or len({one.role for one in consulted}) < len(consulted):
        yield Fault("#/consulted", "repeated", "Name each role that was consulted once.")
        return
    for position, one in enumerate(consulted):
        at = f"#/consulted/{position}"
        if one.role not in CONSULTED_ROLES:
            yield Fault(f"{at}/role", "unknown-code", f"Use one of {', '.join(sorted(CONSULTED_ROLES))}.")
        if not is_date(one.on):
            yield Fault(f"{at}/on", "not-a-date", "Write dates as 2026-09-30.")
        elif one.on > on:
            yield Fault(f"{at}/on", "in-the-future", "Whoever is consulted is asked before signing, not after.")


def _reservation_faults(reservations: tuple[str, ...], version: AgreementVersion) -> Iterable[Fault]:
    codes = [purpose.code for purpose in version.schedule.purposes]
    if len(set(reservations)) < len(reservations):
        yield Fault("#/reservations", "repeated", "Name each purpose that is reserved once.")
    elif set(codes) <= set(reservations):
        yield Fault(
            "#/reservations", "reserves-everything", "Nothing is left to agree to. Decline the version instead."
        )
    for position, code in enumerate(reservations[: len(codes) + 1]):
        if code not in codes:
            detail = f"Only a purpose of the agreement can be reserved: {', '.join(codes)}."
            yield Fault(f"#/reservations/{position}", "unknown-code", detail)
