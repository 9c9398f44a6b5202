"""What a change of who may act would do, in words: everything that would be logged, and nothing else."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.actions.deciding import AccessPayload
from isa_registry.domain.access_entries import (
    ClientGranted,
    ClientRevoked,
    IssuerRegistered,
    IssuerRemoved,
    RoleGranted,
    RoleRevoked,
)
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.changing import ROLES, body_name
from isa_registry.pages.rendering import plain_date


class ChangeShown(Struct, frozen=True):
    """One entry that would be made: a heading, what it would mean, and each of its members as a fact."""

    title: str
    means: str
    facts: tuple[tuple[str, str], ...]


def in_words(payload: AccessPayload, view: RegisterView) -> ChangeShown:
    body = body_name(view, payload.organisation)
    title, means, facts = _words(payload, body)
    return ChangeShown(title, means, (("Organisation", f"{body} ({payload.organisation})"), *facts))


def _words(payload: AccessPayload, body: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    match payload:
        case RoleGranted():
            facts = (*_person(payload.issuer, payload.subject, payload.role), ("Until", _until(payload.until)))
            return f"Grant a role at {body}", "This person can act in that role at once, as often as they like.", facts
        case RoleRevoked():
            facts = _person(payload.issuer, payload.subject, payload.role)
            return f"Take a role away at {body}", "This person can act in that role no longer.", facts
        case ClientGranted():
            facts = (
                ("System", payload.client),
                ("Scopes", ", ".join(payload.scopes) or "None"),
                ("Until", _until(payload.until)),
            )
            return f"Let a system of {body} act", "It has these scopes and no others, whatever it had before.", facts
        case ClientRevoked():
            return f"Stop a system of {body}", "Nothing that it asks for is answered.", (("System", payload.client),)
        case IssuerRegistered():
            means = f"Whoever this issuer says is a person or a system of {body} is taken for one."
            return f"Let an issuer speak for {body}", means, _issuer(payload)
        case IssuerRemoved():
            means = f"Nobody acts for {body} by way of this issuer any more: no person, and no system."
            return f"Take an issuer from {body}", means, (("Issuer", payload.issuer),)


def _person(issuer: str, subject: str, role: str) -> tuple[tuple[str, str], ...]:
    return ("Role", f"{ROLES.get(role, role)} ({role})"), ("Person", subject), ("Signs in by way of", issuer)


def _until(day: str | None) -> str:
    return "No end" if day is None else plain_date(day)


def _issuer(one: IssuerRegistered) -> tuple[tuple[str, str], ...]:
    facts = [
        ("Issuer", one.issuer),
        ("Audiences of its tokens", ", ".join(one.audiences)),
        ("Algorithms", ", ".join(one.algorithms)),
        ("Kind of tokens", one.profile),
        ("Only where", "Always" if one.claim is None else f"{one.claim} is {one.value}"),
    ]
    if one.sign_in is None:
        facts.append(("Sign-in of people", "No"))
    else:
        asked = [
            f"As client {one.sign_in.client}, which proves itself by {one.sign_in.authentication}",
            f"asking for {' '.join(one.sign_in.scopes)}",
        ]
        if one.sign_in.acr_values:
            asked.append(f"accepting only {' '.join(one.sign_in.acr_values)}")
        facts.append(("Sign-in of people", ", ".join(asked)))
    facts += [
        ("Role by a claim", f"{ROLES[mapping.role]} where {mapping.claim} is {mapping.value}")
        for mapping in one.roles_from
    ]
    return tuple(facts)
