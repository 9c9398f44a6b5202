"""What keeps a session its person's own, one guard a test, on the application in this process."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from msgspec.structs import replace

from asking import POLICE
from guards.conftest import STRANGER
from guards.pages import FALLBACK_COOKIE, SESSION_COOKIE, SIGN_IN_COOKIE, Page
from guards.sessions import code_of_page
from isa_registry.domain.access_entries import RoleMapping
from isa_registry.identity.flows import PendingFlows
from isa_registry.identity.sealing import SessionKeys
from isa_registry.runtime.people.visitors import fallback_cookie, id_hash, roles_for, visitor_in
from isa_verify.encoding import decode_base64url
from serving import METRICS_TOKEN, Serving, issuer_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

LEAD_AT_POLICE = (POLICE, "ig-lead")
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest_asyncio.fixture(loop_scope="session")
async def page(shared: Serving) -> AsyncIterator[Page]:
    async with shared.client() as client:
        yield Page(shared, client)


@pytest_asyncio.fixture(loop_scope="session")
async def other(shared: Serving) -> AsyncIterator[Page]:
    """Another browser."""
    async with shared.client() as client:
        yield Page(shared, client)


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, code_of_page(answer.text)) == (status, code), answer.text


# --- fixation ---------------------------------------------------------------------------------------------------------


async def test_an_id_that_the_browser_brought_is_never_a_sessions(page: Page) -> None:
    planted = "A" * 43
    page.client.cookies.set(SESSION_COOKIE, planted, domain="registry.test", path="/")
    assert (await page.sign_in(*LEAD_AT_POLICE)).status_code == 303
    assert page.session is not None
    assert page.session != planted
    assert len(decode_base64url(page.session)) == 32
    assert await page.live(page.session)


async def test_signing_in_again_takes_a_new_id_and_ends_the_old(page: Page) -> None:
    await page.sign_in(*LEAD_AT_POLICE)
    before = page.session
    await page.sign_in(*LEAD_AT_POLICE)
    assert page.session != before
    assert (await page.live(before), await page.live(page.session)) == (False, True)


async def test_proving_it_anew_takes_a_new_id_and_ends_the_old(page: Page) -> None:
    await page.sign_in(*LEAD_AT_POLICE)
    before = page.session
    assert (await page.step_up(*LEAD_AT_POLICE, auth_time=int(time.time()))).status_code == 303
    assert page.session != before
    assert (await page.live(before), await page.live(page.session)) == (False, True)


# --- forms of other sites ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "A" * 43])
async def test_a_form_without_the_sessions_own_token_is_refused(page: Page, token: str) -> None:
    await page.sign_in(*LEAD_AT_POLICE)
    answer = await page.client.post("/account/sessions/revocation", data={"session": "others", "csrf": token})
    refused(answer, 403, "forged-request")


async def test_another_sessions_token_is_not_this_ones(page: Page, other: Page) -> None:
    await page.sign_in(*LEAD_AT_POLICE)
    await other.sign_in(*LEAD_AT_POLICE)
    form = {"session": "others", "csrf": await other.csrf()}
    refused(await page.client.post("/account/sessions/revocation", data=form), 403, "forged-request")


async def test_what_somebody_filled_in_is_shown_to_nobody_else(page: Page, other: Page) -> None:
    await page.sign_in(*LEAD_AT_POLICE)
    form = {"subject": "somebody-else", "role": "practitioner", "csrf": await page.csrf()}
    await page.sign_in(*LEAD_AT_POLICE)
    kept = await page.client.post("/account/people/grant", data=form)
    refused(kept, 403, "forged-request")
    assert "somebody-else" in kept.text
    await other.sign_in(STRANGER, "ig-lead")
    answer = await other.client.post("/account/people/grant", data=form)
    refused(answer, 403, "forged-request")
    assert "somebody-else" not in answer.text


async def test_nobody_is_signed_out_by_another_site(page: Page) -> None:
    await page.sign_in(*LEAD_AT_POLICE)
    refused(await page.client.post("/sign-out", data={"csrf": ""}), 403, "forged-request")
    assert await page.live(page.session)


ELSEWHERE = [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
async def test_a_form_that_another_site_sends_is_refused_with_the_right_token_too(
    page: Page, headers: dict[str, str]
) -> None:
    await page.sign_in(*LEAD_AT_POLICE)
    form = {"session": "others", "csrf": await page.csrf()}
    answer = await page.client.post("/account/sessions/revocation", data=form, headers=headers)
    refused(answer, 403, "forged-request")


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
async def test_another_site_begins_no_sign_in(page: Page, headers: dict[str, str]) -> None:
    answer = await page.client.post("/sign-in", data={"use": page.slug(POLICE)}, headers=headers)
    refused(answer, 403, "forged-request")


# --- the answer of a provider -----------------------------------------------------------------------------------------


async def test_an_answer_to_another_browsers_sign_in_signs_nobody_in(page: Page, other: Page) -> None:
    asked = await page.begin(POLICE)
    await other.begin(POLICE)
    answer = await other.come_back(POLICE, "ig-lead", asked)
    assert (answer.status_code, "state-unknown" in answer.text, other.session) == (400, True, None)


async def test_an_answer_counts_once(page: Page) -> None:
    asked = await page.begin(POLICE)
    assert (await page.come_back(POLICE, "ig-lead", asked)).status_code == 303
    answer = await page.come_back(POLICE, "ig-lead", asked)
    assert (answer.status_code, "state-unknown" in answer.text) == (400, True)


async def test_an_answer_at_another_bodys_address_signs_nobody_in(page: Page) -> None:
    asked = await page.begin(POLICE)
    answer = await page.answered(page.slug(STRANGER), POLICE, "ig-lead", asked)
    assert (answer.status_code, "issuer-mixed-up" in answer.text, page.session) == (400, True, None)


async def test_whoever_comes_back_goes_to_a_page_of_ours(page: Page) -> None:
    for wanted in ("https://evil.example", "//evil.example", "/\\evil.example"):
        asked = await page.begin(POLICE, **{"return": wanted})
        answer = await page.come_back(POLICE, "ig-lead", asked)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")


async def test_what_is_no_way_back_is_forgotten_at_once(page: Page) -> None:
    """Not only when somebody comes back: it is not even carried along."""
    await page.begin(POLICE, **{"return": "//evil.example"})
    cookie = page.people.cookies.read(f"{SIGN_IN_COOKIE}={page.client.cookies[SIGN_IN_COOKIE]}", "isa-sign-in")
    (flow,) = PendingFlows.read(page.people.keys, cookie, time.time()).flows
    assert flow.return_to == ""


# --- proving it anew --------------------------------------------------------------------------------------------------


async def test_nobody_proves_it_in_anothers_place(page: Page) -> None:
    await page.sign_in(*LEAD_AT_POLICE)
    before = page.session
    answer = await page.step_up(POLICE, "practitioner", auth_time=int(time.time()))
    assert (answer.status_code, "another-person" in answer.text, page.session) == (400, True, before)


async def test_nothing_is_proved_for_a_session_that_has_ended(page: Page) -> None:
    await page.sign_in(*LEAD_AT_POLICE)
    asked = await page.begin(POLICE, "/sign-in/again", csrf=await page.csrf())
    await page.changed("revoked_at = now()")
    answer = await page.come_back(POLICE, "ig-lead", asked, auth_time=int(time.time()))
    assert (answer.status_code, "session-ended" in answer.text) == (400, True)


async def test_the_provider_is_told_to_ask_anew(page: Page) -> None:
    await page.sign_in(*LEAD_AT_POLICE)
    asked = await page.begin(POLICE, "/sign-in/again", csrf=await page.csrf())
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")


async def test_a_sign_in_of_long_ago_does_not_suffice_on_a_page(page: Page) -> None:
    form = {"organisation": STRANGER}
    await page.sign_in(*LEAD_AT_POLICE, auth_time=int(time.time()) - 301)
    answer = await page.client.post("/account/organisation/revocation", data={**form, "csrf": await page.csrf()})
    refused(answer, 401, "sign-in-too-old")


# --- the end of a session ---------------------------------------------------------------------------------------------

ENDS = {
    "revoked": "revoked_at = now()",
    "unused": "last_used_at = last_used_at - interval '31 minutes'",
    "old": "signed_in_at = signed_in_at - interval '12 hours', expires_at = expires_at - interval '12 hours'",
    "issuer removed": "issuer = 'https://removed.example'",
}


@pytest.mark.parametrize("how", ENDS)
async def test_what_has_ended_opens_nothing(page: Page, how: str) -> None:
    await page.sign_in(*LEAD_AT_POLICE)
    assert (await page.client.get("/account")).status_code == 200
    await page.changed(ENDS[how])
    answer = await page.client.get("/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?return=/account")


async def test_a_role_that_is_needed_is_asked_for_on_pages_too(page: Page) -> None:
    await page.sign_in(POLICE, "practitioner", auth_time=int(time.time()))
    form = {"organisation": POLICE, "csrf": await page.csrf()}
    refused(await page.client.post("/account/organisation/revocation", data=form), 403, "forbidden")


async def test_a_page_for_those_who_ask_is_not_for_a_signatory(page: Page) -> None:
    await page.sign_in(POLICE, "signatory")
    refused(await page.client.get("/ask"), 403, "forbidden")


async def test_no_claim_makes_an_auditor(page: Page) -> None:
    """Whatever an issuer's registration says, and however it came to say it."""
    await page.sign_in(*LEAD_AT_POLICE)
    (use,) = page.at.registry.follower.view.issuers(issuer_of(POLICE))
    mapped = tuple(RoleMapping("post", role, role) for role in ("auditor", "business-unit", "practitioner"))
    use, claims = replace(use, roles_from=mapped), tuple(f"post={one.role}" for one in mapped)
    found = roles_for(page.at.registry.follower.view, use, "somebody", claims, page.people.sessions.now())
    assert found == {"practitioner"}


