"""Asking by hand, also while the database is away."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from html import unescape

import pytest

from api.speaking import Database
from faults.test_database_away import kill_database
from isa_registry.pages.answer_words import OUTCOMES
from isa_registry.pages.asking_choices import ASKED, LATELY
from live import LEAD, POLICE, Demonstration
from people.visiting import FORM, Browser, refused
from places import server_directory

QUESTION = {
    "urgency": "routine",
    "recipient": LEAD,
    "purpose": "harm-outside-the-home",
    "category": ["identity", "intelligence"],
    "subject": "child",
    "would_help_recipient": "yes",
    "more_detrimental_to_share": "no",
    "informing_increases_risk": "yes",
}


def test_a_practitioner_asks_and_is_told_in_words(browser: Browser, database: Database) -> None:
    browser.sign_in(POLICE, "practitioner")
    before = database.size()
    answer = browser.post("/ask", {**QUESTION, "csrf": browser.csrf("/ask")})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    words = unescape(answer.text)
    assert OUTCOMES["duty-to-share"] in words
    assert "Children Act" in words
    assert "/agreements/tier-2-hoth/1.0#" in words
    assert "could not be recorded" not in words
    assert database.size() == before + 1
    ((client, organisation),) = database.as_owner(
        "SELECT p.j ->> 'client', p.j ->> 'organisation'"
        " FROM (SELECT convert_from(payload, 'UTF8')::jsonb AS j FROM payload ORDER BY index DESC LIMIT 1) p"
    )
    assert (client, organisation) == ("isa-registry", POLICE)


def test_urgency_comes_first_and_danger_needs_no_answer(browser: Browser) -> None:
    browser.sign_in(POLICE, "practitioner")
    page = browser.get("/ask").text
    assert (
        page.index("/immediate-danger", page.index("<h1")) < page.index('name="urgency"') < page.index('name="purpose"')
    )
    answer = browser.post("/ask", {**QUESTION, "urgency": "immediate-danger", "csrf": browser.csrf("/ask")})
    assert OUTCOMES["share-now"] in unescape(answer.text)
    assert "Ring 999" in answer.text


def test_a_recipient_that_is_not_registered_is_asked_about_by_its_kind(browser: Browser) -> None:
    browser.sign_in(POLICE, "practitioner")
    answer = browser.post("/ask", {**QUESTION, "recipient": "kind:housing-provider", "csrf": browser.csrf("/ask")})
    assert answer.status_code == 200
    assert any(words in unescape(answer.text) for words in OUTCOMES.values())


def test_what_was_left_out_is_named_and_the_rest_is_kept(browser: Browser, database: Database) -> None:
    browser.sign_in(POLICE, "practitioner")
    before = database.size()
    answer = browser.post("/ask", {"urgency": "urgent", "purpose": "early-help", "csrf": browser.csrf("/ask")})
    assert answer.status_code == 400
    for field in ("recipient", "category", "subject"):
        assert f'href="#{field}"' in answer.text
    assert 'value="early-help" selected' in answer.text
    assert database.size() == before


@pytest.mark.parametrize(
    "changed", [{"purpose": "zqx7f3marker"}, {"recipient": "nobody"}, {"category": "x"}, {"urgency": "x"}], ids=str
)
def test_what_is_not_in_the_lists_is_not_asked(browser: Browser, changed: dict[str, str]) -> None:
    browser.sign_in(POLICE, "practitioner")
    answer = browser.post("/ask", {**QUESTION, **changed, "csrf": browser.csrf("/ask")})
    assert answer.status_code == 400
    assert "There is a problem" in answer.text
    assert "zqx7f3marker" not in answer.text


CHOSEN = {
    name: value
    for name, value in QUESTION.items()
    if name in ("urgency", "recipient", "purpose", "category", "subject")
}
CHECK = re.compile(r'href="(/ask/answers/chk_[0-9a-f]{32})"')


def test_what_is_chosen_leads_to_the_facts_that_could_change_this_answer(browser: Browser, database: Database) -> None:
    browser.sign_in(POLICE, "practitioner")
    before = database.size()
    answer = browser.post("/ask", {**CHOSEN, "step": "facts", "csrf": browser.csrf("/ask")})
    assert answer.status_code == 303
    facts = browser.get(answer.headers["location"])
    assert {"would_help_recipient", "more_detrimental_to_share"} <= set(re.findall(r'name="([a-z_0-9]+)"', facts.text))
    # Early help of a body that is not public is asked about something else.
    assert "support_stage" not in facts.text
    assert database.size() == before


def test_an_address_fills_the_pages_in_and_asks_nothing(browser: Browser, database: Database) -> None:
    browser.sign_in(POLICE, "practitioner")
    before = database.size()
    page = browser.get(f"/ask?recipient={LEAD}&purpose=early-help&category=health&subject=child&name=zqx7f3marker").text
    assert f'value="{LEAD}" selected' in page
    assert re.search(r'value="health" checked', page)
    assert "zqx7f3marker" not in page
    facts = browser.get(f"/ask/facts?urgency=routine&recipient={LEAD}&purpose=early-help&category=health&subject=child")
    assert facts.status_code == 200
    assert browser.get("/ask/facts?purpose=early-help").status_code == 400
    assert browser.get("/ask/facts?purpose=early-help&purpose=mappa").status_code == 400
    assert database.size() == before


def test_whoever_says_danger_and_nothing_else_is_told_what_to_do(browser: Browser) -> None:
    browser.sign_in(POLICE, "practitioner")
    sent = {"urgency": "immediate-danger", "step": "facts", "csrf": browser.csrf("/ask")}
    assert browser.post("/ask", sent).headers["location"] == "/immediate-danger"


def test_danger_needs_no_second_page(browser: Browser) -> None:
    browser.sign_in(POLICE, "practitioner")
    sent = {**CHOSEN, "urgency": "immediate-danger", "step": "facts", "csrf": browser.csrf("/ask")}
    assert OUTCOMES["share-now"] in unescape(browser.post("/ask", sent).text)


def test_a_manager_of_the_same_body_opens_the_answer_and_nobody_of_another(browser: Browser, other: Browser) -> None:
    browser.sign_in(POLICE, "practitioner")
    answer = browser.post("/ask", {**QUESTION, "csrf": browser.csrf("/ask")})
    (path,) = set(CHECK.findall(answer.text))

    other.sign_in(POLICE, "ig-lead")
    read = other.get(path)
    assert read.status_code == 200
    assert read.headers["cache-control"] == "no-store"
    for words in (OUTCOMES["duty-to-share"], "Police intelligence", "Durham County Council"):
        assert words in unescape(read.text)
    other.post("/sign-out", {"csrf": other.csrf()})

    other.sign_in(LEAD, "ig-lead")
    nobodys = path[:-12] + "0" * 12
    theirs, nothing = other.get(path), other.get(nobodys)
    refused(theirs, 404, "not-found")
    refused(nothing, 404, "not-found")
    refused(other.get("/ask/answers/not-a-check"), 404, "not-found")
    texts = [one.text.replace(one.headers["x-request-id"], "") for one in (theirs, nothing)]
    assert texts[0] == texts[1]


def test_who_is_signed_out_signs_in_first_and_comes_back_to_the_answer(browser: Browser, other: Browser) -> None:
    browser.sign_in(POLICE, "practitioner")
    answer = browser.post("/ask", {**QUESTION, "csrf": browser.csrf("/ask")})
    (path,) = set(CHECK.findall(answer.text))
    assert other.get(path).headers["location"] == f"/sign-in?return={path}"
    assert other.sign_in(POLICE, "practitioner", return_to=path).headers["location"] == path


def test_the_answer_says_what_one_more_fact_would_change_and_asks_again_with_it(browser: Browser) -> None:
    browser.sign_in(POLICE, "practitioner")
    unknown = {**CHOSEN, "csrf": browser.csrf("/ask")}
    first = browser.post("/ask", unknown).text
    assert OUTCOMES["may-share"] in unescape(first)
    (form,) = [
        body for action, body in FORM.findall(first) if action == "/ask" and 'name="would_help_recipient"' in body
    ]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="([a-z_0-9]+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(value)
    assert OUTCOMES["duty-to-share"] in unescape(browser.post("/ask", fields).text)


def test_recipients_and_purposes_asked_about_lately_come_first_for_the_same_body_alone(browser: Browser) -> None:
    browser.sign_in(POLICE, "practitioner")
    assert LATELY not in browser.get("/ask").text
    browser.post("/ask", {**QUESTION, "csrf": browser.csrf("/ask")})
    page = browser.get("/ask").text
    assert page.index(LATELY) < page.index(f'value="{LEAD}"') < page.index("In this register")
    assert browser.cookies[ASKED] == f"{POLICE}~{LEAD}~harm-outside-the-home"
    browser.post("/sign-out", {"csrf": browser.csrf()})
    browser.sign_in(LEAD, "practitioner")
    assert LATELY not in browser.get("/ask").text


def test_before_signing_in_comes_the_question_about_danger(browser: Browser) -> None:
    for path in ("/", browser.get("/ask").headers["location"]):
        page = browser.get(path).text
        main = page[page.index("<main") :]
        assert main.index("Is anybody in immediate danger?") < main.index("<h1")
        assert main.index('href="/immediate-danger"') < main.index("<h1")
    danger = browser.get("/immediate-danger")
    assert danger.status_code == 200
    for words in ("Ring ", "Share now.", "Record it afterwards", "03000 267 979"):
        assert words in danger.text
    assert "Is anybody in immediate danger?" not in browser.get("/sign-in").text


def test_a_signatory_alone_does_not_ask(browser: Browser) -> None:
    browser.sign_in(POLICE, "signatory")
    refused(browser.get("/ask"), 403, "forbidden")


# --- the database is away ---------------------------------------------------------------------------------------------


@pytest.fixture
def battered() -> Iterator[Demonstration]:
    with server_directory("isa-away-") as directory, Demonstration(directory / "state") as running:
        yield running


@pytest.mark.long
def test_while_the_database_is_away_whoever_is_signed_in_can_ask_and_do_nothing_else(battered: Demonstration) -> None:
    with Browser(battered) as browser, Browser(battered) as gone, Browser(battered) as stranger:
        browser.sign_in(POLICE, "practitioner")
        gone.sign_in(POLICE, "ig-lead")
        token = browser.csrf("/ask")
        # Its session is ended, but its browser kept what it had.
        kept = dict(gone.cookies)
        gone.post("/sign-out", {"csrf": gone.csrf()})
        time.sleep(2)  # every worker reads every second what others revoked
        kill_database(battered.state / "postgres")

        slowest = 0.0
        for _ in range(6):
            started = time.monotonic()
            answer = browser.post("/ask", {**QUESTION, "csrf": token})
            slowest = max(slowest, time.monotonic() - started)
            assert answer.status_code == 200
            words = unescape(answer.text)
            assert OUTCOMES["duty-to-share"] in words
            assert "could not be recorded" in words
        print(f"\nslowest answer without a database: {slowest:.2f} s")
        assert browser.get("/ask").status_code == 200
        refused(browser.post("/ask", {**QUESTION, "csrf": "A" * 43}), 403, "forged-request")

        for path in ("/account", "/sign-in/again"):
            refused(browser.get(path), 503, "unavailable")
        refused(browser.post("/account/sessions/revocation", {"csrf": token, "session": "others"}), 503, "unavailable")

        for name, value in kept.items():
            gone.client.cookies.set(name, value, domain="127.0.0.1", path="/")
        refused(gone.get("/ask"), 503, "unavailable")
        assert stranger.get("/ask").headers["location"] == "/sign-in?return=/ask"
        # A fallback is nothing without the session that it belongs to.
        other_fallback = kept["isa-session"], browser.cookies["isa-fallback"]
        for name, value in zip(("isa-session", "isa-fallback"), other_fallback, strict=True):
            stranger.client.cookies.set(name, value, domain="127.0.0.1", path="/")
        refused(stranger.get("/ask"), 503, "unavailable")

        signed_out = browser.post("/sign-out", {"csrf": token})
        assert signed_out.status_code == 200
        assert "ends everywhere within 30 minutes" in signed_out.text
        assert "isa-fallback" not in browser.cookies
    assert '"event":"admitted-without-database"' in battered.output
