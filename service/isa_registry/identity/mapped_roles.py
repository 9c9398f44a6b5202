"""Roles that a claim of a sign-in gives, as the register says of its issuer."""

from __future__ import annotations

from collections.abc import Mapping

from isa_registry.domain.register.facts import Issuer
from isa_registry.domain.roles import OWN_ROLES
from isa_verify.encoding import JsonValue


def mapped_roles(use: Issuer, claims: Mapping[str, JsonValue]) -> frozenset[str]:
    """The roles that a person has by these verified claims of an access token or an ID token.

    A claim gives a role where it is the registered value, or a list that holds it; never by a part of a text. A role
    of the lead body's people is never given so, whatever the register says.
    """
    return frozenset(
        mapping.role
        for mapping in use.roles_from
        if mapping.role in OWN_ROLES and _says(claims.get(mapping.claim), mapping.value)
    )


def _says(claim: JsonValue, value: str) -> bool:
    return value in claim if isinstance(claim, list) else isinstance(claim, str) and claim == value
