"""What a session lets its person do, how it is proved anew, and every way in which it ends, on every worker."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from typing import Any

import httpx
import pytest

from api.speaking import Database
from isa_registry.identity.compact import make_compact, private_key
from isa_verify.encoding import canonical_json, decode_base64url
from live import LEAD, POLICE, Demonstration
from people.visiting import ELSEWHERE, Browser, hidden, onward, query_of, refused, slug

WORKERS_ASKED = 8
"""Connections opened anew, so that both workers are asked."""


def hash_of(browser: Browser) -> bytes:
    return hashlib.sha256(decode_base64url(browser.cookies["isa-session"])).digest()


def live_anywhere(browser: Browser, cookie: str | None = None) -> set[bool]:
    """Whether the session counts, as each of several fresh connections finds it."""
    header = {"Cookie": f"isa-session={cookie or browser.cookies['isa-session']}"}
    asked = [ELSEWHERE.get(f"{browser.base}/account", headers=header) for _ in range(WORKERS_ASKED)]
    return {answer.status_code == 200 for answer in asked}


def aged(database: Database, browser: Browser, column: str, interval: str) -> None:
    """As if that much time had passed."""
    database.as_owner(
        f"UPDATE person_session SET {column} = {column} - interval '{interval}' WHERE id_sha256 = $1", hash_of(browser)
    )


# --- forms ------------------------------------------------------------------------------------------------------------

FORMS: list[tuple[str, dict[str, str]]] = [
    ("/account/sessions/revocation", {"session": "others"}),
    ("/account/organisation", {"organisation": LEAD}),
    ("/account/organisation/revocation", {"organisation": POLICE}),
    ("/sign-in/again", {"return": "/account"}),
    ("/ask", {"urgency": "routine"}),
    ("/account/people/grant", {"subject": "somebody", "role": "practitioner"}),
    ("/account/people/0/revocation", {"from": "the page"}),
    ("/account/keys/registration", {"request": "{}"}),
    ("/account/keys/durham-constabulary-1/revocation", {"reason": "ceased"}),
    ("/account/proposals/prp_" + "0" * 32, {"word": "approve", "sha256": "0" * 64}),
    ("/account/proposals/role", {"role": "auditor"}),
    ("/account/issuer", {"issuer": "0"}),
    ("/sign-out", {"from": "the header"}),
]
EVERY_FORM = pytest.mark.parametrize(("path", "form"), FORMS, ids=[path for path, _ in FORMS])


@EVERY_FORM
@pytest.mark.parametrize("token", [None, "", "A" * 43, "another's"])
def test_a_form_without_this_sessions_own_token_does_nothing(
    browser: Browser, other: Browser, path: str, form: dict[str, str], token: str | None
) -> None:
    browser.sign_in(POLICE, "ig-lead")
    if token == "another's":
        other.sign_in(POLICE, "ig-lead")
        token = other.csrf()
    sent = form if token is None else {**form, "csrf": token}
    refused(browser.post(path, sent), 403, "forged-request")
    assert live_anywhere(browser) == {True}


@EVERY_FORM
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://127.0.0.1"},
    ],
    ids=str,
)
def test_a_form_from_another_site_does_nothing_even_with_the_token(
    browser: Browser, path: str, form: dict[str, str], headers: dict[str, str]
) -> None:
    browser.sign_in(POLICE, "ig-lead")
    refused(browser.post(path, {**form, "csrf": browser.csrf()}, **headers), 403, "forged-request")
    assert live_anywhere(browser) == {True}


def test_a_form_that_is_refused_leaves_a_line_that_names_nobody(browser: Browser, demonstration: Demonstration) -> None:
    browser.sign_in(POLICE, "ig-lead")
    browser.post("/account/sessions/revocation", {"csrf": "A" * 43, "session": "others"})
    reference = hash_of(browser).hex()[:8]
    lines = [json.loads(line) for line in demonstration.output.splitlines() if f'"session":"{reference}"' in line]
    assert [(line["event"], line["reason"]) for line in lines] == [("signed-in", ""), ("refused", "forged-request")]
    assert {key for line in lines for key in line} == {
        "event", "organisation", "session", "reason", "level", "timestamp",
    }  # fmt: skip


def test_a_page_that_sends_no_referrer_can_still_send_its_forms(browser: Browser) -> None:
    """The Fetch standard has such a page name itself `null` where it sends a form."""
    browser.sign_in(POLICE, "ig-lead")
    form = {"session": "others", "csrf": browser.csrf()}
    answer = browser.post("/account/sessions/revocation", form, Origin="null", Sec_Fetch_Site="same-origin")
    assert answer.status_code == 303


def test_another_site_cannot_start_a_sign_in(browser: Browser) -> None:
    form = {"use": slug(browser, POLICE), "return": ""}
    refused(browser.post("/sign-in", form, Sec_Fetch_Site="cross-site"), 403, "forged-request")


def test_without_a_session_a_form_does_nothing_and_says_so(browser: Browser) -> None:
    for path, form in FORMS[:-1]:
        challenge = browser.post(path, form).headers["www-authenticate"]
        assert challenge == 'Cookie realm="isa-registry", form-action="/sign-in"'
        refused(browser.post(path, form), 401, "not-signed-in")


def test_a_field_that_comes_twice_is_refused(browser: Browser) -> None:
    browser.sign_in(POLICE, "ig-lead")
    token = browser.csrf()
    answer = browser.client.post("/account/sessions/revocation", data={"csrf": [token, token], "session": "others"})
    refused(answer, 400, "malformed")


# --- proving anew -----------------------------------------------------------------------------------------------------


def test_what_needs_a_recent_sign_in_asks_for_one_and_takes_it(browser: Browser, database: Database) -> None:
    browser.sign_in(POLICE, "ig-lead")
    aged(database, browser, "auth_time", "6 minutes")
    form = {"organisation": "harbour", "csrf": browser.csrf()}
    refused(browser.post("/account/organisation/revocation", form), 401, "sign-in-too-old")
    assert "Sign in again first" in browser.get("/account").text

    before = browser.cookies["isa-session"]
    back = browser.step_up("ig-lead", return_to="/account?then=this")
    assert (back.status_code, back.headers["location"]) == (303, "/account?then=this")
    assert browser.cookies["isa-session"] != before
    assert live_anywhere(browser, before) == {False}
    # Proved anew, and refused for another reason: it is another organisation.
    form["csrf"] = browser.csrf()
    refused(browser.post("/account/organisation/revocation", form), 403, "forbidden")


def test_the_provider_is_told_to_ask_anew(browser: Browser) -> None:
    browser.sign_in(POLICE, "ig-lead")
    asked = query_of(onward(browser.post("/sign-in/again", {"csrf": browser.csrf(), "return": ""})))
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    assert "prompt" not in query_of(browser.begin(POLICE))


def test_a_sign_in_whose_time_is_not_known_counts_as_old(browser: Browser, database: Database) -> None:
    browser.sign_in(POLICE, "ig-lead")
    database.as_owner("UPDATE person_session SET auth_time = NULL WHERE id_sha256 = $1", hash_of(browser))
    form = {"organisation": POLICE, "csrf": browser.csrf()}
    refused(browser.post("/account/organisation/revocation", form), 401, "sign-in-too-old")


def test_somebody_else_cannot_prove_it_in_ones_place(browser: Browser) -> None:
    browser.sign_in(POLICE, "ig-lead")
    before = browser.cookies["isa-session"]
    answer = browser.step_up("signatory")
    assert answer.status_code == 400
    assert answer.headers["cache-control"] == "no-store"
    assert "another-person" in answer.text
    assert browser.cookies["isa-session"] == before
    assert live_anywhere(browser) == {True}


def test_nobody_proves_anything_for_a_session_that_has_ended(browser: Browser) -> None:
    browser.sign_in(POLICE, "ig-lead")
    answer = browser.post("/sign-in/again", {"csrf": browser.csrf(), "return": ""})
    back = browser.at_provider(onward(answer), "ig-lead")
    browser.post("/account/sessions/revocation", {"csrf": browser.csrf(), "session": hash_of(browser).hex()[:8]})
    assert "session-ended" in browser.get(back).text
    assert live_anywhere(browser) == {False}


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "interval"), [("last_used_at", "31 minutes"), ("expires_at", "12 hours")], ids=["unused", "old"]
)
def test_a_session_ends_by_itself(browser: Browser, database: Database, column: str, interval: str) -> None:
    browser.sign_in(POLICE, "ig-lead")
    aged(database, browser, column, interval)
    assert live_anywhere(browser) == {False}


def test_use_keeps_a_session(browser: Browser, database: Database) -> None:
    browser.sign_in(POLICE, "ig-lead")
    aged(database, browser, "last_used_at", "20 minutes")
    assert browser.get("/account").status_code == 200
    ((used,),) = database.as_owner(
        "SELECT last_used_at > now() - interval '2 minutes' FROM person_session WHERE id_sha256 = $1", hash_of(browser)
    )
    assert used


def test_a_person_has_ten_sessions_and_the_newest_is_one_of_them(demonstration: Demonstration) -> None:
    browsers = [Browser(demonstration) for _ in range(11)]
    try:
        for one in browsers:
            one.sign_in("harbour", "signatory")
        found = [one.get("/account").status_code for one in browsers]
        assert (found.count(200), found.count(303), found[-1]) == (10, 1, 200)
    finally:
        for one in browsers:
            one.client.close()


# --- ending -----------------------------------------------------------------------------------------------------------


def test_a_person_sees_their_sessions_and_ends_one_or_all_others(browser: Browser, other: Browser) -> None:
    organisation = (
        "cafcass" if "cafcass-" in browser.client.get("/sign-in", params={"q": "cafcass"}).text else "harbour"
    )
    browser.sign_in(organisation, "practitioner")
    other.sign_in(organisation, "practitioner")
    page = browser.get("/account").text
    assert page.count("(this one)") == 1
    assert hash_of(other).hex()[:8] in page
    token = browser.csrf()
    form = {"csrf": token, "session": hash_of(other).hex()[:8]}
    assert browser.post("/account/sessions/revocation", form).headers["location"] == "/account"
    assert live_anywhere(other) == {False}

    other.sign_in(organisation, "practitioner")
    browser.post("/account/sessions/revocation", {"csrf": token, "session": "others"})
    assert (live_anywhere(other), live_anywhere(browser)) == ({False}, {True})


def test_nobody_ends_or_sees_somebody_elses_session(browser: Browser, other: Browser) -> None:
    browser.sign_in(POLICE, "ig-lead")
    other.sign_in(POLICE, "practitioner")
    reference = hash_of(other).hex()[:8]
    assert reference not in browser.get("/account").text
    form = {"csrf": browser.csrf(), "session": reference}
    refused(browser.post("/account/sessions/revocation", form), 404, "not-found")
    assert live_anywhere(other) == {True}


def test_an_information_governance_lead_ends_every_session_of_their_own_organisation(
    demonstration: Demonstration, browser: Browser, other: Browser
) -> None:
    browser.sign_in("harbour", "ig-lead")
    other.sign_in("harbour", "practitioner")
    with Browser(demonstration) as elsewhere:
        elsewhere.sign_in(POLICE, "practitioner")
        form = {"csrf": browser.csrf(), "organisation": POLICE}
        refused(browser.post("/account/organisation/revocation", form), 403, "forbidden")
        form["organisation"] = "harbour"
        assert browser.post("/account/organisation/revocation", form).status_code == 303
        assert (live_anywhere(other), live_anywhere(browser)) == ({False}, {False})
        assert live_anywhere(elsewhere) == {True}


def test_the_business_unit_ends_every_session_of_any_organisation(browser: Browser, other: Browser) -> None:
    browser.sign_in(LEAD, "business-unit")
    other.sign_in("harbour", "practitioner")
    form = {"csrf": browser.csrf(), "organisation": "harbour"}
    assert browser.post("/account/organisation/revocation", form).status_code == 303
    assert (live_anywhere(other), live_anywhere(browser)) == ({False}, {True})


def test_a_practitioner_ends_nobodys_sessions(browser: Browser) -> None:
    browser.sign_in(POLICE, "practitioner")
    form = {"csrf": browser.csrf(), "organisation": POLICE}
    refused(browser.post("/account/organisation/revocation", form), 403, "forbidden")


def test_signing_out_ends_the_session_here_and_leads_to_the_provider(browser: Browser) -> None:
    browser.sign_in(POLICE, "ig-lead")
    before = browser.cookies["isa-session"]
    answer = browser.post("/sign-out", {"csrf": browser.csrf()})
    assert "isa-session" not in browser.cookies
    assert "isa-fallback" not in browser.cookies
    assert live_anywhere(browser, before) == {False}
    address = onward(answer)
    assert address.startswith(f"{browser.base}/demo/idp/{POLICE}/logout?")
    assert query_of(address) == {"client_id": "isa-registry", "post_logout_redirect_uri": f"{browser.base}/signed-out"}
    back = ELSEWHERE.get(address)
    assert back.headers["location"] == f"{browser.base}/signed-out"
    assert "You are signed out" in browser.get("/signed-out").text


def test_signing_out_twice_is_no_error(browser: Browser) -> None:
    browser.sign_in(POLICE, "ig-lead")
    browser.post("/sign-out", {"csrf": browser.csrf()})
    assert browser.post("/sign-out", {"csrf": ""}).status_code == 200


def test_switching_to_an_organisation_that_the_sign_in_does_not_hold_for_is_refused(browser: Browser) -> None:
    browser.sign_in(POLICE, "ig-lead")
    form = {"csrf": browser.csrf(), "organisation": LEAD}
    refused(browser.post("/account/organisation", form), 403, "forbidden")


# --- the provider says so ---------------------------------------------------------------------------------------------

EVENT = "http://schemas.openid.net/event/backchannel-logout"


def logout_token(
    demonstration: Demonstration, organisation: str = POLICE, /, typ: str = "logout+jwt", **claims: Any
) -> str:
    """A logout token signed with the provider's own key; a claim that is None is left out."""
    jwk = json.loads((demonstration.state / "demo" / "idp" / f"{organisation}.jwk").read_bytes())
    now = int(time.time())
    whole = {
        "iss": f"{demonstration.url}/demo/idp/{organisation}", "aud": "isa-registry", "iat": now, "exp": now + 120,
        "jti": secrets.token_urlsafe(16), "events": {EVENT: {}}, **claims,
    }  # fmt: skip
    payload = canonical_json({name: value for name, value in whole.items() if value is not None})
    return make_compact({"alg": "ES256", "kid": jwk["kid"], "typ": typ}, payload, private_key(jwk))


