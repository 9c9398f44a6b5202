"""Drafts of agreement versions on a real database: one writes, another checks, exactly those words are published."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator

import asyncpg
import pytest
from structlog.testing import capture_logs

from isa_registry.actions.deciding import Decider
from isa_registry.domain.access_entries import RoleRevoked
from isa_registry.domain.agreement_entries import AgreementPublished
from isa_registry.domain.entries import decode_payload
from isa_registry.domain.lifecycles import states
from isa_registry.store.agreement_drafts import AgreementDraft
from unit_at_work import ANN, BEA, CAT, COUNCIL, ISSUER, LEAD, OLD_BEA, POLICE_UNIT, Unit, refusal, unit_at_work
from versions import TIER_2, schedule_of, words_of


@pytest.fixture
async def unit(database_url: str) -> AsyncIterator[Unit]:
    async with unit_at_work(database_url) as found:
        yield found


def hashes(draft: AgreementDraft) -> tuple[str, str]:
    return draft.text_sha256.hex(), draft.schedule_sha256.hex()


async def checked(unit: Unit, first: Decider = ANN, second: Decider = BEA) -> AgreementDraft:
    draft = await unit.here.begin(words_of(), schedule_of(), first)
    await unit.here.submit(draft.id, first)
    return await unit.there.check(draft.id, *hashes(draft), second)


async def test_what_one_writes_another_checks_and_exactly_that_is_published(unit: Unit) -> None:
    with capture_logs() as lines:
        draft = await checked(unit)
        done = await unit.here.publish(draft.id, *hashes(draft), ANN)
    version = unit.one.follower.view.agreement_version(TIER_2, "1.1")
    assert version is not None
    assert (words_of(), hashes(draft)) == (version.text.encode(), (version.text_sha256, version.schedule_sha256))
    assert hashlib.sha256(words_of()).hexdigest() == version.text_sha256
    (payload,) = [one for one in await _published(unit.owner) if one.version == "1.1"]
    assert (unit.number(ANN), unit.number(BEA)) == payload.approved_by
    row = await unit.row(draft.id)
    assert ("published", done.entry, None, None) == (row["state"], row["entry"], row["words"], row["schedule"])
    assert ["begin", "submit", "pass", "publish"] == [one["step"] for one in lines if one["event"] == "agreement-draft"]
    assert "ann" not in [word for line in lines for word in map(str, line.values())]


async def test_whoever_publishes_is_named_where_it_is_a_third_person(unit: Unit) -> None:
    draft = await checked(unit)
    await unit.here.publish(draft.id, *hashes(draft), CAT)
    (payload,) = [one for one in await _published(unit.owner) if one.version == "1.1"]
    assert (unit.number(ANN), unit.number(BEA), unit.number(CAT)) == payload.approved_by


async def test_publishing_again_leads_to_the_same_entry(unit: Unit) -> None:
    draft = await checked(unit)
    done = await asyncio.gather(
        unit.here.publish(draft.id, *hashes(draft), ANN), unit.there.publish(draft.id, *hashes(draft), BEA)
    )
    again = await unit.there.publish(draft.id, *hashes(draft), BEA)
    assert {done[0].entry} == {done[1].entry, again.entry}
    assert [False, True] == sorted(one.repeated for one in done)
    assert again.repeated
    assert 1 == len([one for one in await _published(unit.owner) if one.version == "1.1"])


async def test_a_crash_after_the_entry_and_before_the_mark_loses_nothing(unit: Unit) -> None:
    draft = await checked(unit)
    done = await unit.here.publish(draft.id, *hashes(draft), ANN)
    await unit.owner.execute("ALTER TABLE agreement_draft DISABLE TRIGGER USER")
    await unit.owner.execute(
        "UPDATE agreement_draft SET state = 'quality-checked', event = 'pass', entry = NULL, words = $1, schedule = $2",
        draft.words,
        draft.schedule,
    )
    await unit.owner.execute("ALTER TABLE agreement_draft ENABLE TRIGGER USER")
    again = await unit.there.publish(draft.id, *hashes(draft), BEA)
    assert (done.entry, True) == (again.entry, again.repeated)
    assert "published" == (await unit.row(draft.id))["state"]


async def test_the_second_person_is_another_than_who_wrote_and_who_submitted(unit: Unit) -> None:
    draft = await unit.here.begin(words_of(), schedule_of(), ANN)
    await unit.here.submit(draft.id, BEA)
    for same in (ANN, BEA, OLD_BEA):
        assert "second-person" == (await refusal(unit.here.check(draft.id, *hashes(draft), same))).code
    assert "quality-checked" == (await unit.here.check(draft.id, *hashes(draft), CAT)).state


async def test_whoever_revised_the_words_last_does_not_check_them(unit: Unit) -> None:
    draft = await unit.here.begin(words_of(), schedule_of(), ANN)
    revised = await unit.here.revise(draft.id, words_of(), schedule_of(change=_due), BEA)
    assert hashes(draft)[1] != hashes(revised)[1]
    await unit.here.submit(draft.id, CAT)
    assert "second-person" == (await refusal(unit.here.check(draft.id, *hashes(revised), BEA))).code
    assert "quality-checked" == (await unit.here.check(draft.id, *hashes(revised), ANN)).state


def _due(schedule: dict[str, object]) -> None:
    schedule["review_due"] = "2028-01-01"


@pytest.mark.parametrize("state", ["drafting", "in-review"])
async def test_words_that_nobody_checked_are_not_published(unit: Unit, state: str) -> None:
    draft = await unit.here.begin(words_of(), schedule_of(), ANN)
    if state == "in-review":
        await unit.here.submit(draft.id, ANN)
    refused = await refusal(unit.here.publish(draft.id, *hashes(draft), BEA))
    assert "second-person" == refused.code
    assert "checks what one wrote" in refused.detail
    assert unit.one.follower.view.agreement_version(TIER_2, "1.1") is None


async def test_other_words_than_those_that_were_read_are_neither_checked_nor_published(unit: Unit) -> None:
    draft = await unit.here.begin(words_of(), schedule_of(), ANN)
    await unit.here.submit(draft.id, ANN)
    text, schedule = hashes(draft)
    for wrong in ((schedule, schedule), (text, text)):
        assert "conflict" == (await refusal(unit.here.check(draft.id, *wrong, BEA))).code
    await unit.here.check(draft.id, text, schedule, BEA)
    for wrong in ((schedule, schedule), (text, text)):
        assert "conflict" == (await refusal(unit.here.publish(draft.id, *wrong, BEA))).code


async def test_a_draft_that_was_returned_is_checked_anew(unit: Unit) -> None:
    draft = await checked(unit)
    assert "unprocessable" == (await refusal(unit.here.send_back(draft.id, "zq", CAT))).code
    returned = await unit.here.send_back(draft.id, "mistake-found", CAT)
    assert ("drafting", "mistake-found", None, None) == (
        returned.state,
        returned.reason,
        returned.submitted_by,
        returned.passed_by,
    )
    assert "second-person" == (await refusal(unit.here.publish(draft.id, *hashes(draft), ANN))).code


async def test_an_event_that_the_table_does_not_have_is_refused_and_says_what_is_taken(unit: Unit) -> None:
    draft = await unit.here.begin(words_of(), schedule_of(), ANN)
    refused = await refusal(unit.here.check(draft.id, *hashes(draft), BEA))
    assert ("conflict", "This draft is drafting, and takes revise, submit, discard.") == (refused.code, refused.detail)
    discarded = await unit.here.discard(draft.id, ANN)
    assert (None, None) == (discarded.words, discarded.schedule)
    assert "conflict" == (await refusal(unit.here.submit(draft.id, ANN))).code
    again = await unit.here.begin(words_of(), schedule_of(), BEA)
    assert again.id != draft.id


async def test_there_is_one_draft_of_a_version_at_a_time(unit: Unit) -> None:
    await unit.here.begin(words_of(), schedule_of(), ANN)
    assert "conflict" == (await refusal(unit.there.begin(words_of(), schedule_of(), BEA))).code
    assert (
        "conflict" == (await refusal(unit.there.begin(words_of(version="1.0"), schedule_of(version="1.0"), BEA))).code
    )


async def test_a_draft_stays_the_draft_of_its_version(unit: Unit) -> None:
    draft = await unit.here.begin(words_of(), schedule_of(), ANN)
    refused = await refusal(unit.here.revise(draft.id, words_of(version="1.2"), schedule_of(version="1.2"), ANN))
    assert ["another-version"] == [one.code for one in refused.faults]


@pytest.mark.parametrize("by", [LEAD, POLICE_UNIT], ids=lambda by: by.subject)
async def test_drafts_are_the_units_own(unit: Unit, by: Decider) -> None:
    draft = await unit.here.begin(words_of(), schedule_of(), ANN)
    assert "forbidden" == (await refusal(unit.here.begin(words_of(), schedule_of(), by))).code
    assert {"forbidden", "not-found"} >= {(await refusal(unit.here.submit(draft.id, by))).code}
    if by is POLICE_UNIT:
        assert "not-found" == (await refusal(unit.here.read(draft.id, by))).code
        assert [] == await unit.here.all(by)
    assert [draft.id] == [one.id for one in await unit.there.all(ANN)]


async def test_a_checker_who_left_since_does_not_count_at_the_tail(unit: Unit) -> None:
    draft = await checked(unit)
    await unit.append(RoleRevoked(organisation=COUNCIL, issuer=ISSUER, subject="bea", role="business-unit"))
    assert "forbidden" == (await refusal(unit.here.publish(draft.id, *hashes(draft), ANN))).code
    assert "quality-checked" == (await unit.row(draft.id))["state"]


SKIPPED = "UPDATE agreement_draft SET submitted_by = 1, passed_by = 2, "
OTHER_WORDS = "UPDATE agreement_draft SET submitted_by = 1, words = 'x', text_sha256 = sha256('x'), "


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (
            f"{SKIPPED} state = 'published', event = 'publish', entry = 1, words = NULL, schedule = NULL",
            "does not lead",
        ),
        (f"{SKIPPED} state = 'quality-checked', event = 'pass'", "does not lead"),
        (f"{OTHER_WORDS} state = 'in-review', event = 'submit'", "words change while"),
        ("UPDATE agreement_draft SET words = 'x'", "violates check"),
    ],
)
async def test_the_database_itself_holds_a_drafts_life(unit: Unit, statement: str, says: str) -> None:
    await unit.here.begin(words_of(), schedule_of(), ANN)
    with pytest.raises(asyncpg.PostgresError, match=says):
        await unit.owner.execute(statement)


async def test_the_database_takes_no_check_by_who_wrote_it(unit: Unit) -> None:
    draft = await unit.here.begin(words_of(), schedule_of(), ANN)
    await unit.here.submit(draft.id, ANN)
    with pytest.raises(asyncpg.CheckViolationError):
        await unit.owner.execute(
            "UPDATE agreement_draft SET state = 'quality-checked', event = 'pass', passed_by = written_by"
        )


async def test_every_state_of_a_draft_was_met_here(unit: Unit) -> None:
    draft = await unit.here.begin(words_of(), schedule_of(), ANN)
    met = [draft.state]
    met.append((await unit.here.submit(draft.id, ANN)).state)
    met.append((await unit.here.check(draft.id, *hashes(draft), BEA)).state)
    met.append((await unit.here.publish(draft.id, *hashes(draft), ANN)).state)
    other = await unit.here.begin(words_of(version="1.2"), schedule_of(version="1.2"), ANN)
    met.append((await unit.here.discard(other.id, ANN)).state)
    assert set(states("draft")) == set(met)


async def _published(owner: asyncpg.Connection) -> list[AgreementPublished]:
    rows = await owner.fetch("SELECT payload FROM payload WHERE kind = 'agreement.published' ORDER BY index")
    return [one for row in rows if isinstance(one := decode_payload(row["payload"]), AgreementPublished)]
