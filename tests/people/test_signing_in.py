"""Signing in on the pages, against the demonstration's providers and two workers."""

from __future__ import annotations

import re

import pytest

from api.speaking import Database, assert_problem
from live import LEAD, POLICE, Demonstration
from people.visiting import ELSEWHERE, Browser, hidden, onward, query_of, slug


def test_a_person_signs_in_and_sees_their_own_account(browser: Browser) -> None:
    answer = browser.sign_in(POLICE, "ig-lead")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    page = browser.get("/account")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "Information-governance lead" in page.text
    assert "Durham Constabulary" in page.text


def test_a_practitioner_arrives_where_they_can_ask(browser: Browser) -> None:
    assert browser.sign_in(POLICE, "practitioner").headers["location"] == "/ask"


def test_the_browser_is_sent_away_with_everything_that_binds_the_answer_to_it(browser: Browser) -> None:
    asked = query_of(browser.begin(POLICE))
    assert asked["redirect_uri"] == f"{browser.base}/auth/{slug(browser, POLICE)}/callback"
    assert (asked["response_type"], asked["code_challenge_method"], asked["scope"]) == ("code", "S256", "openid")
    again = query_of(browser.begin(POLICE))
    for name in ("state", "nonce", "code_challenge"):
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", asked[name])
        assert asked[name] != again[name]


def test_nothing_that_could_be_replayed_is_readable_in_the_cookie_that_waits(browser: Browser) -> None:
    asked = query_of(browser.begin(POLICE, return_to="/agreements"))
    cookie = browser.cookies["isa-sign-in"]
    for secret in (asked["state"], asked["nonce"]):
        assert secret not in cookie


def test_every_cookie_is_closed_to_scripts_and_other_sites(browser: Browser) -> None:
    started = browser.post("/sign-in", {"use": slug(browser, POLICE), "return": ""})
    finished = browser.get(browser.at_provider(onward(started)))
    given = started.headers.get_list("set-cookie") + finished.headers.get_list("set-cookie")
    assert {cookie.partition("=")[0] for cookie in given} == {
        "isa-sign-in",
        "isa-session",
        "isa-fallback",
        "isa-organisation",
    }
    for cookie in given:
        assert "; Path=/" in cookie
        assert "; HttpOnly" in cookie
        assert "; SameSite=Lax" in cookie
        assert "Domain" not in cookie


def test_a_page_that_needs_a_session_leads_through_sign_in_and_back(browser: Browser) -> None:
    turned = browser.get("/account?from=a%20link")
    assert (turned.status_code, turned.headers["location"]) == (303, "/sign-in?return=/account%3Ffrom%3Da%2520link")
    chooser = browser.get(turned.headers["location"])
    assert hidden(chooser.text, "return") == "/account?from=a%20link"
    back = browser.sign_in(POLICE, "ig-lead", return_to="/account?from=a%20link")
    assert back.headers["location"] == "/account?from=a%20link"
    assert browser.get(back.headers["location"]).status_code == 200


def test_what_was_looked_for_is_still_found_where_no_organisation_was_chosen(browser: Browser) -> None:
    page = browser.get("/sign-in?q=academy&return=/ask")
    assert page.text.count('name="use"') == 2
    sent = {"return": hidden(page.text, "return"), "q": "academy"}
    assert '<input type="hidden" name="q" value="academy">' in page.text
    again = browser.post("/sign-in", sent)
    assert again.status_code == 400
    assert "Choose the organisation that you work for" in again.text
    assert again.text.count('name="use"') == 2
    assert hidden(again.text, "return") == "/ask"


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "/a\r\nX: y"])
def test_nobody_is_sent_to_another_site_after_signing_in(browser: Browser, wanted: str) -> None:
    page = browser.client.get("/sign-in", params={"return": wanted})
    assert hidden(page.text, "return") == ""
    assert browser.sign_in(POLICE, "ig-lead", return_to=wanted).headers["location"] == "/account"


def test_the_other_name_of_this_machine_leads_to_the_one_that_providers_know(browser: Browser) -> None:
    local = browser.base.replace("127.0.0.1", "localhost")
    answer = ELSEWHERE.get(f"{local}/sign-in", params={"return": "/ask?x=1"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{browser.base}/sign-in?return=/ask%3Fx%3D1")


def test_several_tabs_sign_in_at_once_without_disturbing_each_other(browser: Browser) -> None:
    tabs = [
        browser.begin(POLICE, return_to="/account?tab=1"),
        browser.begin(LEAD, return_to="/account?tab=2"),
        browser.begin(POLICE, return_to="/account?tab=3"),
    ]
    backs = [browser.at_provider(address, "ig-lead") for address in tabs]
    for number in (2, 0, 1):
        answer = browser.get(backs[number])
        assert (answer.status_code, answer.headers["location"]) == (303, f"/account?tab={number + 1}"), answer.text


def test_a_callback_that_did_not_begin_in_this_browser_signs_nobody_in(browser: Browser, other: Browser) -> None:
    """Login CSRF: somebody else's finished sign-in, given to a victim as a link."""
    back = other.at_provider(other.begin(POLICE))
    answer = browser.get(back)
    assert answer.status_code == 400
    assert "state-unknown" in answer.text
    assert "isa-session" not in browser.cookies
    # The attacker's own browser has not been robbed of it.
    assert other.get(back).status_code == 303


def test_a_callback_is_answered_once(browser: Browser) -> None:
    back = browser.at_provider(browser.begin(POLICE))
    assert browser.get(back).status_code == 303
    assert "state-unknown" in browser.get(back).text


def test_an_answer_at_another_issuers_address_is_a_mix_up(browser: Browser) -> None:
    back = browser.at_provider(browser.begin(POLICE))
    moved = back.replace(slug(browser, POLICE), slug(browser, LEAD))
    answer = browser.get(moved)
    assert answer.status_code == 400
    assert "issuer-mixed-up" in answer.text
    assert "isa-session" not in browser.cookies


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "https://evil.example"}, "issuer-mixed-up"),
        ({"iss": None}, "issuer-missing"),
        ({"code": "zqx7f3marker"}, "code-refused"),
        ({"code": None}, "answer-malformed"),
        ({"error": "access_denied"}, "provider-access-denied"),
        ({"error": "<script>"}, "provider-refused"),
    ],
)
def test_a_changed_answer_signs_nobody_in(browser: Browser, changed: dict[str, str | None], reason: str) -> None:
    back = browser.at_provider(browser.begin(POLICE))
    query = {name: value for name, value in {**query_of(back), **changed}.items() if value is not None}
    answer = browser.client.get(back.partition("?")[0], params=query)
    assert answer.status_code == 400
    assert reason in answer.text
    assert "<script>" not in answer.text
    assert "isa-session" not in browser.cookies