async def test_a_lead_ends_the_sessions_of_their_own_body_alone(page: Page, other: Page) -> None:
    await other.sign_in(STRANGER, "ig-lead")
    await page.sign_in(*LEAD_AT_POLICE, auth_time=int(time.time()))
    form = {"organisation": STRANGER, "csrf": await page.csrf()}
    refused(await page.client.post("/account/organisation/revocation", data=form), 403, "forbidden")
    assert await other.live(other.session)


async def test_nobody_ends_a_session_of_somebody_else(page: Page, other: Page) -> None:
    await other.sign_in(POLICE, "practitioner")
    theirs = await other.people.sessions.find(other.session)
    assert theirs is not None
    await page.sign_in(*LEAD_AT_POLICE)
    form = {"session": theirs.reference, "csrf": await page.csrf()}
    assert (await page.client.post("/account/sessions/revocation", data=form)).status_code == 404
    assert await other.live(other.session)


async def test_one_persons_many_sessions_end_nobody_elses(page: Page, other: Page) -> None:
    await other.sign_in(POLICE, "practitioner")
    await page.sign_in(*LEAD_AT_POLICE)
    first = page.session
    await page.changed("last_used_at = last_used_at - interval '5 minutes'")
    for _ in range(10):
        page.client.cookies.clear()
        await page.sign_in(*LEAD_AT_POLICE)
    assert (await page.live(first), await other.live(other.session)) == (False, True)


