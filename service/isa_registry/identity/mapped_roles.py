"""Roles that an organisation's provider gives, by claims that were registered with its issuer."""

from __future__ import annotations

from isa_registry.domain.register.facts import Issuer
from isa_registry.domain.roles import OWN_ROLES
from isa_registry.identity.profiles import Members


def mapped_roles(use: Issuer, claims: Members) -> frozenset[str]:
    """The roles that a person's claims carry under an issuer's mapping: of an ID token or an access token whose
    signature was checked, or of a userinfo answer of the same provider for the same subject.

    A claim carries a value by being that string, or a list with that string in it; case counts. Nothing is given for a
    claim of any other form, and never a role of the lead body's people, whatever the register says.
    """
    return frozenset(
        mapping.role
        for mapping in use.roles_from
        if mapping.role in OWN_ROLES and mapping.value and _carries(claims.get(mapping.claim), mapping.value)
    )


def _carries(claim: object, value: str) -> bool:
    # "a" in "abc" is true of texts, so the two forms are told apart first.
    return claim == value if isinstance(claim, str) else isinstance(claim, list) and value in claim
