"""Four eyes on a real database: what is proposed, approved, and logged once, whatever happens in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from deciding_people import BU_1, BU_2, BU_3, COUNCIL, FOUNDING, ISSUERS, POLICE, SOON, person, role
from isa_registry.actions import deciding
from isa_registry.actions.deciding import Change
from isa_registry.domain.access_entries import IssuerRemoved, RoleRevoked
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.identity.sealing import SECRET_BYTES, SessionKeys
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.access import proposals as module
from isa_registry.runtime.access.proposal_marks import ProposalMarks
from isa_registry.runtime.access.proposals import OPEN_FOR, Proposals
from isa_registry.runtime.registry import Registry, wall_clock
from isa_registry.store import proposals as store
from isa_registry.store.proposals import Proposal
from running import checkpointing, working

UNTIL = london_date(wall_clock() + timedelta(days=300))
KEYS = SessionKeys((b"k" * SECRET_BYTES,))
SOON_ENOUGH = wall_clock() + timedelta(days=3)
AUDITOR: Change = (role(COUNCIL, "zqx7f3person", "auditor", UNTIL),)


class Clock:
    """The time, moved on as asked."""

    def __init__(self) -> None:
        self.moved = timedelta()

    def __call__(self) -> datetime:
        return wall_clock() + self.moved


class Office:
    """Two workers of one registry, a clock for both, and the database as its owner sees it."""

    def __init__(self, url: str, one: Registry, other: Registry, clock: Clock, owner: asyncpg.Connection) -> None:
        self.one, self.other, self.clock, self.owner = one, other, clock, owner
        self.url = url
        self.here, self.there = Proposals(url, one, KEYS), Proposals(url, other, KEYS)

    async def rows(self) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.owner.fetch("SELECT * FROM access_proposal ORDER BY proposed_at, id")]

    async def auditors(self) -> list[Any]:
        """Every entry that made somebody an auditor since the founding."""
        rows = await self.owner.fetch(
            "SELECT payload FROM payload WHERE kind = 'role.granted' AND index >= $1 ORDER BY index", len(FOUNDING)
        )
        return [one for row in rows if (one := json.loads(row["payload"]))["role"] == "auditor"]

    async def same_size(self) -> None:
        size = max(self.one.follower.view.size, self.other.follower.view.size)
        assert await self.one.follower.wait_for_size(size, seconds=20)
        assert await self.other.follower.wait_for_size(size, seconds=20)


@asynccontextmanager
async def worker(url: str, clock: Clock) -> AsyncIterator[Registry]:
    async with working(url) as registry:
        registry.now = clock
        yield registry


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    clock = Clock()
    owner = await asyncpg.connect(database_url)
    async with checkpointing(database_url), worker(database_url, clock) as one, worker(database_url, clock) as other:
        await one.sequencer.append(Draft(payloads=FOUNDING))
        office = Office(database_url, one, other, clock, owner)
        await office.same_size()
        yield office
    await owner.close()


def digest(proposal: Proposal) -> str:
    assert proposal.sha256 is not None
    return proposal.sha256.hex()


async def code(attempt: Any) -> str:
    with pytest.raises(Refused) as refused:
        await attempt
    return refused.value.code


async def test_what_one_person_proposes_another_approves_on_another_worker(office: Office) -> None:
    with capture_logs() as lines:
        proposal = await office.here.propose(AUDITOR, BU_1)
        done = await office.there.approve(proposal.id, digest(proposal), BU_2)
    view = office.other.follower.view

    (entry,) = await office.auditors()
    assert entry["approved_by"] == [view.first_known_by(*BU_1.person), view.first_known_by(*BU_2.person)]
    assert done.entry == len(FOUNDING) == view.size - 1
    (row,) = await office.rows()
    assert (row["state"], row["entry"], row["change"], row["sha256"]) == ("logged", done.entry, None, None)
    assert [line["step"] for line in lines if line["event"] == "proposal"] == ["proposed", "approved", "logged"]
    assert "zqx7f3person" not in str(lines)
    assert "bu-1" not in str(lines)


async def test_approving_again_leads_to_the_same_entry(office: Office) -> None:
    proposal = await office.here.propose(AUDITOR, BU_1)
    answers = await asyncio.gather(
        *(where.approve(proposal.id, digest(proposal), by)
          for where, by in ((office.here, BU_2), (office.there, BU_3), (office.here, BU_2), (office.there, BU_2)))
    )  # fmt: skip
    answers.append(await office.there.approve(proposal.id, digest(proposal), BU_3))
    assert 1 == len({one.entry for one in answers}) == len({one.logged_at for one in answers})
    assert 1 == len(await office.auditors())


async def test_the_same_wish_of_the_same_person_is_one_proposal(office: Office) -> None:
    first, again = await office.here.propose(AUDITOR, BU_1), await office.there.propose(AUDITOR, BU_1)
    others = await office.here.propose(AUDITOR, BU_2)
    assert first == again != others
    assert [one.id for one in await office.there.undecided()] == [first.id, others.id]


async def test_the_second_of_two_equal_proposals_says_nothing_new(office: Office) -> None:
    first, others = await office.here.propose(AUDITOR, BU_1), await office.here.propose(AUDITOR, BU_2)
    await office.here.approve(first.id, digest(first), BU_2)
    assert "conflict" == await code(office.here.approve(others.id, digest(others), BU_1))
    assert 1 == len(await office.auditors())


# --- what does not become an entry -----------------------------------------------------------------------------------


async def test_nobody_approves_their_own_or_another_change_or_too_late(office: Office) -> None:
    proposal = await office.here.propose(AUDITOR, BU_1)
    outsider = person(COUNCIL, "council-auditor")
    assert "second-person" == await code(office.there.approve(proposal.id, digest(proposal), BU_1))
    assert "forbidden" == await code(office.there.approve(proposal.id, digest(proposal), outsider))
    assert "forbidden" == await code(office.there.approve(proposal.id, digest(proposal), person(POLICE, "police-lead")))
    assert "conflict" == await code(office.there.approve(proposal.id, "00" * 32, BU_2))
    assert "not-found" == await code(office.there.approve("prp_" + "0" * 32, digest(proposal), BU_2))
    office.clock.moved = OPEN_FOR
    assert "conflict" == await code(office.there.approve(proposal.id, digest(proposal), BU_2))
    assert [] == await office.auditors()
    assert [] == await office.there.undecided()


async def test_only_who_proposed_withdraws_and_only_another_declines(office: Office) -> None:
    withdrawn, declined = await office.here.propose(AUDITOR, BU_1), await office.here.propose(AUDITOR, BU_2)
    assert "forbidden" == await code(office.there.withdraw(withdrawn.id, digest(withdrawn), BU_2))
    assert "second-person" == await code(office.there.decline(declined.id, digest(declined), BU_2))
    assert "conflict" == await code(office.there.withdraw(withdrawn.id, "00" * 32, BU_1))
    assert "withdrawn" == (await office.there.withdraw(withdrawn.id, digest(withdrawn), BU_1)).state
    assert "declined" == (await office.there.decline(declined.id, digest(declined), BU_3)).state
    for ended in (withdrawn, declined):
        assert "conflict" == await code(office.here.approve(ended.id, digest(ended), BU_3))
        assert (await office.here.read(ended.id)).change is None
    assert "conflict" == await code(office.there.withdraw(withdrawn.id, digest(withdrawn), BU_1))
    assert [] == await office.auditors()


@pytest.mark.parametrize("lost", ["bu-1", "bu-2"], ids=["who proposed", "who approves"])
async def test_whoever_lost_the_role_a_moment_ago_on_another_worker_does_not_count(office: Office, lost: str) -> None:
    await office.one.sequencer.append(Draft(payloads=(role(COUNCIL, "bu-4", "business-unit"),)))
    await office.same_size()
    proposal = await office.here.propose(AUDITOR, BU_1)
    async with office.other.follower.folding:
        # The other worker cannot read on, so that it does not know yet.
        revoked = RoleRevoked(organisation=COUNCIL, issuer=ISSUERS[COUNCIL], subject=lost, role="business-unit")
        four = person(COUNCIL, "bu-4")
        await office.one.sequencer.append(deciding.by_two((revoked,), BU_3, four, office.one.follower.view))
        approving = asyncio.create_task(office.there.approve(proposal.id, digest(proposal), BU_2))
        while (await office.rows())[0]["state"] != "approved":
            assert not approving.done()
            await asyncio.sleep(0.02)
    assert "forbidden" == await code(approving)
    assert [] == await office.auditors()
    (row,) = await office.rows()
    assert ("open", None) == (row["state"], row["approved_by"]), "for somebody else to approve"


async def test_a_lead_whom_another_worker_just_put_out_grants_nothing_on_this_one(office: Office) -> None:
    await office.one.sequencer.append(Draft(payloads=(role(POLICE, "second-lead", "ig-lead"),)))
    await office.same_size()
    ended = RoleRevoked(organisation=POLICE, issuer=ISSUERS[POLICE], subject="police-lead", role="ig-lead")
    async with office.other.follower.folding:
        by = person(POLICE, "second-lead")
        await office.one.sequencer.append(deciding.alone(ended, by, office.one.follower.view))
        stale = office.other.follower.view
        draft = deciding.alone(role(POLICE, "friend", "ig-lead"), person(POLICE, "police-lead"), stale)
        granting = asyncio.create_task(office.other.sequencer.append(draft))
        await asyncio.sleep(0)
        assert stale is office.other.follower.view
    assert "forbidden" == await code(granting)
    assert () == office.other.follower.view.roles(ISSUERS[POLICE], "friend")


async def test_what_no_register_would_take_is_refused_when_it_is_proposed(office: Office) -> None:
    removal: Change = (IssuerRemoved(organisation=COUNCIL, issuer=ISSUERS[COUNCIL]),)
    assert "conflict" == await code(office.here.propose(removal, BU_1))
    assert "forbidden" == await code(office.here.propose((role(POLICE, "new", "auditor", SOON),), BU_1))
    assert "forbidden" == await code(office.here.propose(AUDITOR, person(COUNCIL, "council-lead")))
    assert [] == await office.rows()


async def test_what_holds_no_longer_when_it_is_approved_is_refused_and_stays_open(office: Office) -> None:
    gone: Change = (
        RoleRevoked(organisation=COUNCIL, issuer=ISSUERS[COUNCIL], subject="council-auditor", role="auditor"),
    )
    first = await office.here.propose(gone, BU_1)
    again = await office.here.propose(gone, BU_2)
    await office.here.approve(first.id, digest(first), BU_3)
    assert "not-found" == await code(office.here.approve(again.id, digest(again), BU_3))
    assert "open" == (await office.here.read(again.id)).state


async def test_one_persons_many_are_not_in_anothers_way(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_OPEN", 2)
    for number in range(2):
        await office.here.propose((role(COUNCIL, f"new-{number}", "auditor", UNTIL),), BU_1)
    assert "conflict" == await code(office.here.propose(AUDITOR, BU_1))
    await office.here.propose(AUDITOR, BU_2)


# --- a row that somebody wrote past the service ----------------------------------------------------------------------


async def forged(office: Office, rewrite: str, *values: Any) -> None:
    """Changes every row as somebody can who has the login of the working tables, and no secret of the service's."""
    writer = await asyncpg.connect(office.url, server_settings={"role": "isa_work"})
    try:
        await writer.execute(f"UPDATE access_proposal SET {rewrite}", *values)
    finally:
        await writer.close()


