"""Invitations to attest, and questions about the words: who may do which step, in which state, and who sees it."""

from __future__ import annotations

import msgspec
import pytest
import pytest_asyncio

from api.attesting_office import Office, office
from attesting import ATTESTATIONS, VERSION, Claims, logged, wish
from demonstration import published
from isa_registry.actions.attestations import Target
from isa_registry.actions.deciding import Decider
from isa_registry.domain.agreement_entries import AgreementOpened, InForceRule
from isa_registry.runtime.attesting import invitations as attesting_invitations
from live import LEAD, POLICE
from serving import issuer_of

__all__ = ["office"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

INVITATIONS, JOINING, QUERIES = f"{VERSION}/invitations", f"{VERSION}/joining", f"{VERSION}/queries"
ASKED = {"question": "how-in-practice", "clause": "1", "reference": "IG-2026-4"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def club(office: Office) -> str:
    return await office.body()


async def state(office: Office, organisation: str, version: str = VERSION) -> str | None:
    async with office.person(organisation) as person:
        found = (await person.get(f"{version}/invitations")).json()["invitations"]
    return next((str(one["state"]) for one in found if one["organisation"] == organisation), None)


async def test_a_body_asks_to_join_is_turned_down_asks_again_and_is_invited(office: Office) -> None:
    organisation = await office.body()
    named = {"organisation": organisation}
    async with office.person(organisation) as person, office.person(LEAD, "business-unit") as unit:
        assert (await unit.post(f"{INVITATIONS}/refusal", json=named)).status_code == 409, "it has not asked"
        assert (await person.post(JOINING, json={})).status_code == 201
        assert (await person.post(JOINING, json={})).status_code == 409
        assert (await unit.post(f"{INVITATIONS}/refusal", json=named)).json()["state"] == "turned-down"
        assert (await person.post(JOINING, json={})).json()["state"] == "asked"
        assert (await unit.post(INVITATIONS, json=named)).json()["state"] == "invited"
        assert (await unit.post(INVITATIONS, json=named)).status_code == 409
        assert (await person.post(JOINING, json={})).status_code == 409
        whole = (await unit.get(INVITATIONS)).json()["invitations"]
        assert organisation in [one["organisation"] for one in whole]


async def test_a_body_sees_its_own_invitation_alone(office: Office, club: str) -> None:
    other = await office.body()
    async with office.person(LEAD, "business-unit") as unit:
        await unit.post(INVITATIONS, json={"organisation": other})
    async with office.person(club) as person:
        found = (await person.get(INVITATIONS)).json()["invitations"]
    assert other not in [one["organisation"] for one in found]


async def test_nobody_but_the_unit_invites(office: Office, club: str) -> None:
    for organisation, role in ((club, "signatory"), (club, "ig-lead"), (POLICE, "signatory")):
        async with office.person(organisation, role) as person:
            for address in (INVITATIONS, f"{INVITATIONS}/refusal"):
                assert (await person.post(address, json={"organisation": club})).status_code == 403
    async with office.person(LEAD, "business-unit", auth_time=1) as late:
        assert (await late.post(INVITATIONS, json={"organisation": club})).status_code == 401


@pytest.mark.parametrize("organisation", ["nobody-here", "zqx7f3marker"])
async def test_nobody_is_invited_who_is_not_registered(office: Office, organisation: str) -> None:
    async with office.person(LEAD, "business-unit") as unit:
        answer = await unit.post(INVITATIONS, json={"organisation": organisation})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/organisation")
    assert organisation not in answer.text


async def test_a_party_is_invited_without_a_word_and_is_further_on_once_it_looked(office: Office) -> None:
    organisation = await office.body()
    await logged(
        office.registry,
        msgspec.structs.replace(published("tier-2-hoth"), version="1.1"),
        AgreementOpened(agreement="tier-2-hoth", version="1.1", rule=InForceRule(), parties=(organisation,)),
    )
    opened = VERSION.replace("1.0", "1.1")
    assert await state(office, organisation, opened) is None
    invitations = office.serving.app.state["invitations"]
    by = Decider(organisation, issuer_of(organisation), "signatory")
    for _ in range(2):
        await invitations.viewed(Target("tier-2-hoth", "1.1"), by)
        assert await state(office, organisation, opened) == "viewed"
    async with office.person(organisation) as person:
        assert (await person.post(f"{opened}/joining", json={})).status_code == 409, "it is invited already"


async def test_a_question_is_asked_seen_by_all_answered_by_the_unit_and_settled(office: Office) -> None:
    organisation, other = await office.body(), await office.body()
    async with (
        office.person(organisation) as person,
        office.person(other) as partner,
        office.person(LEAD, "business-unit") as unit,
    ):
        assert (await person.post(QUERIES, json=ASKED)).status_code == 409, "it is not invited"
        await unit.post(INVITATIONS, json={"organisation": organisation})
        asked = await person.post(QUERIES, json=ASKED)
        assert asked.status_code == 201, asked.text
        identifier = asked.json()["id"]
        assert asked.json()["reference"] == "IG-2026-4"
        assert await state(office, organisation) == "queried"
        assert (await person.post(QUERIES, json=ASKED)).status_code == 409, "the same waits already"
        for reader, sees in ((partner, None), (unit, "IG-2026-4"), (person, "IG-2026-4")):
            (line,) = [one for one in (await reader.get(QUERIES)).json()["queries"] if one["id"] == identifier]
            assert (line["question"], line["state"], line.get("reference")) == ("how-in-practice", "asked", sees)
        assert (await partner.post(f"{QUERIES}/{identifier}/settlement", json={})).status_code == 404
        assert (await partner.post(f"{QUERIES}/{identifier}/answer", json={"answer": "see-clause"})).status_code == 403
        for answer, pointer in (
            ({"answer": "zqx7f3marker"}, "#/answer"),
            ({"answer": "see-clause"}, "#/clause"),
            ({"answer": "see-clause", "clause": "99.9"}, "#/clause"),
        ):
            wrong = await unit.post(f"{QUERIES}/{identifier}/answer", json=answer)
            assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, pointer)
        answered = await unit.post(f"{QUERIES}/{identifier}/answer", json={"answer": "see-clause", "clause": "2"})
        assert (answered.json()["state"], answered.json()["answer_clause"]) == ("answered", "2")
        twice = await unit.post(f"{QUERIES}/{identifier}/answer", json={"answer": "applies-as-written"})
        assert twice.status_code == 409
        settled = await person.post(f"{QUERIES}/{identifier}/settlement", json={})
        assert settled.json()["state"] == "settled"
        assert await state(office, organisation) == "viewed"
        assert (await person.post(f"{QUERIES}/{identifier}/settlement", json={})).status_code == 409


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"question": "zqx7f3marker"}, "#/question"),
        ({"clause": "zqx7f3marker"}, "#/clause"),
        ({"reference": "zqx7f3marker@example.org"}, "#/reference"),
        ({"reference": "943 476 5919"}, "#/reference"),
    ],
    ids=str,
)
async def test_what_is_wrong_with_a_question_is_said_where_it_stands(
    office: Office, club: str, changes: Claims, pointer: str
) -> None:
    async with office.person(club) as person:
        answer = await person.post(QUERIES, json={**ASKED, **changes})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert "zqx7f3marker" not in answer.text