def told(browser: Browser, token: str, organisation: str = POLICE) -> httpx.Response:
    """The provider speaks for itself, with no cookies of anybody and whatever headers its own system adds."""
    path = f"/auth/{slug(browser, organisation)}/backchannel-logout"
    return ELSEWHERE.post(browser.base + path, data={"logout_token": token}, headers={"Sec-Fetch-Site": "cross-site"})


def session_there(database: Database, browser: Browser) -> str:
    ((sid,),) = database.as_owner("SELECT provider_session FROM person_session WHERE id_sha256 = $1", hash_of(browser))
    return str(sid)


def test_the_provider_ends_one_session_of_a_person(
    demonstration: Demonstration, browser: Browser, other: Browser, database: Database
) -> None:
    browser.sign_in(POLICE, "signatory")
    other.sign_in(POLICE, "signatory")
    answer = told(browser, logout_token(demonstration, sid=session_there(database, browser)))
    assert (answer.status_code, answer.headers["cache-control"], answer.content) == (200, "no-store", b"")
    assert (live_anywhere(browser), live_anywhere(other)) == ({False}, {True})


def test_the_provider_ends_every_session_of_a_person(
    demonstration: Demonstration, browser: Browser, other: Browser
) -> None:
    browser.sign_in(POLICE, "signatory")
    other.sign_in(POLICE, "ig-lead")
    assert told(browser, logout_token(demonstration, typ="JWT", sub="signatory")).status_code == 200
    assert (live_anywhere(browser), live_anywhere(other)) == ({False}, {True})


