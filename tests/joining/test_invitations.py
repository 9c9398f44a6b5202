"""A body joins by a link: nobody there can sign in yet, and nothing that they fill in counts before it is confirmed."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from isa_registry.actions.deciding import Decider
from isa_registry.actions.joining import Told
from isa_registry.domain.access_entries import IssuerRegistered, SignIn
from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.domain.refusals import Refused
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.joining import confirming, invitations
from isa_registry.runtime.joining.invitations import Invitations
from isa_registry.runtime.registry import wall_clock
from joining.conftest import SECOND
from joining.test_importing import problem, unit
from live import LEAD, POLICE
from serving import Serving, issuer_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

URL = "/api/v1/organisations/invitations"
TOLD = Told(
    name="Example School",
    ico_registration="ZA123456",
    policy_reference="APD-2026-1",
    policy_review_on="2027-09-01",
    contacts={"urgent": "School office 0191 496 0000"},
    sign_in="own",
    issuer="https://login.new-school.example",
    client="registry-at-school",
    profile="generic",
    subject="head-1",
)


def office(served: Serving) -> Invitations:
    found: Invitations = served.app.state["body_invitations"]
    return found


def token_of(link: str) -> str:
    base, _, token = link.rpartition("/")
    assert base == "https://registry.test/join"
    return token


async def invite(client: httpx.AsyncClient, organisation: str, **more: Any) -> dict[str, Any]:
    new = {"organisation": organisation, "name": organisation.title(), "kind": "maintained-school", **more}
    answer = await client.post(URL, json=new)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{URL}/{answer.json()['id']}"
    found: dict[str, Any] = answer.json()
    return found


async def stored(served: Serving) -> str:
    owner = await asyncpg.connect(served.registry._url)
    try:
        return str(await owner.fetchval("SELECT string_agg(i::text, chr(10)) FROM body_invitation i"))
    finally:
        await owner.close()


async def test_from_a_link_to_a_body_whose_lead_is_let_in(served: Serving) -> None:
    async with unit(served) as one, served.client(served.person(LEAD, "business-unit", sub=SECOND)) as two:
        invited = await invite(one, "new-school", address="office@school.example")
        assert invited["state"] == "invited"
        before = served.registry.follower.view.size
        await office(served).answer(token_of(invited["link"]), TOLD)
        assert served.registry.follower.view.size == before, "an answer logs nothing"
        answered = (await one.get(f"{URL}/{invited['id']}")).json()
        assert (answered["state"], answered["answer"]["name"], answered["link"]) == ("answered", "Example School", None)
        confirmed = await one.post(f"{URL}/{invited['id']}/confirmation", json={"sha256": answered["sha256"]})
        assert confirmed.status_code == 200, confirmed.text
        done = confirmed.json()
        assert (done["state"], done["answer"]) == ("confirmed", None)
        record = served.registry.follower.view.organisation("new-school")
        assert record is not None
        assert (record.name, record.ico_registration, record.contacts) == (
            "Example School", "ZA123456", {"urgent": "School office 0191 496 0000"},
        )  # fmt: skip
        left = (await one.get("/api/v1/organisations/new-school/set-up")).json()["left"]
        proposal = (await two.get(f"/api/v1/proposals/{done['proposal']}")).json()
        assert [change["kind"] for change in proposal["change"]] == ["issuer.registered", "role.granted"]
        problem(
            await one.post(f"/api/v1/proposals/{proposal['id']}/approval", json={"sha256": proposal["sha256"]}),
            403,
            "second-person",
        )
        approved = await two.post(f"/api/v1/proposals/{proposal['id']}/approval", json={"sha256": proposal["sha256"]})
        assert approved.status_code == 200, approved.text
        assert (await one.get("/api/v1/organisations/new-school/set-up")).json()["left"] == left - 2
    view = served.registry.follower.view
    assert [one.issuer for one in view.issuers_of("new-school")] == [TOLD.issuer]
    (lead,) = view.roles_of("new-school")
    assert (lead.role, lead.subject, len(lead.approved_by)) == ("ig-lead", "head-1", 2)


async def test_only_the_hash_of_a_link_is_kept_and_an_address_until_the_link_is_used(served: Serving) -> None:
    async with unit(served) as client:
        invited = await invite(client, "hashed-school", address="office@hashed.example")
        token = token_of(invited["link"])
        assert len(token) == 43
        text = await stored(served)
        assert token not in text
        assert "office@hashed.example" in text
        assert "office@hashed.example" not in json.dumps((await client.get(f"{URL}/{invited['id']}")).json())
        await office(served).answer(token, TOLD)
        assert "office@hashed.example" not in await stored(served)
        other = await invite(client, "dropped-school", address="office@dropped.example")
        assert (await client.post(f"{URL}/{other['id']}/withdrawal", json={})).status_code == 200
        assert "office@dropped.example" not in await stored(served)


async def test_a_link_works_again_until_it_is_over_and_is_filled_in_once(
    served: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with unit(served) as client:
        invited = await invite(client, "patient-school", address="office@patient.example")
    token = token_of(invited["link"])
    for _ in range(2):
        assert (await office(served).of_link(token)).state == "invited"
    await office(served).answer(token, TOLD)
    assert (await office(served).of_link(token)).state == "answered"
    with pytest.raises(Refused) as twice:
        await office(served).answer(token, TOLD)
    assert twice.value.code == "conflict"
    later = wall_clock() + invitations.OPEN_FOR + timedelta(minutes=1)
    monkeypatch.setattr(served.registry, "now", lambda: later)
    with pytest.raises(Refused) as over:
        await office(served).of_link(token)
    assert over.value.code == "not-found"


@pytest.mark.parametrize("token", ["", "short", "A" * 43, "é" * 43, "A" * 4000, "../" * 14 + "A"])
async def test_a_link_that_was_never_sent_leads_nowhere(served: Serving, token: str) -> None:
    with pytest.raises(Refused) as refused:
        await office(served).of_link(token)
    assert refused.value.code == "not-found"
    assert token not in refused.value.detail or not token


async def test_what_is_over_is_forgotten_by_itself(served: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    async with unit(served) as client:
        unused = await invite(client, "silent-school", address="office@silent.example")
        waiting = await invite(client, "waiting-school")
        await office(served).answer(token_of(waiting["link"]), TOLD)
        later = wall_clock() + invitations.OPEN_FOR + timedelta(minutes=1)
        monkeypatch.setattr(served.registry, "now", lambda: later)
        await office(served).sweep()
        assert "office@silent.example" not in await stored(served)
        assert {unused["id"], waiting["id"]} <= set(re.findall(r"inv_[0-9a-f]{32}", await stored(served)))
        monkeypatch.setattr(served.registry, "now", lambda: later + invitations.KEPT_FOR)
        await office(served).sweep()
        assert await stored(served) == "None"


async def test_another_link_takes_the_place_of_the_last(served: Serving) -> None:
    async with unit(served) as client:
        invited = await invite(client, "again-school")
        first = token_of(invited["link"])
        await office(served).answer(first, TOLD)
        again = await client.post(f"{URL}/{invited['id']}/sending", json={"address": "desk@again.example"})
        assert (again.status_code, again.json()["state"], again.json()["answer"]) == (200, "invited", None)
        with pytest.raises(Refused):
            await office(served).of_link(first)
        assert (await office(served).of_link(token_of(again.json()["link"]))).id == invited["id"]


async def test_links_are_sent_where_somebody_sends_them_and_then_told_to_nobody(served: Serving) -> None:
    sent: list[tuple[str, str]] = []

    async def deliver(notice: Notice, address: str, token: str) -> None:
        assert token not in notice.key
        sent.append((token, address))

    sending = Invitations(served.registry._url, served.registry, public_url="https://registry.test", deliver=deliver)
    await sending.start()
    try:
        by = Decider(organisation=LEAD, issuer=issuer_of(LEAD), subject="business-unit")
        record = OrganisationRegistered("mailed-school", "Mailed", "maintained-school")
        told = await sending.invite(record, "office@mailed.example", by)
        assert told.link is None
        ((token, address),) = sent
        assert address == "office@mailed.example"
        assert (await sending.of_link(token)).organisation == "mailed-school"
        await sending.withdraw(told.invitation.id, by)
        unsent = await sending.invite(record, None, by)
        assert unsent.link is not None
        assert len(sent) == 1
    finally:
        await sending.stop()


async def test_a_body_has_one_invitation_and_none_once_it_has_a_lead(served: Serving) -> None:
    async with unit(served) as client:
        await invite(client, "single-school")
        new = {"organisation": "single-school", "name": "S", "kind": "academy"}
        problem(await client.post(URL, json=new), 409, "conflict")
        problem(await client.post(URL, json={"organisation": POLICE}), 409, "conflict")


async def test_a_body_that_was_imported_completes_its_record_and_keeps_the_rest(served: Serving) -> None:
    stands = OrganisationRegistered("imported-school", "Imported", "academy", designated=True, partnerships=("durham",))
    await served.registry.sequencer.append(Draft(payloads=(stands,)))
    async with unit(served) as client:
        invited = (await client.post(URL, json={"organisation": "imported-school"})).json()
        assert invited["record"]["name"] == "Imported"
        told = Told(name="Imported School", contacts={"urgent": "Office 0191 496 0001"}, sign_in="later")
        await office(served).answer(token_of(invited["link"]), told)
        answered = (await client.get(f"{URL}/{invited['id']}")).json()
        done = await client.post(f"{URL}/{invited['id']}/confirmation", json={"sha256": answered["sha256"]})
        assert (done.status_code, done.json()["proposal"]) == (200, None)
    record = served.registry.follower.view.organisation("imported-school")
    assert record is not None
    assert (record.name, record.designated, record.partnerships) == ("Imported School", True, ("durham",))


async def test_a_small_body_uses_the_sign_in_of_its_trust(served: Serving) -> None:
    """The trust's service is told apart by a claim already: the school says its value, and no more."""
    issuer = "https://login.trust.example"
    trust = OrganisationRegistered("some-trust", "Some Trust", "academy-trust")
    use = IssuerRegistered(
        organisation="some-trust", issuer=issuer, audiences=("isa",), algorithms=("ES256",), profile="generic",
        claim="school", value="trust", sign_in=SignIn(client="isa", authentication="private_key_jwt"),
    )  # fmt: skip
    for payload in (trust, use):
        await served.registry.sequencer.append(Draft(payloads=(payload,)))
    told = Told(name="Small", sign_in="shared", shared_with="some-trust", value="small", subject="head-7")
    async with unit(served) as client:
        invited = await invite(client, "small-academy", kind="academy", parent="some-trust")
        wish = await office(served).answer(token_of(invited["link"]), told)
        assert wish.issuer is not None
        assert (wish.issuer.issuer, wish.issuer.claim, wish.issuer.value) == (issuer, "school", "small")
        answered = (await client.get(f"{URL}/{invited['id']}")).json()
        done = await client.post(f"{URL}/{invited['id']}/confirmation", json={"sha256": answered["sha256"]})
        assert done.status_code == 200
        assert done.json()["proposal"] is not None


