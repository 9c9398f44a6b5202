"""Who is not let in: without a token, with a bad one, or with one that does not cover the call."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from api.speaking import MARKER, assert_problem, bearer, forged_token, person_token
from isa_registry.api.access import ACCESS, Access
from live import LEAD, POLICE, Demonstration

SAMPLES = {
    "{check}": "chk_" + "0" * 32,
    "{event}": "01890000-0000-7000-8000-000000000000",
    "{organisation}": POLICE,
    "{kid}": "durham-constabulary-1",
    "{proposal}": "prp_" + "0" * 32,
    "{draft}": "agd_" + "0" * 32,
    "{path}": "000",
}
# Pages for people, and the steps of signing in, take no token: tests/people has those.
CLOSED = {
    route: access
    for route, access in ACCESS.items()
    if not (access.public or access.operator or access.session or access.handshake)
}
MACHINE_SCOPES = ("checks:ask", "events:write", "events:read", "consents:read")
PEOPLE = {"practitioner", "signatory", "ig-lead", "auditor", "business-unit"}

pytestmark = pytest.mark.usefixtures("unchanged")


def call(client: httpx.Client, route: tuple[str, str], headers: dict[str, str] | None = None) -> httpx.Response:
    method, path = route
    for name, sample in SAMPLES.items():
        path = path.replace(name, sample)
    types = ACCESS[route].content_types
    content_type = {"Content-Type": types[0]} if types else {}
    return client.request(method, path, content=b"{}" if types else None, headers={**content_type, **(headers or {})})


def metadata(client: httpx.Client) -> str:
    """Where a challenge says how to get a token (RFC 9728 section 5.1)."""
    return f'resource_metadata="{str(client.base_url).rstrip("/")}/.well-known/oauth-protected-resource"'


def every(found: dict[tuple[str, str], Access]) -> Any:
    return pytest.mark.parametrize("route", sorted(found), ids=" ".join)


@every(CLOSED)
def test_without_a_token_nothing_is_shown(nobody: httpx.Client, route: tuple[str, str]) -> None:
    answer = call(nobody, route)
    assert_problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == f'Bearer realm="isa-registry", {metadata(nobody)}'


@every({route: access for route, access in CLOSED.items() if access.scopes})
def test_a_scope_that_does_not_cover_the_route_is_not_enough(
    demonstration: Demonstration, nobody: httpx.Client, route: tuple[str, str]
) -> None:
    access = ACCESS[route]
    other = next(scope for scope in MACHINE_SCOPES if scope not in access.scopes)
    answer = call(nobody, route, bearer(demonstration.token(POLICE, other)))
    assert_problem(answer, 403, "insufficient-scope")
    assert answer.headers["www-authenticate"] == (
        f'Bearer realm="isa-registry", error="insufficient_scope", scope="{access.scope_line()}", {metadata(nobody)}'
    )


@every(CLOSED)
def test_a_person_whose_roles_do_not_cover_the_route_is_refused(
    tokens: dict[str, str], nobody: httpx.Client, route: tuple[str, str]
) -> None:
    # The lead body's own information-governance leads have what is open to `law-lead`.
    roles = ACCESS[route].roles
    may = roles | {"ig-lead"} if "law-lead" in roles else roles
    for role in sorted(PEOPLE - may):
        assert_problem(call(nobody, route, bearer(tokens[role])), 403, "forbidden")


@pytest.fixture(scope="module")
def tokens(demonstration: Demonstration) -> dict[str, str]:
    return {role: person_token(demonstration, LEAD, role) for role in PEOPLE}


RECENT = {route: access for route, access in CLOSED.items() if access.recent_sign_in}


def test_keys_change_and_records_are_erased_only_after_a_recent_sign_in() -> None:
    """What must not be missing; that whatever changes trust has it is held in tests/architecture/test_access.py."""
    ends = {path.rsplit("/v1", 1)[-1].split("}")[-1] for _, path in RECENT}
    assert ends >= {
        "/keys", "/members", "/members/revocation", "/clients", "/clients/revocation", "/issuers", "/issuers/removal",
        "/approval", "/withdrawal", "/refusal", "/revocation", "/audit/erasures", "/organisations", "/record",
        "/suspension", "/closure", "/delegations", "/versions", "/check", "/opening", "/in-force", "/resumption",
        "/review", "/organisations/import", "/organisations/invitations", "/confirmation", "/lawful-bases",
        "/notice-addresses", "/webhooks",
    }  # fmt: skip


@every(RECENT)
def test_a_system_does_not_do_what_a_signed_in_person_does(police: httpx.Client, route: tuple[str, str]) -> None:
    assert_problem(call(police, route), 403, "forbidden")


@every(RECENT)
@pytest.mark.parametrize("auth_time", [301, 86_400, None], ids=["301 seconds ago", "a day ago", "not said"])
def test_an_old_sign_in_is_asked_for_again(
    demonstration: Demonstration, nobody: httpx.Client, route: tuple[str, str], auth_time: int | None
) -> None:
    """RFC 9470 section 3. A missing auth_time counts as old."""
    moment = None if auth_time is None else int(time.time()) - auth_time
    roles = CLOSED[route].roles
    person = next(one for one in ("ig-lead", "signatory", "business-unit", "law-lead") if one in roles)
    organisation = LEAD if person in ("business-unit", "law-lead") else POLICE
    person = "ig-lead" if person == "law-lead" else person
    token = forged_token(
        demonstration, organisation, sub=person, client_id="isa-client", scope="openid", auth_time=moment
    )
    answer = call(nobody, route, bearer(token))
    assert_problem(answer, 401, "sign-in-too-old")
    assert answer.headers["www-authenticate"] == (
        f'Bearer realm="isa-registry", error="insufficient_user_authentication", max_age="300", {metadata(nobody)}'
    )


@pytest.mark.parametrize("header", [f"Basic {MARKER}", "Bearer", MARKER, f"DPoP {MARKER}"])
def test_another_authorization_is_none(nobody: httpx.Client, header: str) -> None:
    assert_problem(nobody.get("/api/v1/organisations", headers={"Authorization": header}), 401, "unauthenticated")


def test_a_token_in_the_address_is_none(demonstration: Demonstration, nobody: httpx.Client) -> None:
    answer = nobody.get(f"/api/v1/organisations?access_token={demonstration.token()}")
    assert_problem(answer, 401, "unauthenticated")


def test_a_scope_that_the_register_did_not_grant_is_none(demonstration: Demonstration, nobody: httpx.Client) -> None:
    """The effective scope is what the token says and the registry granted."""
    grasping = forged_token(demonstration, POLICE, scope="audit:read admin")
    answer = nobody.get("/log/tile/entries/000", headers=bearer(grasping))
    assert_problem(answer, 403, "insufficient-scope")


def test_a_person_does_not_get_scopes(demonstration: Demonstration, nobody: httpx.Client) -> None:
    """What a person may do is in their roles, whatever the token's scope says."""
    grasping = forged_token(
        demonstration, POLICE, sub="signatory", client_id="isa-client", scope="checks:ask", auth_time=int(time.time())
    )
    answer = nobody.post("/api/v1/checks", json={}, headers=bearer(grasping))
    assert_problem(answer, 403, "forbidden")


@pytest.mark.parametrize("route", sorted(route for route, access in ACCESS.items() if access.public), ids=" ".join)
def test_what_is_public_asks_for_no_token(nobody: httpx.Client, route: tuple[str, str]) -> None:
    assert call(nobody, route).status_code not in (401, 403)