def test_another_providers_token_ends_nothing(demonstration: Demonstration, browser: Browser) -> None:
    browser.sign_in(POLICE, "signatory")
    stranger = logout_token(demonstration, LEAD, sub="signatory")
    assert told(browser, stranger, LEAD).status_code == 200
    assert told(browser, stranger, POLICE).status_code == 400
    posing = logout_token(demonstration, LEAD, sub="signatory", iss=f"{demonstration.url}/demo/idp/{POLICE}")
    assert told(browser, posing, POLICE).status_code == 400
    assert live_anywhere(browser) == {True}


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another-client"},
        {"aud": ["isa-registry", "another-client"]},
        {"nonce": "n"},
        {"events": {}},
        {"events": {EVENT: True}},
        {"events": None},
        {"jti": None},
        {"sub": None},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"iat": 1, "exp": 4_000_000_000},
        {"iat": 4_000_000_000, "exp": 4_000_000_100},
        {"typ": "at+jwt"},
    ],
    ids=str,
)
def test_a_logout_token_that_is_not_whole_ends_nothing(
    demonstration: Demonstration, browser: Browser, changed: dict[str, Any]
) -> None:
    browser.sign_in(POLICE, "signatory")
    answer = told(browser, logout_token(demonstration, **{"sub": "signatory", **changed}))
    assert (answer.status_code, answer.headers["cache-control"]) == (400, "no-store")
    assert answer.json() == {"error": "invalid_request"}
    assert browser.get("/account").status_code == 200