async def test_what_tells_two_bodies_apart_is_added_by_the_unit_or_asked_for(served: Serving) -> None:
    told = Told(name="Nursery", sign_in="shared", shared_with=LEAD)
    async with unit(served) as client:
        invited = await invite(client, "some-nursery", kind="early-years")
        await office(served).answer(token_of(invited["link"]), told)
        sha256 = (await client.get(f"{URL}/{invited['id']}")).json()["sha256"]
        address = f"{URL}/{invited['id']}/confirmation"
        assert problem(await client.post(address, json={"sha256": sha256}), 422, "unprocessable")[0][0] == "#/claim"
        # The council's own use is not told apart by that claim yet: nothing is registered before that is so.
        refused = await client.post(address, json={"sha256": sha256, "claim": "service", "value": "nursery"})
        assert problem(refused, 409, "conflict") == [("#/claim", "not-told-apart")]
    assert served.registry.follower.view.organisation("some-nursery") is None


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"name": ""}, ["#/name"]),
        ({"policy_review_on": "next year"}, ["#/policy_document/review_on"]),
        ({"policy_reference": ""}, ["#/policy_document/reference"]),
        ({"sign_in": ""}, ["#/sign_in"]),
        ({"sign_in": "later"}, ["#/subject"]),
        ({"sign_in": "shared", "shared_with": POLICE}, ["#/shared_with"]),
        ({"issuer": "login.example"}, ["#/issuer"]),
        ({"issuer": "http://login.example"}, ["#/issuer"]),
        ({"client": ""}, ["#/sign_in/client"]),
        ({"profile": "other"}, ["#/profile"]),
        ({"subject": "Jo Bloggs"}, ["#/subject"]),
        ({"subject": "Jo Bloggs", "client": ""}, ["#/sign_in/client", "#/subject"]),
    ],
)
async def test_what_is_wrong_in_an_answer_is_said_by_its_place_and_nothing_is_kept(
    served: Serving, changes: dict[str, str], pointers: list[str]
) -> None:
    by = Decider(organisation=LEAD, issuer=issuer_of(LEAD), subject="business-unit")
    sent = await office(served).invite(OrganisationRegistered("wrong-school", "W", "academy"), None, by)
    assert sent.link is not None
    whole = {name: getattr(TOLD, name) for name in TOLD.__struct_fields__} | changes
    try:
        with pytest.raises(Refused) as refused:
            await office(served).answer(token_of(sent.link), Told(**whole))
        assert [one.pointer for one in refused.value.faults] == pointers
        assert (await office(served).of_link(token_of(sent.link))).state == "invited"
    finally:
        await office(served).withdraw(sent.invitation.id, by)


