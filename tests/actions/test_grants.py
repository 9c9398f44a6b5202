"""The form of a role, a person and a client."""

from __future__ import annotations

from typing import Any

import pytest

from deciding_people import COUNCIL, ISSUERS, POLICE, POLICE_LEAD, Log
from isa_registry.domain.access_entries import ClientGranted, ClientRevoked, RoleGranted
from isa_registry.domain.refusals import Refused


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"role": "administrator"}, "#/role"),
        ({"subject": ""}, "#/subject"),
        ({"subject": "a person"}, "#/subject"),
        ({"subject": "a\n"}, "#/subject"),
        ({"subject": "x" * 256}, "#/subject"),
        ({"until": "2027-02-30"}, "#/until"),
        ({"until": "next year"}, "#/until"),
        ({"issuer": ISSUERS[COUNCIL]}, "#/issuer"),
        ({"issuer": "https://nobody.example"}, "#/issuer"),
    ],
    ids=str,
)
def test_what_is_no_grant_of_a_role_is_refused_with_a_pointer_to_it(changes: dict[str, Any], pointer: str) -> None:
    members = {"organisation": POLICE, "issuer": ISSUERS[POLICE], "subject": "new", "role": "practitioner", **changes}
    with pytest.raises(Refused) as refused:
        Log().alone(RoleGranted(**members), POLICE_LEAD)
    assert (refused.value.code, [fault.pointer for fault in refused.value.faults]) == ("unprocessable", [pointer])


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"client": ""}, "#/client"),
        ({"client": "with space"}, "#/client"),
        ({"client": "café"}, "#/client"),
        ({"scopes": ()}, "#/scopes"),
        ({"scopes": ("checks:write",)}, "#/scopes"),
        ({"scopes": ("checks:ask", "checks:ask")}, "#/scopes"),
        ({"until": "2027-13-01"}, "#/until"),
        ({"until": "2026-11-26"}, "#/until"),
    ],
    ids=str,
)
def test_what_is_no_grant_to_a_client_is_refused_with_a_pointer_to_it(changes: dict[str, Any], pointer: str) -> None:
    members = {"organisation": POLICE, "client": "new", "scopes": ("checks:ask",), **changes}
    with pytest.raises(Refused) as refused:
        Log().alone(ClientGranted(**members), POLICE_LEAD)
    assert (refused.value.code, [fault.pointer for fault in refused.value.faults]) == ("unprocessable", [pointer])


def test_a_grant_to_a_client_replaces_the_one_before() -> None:
    log = Log()
    log.alone(ClientGranted(POLICE, "police-system", ("checks:ask", "events:read"), until="2027-01-31"), POLICE_LEAD)
    (held,) = log.view.clients_of(POLICE)
    assert (held.scopes, held.until) == (("checks:ask", "events:read"), "2027-01-31")
    assert (held.scopes_on("2027-01-31"), held.scopes_on("2027-02-01")) == (held.scopes, ())
    with pytest.raises(Refused, match="exactly these"):
        again = ClientGranted(POLICE, "police-system", ("events:read", "checks:ask"), until="2027-01-31")
        log.alone(again, POLICE_LEAD)
    log.alone(ClientRevoked(POLICE, "police-system"), POLICE_LEAD)
    assert [] == log.view.clients_of(POLICE)
    with pytest.raises(Refused) as refused:
        log.alone(ClientRevoked(POLICE, "police-system"), POLICE_LEAD)
    assert refused.value.code == "not-found"
