"""A draft that rests on what was read of a case is refused where the case has changed since: within one turn too, and
on another worker."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from msgspec.structs import replace

from asking import POLICE
from faults.case_drafts import (
    acknowledgement_draft,
    challenge_draft,
    closing_draft,
    consent_draft,
    consent_id,
    reference,
    search_draft,
    withdrawal_draft,
)
from faults.drafts import check_draft, event_draft, event_id, furnish
from isa_registry.domain.refusals import Refused
from isa_registry.ledger.drafts import Draft, Unchanged
from isa_registry.ledger.rows import Rows
from isa_registry.ledger.threads import consent_thread, event_thread, subject_thread, threads_of
from isa_registry.store import index_rows
from isa_registry.store.pool import connect_as_owner
from running import running

CONSENT = consent_thread(POLICE, consent_id(1))
SUBJECT = subject_thread(POLICE, reference(1))


def resting(draft: Draft, since: int, *threads: str) -> Draft:
    return replace(draft, unchanged=Unchanged(threads or (CONSENT,), since))


async def test_what_was_read_and_has_not_changed_is_appended(database_url: str) -> None:
    async with running(database_url) as registry:
        given = await registry.sequencer.append(resting(consent_draft(1), 0, SUBJECT))
        taken_back = await registry.sequencer.append(resting(withdrawal_draft(1), given.size))
        assert taken_back.index == given.size


async def test_what_has_changed_since_it_was_read_is_refused_and_nothing_stored(database_url: str) -> None:
    async with running(database_url) as registry:
        given = await registry.sequencer.append(consent_draft(1))
        await registry.sequencer.append(withdrawal_draft(1))
        size = registry.follower.view.size
        with pytest.raises(Refused) as refused:
            await registry.sequencer.append(resting(withdrawal_draft(1), given.size))
        assert refused.value.code == "changed-meanwhile"
        assert registry.follower.view.size == size


async def test_of_two_at_once_one_is_appended_whichever_workers_they_are_on(database_url: str) -> None:
    async with running(database_url) as first, running(database_url) as second:
        given = await first.sequencer.append(consent_draft(1))
        draft = resting(withdrawal_draft(1), given.size)
        told = await asyncio.gather(
            *(registry.sequencer.append(draft) for registry in (first, second, first, second)), return_exceptions=True
        )
        assert 3 == sum(isinstance(one, Refused) and one.code == "changed-meanwhile" for one in told)


async def test_whoever_is_refused_for_another_draft_of_the_same_turn_finds_it_in_the_log(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = index_rows.insert

    async def slowly(connection: asyncpg.Connection, rows: Rows) -> None:
        """Between what is decided in a turn and its commit there is time to look."""
        await asyncio.sleep(0.3)
        await insert(connection, rows)

    async with running(database_url) as registry:
        given = await registry.sequencer.append(consent_draft(1))
        owner = await connect_as_owner(database_url)
        seen: list[int] = []
        monkeypatch.setattr(index_rows, "insert", slowly)

        async def withdraw() -> None:
            try:
                await registry.sequencer.append(resting(withdrawal_draft(1), given.size))
            except Refused:
                seen.append(await owner.fetchval("SELECT count(*) FROM consent_entry WHERE event = 'withdrawn'"))

        await asyncio.gather(withdraw(), withdraw())
        await owner.close()
        assert [1] == seen


async def test_a_new_answer_of_the_same_person_changes_what_rests_on_that_person(database_url: str) -> None:
    async with running(database_url) as registry:
        given = await registry.sequencer.append(consent_draft(1))
        other = replace(consent_draft(2).payloads[0], subject=consent_draft(1).payloads[0].subject)  # type: ignore[union-attr]
        await registry.sequencer.append(Draft(payloads=(other,)))
        with pytest.raises(Refused):
            await registry.sequencer.append(resting(check_draft(1), given.size, SUBJECT))
        # Another body's record of somebody under the same reference is nothing to this one.
        elsewhere = subject_thread("harbour", reference(1))
        await registry.sequencer.append(resting(check_draft(1), given.size, elsewhere))


async def test_every_row_of_a_case_is_what_its_entry_says(database_url: str) -> None:
    async with running(database_url) as registry:
        await furnish(registry)
        event = event_draft(1, registry.follower.view, part=True)
        drafts = (
            check_draft(1), event, consent_draft(1), withdrawal_draft(1), challenge_draft(1), closing_draft(1),
            acknowledgement_draft(1), search_draft(),
        )  # fmt: skip
        rows = Rows()
        for draft in drafts:
            index = (await registry.sequencer.append(draft)).index
            for place, payload in enumerate(draft.payloads):
                rows.add(index + place, payload)
        rows.end()
        owner = await connect_as_owner(database_url)
        for table in index_rows.TABLES:
            made = index_rows.gathered(rows, table)
            assert made, table.name
            assert sorted(made, key=repr) == sorted(
                await index_rows.stored(owner, table, 0, registry.follower.view.size), key=repr
            )
        await owner.close()


def test_an_event_is_in_the_thread_of_the_one_that_it_corrects_and_in_no_other() -> None:
    acknowledged = acknowledgement_draft(1).payloads[0]
    assert threads_of(acknowledged) == (event_thread(POLICE, event_id(1)),)
    assert threads_of(check_draft(1).payloads[0]) == ()


async def test_a_consent_is_never_left_without_its_withdrawal(database_url: str) -> None:
    """Whatever the order in which an erasure is asked for, the function that deletes takes the earlier entry first."""
    async with running(database_url) as registry:
        await registry.sequencer.append(consent_draft(1))
        withdrawn = (await registry.sequencer.append(withdrawal_draft(1))).index
    owner = await asyncpg.connect(database_url)
    try:
        async with owner.transaction():
            # As if the log said so: what is tried is the function, not the log.
            await owner.execute("SET LOCAL session_replication_role = replica")
            await owner.execute(
                "INSERT INTO erasure (index, by, reason) VALUES ($1, $2, 'x')", withdrawn, withdrawn + 1
            )
            await owner.execute(
                "INSERT INTO payload (index, kind, payload, salt) VALUES ($1, 'payload.erased', $2, sha256('x'))",
                withdrawn + 1,
                f'{{"kind":"payload.erased","index":{withdrawn}}}'.encode(),
            )
            with pytest.raises(asyncpg.RaiseError, match="consent-first"):
                async with owner.transaction():
                    await owner.execute("SELECT erase_payload($1, $2)", withdrawn, withdrawn + 1)
            await owner.execute("DELETE FROM consent_entry WHERE index < $1", withdrawn)
            await owner.execute("SELECT erase_payload($1, $2)", withdrawn, withdrawn + 1)
    finally:
        await owner.close()