# --- what is kept, and shown to whom ----------------------------------------------------------------------------------


async def test_no_page_of_somebody_who_is_signed_in_is_kept_by_anybody(page: Page) -> None:
    public = await page.client.get("/agreements/tier-1/1.0")
    assert public.headers["cache-control"].startswith("public")
    await page.sign_in(*LEAD_AT_POLICE)
    for path in ("/account", "/", "/agreements/tier-1/1.0", "/sign-in/again"):
        answer = await page.client.get(path)
        assert (answer.status_code, answer.headers["cache-control"], answer.headers["vary"]) == (
            200,
            "no-store",
            "Cookie",
        ), path


async def test_a_cookie_of_ours_goes_to_us_alone_by_tls_and_to_no_script(page: Page) -> None:
    answer = await page.sign_in(*LEAD_AT_POLICE)
    given = answer.headers.get_list("set-cookie")
    assert {one.partition("=")[0] for one in given} >= {SESSION_COOKIE, FALLBACK_COOKIE}
    for one in given:
        parts = {part.strip() for part in one.split(";")[1:]}
        assert one.startswith("__Host-")
        assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"} <= parts
        assert not [part for part in parts if part.lower().startswith("domain")]


# --- without the database ---------------------------------------------------------------------------------------------


@pytest.fixture
def away(shared: Serving, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sessions cannot be looked up, from the moment that it is called."""

    def begin() -> None:
        async def unavailable(cookie: str | None) -> None:
            raise TimeoutError

        monkeypatch.setattr(shared.app.state["people"].sessions, "find", unavailable)

    return begin


async def test_while_the_database_is_away_one_can_ask_and_nothing_else(page: Page, away: Any) -> None:
    await page.sign_in(POLICE, "practitioner")
    away()
    assert (await page.client.get("/ask")).status_code == 200
    refused(await page.client.get("/account"), 503, "unavailable")


async def test_what_was_filled_in_is_kept_while_nobody_can_be_looked_up(
    page: Page, away: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await page.sign_in(*LEAD_AT_POLICE, auth_time=int(time.time()))
    form = {"subject": "head-1", "role": "", "csrf": await page.csrf()}
    away()
    answer = await page.client.post("/account/people/grant", data=form)
    refused(answer, 503, "unavailable")
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.text))
    assert kept == form
    assert "Try again</button>" in answer.text
    monkeypatch.undo()
    assert (await page.client.post("/account/people/grant", data=kept)).status_code == 422


async def test_a_session_that_is_known_to_be_revoked_has_no_fallback(page: Page, away: Any) -> None:
    await page.sign_in(POLICE, "practitioner")
    found = await page.people.sessions.find(page.session)
    assert found is not None
    await page.people.sessions.revoke(found.id_sha256, "by-the-person")
    away()
    refused(await page.client.get("/ask"), 503, "unavailable")


async def test_a_fallback_is_of_the_session_that_is_shown(page: Page, other: Page, away: Any) -> None:
    await page.sign_in(POLICE, "practitioner")
    await other.sign_in(*LEAD_AT_POLICE)
    theirs = other.client.cookies.get(FALLBACK_COOKIE)
    page.client.cookies.set(FALLBACK_COOKIE, str(theirs), domain="registry.test", path="/")
    away()
    refused(await page.client.get("/ask"), 503, "unavailable")


async def test_a_fallback_that_nobody_sealed_here_is_none(page: Page, away: Any) -> None:
    await page.sign_in(POLICE, "practitioner")
    found = await page.people.sessions.find(page.session)
    assert found is not None
    forged = fallback_cookie(SessionKeys([bytes(32)]), visitor_in(found), page.people.sessions.now())
    page.client.cookies.set(FALLBACK_COOKIE, forged, domain="registry.test", path="/")
    away()
    refused(await page.client.get("/ask"), 503, "unavailable")


# --- a provider's logout ----------------------------------------------------------------------------------------------


async def logged_out(page: Page, organisation: str, **claims: Any) -> int:
    whole = {"sub": "signatory", "jti": f"{time.perf_counter_ns()}", "events": {EVENT: {}}, **claims}
    token = page.at.signed(issuer_of(organisation), "logout+jwt", **whole)
    answer = await page.client.post(f"/auth/{page.slug(POLICE)}/backchannel-logout", data={"logout_token": token})
    return answer.status_code


NOT_WHOLE: dict[str, dict[str, Any]] = {
    "with a nonce": {"nonce": "n"},
    "without its event": {"events": {}},
    "for another client": {"aud": "another"},
    "of an hour ago": {"iat": int(time.time()) - 3600, "exp": int(time.time()) + 3600},
    "of nobody": {"sub": None},
}


@pytest.mark.parametrize("what", NOT_WHOLE)
async def test_a_logout_token_that_is_not_whole_ends_nothing(page: Page, what: str) -> None:
    await page.sign_in(POLICE, "signatory")
    assert await logged_out(page, POLICE, **NOT_WHOLE[what]) == 400
    assert await page.live(page.session)


async def test_a_logout_token_of_another_provider_ends_nothing(page: Page) -> None:
    await page.sign_in(POLICE, "signatory")
    assert await logged_out(page, STRANGER) == 400
    assert await logged_out(page, STRANGER, iss=issuer_of(POLICE)) == 400
    assert await page.live(page.session)


async def test_a_logout_of_the_same_name_at_another_provider_ends_nothing(page: Page) -> None:
    await page.sign_in(POLICE, "signatory")
    token = page.at.signed(issuer_of(STRANGER), "logout+jwt", sub="signatory", jti="another's", events={EVENT: {}})
    address = f"/auth/{page.slug(STRANGER)}/backchannel-logout"
    assert (await page.client.post(address, data={"logout_token": token})).status_code == 200
    assert await page.live(page.session)


async def test_a_logout_token_counts_once(page: Page) -> None:
    await page.sign_in(POLICE, "signatory")
    assert await logged_out(page, POLICE, jti="once") == 200
    assert not await page.live(page.session)
    await page.sign_in(POLICE, "signatory")
    assert await logged_out(page, POLICE, jti="once") == 400
    assert await page.live(page.session)


# --- limits and what is counted ---------------------------------------------------------------------------------------


async def test_a_person_on_pages_has_a_quota_of_their_own(limited: Serving) -> None:
    async with limited.client() as first, limited.client() as second:
        lead, practitioner = Page(limited, first), Page(limited, second)
        await lead.sign_in(*LEAD_AT_POLICE)
        await practitioner.sign_in(POLICE, "practitioner")
        for _ in range(20):
            if (answer := await first.get("/account")).status_code == 429:
                break
        refused(answer, 429, "quota-exceeded")
        assert (await second.get("/account")).status_code == 200


async def test_a_browser_that_keeps_its_cookie_has_the_provider_asked_once(
    shared: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted: list[str] = []

    async def post(url: str, form: Any, headers: Any) -> Any:
        posted.append(url)
        return await shared._post(url, form, headers)

    async with shared.client() as client:
        page = Page(shared, client)
        monkeypatch.setattr(page.people.sign_in, "_post_form", post)
        asked = await page.begin(POLICE)
        kept = client.cookies[SIGN_IN_COOKIE]
        for _ in range(5):
            client.cookies.clear()
            client.cookies.set(SIGN_IN_COOKIE, kept)
            answer = await page.come_back(POLICE, "ig-lead", {**asked, "nonce": "another"})
            assert answer.status_code == 400
        assert "state-unknown" in answer.text
    assert posted == [f"{issuer_of(POLICE)}/token"]


async def test_signing_out_without_the_database_ends_the_session_of_its_own_form_alone(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: str | None) -> None:
        raise TimeoutError

    await page.sign_in(*LEAD_AT_POLICE)
    token, cookie = await page.csrf(), page.session
    identifier = id_hash(cookie)
    assert identifier is not None
    with monkeypatch.context() as patch:
        patch.setattr(page.people.sessions, "find", away)
        for given, ends in (("", False), ("A" * 43, False), (token, True)):
            page.client.cookies.clear()
            page.client.cookies.set(SESSION_COOKIE, cookie or "")
            assert (await page.client.post("/sign-out", data={"csrf": given})).status_code == 200
            assert page.people.sessions.knows_revoked(identifier) == ends


async def test_what_is_refused_on_a_page_counts_too(limited: Serving) -> None:
    async with limited.client() as first, limited.client() as second:
        lead, practitioner = Page(limited, first), Page(limited, second)
        await lead.sign_in(*LEAD_AT_POLICE)
        await practitioner.sign_in(POLICE, "practitioner")
        for _ in range(20):
            answer = await first.post("/account/sessions/revocation", data={"session": "others", "csrf": "A" * 43})
            if answer.status_code == 429:
                break
        refused(answer, 429, "quota-exceeded")
        for _ in range(20):
            if (answer := await second.get("/account/keys/registration")).status_code == 429:
                break
        refused(answer, 429, "quota-exceeded")


async def test_whoever_fails_to_sign_in_as_somebody_keeps_nobody_from_it(limited: Serving) -> None:
    """No attempt is counted against the person, the session or the body that it names."""
    async with limited.client() as first, limited.client() as second:
        thief, lead = Page(limited, first), Page(limited, second)
        for _ in range(40):
            asked = await thief.begin(POLICE)
            answer = await thief.come_back(POLICE, "ig-lead", {**asked, "nonce": "another"})
            assert answer.status_code == 400
        assert (await lead.sign_in(*LEAD_AT_POLICE)).status_code == 303
        assert (await second.get("/account")).status_code == 200


async def test_what_is_refused_on_a_page_is_counted(limited: Serving) -> None:
    watch = limited.app.state["watch"]
    async with limited.client() as client:
        page = Page(limited, client)
        await client.post("/account/sessions/revocation", data={"session": "others"})
        assert watch.refused["not-signed-in"] == 1
        await page.sign_in(*LEAD_AT_POLICE)
        await client.post("/account/sessions/revocation", data={"session": "others"})
        assert watch.refused["forged-request"] == 1
        asked = await page.begin(POLICE)
        await page.come_back(POLICE, "ig-lead", {**asked, "nonce": "another"})
        assert watch.sign_ins == {"id-token-nonce-refused": 1}
        assert await logged_out(page, POLICE, nonce="n") == 400
        assert watch.sign_ins["logout-token-nonce-refused"] == 1
        async with limited.client(METRICS_TOKEN) as operator:
            figures = (await operator.get("/metrics")).text
        assert re.search(r'isa_sign_in_refused_total\{reason="id-token-nonce-refused",worker="[0-9]+"\} 1.0', figures)


async def test_whoever_comes_with_a_made_up_session_is_limited(limited: Serving) -> None:
    async with limited.client() as client:
        for number in range(700):
            cookie = f"{SESSION_COOKIE}={number:043d}"
            if (answer := await client.get("/account", headers={"Cookie": cookie})).status_code == 429:
                break
        refused(answer, 429, "quota-exceeded")


async def test_no_session_is_looked_for_on_a_public_page_over_the_quota(
    limited: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = limited.app.state["people"].sessions
    asked: list[str | None] = []

    async def find(cookie: str | None) -> None:
        asked.append(cookie)

    monkeypatch.setattr(sessions, "find", find)
    async with limited.client() as client:
        cookie = {"Cookie": f"{SESSION_COOKIE}={0:043d}"}
        refused_ones = 0
        for _ in range(620):
            before = len(asked)
            if (await client.get("/agreements", headers=cookie)).status_code == 429:
                refused_ones += 1
                assert len(asked) == before
    assert refused_ones == 20
    assert asked, "within the quota it is looked for"
