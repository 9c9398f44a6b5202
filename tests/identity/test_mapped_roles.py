"""Which roles a provider's claims give, and which they never do."""

from typing import Any

import pytest

from identity.issuing import Provider, issuer_registered
from isa_registry.domain.access_entries import RoleMapping
from isa_registry.identity.mapped_roles import mapped_roles

ISSUER = Provider("https://login.example")
USE = issuer_registered(
    ISSUER,
    roles_from=(
        RoleMapping("groups", "practitioners", "practitioner"),
        RoleMapping("groups", "leads", "ig-lead"),
        RoleMapping("office", "chief", "signatory"),
        RoleMapping("groups", "auditors", "auditor"),
        RoleMapping("groups", "unit", "business-unit"),
        RoleMapping("groups", "admins", "admin"),
        RoleMapping("empty", "", "practitioner"),
    ),
)


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({}, set()),
        ({"groups": "practitioners"}, {"practitioner"}),
        ({"groups": ["leads", "practitioners", 7, None]}, {"practitioner", "ig-lead"}),
        ({"groups": ["leads"], "office": "chief"}, {"ig-lead", "signatory"}),
        ({"office": "leads"}, set()),
        # A part of a text, another case, a text of several: none is the value.
        ({"groups": "practitioners leads"}, set()),
        ({"groups": "Leads"}, set()),
        ({"groups": ["lead"]}, set()),
        # Nothing but a text or a list of texts is read.
        ({"groups": {"leads": True}}, set()),
        ({"groups": [["leads"]]}, set()),
        ({"groups": True, "office": 1}, set()),
        ({"empty": "", "groups": []}, set()),
        # What sees or decides for everybody comes from no claim, whatever was registered.
        ({"groups": ["auditors", "unit", "admins"]}, set()),
    ],
)
def test_a_claim_gives_the_roles_that_were_registered_for_its_value(claims: dict[str, Any], roles: set[str]) -> None:
    assert roles == mapped_roles(USE, claims)


def test_without_a_mapping_no_claim_gives_a_role() -> None:
    assert frozenset() == mapped_roles(issuer_registered(ISSUER), {"roles": ["practitioner"], "role": "practitioner"})