async def test_nobody_is_made_to_have_proposed_what_somebody_else_then_approves(office: Office) -> None:
    view = office.one.follower.view
    proposal = await office.here.propose(AUDITOR, BU_2)
    await forged(office, "proposed_by = $1", view.first_known_by(*BU_1.person))
    with capture_logs() as lines:
        assert "conflict" == await code(office.here.approve(proposal.id, digest(proposal), BU_2))
        assert "conflict" == await code(office.here.decline(proposal.id, digest(proposal), BU_2))
        assert "conflict" == await code(office.here.read(proposal.id))
        assert [] == await office.there.undecided()
    assert {("proposal-not-ours", "error", proposal.id)} == {
        (line["event"], line["log_level"], line["proposal"]) for line in lines
    }
    assert [] == await office.auditors()


async def test_nobody_is_made_to_have_approved_what_somebody_proposed(office: Office) -> None:
    view, now = office.one.follower.view, wall_clock()
    proposal = await office.here.propose(AUDITOR, BU_1)
    second = view.first_known_by(*BU_2.person)
    said = "state = 'approved', approved_by = $1, approved_at = $2, approved_size = $3"
    for mark in ("", ", approved_mark = proposed_mark"):
        await forged(office, said + mark, second, now, view.size)
        assert "conflict" == await code(office.here.approve(proposal.id, digest(proposal), BU_1))
        assert "conflict" == await code(office.here.approve(proposal.id, digest(proposal), BU_3))
    assert [] == await office.auditors()


