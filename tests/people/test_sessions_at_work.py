"""Sessions on a real database with an agency's provider at hand: who may enter, what ends, and asking again later."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from identity.issuing import Clock, Facts
from isa_registry.domain.access_entries import RoleMapping, RoleRevoked
from isa_registry.identity.compact import public_key, signature_holds, split_compact
from isa_registry.identity.flows import SignInRefused
from isa_registry.identity.signing import Jwk
from isa_registry.runtime.log_keys.files import SIGN_IN_KEY, make_sign_in_keys, read_sign_in_keys
from isa_registry.runtime.people.entering import RoleLacking, switchable
from isa_registry.runtime.people.sign_in import ProviderAwayError
from isa_registry.runtime.people.visitors import (
    caller_for,
    fallback_cookie,
    fallback_visitor,
    needs_renewal,
    visitor_in,
)
from isa_registry.store.sessions import Session
from people.agency import CLIENT, ISSUER, Agency, Worker, later, organisation, removed, role, use_of, workers


@pytest.fixture
def agency() -> Agency:
    return Agency(Clock())


@pytest.fixture
def facts(agency: Agency) -> Facts:
    """The council and its provider; nobody has a role yet."""
    facts = Facts()
    facts.log(organisation("council"), use_of(agency))
    return facts


@pytest.fixture(scope="module")
def sign_in_keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Jwk, ...]:
    directory: Path = tmp_path_factory.mktemp("keys")
    make_sign_in_keys(directory)
    return read_sign_in_keys(directory / SIGN_IN_KEY)


@pytest.fixture
async def worker(
    database_url: str, agency: Agency, facts: Facts, sign_in_keys: tuple[Jwk, ...]
) -> AsyncIterator[Worker]:
    async with workers(database_url, agency, facts, sign_in_keys) as (one,):
        yield one


async def rows(database_url: str) -> str:
    connection = await asyncpg.connect(database_url)
    try:
        return str(await connection.fetchval("SELECT string_agg(s::text, chr(10)) FROM person_session s"))
    finally:
        await connection.close()


# --- entering ---------------------------------------------------------------------------------------------------------


async def test_a_person_with_a_role_enters_and_the_registry_proved_who_asks(
    worker: Worker, agency: Agency, facts: Facts
) -> None:
    facts.log(role())
    cookie, session = await worker.signed_in(use_of(agency))
    assert await worker.sessions.find(cookie) == session.__class__(
        **{name: getattr(session, name) for name in session.__struct_fields__}
        | {name: getattr(session, name).replace(second=0, microsecond=0) for name in TIMES}
    )
    ((url, form),) = agency.posted
    assert url == f"{ISSUER}/token"
    assert form["redirect_uri"].startswith("https://registry.example/auth/council-")
    assert form["redirect_uri"].endswith("/callback")
    assert (form["client_id"], len(form["code_verifier"])) == (CLIENT, 43)
    assertion = split_compact(form["client_assertion"])
    keys = worker.sign_in.proofs.public_keys()["keys"]
    assert isinstance(keys, list)
    assert isinstance(keys[0], dict)
    assert signature_holds(assertion, "ES256", public_key(keys[0]))
    assert json.loads(assertion.payload)["aud"] == ISSUER


TIMES = ("signed_in_at", "last_used_at", "expires_at")


async def test_whoever_has_no_role_does_not_enter_and_leaves_nothing_behind(
    worker: Worker, agency: Agency, database_url: str
) -> None:
    with pytest.raises(RoleLacking) as refused:
        await worker.signed_in(use_of(agency))
    assert refused.value.subject == "somebody"
    assert await rows(database_url) == "None"


async def test_a_claim_gives_a_role_as_long_as_the_register_says_so(
    worker: Worker, agency: Agency, facts: Facts
) -> None:
    mapping = RoleMapping("groups", "social-work", "practitioner")
    too_much = RoleMapping("groups", "social-work", "business-unit")
    facts.log(removed(), use_of(agency, roles_from=(mapping, too_much)))
    agency.claims["groups"] = ["social-work"]
    _, session = await worker.signed_in(use_of(agency, roles_from=(mapping, too_much)))
    caller = caller_for(visitor_in(session), worker.view(), worker.now())
    assert caller is not None
    assert caller.roles == {"practitioner"}
    facts.log(removed(), use_of(agency))
    caller = caller_for(visitor_in(session), worker.view(), worker.now())
    assert caller is not None
    assert caller.roles == frozenset()


async def test_a_role_that_is_revoked_counts_no_longer_at_once(worker: Worker, agency: Agency, facts: Facts) -> None:
    facts.log(role(), role(granted="ig-lead"))
    cookie, _ = await worker.signed_in(use_of(agency))
    facts.log(RoleRevoked(organisation="council", issuer=ISSUER, subject="somebody", role="ig-lead"))
    session = await worker.sessions.find(cookie)
    assert session is not None
    caller = caller_for(visitor_in(session), worker.view(), worker.now())
    assert caller is not None
    assert caller.roles == {"practitioner"}


async def test_an_issuer_that_is_removed_ends_its_sessions_for_good(
    worker: Worker, agency: Agency, facts: Facts
) -> None:
    facts.log(role())
    cookie, session = await worker.signed_in(use_of(agency))
    facts.log(removed())
    assert caller_for(visitor_in(session), worker.view(), worker.now()) is None
    assert await worker.sessions.find(cookie) is None
    facts.log(use_of(agency))
    assert await worker.sessions.find(cookie) is None


async def test_a_provider_that_is_away_refuses_nobody(worker: Worker, agency: Agency, facts: Facts) -> None:
    facts.log(role())
    agency.network.down = True
    with pytest.raises(ProviderAwayError):
        await worker.signed_in(use_of(agency))
    agency.network.down = False
    later(agency, seconds=3)
    await worker.signed_in(use_of(agency))
    agency.down = True
    with pytest.raises(ProviderAwayError):
        await worker.signed_in(use_of(agency))


@pytest.mark.parametrize(
    ("refuses", "wanted"), [("invalid_grant", "code-refused"), ("invalid_client", "client-refused")]
)
async def test_a_token_endpoint_that_refuses_signs_nobody_in(
    worker: Worker, agency: Agency, facts: Facts, refuses: str, wanted: str
) -> None:
    facts.log(role())
    agency.refuses = refuses
    with pytest.raises(SignInRefused) as refused:
        await worker.signed_in(use_of(agency))
    assert refused.value.reason == wanted


async def test_an_id_token_that_is_refused_is_named_by_its_fault(worker: Worker, agency: Agency, facts: Facts) -> None:
    facts.log(role())
    agency.claims["aud"] = "another-client"
    with pytest.raises(SignInRefused) as refused:
        await worker.signed_in(use_of(agency))
    assert refused.value.reason == "id-token-audience-refused"


async def test_keys_that_the_provider_rotates_in_mid_session_are_taken_up(
    worker: Worker, agency: Agency, facts: Facts
) -> None:
    facts.log(role())
    cookie, session = await worker.signed_in(use_of(agency))
    agency.provider.rotate("k2")
    later(agency, seconds=61)
    agency.claims["auth_time"] = int(agency.clock())
    renewed, _ = await worker.signed_in(use_of(agency), held=session, again=True)
    assert await worker.sessions.find(renewed) is not None
    assert await worker.sessions.find(cookie) is None


# --- several organisations --------------------------------------------------------------------------------------------


async def test_one_sign_in_holds_for_the_organisations_that_the_mapping_gives_and_no_others(
    database_url: str, agency: Agency, sign_in_keys: tuple[Jwk, ...]
) -> None:
    facts = Facts()
    council = use_of(agency, claim="ods", value="C1")
    facts.log(
        *map(organisation, ("council", "trust", "surgery", "hospice")),
        council,
        use_of(agency, "trust", claim="ods", value="RXX"),
        use_of(agency, "surgery", claim="ods", value="A81"),
        use_of(agency, "hospice", "another-client", claim="ods", value="H1"),
        *map(role, ("council", "trust", "hospice")),
    )
    # The surgery is in the claim, but there is no role there; the hospice has a client of its own.
    agency.claims |= {"ods": ["C1", "RXX", "A81", "H1"], "auth_time": int(agency.clock())}
    async with workers(database_url, agency, facts, sign_in_keys) as (worker,):
        cookie, session = await worker.signed_in(council)
        assert [use.organisation for use in switchable(session, worker.view(), worker.now())] == ["trust"]
        switched, there = await worker.sessions.switch(session, "trust")
        assert await worker.sessions.find(cookie) is None
        found = await worker.sessions.find(switched)
        assert found is not None
        assert (found.organisation, found.subject, found.expires_at) == (
            "trust",
            "somebody",
            there.expires_at.replace(second=0, microsecond=0),
        )
        # What was proved lately was proved for the council.
        assert (session.auth_time is None, found.auth_time) == (False, None)
        facts.log(removed("council"))
        assert switchable(found, worker.view(), worker.now()) == []


async def test_a_step_up_does_not_cross_to_another_organisation(
    database_url: str, agency: Agency, sign_in_keys: tuple[Jwk, ...]
) -> None:
    facts = Facts()
    council, trust = use_of(agency, claim="ods", value="C1"), use_of(agency, "trust", claim="ods", value="RXX")
    facts.log(organisation("council"), organisation("trust"), council, trust, role("council"), role("trust"))
    agency.claims |= {"ods": ["C1", "RXX"], "auth_time": int(agency.clock())}
    async with workers(database_url, agency, facts, sign_in_keys) as (worker,):
        _, session = await worker.signed_in(council)
        with pytest.raises(SignInRefused) as refused:
            await worker.signed_in(trust, held=session, again=True)
        assert refused.value.reason == "another-person"


# --- asking the provider again ----------------------------------------------------------------------------------------


async def refreshable(worker: Worker, agency: Agency, facts: Facts) -> tuple[str, Session]:
    facts.log(role())
    agency.offline = True
    cookie, session = await worker.signed_in(use_of(agency))
    later(agency, minutes=11)
    return cookie, session


async def test_a_refresh_token_is_not_readable_in_the_database(
    worker: Worker, agency: Agency, facts: Facts, database_url: str
) -> None:
    await refreshable(worker, agency, facts)
    assert "refresh-1" not in await rows(database_url)


async def test_a_provider_is_asked_again_on_activity_with_each_token_it_gave(
    worker: Worker, agency: Agency, facts: Facts
) -> None:
    cookie, session = await refreshable(worker, agency, facts)
    await worker.refreshing.refresh(session)
    await worker.refreshing.refresh(session)
    assert agency.refreshes() == ["refresh-1"]
    later(agency, minutes=11)
    found = await worker.sessions.find(cookie)
    assert found is not None
    worker.refreshing.used(found)
    await asyncio.gather(*worker.refreshing._running)
    assert agency.refreshes() == ["refresh-1", "refresh-2"]


async def test_nothing_is_asked_before_it_is_due(worker: Worker, agency: Agency, facts: Facts) -> None:
    facts.log(role())
    agency.offline = True
    _, session = await worker.signed_in(use_of(agency))
    worker.refreshing.used(session)
    assert not worker.refreshing._running
    assert agency.refreshes() == []


async def test_of_two_workers_one_uses_a_refresh_token(
    database_url: str, agency: Agency, facts: Facts, sign_in_keys: tuple[Jwk, ...]
) -> None:
    async with workers(database_url, agency, facts, sign_in_keys, 2) as (one, another):
        _, session = await refreshable(one, agency, facts)
        await asyncio.gather(*(worker.refreshing.refresh(session) for worker in (one, another) * 5))
        assert agency.refreshes() == ["refresh-1"]


async def test_whoever_the_provider_knows_no_longer_is_signed_out(worker: Worker, agency: Agency, facts: Facts) -> None:
    cookie, session = await refreshable(worker, agency, facts)
    agency.refuses = "invalid_grant"
    await worker.refreshing.refresh(session)
    assert await worker.sessions.find(cookie) is None


async def test_a_refresh_that_speaks_of_somebody_else_ends_the_session(
    worker: Worker, agency: Agency, facts: Facts
) -> None:
    cookie, session = await refreshable(worker, agency, facts)
    agency.claims["sub"] = "somebody-else"
    await worker.refreshing.refresh(session)
    assert await worker.sessions.find(cookie) is None


async def test_whoever_the_provider_says_is_of_another_body_now_is_signed_out(
    worker: Worker, agency: Agency, facts: Facts
) -> None:
    facts.log(
        removed(), use_of(agency, claim="ods", value="C1"), organisation("trust"),
        use_of(agency, "trust", claim="ods", value="RXX"), role(),
    )  # fmt: skip
    agency.offline, agency.claims["ods"] = True, ["C1", "RXX"]
    cookie, session = await worker.signed_in(use_of(agency, claim="ods", value="C1"))
    assert session.reaches == ("council", "trust")

    agency.claims["ods"] = "C1"
    later(agency, minutes=11)
    await worker.refreshing.refresh(session)
    found = await worker.sessions.find(cookie)
    assert found is not None
    assert found.reaches == ("council",), "no way to where the provider says they are no longer"

    agency.claims["ods"] = "RXX"
    later(agency, minutes=11)
    await worker.refreshing.refresh(found)
    assert await worker.sessions.find(cookie) is None


async def test_a_provider_that_is_down_or_at_odds_with_us_ends_nothing_and_is_asked_again_later(
    worker: Worker, agency: Agency, facts: Facts
) -> None:
    cookie, session = await refreshable(worker, agency, facts)
    agency.down = True
    with pytest.raises(ProviderAwayError):
        await worker.refreshing.refresh(session)
    agency.down, agency.refuses = False, "invalid_client"
    await worker.refreshing.refresh(session)
    assert len(agency.refreshes()) == 1
    later(agency, seconds=61)
    with pytest.raises(SignInRefused):
        await worker.refreshing.refresh(session)
    later(agency, seconds=61)
    agency.refuses = None
    await worker.refreshing.refresh(session)
    assert agency.refreshes() == ["refresh-1"] * 3
    assert await worker.sessions.find(cookie) is not None


async def test_role_claims_are_learnt_anew(worker: Worker, agency: Agency, facts: Facts) -> None:
    use = use_of(agency, roles_from=(RoleMapping("groups", "social-work", "practitioner"),))
    facts.log(removed(), use)
    agency.offline, agency.claims["groups"] = True, ["social-work"]
    cookie, session = await worker.signed_in(use)
    later(agency, minutes=11)
    agency.claims["groups"] = []
    await worker.refreshing.refresh(session)
    found = await worker.sessions.find(cookie)
    assert found is not None
    assert found.claims == ()


async def test_signing_out_gives_the_refresh_token_back(worker: Worker, agency: Agency, facts: Facts) -> None:
    _, session = await refreshable(worker, agency, facts)
    worker.refreshing.gave_up(use_of(agency), session)
    await asyncio.gather(*worker.refreshing._running)
    url, form = agency.posted[-1]
    assert (url, form["token"]) == (f"{ISSUER}/revoke", "refresh-1")


# --- the fallback, and what other workers know ------------------------------------------------------------------------


async def test_a_fallback_is_of_one_session_for_a_quarter_of_an_hour(
    worker: Worker, agency: Agency, facts: Facts
) -> None:
    facts.log(role())
    _, session = await worker.signed_in(use_of(agency))
    visitor = visitor_in(session)
    cookie = fallback_cookie(worker.keys, visitor, worker.now())
    held = fallback_visitor(worker.keys, cookie, worker.now())
    assert held is not None
    assert (held.id_sha256, held.organisation, held.fallback, held.auth_time) == (
        session.id_sha256,
        "council",
        True,
        None,
    )
    assert not needs_renewal(worker.keys, cookie, visitor, worker.now())
    later(agency, minutes=5)
    assert needs_renewal(worker.keys, cookie, visitor, worker.now())
    later(agency, minutes=9, seconds=59)
    assert fallback_visitor(worker.keys, cookie, worker.now()) is not None
    later(agency, seconds=1)
    assert fallback_visitor(worker.keys, cookie, worker.now()) is None


async def test_no_fallback_outlives_its_session(worker: Worker, agency: Agency, facts: Facts) -> None:
    facts.log(role())
    _, session = await worker.signed_in(use_of(agency))
    later(agency, hours=11, minutes=58)
    cookie = fallback_cookie(worker.keys, visitor_in(session), worker.now())
    later(agency, minutes=3)
    assert fallback_visitor(worker.keys, cookie, worker.now()) is None


async def test_what_one_worker_revoked_another_learns(
    database_url: str, agency: Agency, facts: Facts, sign_in_keys: tuple[Jwk, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("isa_registry.runtime.people.sessions._LOOK_SECONDS", 0.02)
    facts.log(role())
    async with workers(database_url, agency, facts, sign_in_keys, 2) as (one, another):
        cookie, session = await one.signed_in(use_of(agency))
        assert await another.sessions.find(cookie) is not None
        await one.sessions.revoke(session.id_sha256, "by-the-person")
        assert one.sessions.knows_revoked(session.id_sha256)
        assert await another.sessions.find(cookie) is None
        async with asyncio.timeout(20):
            while not another.sessions.knows_revoked(session.id_sha256):  # noqa: ASYNC110 - a look is what is awaited
                await asyncio.sleep(0.02)


async def test_what_was_ended_without_the_database_is_ended_when_it_is_back(
    worker: Worker, agency: Agency, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("isa_registry.runtime.people.sessions._LOOK_SECONDS", 0.02)
    facts.log(role())
    cookie, session = await worker.signed_in(use_of(agency))
    worker.sessions.end_when_possible(session.id_sha256)
    assert worker.sessions.knows_revoked(session.id_sha256), "its fallback counts no longer"
    async with asyncio.timeout(20):
        while await worker.sessions.find(cookie) is not None:  # noqa: ASYNC110 - a look is what is awaited
            await asyncio.sleep(0.02)


async def test_what_has_ended_is_swept(worker: Worker, agency: Agency, facts: Facts, database_url: str) -> None:
    facts.log(role())
    _, ended = await worker.signed_in(use_of(agency))
    await worker.signed_in(use_of(agency))
    await worker.sessions.revoke(ended.id_sha256, "by-the-person")
    later(agency, minutes=21)
    await worker.sessions.sweep()
    assert ended.id_sha256.hex() not in await rows(database_url)
    assert (await rows(database_url)).count(ISSUER) == 1
    later(agency, minutes=30)
    await worker.sessions.sweep()
    assert await rows(database_url) == "None"