async def test_only_so_many_questions_of_a_body_wait(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attesting_invitations, "MOST_WAITING", 1)
    organisation = await office.body()
    async with office.person(organisation) as person, office.person(LEAD, "business-unit") as unit:
        await unit.post(INVITATIONS, json={"organisation": organisation})
        first = await person.post(QUERIES, json=ASKED)
        assert first.status_code == 201
        another = {**ASKED, "clause": "2"}
        answer = await person.post(QUERIES, json=another)
        assert (answer.status_code, "Too many questions" in answer.text) == (409, True)
        await person.post(f"{QUERIES}/{first.json()['id']}/settlement", json={})
        assert (await person.post(QUERIES, json=another)).status_code == 201


async def test_who_has_attested_may_still_ask(office: Office) -> None:
    organisation = await office.body()
    async with office.person(organisation) as person:
        assert (await person.post(ATTESTATIONS, json=wish())).status_code == 201
        assert (await person.post(QUERIES, json=ASKED)).status_code == 201


async def test_a_body_of_another_partnership_sees_no_question(office: Office) -> None:
    organisation = await office.body(partnerships=("elsewhere",))
    async with office.person(organisation) as person:
        assert (await person.get(QUERIES)).status_code == 409


async def test_a_question_of_no_version_is_not_found(office: Office, club: str) -> None:
    async with office.person(club) as person:
        for identifier in ("qry_nothing", f"qry_{'0' * 32}"):
            assert (await person.post(f"{QUERIES}/{identifier}/settlement", json={})).status_code == 404