async def test_another_answer_than_was_read_is_not_confirmed(served: Serving) -> None:
    async with unit(served) as client:
        invited = await invite(client, "changed-school")
        await office(served).answer(token_of(invited["link"]), TOLD)
        answer = await client.post(f"{URL}/{invited['id']}/confirmation", json={"sha256": "0" * 64})
        problem(answer, 409, "conflict")
        problem(await client.post(f"{URL}/{invited['id']}/confirmation", json={"sha256": "x"}), 422, "unprocessable")
    assert served.registry.follower.view.organisation("changed-school") is None


async def test_a_crash_between_registering_and_proposing_is_mended_by_confirming_again(
    served: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = Decider(organisation=LEAD, issuer=issuer_of(LEAD), subject="business-unit")
    state = served.app.state
    sent = await office(served).invite(OrganisationRegistered("crash-school", "C", "academy"), None, by)
    assert sent.link is not None
    changes = {"issuer": "https://login.crash.example"}
    told = Told(**{name: getattr(TOLD, name) for name in TOLD.__struct_fields__} | changes)
    await office(served).answer(token_of(sent.link), told)
    row = await office(served).read(sent.invitation.id)
    assert row.answer_sha256 is not None

    async def confirm() -> confirming.Confirmed:
        assert row.answer_sha256 is not None
        return await confirming.confirm(
            served.registry, office(served), state["proposals"], row.id, row.answer_sha256.hex(), by
        )

    async def crash(*_: object) -> None:
        raise TimeoutError

    with monkeypatch.context() as patched:
        patched.setattr(state["proposals"], "propose", crash)
        with pytest.raises(TimeoutError):
            await confirm()
    size = served.registry.follower.view.size
    done = await confirm()
    assert (done.entry, served.registry.follower.view.size) == (None, size)
    assert done.proposal is not None
    assert done.invitation.state == "confirmed"


async def test_invitations_are_the_business_units_alone(served: Serving) -> None:
    for body, role in ((LEAD, "ig-lead"), (POLICE, "ig-lead")):
        async with served.client(served.person(body, role)) as client:
            assert (await client.get(URL)).status_code == 403
            new = {"organisation": "x", "name": "X", "kind": "academy"}
            assert (await client.post(URL, json=new)).status_code == 403
    by = Decider(organisation=POLICE, issuer=issuer_of(POLICE), subject="ig-lead")
    with pytest.raises(Refused) as refused:
        await office(served).invite(OrganisationRegistered("x", "X", "academy"), None, by)
    assert refused.value.code == "forbidden"


@pytest.mark.parametrize(
    "address",
    [
        *("nobody", "a@", "a b@c.example", "a@b\n.example", "<a@b.example>", "a@b@c.example"),
        # What the outbox would not take either.
        *("desk@school", "a..b@c.example", "a@b..example", "a@-b.example", f"a@{'b.' * 130}example"),
    ],
)
async def test_what_is_no_mail_address_is_refused_and_not_repeated(served: Serving, address: str) -> None:
    async with unit(served) as client:
        new = {"organisation": "addressed", "name": "A", "kind": "academy", "address": address}
        answer = await client.post(URL, json=new)
    assert problem(answer, 422, "unprocessable") == [("#/address", "malformed")]
    assert address not in answer.text
