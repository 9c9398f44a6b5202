"""Who may act for an organisation, as its lead, the business unit and everybody else meet it, on two workers."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.speaking import MARKER, QUESTION, Database, assert_problem, bearer, forged_token, person_token
from api.test_fuzz import JSON
from isa_registry.domain.dates import london_date
from isa_registry.runtime.registry import wall_clock
from live import LEAD, POLICE, Demonstration

BODY = "home-office"
UNTIL = london_date(wall_clock() + timedelta(days=200))
PROPOSALS = "/api/v1/proposals"


def of(body: str, what: str) -> str:
    return f"/api/v1/organisations/{body}/{what}"


def issuer_of(demonstration: Demonstration, body: str) -> str:
    return f"{demonstration.url}/demo/idp/{body}"


def signed_in(demonstration: Demonstration, body: str, subject: str, **claims: object) -> dict[str, str]:
    """The headers of somebody who signed in just now; whoever the body's issuer knows."""
    now = int(time.time())
    return bearer(
        forged_token(
            demonstration, body, sub=subject, client_id="isa-client", scope="openid", auth_time=now, **claims
        )
    )  # fmt: skip


@pytest.fixture(scope="module")
def people(demonstration: Demonstration) -> Iterator[Callable[[str, str], httpx.Client]]:
    """Clients of people by organisation and subject."""
    opened: dict[tuple[str, str], httpx.Client] = {}

    def client(body: str, subject: str) -> httpx.Client:
        if (body, subject) not in opened:
            headers = signed_in(demonstration, body, subject)
            opened[body, subject] = httpx.Client(base_url=demonstration.url, headers=headers, timeout=20)
        return opened[body, subject]

    yield client
    for one in opened.values():
        one.close()


@pytest.fixture(scope="module")
def unit(people: Callable[[str, str], httpx.Client]) -> tuple[httpx.Client, httpx.Client]:
    return people(LEAD, "business-unit"), people(LEAD, "business-unit-2")


def everywhere(
    demonstration: Demonstration,
    call: Callable[[httpx.Client], httpx.Response],
    headers: dict[str, str],
    status: int,
) -> httpx.Response:
    """Until both workers answer so: 12 calls in a row, each over a connection of its own."""
    end, row = time.monotonic() + 60, 0
    while row < 12:
        with httpx.Client(base_url=demonstration.url, headers=headers, timeout=20) as fresh:
            answer = call(fresh)
        row = row + 1 if answer.status_code == status else 0
        assert time.monotonic() < end, answer.text
    return answer


def approved(unit: tuple[httpx.Client, httpx.Client], path: str, body: dict[str, Any]) -> int:
    """One proposes, the other approves; returns the entry."""
    one, other = unit
    answer = one.post(path, json=body)
    assert answer.status_code == 202, answer.text
    proposal = answer.json()
    assert answer.headers["location"] == f"{PROPOSALS}/{proposal['id']}"
    done = other.post(f"{PROPOSALS}/{proposal['id']}/approval", json={"sha256": proposal["sha256"]})
    assert done.status_code == 200, done.text
    return int(done.json()["entry"])


def ask(client: httpx.Client) -> httpx.Response:
    return client.post("/api/v1/checks", json={**QUESTION, "record": False})


# --- an organisation's own lead --------------------------------------------------------------------------------------


def test_a_role_counts_on_every_worker_from_its_entry_on_and_ends_there(
    demonstration: Demonstration, lead: httpx.Client, database: Database
) -> None:
    subject = f"person-{secrets.token_hex(4)}"
    role = {"issuer": issuer_of(demonstration, POLICE), "subject": subject, "role": "practitioner"}
    headers = signed_in(demonstration, POLICE, subject)
    everywhere(demonstration, ask, headers, 403)

    before = database.size()
    answer = lead.post(of(POLICE, "members"), json={**role, "until": UNTIL})
    assert (answer.status_code, answer.json()["entry"]) == (201, before)
    everywhere(demonstration, ask, headers, 200)
    (payload,) = database.as_owner("SELECT convert_from(payload, 'UTF8') FROM payload WHERE index = $1", before)[0]
    assert 1 == len(json.loads(payload)["approved_by"])
    listed = lead.get(of(POLICE, "members"), headers={"ISA-Min-Log-Size": str(before + 1)}).json()["members"]
    (member,) = [one for one in listed if one["subject"] == subject]
    assert member["roles"] == [{"role": "practitioner", "until": UNTIL, "lapsed": False}]

    assert lead.post(of(POLICE, "members/revocation"), json=role).status_code == 201
    everywhere(demonstration, ask, headers, 403)
    assert_problem(lead.post(of(POLICE, "members/revocation"), json=role), 404, "not-found")
    assert subject not in demonstration.output