@pytest.mark.parametrize("member", ["change", "organisation", "id", "expires_at"])
async def test_what_was_proposed_is_approved_as_it_was_said_or_not_at_all(office: Office, member: str) -> None:
    proposal = await office.here.propose(AUDITOR, BU_1)
    other = module.document_of((role(COUNCIL, "somebody-else", "auditor", UNTIL),))
    values = {"change": other, "organisation": POLICE, "id": "prp_" + "0" * 32, "expires_at": SOON_ENOUGH}
    await forged(office, f"{member} = $1", values[member])
    (row,) = await office.rows()
    # The hash beside the change is left as it is: whoever approves names the one that they read.
    assert "conflict" == await code(office.here.approve(row["id"], digest(proposal), BU_2))
    assert [] == await office.auditors()


async def test_another_secret_and_another_log_know_nobodys_word(office: Office) -> None:
    proposal = await office.here.propose(AUDITOR, BU_1)
    strangers = Proposals(office.url, office.one, SessionKeys((b"x" * SECRET_BYTES,)))
    assert "conflict" == await code(strangers.approve(proposal.id, digest(proposal), BU_2))
    assert not ProposalMarks(KEYS, "another.example/log").are_ours(proposal)
    following = Proposals(office.url, office.one, SessionKeys((b"x" * SECRET_BYTES, b"k" * SECRET_BYTES)))
    assert (await following.approve(proposal.id, digest(proposal), BU_2)).entry == len(FOUNDING)