def test_a_session_id_that_the_browser_brought_is_never_the_one_that_is_opened(browser: Browser) -> None:
    """Session fixation."""
    planted = "A" * 43
    browser.client.cookies.set("isa-session", planted, domain="127.0.0.1", path="/")
    browser.sign_in(POLICE, "ig-lead")
    held = [cookie.value for cookie in browser.client.cookies.jar if cookie.name == "isa-session"]
    assert planted not in held
    header = {"Cookie": f"isa-session={planted}"}
    assert ELSEWHERE.get(f"{browser.base}/account", headers=header).status_code == 303


def test_signing_in_again_ends_the_session_before(browser: Browser) -> None:
    browser.sign_in(POLICE, "ig-lead")
    before = browser.cookies["isa-session"]
    browser.sign_in(POLICE, "ig-lead")
    assert browser.cookies["isa-session"] != before
    header = {"Cookie": f"isa-session={before}"}
    assert ELSEWHERE.get(f"{browser.base}/account", headers=header).status_code == 303


def test_the_database_holds_no_session_id_and_no_address(browser: Browser, database: Database) -> None:
    browser.client.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    browser.sign_in(POLICE, "ig-lead")
    rows = "\n".join(row[0] for row in database.as_owner("SELECT s::text FROM person_session s"))
    assert browser.cookies["isa-session"] not in rows
    for kept in ("127.0.0.1", "Mozilla", "140.0"):
        assert kept not in rows.replace(browser.base, "")
    assert "firefox" in rows


def test_a_session_counts_on_pages_alone(browser: Browser) -> None:
    browser.sign_in(POLICE, "ig-lead")
    assert_problem(browser.get("/api/v1/organisations"), 401, "unauthenticated")


def test_a_token_does_not_count_on_pages(browser: Browser, demonstration: Demonstration) -> None:
    answer = browser.client.get("/account", headers={"Authorization": f"Bearer {demonstration.token(POLICE)}"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?return=/account")


def test_public_pages_say_who_is_signed_in_to_that_person_alone(browser: Browser, other: Browser) -> None:
    browser.sign_in(POLICE, "ig-lead")
    for path in ("/", "/agreements", "/agreements/tier-2-hoth/1.0", "/log", "/documentation", "/problems/gone"):
        own, others = browser.get(path), other.get(path)
        assert (own.status_code, others.status_code) == (200, 200)
        assert own.headers["cache-control"] == "no-store"
        assert "Cookie" in own.headers["vary"]
        assert "Cookie" in others.headers["vary"]


def test_the_chooser_remembers_the_organisation_and_nothing_else(browser: Browser) -> None:
    browser.sign_in(LEAD, "ig-lead")
    assert browser.cookies["isa-organisation"] == LEAD
    assert "Continue with Durham County Council" in browser.get("/sign-in").text


def test_the_chooser_finds_an_organisation_by_part_of_its_name_and_says_when_there_is_none(browser: Browser) -> None:
    found = browser.client.get("/sign-in", params={"q": "CONSTAB durh"}).text
    assert "Durham Constabulary" in found
    assert "Durham County Council" not in found
    assert "No organisation" in browser.client.get("/sign-in", params={"q": "zqx"}).text


def test_the_chooser_names_each_use_as_its_redirect_address_does(browser: Browser) -> None:
    assert f'value="{slug(browser, POLICE)}"' in browser.get("/sign-in").text


def test_choosing_nothing_says_so(browser: Browser) -> None:
    answer = browser.post("/sign-in", {"return": ""})
    assert answer.status_code == 400
    assert "There is a problem" in answer.text


def test_the_registrys_public_key_is_published_and_its_private_half_is_not(browser: Browser) -> None:
    (key,) = browser.get("/.well-known/jwks.json").json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert key["alg"] == "ES256"


def test_log_lines_name_a_session_and_an_organisation_but_no_person_and_no_secret(
    browser: Browser, demonstration: Demonstration
) -> None:
    back = browser.at_provider(browser.begin(POLICE), "ig-lead")
    browser.get(back)
    output = demonstration.output
    lines = [line for line in output.splitlines() if '"event":"signed-in"' in line]
    assert lines
    assert f'"organisation":"{POLICE}"' in lines[-1]
    for secret in (browser.cookies["isa-session"], browser.cookies["isa-fallback"], *query_of(back).values()):
        assert secret == f"{demonstration.url}/demo/idp/{POLICE}" or secret not in output
    assert '"subject"' not in "".join(lines)