def test_a_client_is_let_in_and_put_out_on_every_worker(demonstration: Demonstration, lead: httpx.Client) -> None:
    name = f"system-{secrets.token_hex(4)}"
    token = bearer(forged_token(demonstration, POLICE, sub=name, client_id=name, scope="checks:ask events:read"))
    everywhere(demonstration, ask, token, 401)
    new = {"client": name, "scopes": ["checks:ask"]}
    granted = lead.post(of(POLICE, "clients"), json=new)
    assert granted.status_code == 201
    everywhere(demonstration, ask, token, 200)
    everywhere(demonstration, lambda one: one.get("/api/v1/sharing-events"), token, 403)
    shown = lead.get(of(POLICE, "clients"), headers={"ISA-Min-Log-Size": granted.headers["isa-log-size"]}).json()
    assert {**new, "until": None, "lapsed": False} in shown["clients"]
    assert lead.post(of(POLICE, "clients/revocation"), json={"client": name}).status_code == 201
    everywhere(demonstration, ask, token, 401)


def test_the_same_request_again_makes_one_entry(lead: httpx.Client, demonstration: Demonstration) -> None:
    key = {"Idempotency-Key": secrets.token_hex(12)}
    role = {"issuer": issuer_of(demonstration, POLICE), "subject": secrets.token_hex(8), "role": "signatory"}
    first, again = (lead.post(of(POLICE, "members"), json=role, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["entry"] == again.json()["entry"]
    other = lead.post(of(POLICE, "members"), json={**role, "role": "practitioner"}, headers=key)
    assert_problem(other, 422, "idempotency-conflict")


def test_the_last_lead_does_not_leave_the_body_without_one(demonstration: Demonstration, lead: httpx.Client) -> None:
    own = {"issuer": issuer_of(demonstration, POLICE), "subject": "ig-lead", "role": "ig-lead"}
    assert_problem(lead.post(of(POLICE, "members/revocation"), json=own), 409, "conflict")


@pytest.mark.usefixtures("unchanged")
def test_another_organisations_people_clients_and_issuers_are_nobody_elses(
    people: Callable[[str, str], httpx.Client], lead: httpx.Client
) -> None:
    """The same whether or not it exists."""
    bodies: dict[str, dict[str, Any]] = {
        "members": {"issuer": "https://a.example", "subject": "a", "role": "practitioner"},
        "members/revocation": {"issuer": "https://a.example", "subject": "a", "role": "practitioner"},
        "clients": {"client": "a", "scopes": ["checks:ask"]},
        "clients/revocation": {"client": "a"},
    }
    for caller in (lead, people(LEAD, "ig-lead")):
        own = POLICE if caller is lead else LEAD
        for body in {POLICE, LEAD, "harbour", "no-such-body"} - {own}:
            for what, content in bodies.items():
                assert_problem(caller.post(of(body, what), json=content), 403, "not-your-organisation")
            for what in ("members", "members/unused", "clients", "issuers"):
                assert_problem(caller.get(of(body, what)), 403, "not-your-organisation")


@pytest.mark.parametrize(
    ("what", "body", "status", "code"),
    [
        ("members", {"issuer": "", "subject": MARKER, "role": "auditor"}, 403, "second-person"),
        ("members", {"issuer": "", "subject": MARKER, "role": MARKER}, 422, "unprocessable"),
        ("members", {"issuer": MARKER, "subject": "a", "role": "signatory"}, 422, "unprocessable"),
        ("members", {"issuer": MARKER, "subject": "a"}, 400, "malformed"),
        ("members", {"issuer": "a", "subject": "a", "role": "signatory", MARKER: 1}, 400, "malformed"),
        ("members/revocation", {"issuer": "a", "subject": MARKER, "role": "signatory"}, 404, "not-found"),
        ("members/revocation", {"issuer": "a", "subject": "a", "role": "business-unit"}, 403, "second-person"),
        ("clients", {"client": MARKER, "scopes": ["audit:read"]}, 403, "second-person"),
        ("clients", {"client": MARKER, "scopes": ["checks:ask", "admin"]}, 403, "second-person"),
        ("clients", {"client": MARKER, "scopes": [MARKER]}, 422, "unprocessable"),
        ("clients", {"client": MARKER, "scopes": MARKER}, 400, "malformed"),
        ("clients/revocation", {"client": MARKER}, 404, "not-found"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("unchanged")
def test_what_a_lead_cannot_decide_is_refused(
    lead: httpx.Client, what: str, body: dict[str, Any], status: int, code: str
) -> None:
    assert_problem(lead.post(of(POLICE, what), json=body), status, code)


@pytest.mark.parametrize(
    "path", ["members", "members/revocation", "clients", "clients/revocation", "issuers", "issuers/removal", "approval"]
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=JSON
    | st.dictionaries(
        st.sampled_from(["issuer", "subject", "role", "until", "client", "scopes", "audiences", "claim", "sha256"]),
        JSON | st.sampled_from(["ig-lead", "auditor", "checks:ask", "\0", "https://login.example", UNTIL]),
    )
)
def test_whatever_is_sent_is_refused_and_nothing_is_kept(
    lead: httpx.Client, unit: tuple[httpx.Client, httpx.Client], database: Database, path: str, body: object
) -> None:
    before = database.size()
    by = unit[0] if path.startswith(("issuers", "approval")) else lead
    target = f"{PROPOSALS}/prp_{'0' * 32}/approval" if path == "approval" else of(POLICE, path)
    answer = by.post(target, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500, answer.text
    assert_problem(answer, answer.status_code)
    assert database.size() == before


# --- two people of the business unit ---------------------------------------------------------------------------------


def test_one_proposes_another_approves_and_both_are_named(
    demonstration: Demonstration, unit: tuple[httpx.Client, httpx.Client], database: Database
) -> None:
    one, other = unit
    subject = f"auditor-{secrets.token_hex(4)}"
    role = {"issuer": issuer_of(demonstration, LEAD), "subject": subject, "role": "auditor", "until": UNTIL}
    before = database.size()
    proposal = one.post(of(LEAD, "members"), json=role).json()
    assert (database.size(), proposal["state"]) == (before, "open")
    assert proposal["change"][0]["subject"] == subject
    assert_problem(
        one.post(f"{PROPOSALS}/{proposal['id']}/approval", json={"sha256": proposal["sha256"]}), 403, "second-person"
    )
    assert_problem(other.post(f"{PROPOSALS}/{proposal['id']}/approval", json={"sha256": "0" * 64}), 409, "conflict")
    assert_problem(other.post(f"{PROPOSALS}/{proposal['id']}/approval", json={"sha256": MARKER}), 422, "unprocessable")
    waiting = other.get(PROPOSALS).json()
    assert proposal in waiting["proposals"]
    done = other.post(f"{PROPOSALS}/{proposal['id']}/approval", json={"sha256": proposal["sha256"]})
    assert (done.status_code, done.json()["entry"]) == (200, before)
    (payload,) = database.as_owner("SELECT convert_from(payload, 'UTF8') FROM payload WHERE index = $1", before)[0]
    assert json.loads(payload)["approved_by"] == [one.get(PROPOSALS).json()["you"], waiting["you"]]
    after = one.get(f"{PROPOSALS}/{proposal['id']}").json()
    assert (after["state"], after["entry"], after["change"], after["sha256"]) == ("logged", before, [], None)
    everywhere(
        demonstration, lambda fresh: fresh.get("/api/v1/audit/entries"), signed_in(demonstration, LEAD, subject), 200
    )
    assert subject not in demonstration.output
    lines = [line for line in demonstration.output.splitlines() if f'"{proposal["id"]}"' in line]
    assert [json.loads(line)["step"] for line in lines] == ["proposed", "approved", "logged"]


def test_a_proposal_is_withdrawn_by_who_made_it_and_declined_by_another(
    demonstration: Demonstration, unit: tuple[httpx.Client, httpx.Client], database: Database
) -> None:
    before = database.size()
    for verb, by, state in (("withdrawal", 0, "withdrawn"), ("refusal", 1, "declined")):
        role = {"issuer": issuer_of(demonstration, LEAD), "subject": verb, "role": "auditor", "until": UNTIL}
        proposal = unit[0].post(of(LEAD, "members"), json=role).json()
        path = f"{PROPOSALS}/{proposal['id']}"
        assert_problem(unit[1 - by].post(f"{path}/{verb}", json={"sha256": proposal["sha256"]}), 403)
        answer = unit[by].post(f"{path}/{verb}", json={"sha256": proposal["sha256"]})
        assert (answer.status_code, answer.json()["state"]) == (200, state)
        assert_problem(unit[1].post(f"{path}/approval", json={"sha256": proposal["sha256"]}), 409, "conflict")
    assert database.size() == before


def test_an_issuer_acts_for_its_body_while_two_people_say_so_and_no_longer(
    demonstration: Demonstration, unit: tuple[httpx.Client, httpx.Client]
) -> None:
    """Registered with a claim that gives roles, changed, removed, and put back as it was."""
    before = unit[0].get(of(BODY, "issuers")).json()["issuers"]
    (was,) = before
    system = bearer(forged_token(demonstration, BODY))
    by_claim = signed_in(demonstration, BODY, "person-of-a-claim", groups=["isa-leads"])
    everywhere(demonstration, ask, system, 200)
    everywhere(demonstration, lambda one: one.get(of(BODY, "members")), by_claim, 403)
    try:
        with_roles = {**was, "roles_from": [{"claim": "groups", "value": "isa-leads", "role": "ig-lead"}]}
        assert_problem(unit[0].post(of(BODY, "issuers"), json=with_roles), 409, "conflict")
        approved(unit, of(BODY, "issuers"), {**with_roles, "replace": True})
        everywhere(demonstration, lambda one: one.get(of(BODY, "members")), by_claim, 200)
        # A lead by a claim alone looks, and grants nothing: nobody would know afterwards who it was.
        role = {"issuer": was["issuer"], "subject": "friend", "role": "ig-lead"}
        with httpx.Client(base_url=demonstration.url, headers=by_claim) as client:
            assert_problem(client.post(of(BODY, "members"), json=role), 403, "forbidden")

        approved(unit, of(BODY, "issuers/removal"), {"issuer": was["issuer"]})
        everywhere(demonstration, ask, system, 401)
        everywhere(demonstration, lambda one: one.get(of(BODY, "members")), by_claim, 401)
    finally:
        if unit[1].get(of(BODY, "issuers")).json()["issuers"] != before:
            approved(unit, of(BODY, "issuers"), was)
    everywhere(demonstration, ask, system, 200)


@pytest.mark.usefixtures("unchanged")
def test_the_business_unit_does_not_lock_itself_out(
    demonstration: Demonstration, unit: tuple[httpx.Client, httpx.Client]
) -> None:
    own = issuer_of(demonstration, LEAD)
    assert_problem(unit[0].post(of(LEAD, "issuers/removal"), json={"issuer": own}), 409, "conflict")
    leaving = {"issuer": own, "subject": "business-unit", "role": "business-unit"}
    assert_problem(unit[0].post(of(LEAD, "members/revocation"), json=leaving), 409, "conflict")


@pytest.mark.parametrize(
    ("changes", "status", "pointer"),
    [
        ({"issuer": f"https://{MARKER}.example/?q"}, 422, "#/issuer"),
        ({"issuer": f"http://{MARKER}.example"}, 422, "#/issuer"),
        ({"algorithms": ["none"]}, 422, "#/algorithms"),
        ({"profile": MARKER}, 422, "#/profile"),
        ({"roles_from": [{"claim": "groups", "value": MARKER, "role": "business-unit"}]}, 422, "#/roles_from/0/role"),
        ({"sign_in": {"client": MARKER, "authentication": MARKER}}, 422, "#/sign_in/authentication"),
        ({"sign_in": {"client": MARKER}}, 400, "#/sign_in/authentication"),
        ({MARKER: 1}, 400, "#"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("unchanged")
def test_what_is_no_issuer_is_not_even_proposed(
    unit: tuple[httpx.Client, httpx.Client], changes: dict[str, Any], status: int, pointer: str
) -> None:
    issuer = {"issuer": "https://login.example", "audiences": ["a"], "algorithms": ["ES256"], "profile": "rfc9068"}
    waiting = unit[0].get(PROPOSALS).json()
    assert_problem(unit[0].post(of(POLICE, "issuers"), json={**issuer, **changes}), status, None, pointer)
    assert waiting == unit[0].get(PROPOSALS).json()


@pytest.mark.usefixtures("unchanged")
def test_the_business_unit_grants_no_bodys_own_roles(
    demonstration: Demonstration, unit: tuple[httpx.Client, httpx.Client]
) -> None:
    person = {"issuer": issuer_of(demonstration, POLICE), "subject": "new"}
    for role, status in (("practitioner", 403), ("signatory", 403), ("ig-lead", 409), ("auditor", 403)):
        answer = unit[0].post(of(POLICE, "members"), json={**person, "role": role, "until": UNTIL})
        assert_problem(answer, status)
    assert_problem(unit[0].post(of("no-such-body", "members"), json={**person, "role": "ig-lead"}), 404, "not-found")
    assert_problem(unit[0].get(f"{PROPOSALS}/{MARKER}"), 404, "not-found")


# --- what is seen ----------------------------------------------------------------------------------------------------


def test_the_business_unit_sees_another_bodys_leads_and_nobody_else(
    unit: tuple[httpx.Client, httpx.Client], lead: httpx.Client, auditor: httpx.Client
) -> None:
    def roles(client: httpx.Client) -> set[str]:
        members = client.get(of(POLICE, "members")).raise_for_status().json()["members"]
        assert all(set(one) == {"issuer", "subject", "roles"} for one in members)
        return {held["role"] for one in members for held in one["roles"]}

    assert {"ig-lead"} == roles(unit[0])
    assert {"practitioner", "signatory", "ig-lead"} <= roles(lead) == roles(auditor)
    assert_problem(unit[0].get(of(POLICE, "clients")), 403)
    assert_problem(unit[0].get(of(POLICE, "members/unused")), 403, "not-your-organisation")


def test_a_system_sees_who_acts_for_another_body_only_with_the_auditors_scope(demonstration: Demonstration) -> None:
    for scope, status in (("audit:read", 200), ("checks:ask audit:read", 200), ("checks:ask", 403)):
        with demonstration.client(LEAD, scope) as system:
            for what in ("members", "clients", "issuers"):
                assert system.get(of(POLICE, what)).status_code == status
    with demonstration.client(POLICE, "checks:ask events:read") as system:
        assert_problem(system.get(of(POLICE, "members")), 403, "insufficient-scope")


def test_roles_that_nobody_used_are_told_to_their_own_lead(lead: httpx.Client, database: Database) -> None:
    report = lead.get(of(POLICE, "members/unused")).json()
    assert (report["days"], report["members"]) == (90, [])
    (began,) = database.as_owner("SELECT began FROM person_use_since")[0]
    try:
        database.as_owner("UPDATE person_use_since SET began = began - 200")
        assert [] == lead.get(of(POLICE, "members/unused")).json()["members"], "the roles are of today"
    finally:
        database.as_owner("UPDATE person_use_since SET began = $1", began)


def test_another_role_and_an_old_sign_in_decide_nothing(demonstration: Demonstration) -> None:
    """Somebody who signs in by the provider's own flow, and one whose sign-in is old."""
    role = {"issuer": issuer_of(demonstration, POLICE), "subject": "a", "role": "practitioner"}
    token = person_token(demonstration, POLICE, "signatory")
    answer = httpx.post(demonstration.url + of(POLICE, "members"), json=role, headers=bearer(token))
    assert_problem(answer, 403, "forbidden")
    old = bearer(
        forged_token(
            demonstration, POLICE, sub="ig-lead", client_id="isa-client", scope="openid",
            auth_time=int(time.time()) - 301,
        )
    )  # fmt: skip
    answer = httpx.post(demonstration.url + of(POLICE, "members"), json=role, headers=old)
    assert_problem(answer, 401, "sign-in-too-old")