def test_a_logout_token_counts_once_on_every_worker(demonstration: Demonstration, browser: Browser) -> None:
    token = logout_token(demonstration, sub="signatory")
    browser.sign_in(POLICE, "signatory")
    assert told(browser, token).status_code == 200
    browser.sign_in(POLICE, "signatory")
    assert {told(browser, token).status_code for _ in range(WORKERS_ASKED)} == {400}
    assert live_anywhere(browser) == {True}


def test_a_logout_that_could_not_be_carried_out_counts_when_it_is_sent_again(
    demonstration: Demonstration, browser: Browser, database: Database
) -> None:
    token = logout_token(demonstration, sub="signatory")
    browser.sign_in(POLICE, "signatory")
    database.as_owner("CREATE FUNCTION breaks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'away'; END $$")
    database.as_owner("CREATE TRIGGER breaks BEFORE UPDATE ON person_session EXECUTE FUNCTION breaks()")
    try:
        answer = told(browser, token)
    finally:
        database.as_owner("DROP FUNCTION breaks() CASCADE")
    assert (answer.status_code, answer.json()) == (400, {"error": "temporarily_unavailable"})
    assert told(browser, token).status_code == 200
    assert live_anywhere(browser) == {False}


def test_an_id_token_is_no_logout_token_and_an_unknown_address_ends_nothing(
    demonstration: Demonstration, browser: Browser
) -> None:
    answer = ELSEWHERE.post(f"{browser.base}/auth/nobody-00000000/backchannel-logout", data={"logout_token": "a.b.c"})
    assert answer.status_code == 400
    assert told(browser, "").status_code == 400
    assert hidden(browser.get("/sign-in").text, "return") == ""
