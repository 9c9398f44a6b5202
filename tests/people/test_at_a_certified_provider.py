"""Signing in with a certified provider of others (npm's oidc-provider), which holds us to the standards as an agency's
does: in, proved anew, refreshed, out, through new keys and outages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from api.speaking import Database
from browser.watching import NARROW, WIDE, Visited
from isa_registry.domain.access_entries import IssuerRemoved
from live import Demonstration
from loudly import LOUD
from people.certified import ACCOUNTS, AGENCY, CLIENT, GUIDE, LEAD, PRACTITIONER, VISITOR, Agency, Somebody, in_time
from people.visiting import query_of
from provider.running import OidcProvider
from registering import Register, registering

CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="module")
def append(demonstration: Demonstration) -> Iterator[Register]:
    with registering(demonstration) as append:
        yield append


@pytest.fixture(scope="module")
def agency(demonstration: Demonstration, append: Register) -> Iterator[Agency]:
    with OidcProvider(accounts=ACCOUNTS, host="localhost") as provider:
        provider.publish_next()
        agency = Agency(demonstration, provider)
        agency.set_up()
        append(agency.use())
        yield agency
        append(IssuerRemoved(AGENCY, provider.issuer))


@pytest.fixture
def somebody(agency: Agency) -> Iterator[Somebody]:
    somebody = Somebody(agency)
    yield somebody
    somebody.close()


@pytest.fixture
def elsewhere(agency: Agency) -> Iterator[Somebody]:
    """The same people at another computer."""
    somebody = Somebody(agency)
    yield somebody
    somebody.close()


@pytest.fixture
def chromium() -> Iterator[Browser]:
    """Of its own for each test: while it is open, nothing else in this process has an event loop."""
    if CHROMIUM is None:
        pytest.skip(f"{LOUD}there is no chromium, so no browser signed in at a certified provider")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def tab(chromium: Browser, agency: Agency, *, scripts: bool) -> Page:
    """To which the provider is another site."""
    page = chromium.new_context(java_script_enabled=scripts, base_url=agency.demonstration.url).new_page()
    page.set_default_timeout(30_000)
    return page


@pytest.fixture
def page(chromium: Browser, agency: Agency) -> Page:
    return tab(chromium, agency, scripts=True)


@pytest.fixture
def plain_page(chromium: Browser, agency: Agency) -> Page:
    """Without scripts."""
    return tab(chromium, agency, scripts=False)


# --- in ---------------------------------------------------------------------------------------------------------------


def test_what_is_asked_of_the_provider_is_what_the_standards_have(somebody: Somebody, agency: Agency) -> None:
    published = httpx.get(f"{agency.provider.issuer}/.well-known/openid-configuration", trust_env=False).json()
    address = somebody.begin()
    assert address.startswith(f"{published['authorization_endpoint']}?")
    asked = query_of(address)
    assert {name: asked[name] for name in ("response_type", "client_id", "code_challenge_method", "prompt")} == {
        "response_type": "code", "client_id": CLIENT, "code_challenge_method": "S256", "prompt": "consent",
    }  # fmt: skip
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) == 43

    answered = query_of(somebody.at_provider(address, PRACTITIONER))
    assert published["authorization_response_iss_parameter_supported"] is True
    assert (answered["iss"], answered["state"]) == (agency.provider.issuer, asked["state"])


def test_the_role_is_the_one_that_the_persons_group_is_mapped_to(somebody: Somebody, elsewhere: Somebody) -> None:
    assert somebody.sign_in(PRACTITIONER).headers["location"] == "/account"
    elsewhere.sign_in(LEAD)
    for_leads = [("End every session" in one.here.get("/account").text) for one in (somebody, elsewhere)]
    assert for_leads == [False, True]


def test_the_guide_has_the_address_of_the_agencys_own(agency: Agency) -> None:
    (command,) = re.findall(r"^\$ (echo .*)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    environment = {"ISSUER": agency.provider.issuer, "PATH": os.environ["PATH"]}
    printed = subprocess.run(
        ["bash", "-c", command], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert printed.strip() == agency.slug


def test_a_provider_that_is_set_up_as_the_guide_has_it_says_at_once_when_it_saw_somebody(
    somebody: Somebody, agency: Agency
) -> None:
    agency.set_up(says_when=True)
    try:
        somebody.sign_in(LEAD)
        assert "Sign in again first" not in somebody.here.get("/account").text
    finally:
        agency.set_up()


def test_where_an_organisation_has_two_ways_in_the_chooser_offers_both_again(somebody: Somebody) -> None:
    """As while it moves from one provider to another."""
    somebody.sign_in(PRACTITIONER)
    chooser = somebody.here.get("/sign-in").text
    offered = re.findall(r"Continue with [^<(]*\((\S+)\)", chooser)
    assert sorted(offered) == ["127.0.0.1", "localhost"]
    assert chooser.count(f'value="{somebody.agency.slug}"') >= 1


def test_a_client_secret_serves_where_a_provider_wants_one(
    somebody: Somebody, agency: Agency, append: Register, demonstration: Demonstration
) -> None:
    secret = "to:be%encoded+&=" + "7" * 16
    kept = demonstration.state / "client-secrets" / agency.slug
    agency.set_up(secret=secret)
    append(agency.use("client_secret_basic"))
    try:
        assert "client-secret-missing" in somebody.sign_in(PRACTITIONER).text
        kept.parent.mkdir(exist_ok=True)
        kept.write_text("another-secret", encoding="ascii")
        assert "client-refused" in somebody.sign_in(PRACTITIONER).text
        kept.write_text(secret, encoding="ascii")
        assert somebody.sign_in(PRACTITIONER).status_code == 303
        assert somebody.signed_in() == {True}
    finally:
        kept.unlink(missing_ok=True)
        agency.set_up()
        append(agency.use())


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "provider-invalid-request"),
        ({"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code-refused"),
        ({"nonce": "n" * 43}, "id-token-nonce-refused"),
        ({"nonce": None}, "id-token-nonce-refused"),
        ({"state": "s" * 43}, "state-unknown"),
    ],
    ids=str,
)
def test_a_request_that_somebody_changed_on_the_way_signs_nobody_in(
    somebody: Somebody, changed: dict[str, str | None], reason: str
) -> None:
    address, _, query = somebody.begin().partition("?")
    sent = {name: value for name, value in {**query_of(f"?{query}"), **changed}.items() if value is not None}
    answer = somebody.here.get(somebody.at_provider(f"{address}?{urlencode(sent)}", PRACTITIONER))
    assert answer.status_code == 400
    assert f"<code>{reason}</code>" in answer.text
    assert "isa-session" not in somebody.here.cookies


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": None}, "issuer-missing"),
        ({"iss": "https://id.example"}, "issuer-mixed-up"),
        ({"code": "c"}, "code-refused"),
    ],
    ids=str,
)
def test_an_answer_that_somebody_changed_on_the_way_signs_nobody_in(
    somebody: Somebody, changed: dict[str, str | None], reason: str
) -> None:
    address, _, query = somebody.at_provider(somebody.begin(), PRACTITIONER).partition("?")
    given = {name: value for name, value in {**query_of(f"?{query}"), **changed}.items() if value is not None}
    answer = somebody.here.client.get(address, params=given)
    assert f"<code>{reason}</code>" in answer.text
    assert "isa-session" not in somebody.here.cookies


# --- step-up ----------------------------------------------------------------------------------------------------------


def test_a_step_up_is_asked_for_anew_and_says_when_it_was(somebody: Somebody, database: Database) -> None:
    somebody.sign_in(LEAD)
    when = "SELECT auth_time > now() - interval '5 minutes' FROM person_session WHERE id_sha256 = $1"
    assert database.as_owner(when, somebody.id_sha256) == [(None,)], "the provider says it where it is asked"
    assert "Sign in again first" in somebody.here.get("/account").text

    address = somebody.begin_again()
    assert (query_of(address)["prompt"], query_of(address)["max_age"]) == ("login consent", "0")
    assert "Sign in (login)" in somebody.there.get(address, follow_redirects=True).text
    assert somebody.step_up(LEAD).status_code == 303
    assert database.as_owner(when, somebody.id_sha256) == [(True,)]
    assert "Sign in again first" not in somebody.here.get("/account").text


def test_a_step_up_that_the_provider_is_kept_from_asking_for_does_not_count(somebody: Somebody) -> None:
    somebody.sign_in(LEAD)
    address, _, query = somebody.begin_again().partition("?")
    sent = {name: value for name, value in query_of(f"?{query}").items() if name != "max_age"} | {"prompt": "consent"}
    answer = somebody.here.get(somebody.at_provider(f"{address}?{urlencode(sent)}", LEAD))
    assert "<code>id-token-auth-time-missing</code>" in answer.text
    assert "Sign in again first" in somebody.here.get("/account").text


def test_nobody_proves_it_in_anothers_place(somebody: Somebody, elsewhere: Somebody) -> None:
    somebody.sign_in(LEAD)
    back = elsewhere.at_provider(somebody.begin_again(), PRACTITIONER)
    page = somebody.here.get(back).text
    assert "<code>another-person</code>" in page
    assert "You are still signed in for Way Through" in page
    assert 'href="/sign-in/again?return=/account"' in page
    assert somebody.signed_in() == {True}


# --- asking again -----------------------------------------------------------------------------------------------------


def test_a_session_is_refreshed_with_each_token_that_the_provider_gave(somebody: Somebody, database: Database) -> None:
    """It takes a second use of one for a theft, and would end everything."""
    somebody.sign_in(PRACTITIONER)
    for count in (1, 2, 3):
        somebody.refresh(database)
        assert in_time(lambda count=count: somebody.refreshes() == count), somebody.agency.provider.output
    assert somebody.signed_in() == {True}


def test_whoever_the_provider_knows_no_longer_is_signed_out(
    somebody: Somebody, elsewhere: Somebody, database: Database
) -> None:
    somebody.sign_in(PRACTITIONER)
    elsewhere.sign_in(LEAD)
    somebody.agency.provider.forget(PRACTITIONER)
    somebody.refresh(database)
    assert in_time(lambda: somebody.signed_in() == {False})
    elsewhere.refresh(database)
    assert in_time(lambda: elsewhere.refreshes() == 1)
    assert elsewhere.signed_in() == {True}


def test_signing_out_gives_back_what_the_provider_gave(somebody: Somebody) -> None:
    somebody.agency.provider.forget(PRACTITIONER)
    somebody.sign_in(PRACTITIONER)
    assert somebody.agency.provider.refresh_tokens(PRACTITIONER) == 1
    somebody.here.post("/sign-out", {"csrf": somebody.here.csrf()})
    assert in_time(lambda: somebody.agency.provider.refresh_tokens(PRACTITIONER) == 0)


# --- out --------------------------------------------------------------------------------------------------------------


def test_a_sign_out_at_the_provider_ends_that_session_and_no_other(somebody: Somebody, elsewhere: Somebody) -> None:
    somebody.sign_in(PRACTITIONER)
    elsewhere.sign_in(PRACTITIONER)
    somebody.sign_out_there()
    assert in_time(lambda: somebody.signed_in() == {False}), somebody.agency.provider.output
    assert elsewhere.signed_in() == {True}


# --- new keys, and outages --------------------------------------------------------------------------------------------


def test_a_key_that_was_published_in_time_signs_on_in_mid_session(
    somebody: Somebody, elsewhere: Somebody, database: Database
) -> None:
    provider = somebody.agency.provider
    somebody.sign_in(LEAD)
    elsewhere.sign_in(LEAD)
    before = provider.kid
    assert provider.sign_with_next() != before

    assert somebody.step_up(LEAD).status_code == 303
    somebody.refresh(database)
    assert in_time(lambda: somebody.refreshes() == 1)
    somebody.sign_out_there()
    assert in_time(lambda: somebody.signed_in() == {False}), provider.output
    assert somebody.sign_in(LEAD).status_code == 303
    assert elsewhere.signed_in() == {True}


def test_while_the_provider_is_down_whoever_is_signed_in_stays_so(somebody: Somebody, database: Database) -> None:
    somebody.sign_in(PRACTITIONER)
    provider = somebody.agency.provider
    due = "SELECT refresh_due_at > now() FROM person_session WHERE id_sha256 = $1"
    provider.stop()
    try:
        somebody.refresh(database)
        assert in_time(lambda: database.as_owner(due, somebody.id_sha256) == [(True,)]), "it was tried"
        assert somebody.signed_in() == {True}
        assert somebody.refreshes() == 0
    finally:
        provider.start()


@pytest.mark.long
def test_a_key_that_nobody_was_told_of_counts_within_a_minute(somebody: Somebody) -> None:
    provider = somebody.agency.provider
    somebody.sign_in(LEAD)
    provider.rotate()
    provider.publish_next()
    taken = 0

    def everywhere() -> bool:
        nonlocal taken
        answer = somebody.step_up(LEAD)
        assert answer.status_code == 303 or "<code>id-token-key-unknown</code>" in answer.text
        taken = taken + 1 if answer.status_code == 303 else 0
        return taken == 20

    assert in_time(everywhere, seconds=150)


# --- in a browser -----------------------------------------------------------------------------------------------------


def choose(page: Page, agency: Agency, person: str, *, deep_link: str = "/account?from=a-link") -> None:
    """Follows a link to a page for people who are signed in, by way of the chooser and the provider."""
    page.goto(deep_link)
    page.fill("#q", "way through")
    page.get_by_role("button", name="Search").click()
    page.get_by_label("(localhost)").check()
    page.get_by_role("button", name="Continue", exact=True).click()
    page.wait_for_url(f"{agency.provider.issuer}/interaction/**")
    page.get_by_role("button", name=person).click()


def look(page: Page, agency: Agency, heading: str) -> None:
    """The page has this heading, and is accessible on a wide screen and on a narrow one."""
    page.get_by_role("heading", name=heading, level=1).wait_for()
    visited = Visited(page, agency.demonstration.url)
    for width in (NARROW, WIDE):
        visited.resize(width)
        assert visited.overflow() <= 0
        assert visited.violations() == []


def test_somebody_follows_a_link_signs_in_proves_it_anew_and_signs_out_in_both_places(
    plain_page: Page, agency: Agency
) -> None:
    page = plain_page
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    choose(page, agency, LEAD)
    page.wait_for_url("**/account?from=a-link")
    before = {cookie["name"]: cookie["value"] for cookie in page.context.cookies(agency.demonstration.url)}

    (end,) = page.get_by_role("button", name="the session in Chrome").all()
    assert " ".join(end.inner_text().split()).startswith("End the session in Chrome, signed in")

    page.get_by_role("link", name="Sign in again first").click()
    page.get_by_role("button", name="Sign in again").click()
    page.wait_for_url(f"{agency.provider.issuer}/interaction/**")
    assert page.title() == "Sign in (login)"
    page.get_by_role("button", name=LEAD).click()
    page.wait_for_url("**/account")
    assert page.get_by_role("button", name="End every session of").is_visible()
    after = {cookie["name"]: cookie["value"] for cookie in page.context.cookies(agency.demonstration.url)}
    assert after["isa-session"] != before["isa-session"]

    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{agency.provider.issuer}/session/end?**")
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url("**/signed-out")
    assert page.locator("h1").inner_text() == "You are signed out"

    page.goto("/account")
    page.get_by_role("button", name="Continue with").and_(page.get_by_text("(localhost)")).click()
    page.wait_for_url(f"{agency.provider.issuer}/interaction/**")
    assert page.title() == "Sign in (login)", "the provider knows nobody any more"
    assert [] == [text for text in complaints if "Content Security Policy" in text]


def test_whoever_is_not_let_in_is_told_what_to_do(page: Page, agency: Agency) -> None:
    choose(page, agency, VISITOR)
    page.wait_for_url("**/callback?**")
    look(page, agency, "You have no role here yet")
    assert VISITOR in page.inner_text("main")
    choose(page, agency, "Cancel")
    page.wait_for_url("**/callback?**")
    look(page, agency, "You did not sign in at your organisation")
    assert "provider-access-denied" in page.inner_text("main")
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.wait_for_url("**/sign-in?return=/account%3Ffrom%3Da-link")


def test_a_provider_that_goes_away_takes_nobodys_session_and_says_nothing_of_a_refusal(
    page: Page, agency: Agency
) -> None:
    choose(page, agency, LEAD)
    page.wait_for_url("**/account?from=a-link")

    away = "Your organisation’s sign-in cannot be reached"
    try:
        # When the person is on the way back from it, with an answer that nobody can redeem.
        agency.provider.hang_up("/token")
        page.goto("/sign-in/again?return=/account?then=this")
        page.get_by_role("button", name="Sign in again").click()
        page.wait_for_url(f"{agency.provider.issuer}/interaction/**")
        page.get_by_role("button", name=LEAD).click()
        page.wait_for_url("**/callback?**")
        look(page, agency, away)
        assert "You were not refused, and you are still signed in here" in page.inner_text("main")
        assert "ring 999 and share now" in page.inner_text("main")

        # And before anybody is sent there.
        agency.provider.stop()
        assert in_time(agency.is_known_to_be_away)
        page.get_by_role("link", name="Try again").click()
        assert page.url.endswith("/sign-in/again?return=/account%3Fthen%3Dthis"), page.url
        page.get_by_role("button", name="Sign in again").click()
        page.get_by_role("heading", name=away).wait_for()
        page.goto("/account")
        page.get_by_role("banner").get_by_role("button", name="Sign out").click()
        look(page, agency, "You are signed out")
        assert "You may still be signed in at" in page.inner_text("main")
    finally:
        agency.provider.stop()
        agency.provider.start()