# --- a crash in between ----------------------------------------------------------------------------------------------


class Crash(Exception):
    """As if the worker had ended here."""


@pytest.fixture
def crashing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ends an approval at a step, `before the entry` or `after the entry`."""

    async def crash(*_: Any, **__: Any) -> None:
        raise Crash

    def at(office: Office, where: str) -> pytest.MonkeyPatch:
        if where == "before the entry":
            monkeypatch.setattr(office.one.sequencer, "append", crash)
        else:
            monkeypatch.setattr(module.proposals, "logged", crash)
        return monkeypatch

    return at


BOTH = pytest.mark.parametrize("where", ["before the entry", "after the entry"])


async def crashed(office: Office, crashing: Any, where: str) -> Proposal:
    proposal = await office.here.propose(AUDITOR, BU_1)
    patch = crashing(office, where)
    with pytest.raises(Crash):
        await office.here.approve(proposal.id, digest(proposal), BU_2)
    patch.undo()
    (row,) = await office.rows()
    assert "approved" == row["state"]
    assert (where == "after the entry") == bool(await office.auditors())
    return proposal


@BOTH
@pytest.mark.parametrize("by", [BU_2, BU_3], ids=["the same person", "another"])
async def test_a_crash_loses_nothing_and_doubles_nothing(office: Office, crashing: Any, where: str, by: Any) -> None:
    proposal = await crashed(office, crashing, where)
    assert [proposal.id] == [one.id for one in await office.there.undecided()]
    assert "conflict" == await code(office.there.withdraw(proposal.id, digest(proposal), BU_1))
    done = await office.there.approve(proposal.id, digest(proposal), by)
    again = await office.there.approve(proposal.id, digest(proposal), by)
    (entry,) = await office.auditors()
    assert entry["approved_by"][1] == office.one.follower.view.first_known_by(*BU_2.person)
    assert done.entry == again.entry == len(FOUNDING)


@BOTH
async def test_when_the_log_has_forgotten_the_claim_the_entry_is_looked_for(
    office: Office, crashing: Any, where: str
) -> None:
    proposal = await crashed(office, crashing, where)
    await office.owner.execute("DELETE FROM idempotency")
    office.clock.moved = timedelta(days=2)
    if where == "after the entry":
        assert len(FOUNDING) == (await office.there.approve(proposal.id, digest(proposal), BU_2)).entry
    else:
        assert "conflict" == await code(office.there.approve(proposal.id, digest(proposal), BU_2))
        assert len(FOUNDING) == (await office.there.approve(proposal.id, digest(proposal), BU_3)).entry
    assert 1 == len(await office.auditors())


async def test_a_word_that_could_not_be_logged_waits(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: Any, **__: Any) -> None:
        raise Refused("unavailable", "The log cannot be written at this moment.")

    proposal = await office.here.propose(AUDITOR, BU_1)
    monkeypatch.setattr(office.one.sequencer, "append", away)
    assert "unavailable" == await code(office.here.approve(proposal.id, digest(proposal), BU_2))
    assert ["approved"] == [row["state"] for row in await office.rows()]
    assert len(FOUNDING) == (await office.there.approve(proposal.id, digest(proposal), BU_2)).entry


# --- what is kept ----------------------------------------------------------------------------------------------------


async def test_a_proposal_names_nobody_beyond_whom_it_is_about_and_goes(office: Office, database_url: str) -> None:
    expired = await office.here.propose(AUDITOR, BU_1)
    decided = await office.here.propose((role(COUNCIL, "another", "auditor", UNTIL),), BU_1)
    await office.here.approve(decided.id, digest(decided), BU_2)
    text = str(await office.owner.fetch("SELECT p::text FROM access_proposal p"))
    assert "bu-1" not in text
    assert "bu-2" not in text
    assert "another" not in text, "once it is decided it says nothing of whom it was about"

    office.clock.moved = OPEN_FOR
    left = await office.here.propose(AUDITOR, BU_2)
    assert {decided.id, left.id} == {row["id"] for row in await office.rows()}, "nobody approved the other in time"
    office.clock.moved = 2 * OPEN_FOR
    last = await office.here.propose(AUDITOR, BU_3)
    assert {last.id} == {row["id"] for row in await office.rows()}
    assert expired.id not in {left.id, last.id}


async def test_only_an_auditor_of_the_whole_reads_proposals_in_the_database(office: Office, database_url: str) -> None:
    proposal = await office.here.propose(AUDITOR, BU_1)
    reading = await asyncpg.connect(database_url, server_settings={"role": "isa_read"})
    try:
        for organisation, seen in (("", 0), (COUNCIL, 0), (POLICE, 0), ("*", 1)):
            await reading.execute("SELECT set_config('isa.organisation', $1, false)", organisation)
            assert seen == len(await store.undecided(reading, now=proposal.proposed_at, limit=9, prefix="prp_")), (
                organisation
            )
    finally:
        await reading.close()
