"""From a rule to a payload that is gone: due, announced, erased, remembered; holds, two people, restored backups."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import msgspec
import pytest
from structlog.testing import capture_logs

from asking import COUNCIL, POLICE
from consenting import entry
from databases import Databases
from demonstration import catalogue, catalogue_files
from faults.drafts import check_draft, event_draft, furnish
from isa_registry.actions import erasures
from isa_registry.data import data_directory
from isa_registry.domain.access_entries import RoleGranted, RoleRevoked
from isa_registry.domain.catalogue_loading import load_catalogue
from isa_registry.domain.entries import CatalogueChanged
from isa_registry.domain.keeping_entries import HoldLifted, HoldPlaced
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.snapshots import FORMAT
from isa_registry.domain.retention import HoldScope, RetentionRule
from isa_registry.ledger.drafts import Appended, Draft
from isa_registry.runtime.erasure.falling_due import DueItem, due
from isa_registry.runtime.erasure.journal import ErasuresNotReapplied, Journal, JournalDamaged, refuse_resurrected
from isa_registry.runtime.erasure.requests import ErasureRequests
from isa_registry.runtime.erasure.runs import AnotherRun, Eraser, Outcome, announce
from isa_registry.runtime.fsck.check import Report, check_log
from isa_registry.runtime.receipts import receipt_for
from isa_registry.runtime.registry import Registry
from isa_registry.store import erasure, snapshots
from isa_registry.store.pool import Connection, connect
from running import ORIGIN, SIGNER, body, running

SHIPPED = (data_directory("agreements") / "retention.json").read_bytes()
IN_TIME = datetime(2032, 11, 22, 12, tzinfo=UTC)
DUE = datetime(2032, 11, 23, 12, tzinfo=UTC)
NOTICE = timedelta(days=14)
AFTER = DUE + NOTICE


class Scene:
    """A registry with the demonstration's register, an event with companions and a check, both due in 2032."""

    def __init__(self, url: str, registry: Registry, journal: Path) -> None:
        self.url = url
        self.registry = registry
        self.journal = Journal(journal)
        self.path = journal
        self.event = self.check = self.plain = 0

    async def furnish(self) -> None:
        await furnish(self.registry)
        append = self.registry.sequencer.append
        await append(erasures.change_retention(erasures.read_rules(SHIPPED)))
        self.event = (await append(event_draft(1, self.registry.follower.view, part=True))).index
        self.check = (await append(check_draft(1))).index
        self.plain = (await append(event_draft(2, self.registry.follower.view))).index

    @asynccontextmanager
    async def auditing(self) -> AsyncIterator[Connection]:
        connection = await connect(self.url, "isa_read")
        await connection.execute("SELECT set_config('isa.organisation', '*', false)")
        yield connection
        await connection.close()

    async def due(self, now: datetime) -> list[DueItem]:
        async with self.auditing() as connection:
            return await due(connection, self.registry.follower.view, now=now)

    async def announce(self, now: datetime = DUE) -> list[int]:
        working = await connect(self.url, "isa_work")
        try:
            async with self.auditing() as reading:
                told = await announce(reading, working, self.registry.follower.view, now=now, notice=NOTICE)
        finally:
            await working.close()
        return [item.index for item in told]

    def eraser(self, now: datetime = AFTER) -> Eraser:
        return Eraser(
            self.url,
            self.journal,
            view=lambda: self.registry.follower.view,
            append=self.registry.sequencer.append,
            now=lambda: now,
        )

    async def run(self, now: datetime = AFTER) -> list[Outcome]:
        async with self.eraser(now) as eraser:
            return await eraser.run()

    async def reapply(self) -> list[Outcome]:
        async with self.eraser() as eraser:
            return await eraser.reapply()

    async def value(self, query: str, *arguments: object) -> object:
        connection = await asyncpg.connect(self.url)
        try:
            return await connection.fetchval(query, *arguments)
        finally:
            await connection.close()

    async def as_superuser(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute("SET session_replication_role = replica")
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def fsck(self) -> Report:
        return await check_log(self.url, origin=ORIGIN, vkeys=SIGNER.vkeys)

    async def hold(self, **scope: object) -> None:
        placed = HoldPlaced(hold="inquiry", reason="public-inquiry", scope=HoldScope(**scope))  # type: ignore[arg-type]
        await self.registry.sequencer.append(erasures.place_hold(placed))

    async def lift(self) -> None:
        await self.registry.sequencer.append(erasures.lift_hold(HoldLifted(hold="inquiry", reason="inquiry-ended")))


@pytest.fixture
async def scene(database_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    async with running(database_url) as registry:
        scene = Scene(database_url, registry, tmp_path / "erasures.jsonl")
        await scene.furnish()
        yield scene


# --- by rule ---------------------------------------------------------------------------------------------------------


async def test_nothing_is_due_before_the_last_day_of_its_period(scene: Scene) -> None:
    assert [] == await scene.due(IN_TIME)


async def test_what_is_due_is_listed_with_its_rule_and_an_event_once(scene: Scene) -> None:
    found = [(item.index, item.organisation, item.rule) for item in await scene.due(DUE)]
    expected = [(scene.event, POLICE, "decision"), (scene.check, POLICE, "check"), (scene.plain, POLICE, "decision")]
    assert expected == found


async def test_without_adopted_rules_nothing_is_ever_due(database_url: str, tmp_path: Path) -> None:
    async with running(database_url) as registry:
        scene = Scene(database_url, registry, tmp_path / "erasures.jsonl")
        await furnish(registry)
        await registry.sequencer.append(check_draft(1))
        assert [] == await scene.due(datetime(2200, 1, 1, tzinfo=UTC))


async def test_an_organisations_own_rule_comes_before_the_partnerships(scene: Scene) -> None:
    own = RetentionRule(
        code="own-checks", kinds=("check.answered",), starts="decision", years=10, confidence="uncertain",
        source="Our own schedule.", says="10 years.",
    )  # fmt: skip
    await scene.registry.sequencer.append(erasures.change_retention([own], POLICE))
    assert scene.check not in [item.index for item in await scene.due(DUE)]
    later = {item.index: item.rule for item in await scene.due(datetime(2036, 11, 24, tzinfo=UTC))}
    assert "own-checks" == later[scene.check]


async def test_nothing_is_erased_before_the_notice_has_passed(scene: Scene) -> None:
    assert [scene.event, scene.check, scene.plain] == await scene.announce()
    assert [] == await scene.run(AFTER - timedelta(seconds=1))
    assert [] == await scene.announce(), "what is announced is not announced again"


async def test_after_the_notice_payloads_and_salts_are_gone_and_the_log_still_holds(scene: Scene) -> None:
    await scene.announce()
    outcomes = await scene.run()
    assert [Outcome(one, "erased") for one in (scene.event, scene.check, scene.plain)] == outcomes
    gone = [scene.event, scene.event + 1, scene.check, scene.plain]
    assert 0 == await scene.value("SELECT count(*) FROM payload WHERE index = ANY ($1)", gone)
    assert 4 == await scene.value("SELECT count(*) FROM payload WHERE kind = 'payload.erased'")
    report = await scene.fsck()
    assert ((), 4) == (report.findings, report.erased)
    assert gone == [line.index for line in scene.journal.read()]
    assert [] == await scene.run(), "a second run finds nothing to do"


async def test_an_announced_erasure_that_its_rule_no_longer_asks_for_is_not_done(scene: Scene) -> None:
    await scene.announce()
    kept = RetentionRule(
        code="check", kinds=("check.answered",), starts="decision", years=20, confidence="uncertain",
        source="Our own schedule.", says="20 years.",
    )  # fmt: skip
    await scene.registry.sequencer.append(erasures.change_retention([kept], POLICE))
    outcomes = {one.index: one.code for one in await scene.run()}
    assert ("no-longer-due", "erased") == (outcomes[scene.check], outcomes[scene.plain])
    assert 1 == await scene.value("SELECT count(*) FROM payload WHERE index = $1", scene.check)


async def test_a_receipt_of_what_was_erased_says_so(scene: Scene) -> None:
    await scene.announce()
    await scene.run()
    with pytest.raises(Refused) as refused:
        await receipt_for(scene.registry, "*", scene.check)
    assert "gone" == refused.value.code


async def test_the_same_event_or_request_again_is_told_that_it_was_erased(scene: Scene) -> None:
    await scene.announce()
    await scene.run()
    for repeat in (event_draft(1, scene.registry.follower.view, part=True), check_draft(1)):
        with pytest.raises(Refused) as refused:
            await scene.registry.sequencer.append(repeat)
        assert "gone" == refused.value.code


async def test_one_run_at_a_time(scene: Scene) -> None:
    async with scene.eraser():
        with pytest.raises(AnotherRun):
            await scene.run()


# --- holds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scope",
    [
        {"organisations": (POLICE,)},
        {"organisations": (COUNCIL,)},
        {"since": "2020-01-01T00:00:00.000Z"},
        {"until": "2120-01-01T00:00:00.000Z"},
        {"organisations": (POLICE, "harbour"), "since": "2020-01-01T00:00:00.000Z"},
    ],
    ids=str,
)
async def test_a_hold_keeps_what_was_announced_already(scene: Scene, scope: dict[str, object]) -> None:
    await scene.announce()
    await scene.hold(**scope)
    outcomes = {one.index: one.code for one in await scene.run()}
    assert "on-hold" == outcomes[scene.plain]
    assert 1 == await scene.value("SELECT count(*) FROM payload WHERE index = $1", scene.plain)
    await scene.lift()
    assert "erased" == {one.index: one.code for one in await scene.run()}[scene.plain]
    assert () == (await scene.fsck()).findings


async def test_a_hold_on_one_entry_holds_no_other(scene: Scene) -> None:
    await scene.hold(entries=(scene.check,))
    assert {scene.check} == {item.index for item in await scene.due(DUE) if item.on_hold}
    assert [scene.event, scene.plain] == await scene.announce()


async def test_the_database_function_itself_refuses_what_is_on_hold(scene: Scene) -> None:
    """Whatever the program believes: the hold is placed after the erasure was logged."""
    part = erasures.ErasedPart(index=scene.check, at="2026-11-23T09:00:00.000Z", parties=(POLICE,))
    draft = erasures.erase([part], reason="retention-ended", rule="check")
    by = (await scene.registry.sequencer.append(draft)).index
    await scene.hold(entries=(scene.check,))
    connection = await connect(scene.url, "isa_erase")
    try:
        with pytest.raises(erasure.EraseRefused) as refused:
            await erasure.erase(connection, [(scene.check, by)])
    finally:
        await connection.close()
    assert "on-hold" == refused.value.code
    assert ("erased-but-present", f"entry {scene.check}") in {
        (one.code, one.where) for one in (await scene.fsck()).findings
    }
    await scene.lift()
    assert [Outcome(scene.check, "erased")] == await scene.run(), "the next run finishes it"
    assert () == (await scene.fsck()).findings


async def test_the_database_function_refuses_what_the_log_does_not_say(scene: Scene) -> None:
    part = erasures.ErasedPart(index=scene.check, at="2026-11-23T09:00:00.000Z", parties=(POLICE,))
    draft = erasures.erase([part], reason="retention-ended", rule="check")
    by = (await scene.registry.sequencer.append(draft)).index
    connection = await connect(scene.url, "isa_erase")
    try:
        for index, naming in ((scene.plain, by), (scene.check, by - 1), (scene.check, by + 1), (by, by)):
            with pytest.raises(erasure.EraseRefused, match="erasure-not-logged"):
                await erasure.erase(connection, [(index, naming)])
    finally:
        await connection.close()


async def test_a_companion_does_not_go_before_its_event(scene: Scene) -> None:
    part = erasures.ErasedPart(index=scene.event + 1, at="2026-11-23T09:00:00.000Z", parties=(POLICE,))
    draft = erasures.erase([part], reason="retention-ended", rule="decision")
    by = (await scene.registry.sequencer.append(draft)).index
    connection = await connect(scene.url, "isa_erase")
    try:
        with pytest.raises(erasure.EraseRefused, match="event-first"):
            await erasure.erase(connection, [(scene.event + 1, by)])
    finally:
        await connection.close()


# --- not by rule -----------------------------------------------------------------------------------------------------


class Asking:
    """People who ask, by number."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._requests = ErasureRequests(scene.url, notice=NOTICE, now=lambda: DUE)

    async def __call__(self, index: int, person: int, reason: str = "erasure-right") -> erasure.Notice:
        registry = self._scene.registry
        return await self._requests.ask(
            registry.reading, registry.follower.view, index=index, reason=reason, person=person
        )


async def test_two_people_ask_for_what_no_rule_asks_for(scene: Scene) -> None:
    ask = Asking(scene)
    assert (await ask(scene.plain, 3)).erase_after is None
    assert (await ask(scene.plain, 3)).erase_after is None, "the same person twice is one person"
    assert [] == await scene.run(datetime(2100, 1, 1, tzinfo=UTC))
    assert (await ask(scene.plain, 5)).erase_after == AFTER
    assert (await ask(scene.plain, 7)).approved_by == 5, "a third changes nothing"
    assert [Outcome(scene.plain, "erased")] == await scene.run()
    stored = await scene.value("SELECT convert_from(payload, 'UTF8') FROM payload WHERE kind = 'payload.erased'")
    expected = f'{{"approved_by":[3,5],"index":{scene.plain},"kind":"payload.erased","reason":"erasure-right"}}'
    assert expected == stored


async def test_two_people_who_give_other_reasons_have_not_agreed(scene: Scene) -> None:
    ask = Asking(scene)
    await ask(scene.plain, 3)
    with pytest.raises(Refused) as refused:
        await ask(scene.plain, 5, "court-order")
    assert "conflict" == refused.value.code
    assert (await ask(scene.plain, 3)).approved_by is None


async def test_what_cannot_be_asked_for(scene: Scene) -> None:
    ask = Asking(scene)
    await scene.hold(entries=(scene.check,))
    for index, reason, code in (
        (scene.plain, "retention-ended", "unprocessable"),
        (scene.plain, "because", "unprocessable"),
        (scene.event + 1, "erasure-right", "unprocessable"),
        (10**9, "erasure-right", "not-found"),
        (scene.check, "erasure-right", "on-hold"),
        (0, "erasure-right", "still-in-force"),
    ):
        with pytest.raises(Refused) as refused:
            await ask(index, 3, reason)
        assert code == refused.value.code, index


# --- the register ----------------------------------------------------------------------------------------------------


async def grant_and_revoke(scene: Scene) -> tuple[int, int]:
    """The entries of a role that somebody had, and no longer has."""
    person = {"organisation": POLICE, "issuer": "https://issuer.example", "subject": "zqx7f3person", "role": "ig-lead"}
    append = scene.registry.sequencer.append
    granted = (await append(Draft(payloads=(RoleGranted(**person),)))).index
    return granted, (await append(Draft(payloads=(RoleRevoked(**person),)))).index


async def test_a_role_that_stands_is_still_in_force_and_one_that_ended_falls_due(scene: Scene) -> None:
    granted, _ = await grant_and_revoke(scene)
    ask = Asking(scene)
    with pytest.raises(Refused, match="depends") as refused:
        await ask(0, 3)
    assert "still-in-force" == refused.value.code
    year = int(str(await scene.value("SELECT extract(year FROM max(at)) FROM entry")))
    assert granted in [item.index for item in await scene.due(datetime(year + 7, 1, 2, tzinfo=UTC))]
    assert granted not in [item.index for item in await scene.due(datetime(year + 5, 12, 1, tzinfo=UTC))]


async def other_law(scene: Scene) -> tuple[int, int]:
    """The entry of the law that the scene's check names, and that of another one that takes its place."""
    files = {name: msgspec.json.decode(data) for name, data in catalogue_files().items()}
    files["codes.json"]["version"] = "2026-12-01"
    canonical = {name: msgspec.json.encode(content, order="sorted") for name, content in files.items()}
    changed = CatalogueChanged(sha256=load_catalogue(canonical).sha256, files=files)
    first = scene.registry.follower.view.catalogue_entry(catalogue().sha256)
    assert first is not None
    return first, (await scene.registry.sequencer.append(Draft(payloads=(changed,)))).index


async def test_the_law_stays_while_a_check_that_names_it_is_kept_and_goes_after_it(scene: Scene) -> None:
    law, since = await other_law(scene)
    ask, year = Asking(scene), datetime.now(UTC).year
    rules = (
        RetentionRule("law", ("catalogue.changed",), "superseded", "verified", "A test.", "Kept a year.", years=1),
    )
    await scene.registry.sequencer.append(erasures.change_retention(rules))
    later = datetime(year + 3, 1, 1, tzinfo=UTC)
    assert [] == await scene.due(later)
    with pytest.raises(Refused, match="a recorded check") as refused:
        await ask(law, 3)
    assert "still-in-force" == refused.value.code
    # Two who ask for the check are not stopped by anything, and with it goes what kept the law.
    for person in (3, 5):
        await ask(scene.check, person)
    assert [Outcome(scene.check, "erased")] == await scene.run()
    assert [law] == [item.index for item in await scene.due(later)]
    for person in (3, 5):
        await ask(law, person)
    assert [Outcome(law, "erased")] == await scene.run()
    assert since + 1 == await scene.value("SELECT until FROM erasure WHERE index = $1", law)
    assert () == (await scene.fsck()).findings


async def test_a_check_that_comes_after_the_notice_keeps_the_law_too(scene: Scene) -> None:
    law, _ = await other_law(scene)
    ask = Asking(scene)
    for person in (3, 5):
        await ask(scene.check, person)
    await scene.run()
    for person in (3, 5):
        await ask(law, person)
    await scene.registry.sequencer.append(check_draft(2))
    assert [Outcome(law, "still-in-force")] == await scene.run()
    assert 1 == await scene.value("SELECT count(*) FROM payload WHERE index = $1", law)


async def test_an_erased_register_entry_is_in_no_fold_snapshot_or_memory(scene: Scene) -> None:
    granted, revoked = await grant_and_revoke(scene)
    registry = scene.registry
    assert await registry.snapshotter.keep(least=1)
    ask = Asking(scene)
    await ask(granted, 3)
    await ask(granted, 5)
    with pytest.raises(Refused, match="depends"):
        await ask(revoked, 3)
    assert [Outcome(granted, "erased")] == await scene.run()
    assert 0 == await scene.value("SELECT count(*) FROM register_snapshot")
    assert revoked + 1 == await scene.value("SELECT until FROM erasure")
    await ask(revoked, 3)
    await ask(revoked, 5)
    assert [Outcome(revoked, "erased")] == await scene.run()
    async with registry.follower.folding, scene.auditing() as connection:
        await registry.follower.catch_up(connection)
    assert registry.follower.register.at(revoked).roles("https://issuer.example", "zqx7f3person") == ()
    assert await registry.snapshotter.keep(least=1)
    assert 0 == await scene.value(
        "SELECT count(*) FROM register_snapshot WHERE position('zqx7f3person'::bytea in body) > 0"
    )
    assert () == (await scene.fsck()).findings
    async with running(scene.url) as another:
        assert registry.follower.view.size == another.follower.view.size
        assert another.follower.register.at(revoked).roles("https://issuer.example", "zqx7f3person") == ()


async def test_a_snapshot_folded_before_an_erasure_is_not_kept_after_it(scene: Scene) -> None:
    granted, _ = await grant_and_revoke(scene)
    ask = Asking(scene)
    await ask(granted, 3)
    await ask(granted, 5)
    size = scene.registry.follower.view.size
    await scene.run()
    work = await connect(scene.url, "isa_work")
    try:
        old = snapshots.StoredSnapshot(size=size, leaf_hash=bytes(32), sha256=bytes(32), body=b"{}")
        await snapshots.keep_snapshot(work, old, snapshot_format=FORMAT, made_at=DUE)
    finally:
        await work.close()
    assert 0 == await scene.value("SELECT count(*) FROM register_snapshot")


async def test_a_row_alone_hides_no_entry_of_the_register(scene: Scene) -> None:
    """A revocation cannot be made unseen by whoever can write the index table: the entry that erases is looked at."""
    _, revoked = await grant_and_revoke(scene)
    await scene.as_superuser(
        f"INSERT INTO erasure (index, by, reason, until) VALUES ({revoked}, {revoked + 1}, 'x', {revoked + 1})"
    )
    await scene.registry.sequencer.append(check_draft(2))
    async with running(scene.url) as another:
        assert another.follower.view.roles("https://issuer.example", "zqx7f3person") == ()
        assert await scene.value("SELECT count(*) FROM erasure") == 1
    assert ("index-table", "erasure") in {(one.code, one.where) for one in (await scene.fsck()).findings}


# --- backups ---------------------------------------------------------------------------------------------------------


@pytest.fixture
async def restored(database_url: str, databases: Databases, tmp_path: Path) -> AsyncIterator[Scene]:
    """The database as a backup had it from before an erasure, with the journal from after it."""
    async with running(database_url) as registry:
        scene = Scene(database_url, registry, tmp_path / "erasures.jsonl")
        await scene.furnish()
        await scene.announce()
    name = databases.create(urlsplit(database_url).path.removeprefix("/"))
    async with running(database_url) as registry:
        scene.registry = registry
        await scene.run()
    async with running(databases.url(name)) as registry:
        back = Scene(databases.url(name), registry, scene.path)
        back.event, back.check, back.plain = scene.event, scene.check, scene.plain
        yield back
    databases.drop(name)


async def test_a_restored_backup_is_not_served_until_the_journal_is_applied(restored: Scene) -> None:
    with pytest.raises(ErasuresNotReapplied, match="erasures-not-reapplied: 4 payloads"):
        await refuse_resurrected(restored.url, restored.path)
    with pytest.raises(ErasuresNotReapplied):
        await refuse_resurrected(restored.url, restored.path, role="isa_checkpoint")
    outcomes = await restored.reapply()
    gone = [restored.event, restored.event + 1, restored.check, restored.plain]
    assert [Outcome(one, "erased") for one in gone] == outcomes
    await refuse_resurrected(restored.url, restored.path, role="isa_checkpoint")
    report = await restored.fsck()
    assert ((), 4) == (report.findings, report.erased)


async def test_a_worker_under_which_a_backup_was_put_records_nothing_until_the_journal_is_applied(
    restored: Scene, databases: Databases, tmp_path: Path
) -> None:
    """What it knew of the log is there all the same: only the journal tells."""
    journal = tmp_path / "the-workers.jsonl"
    registry = Registry(restored.url, SIGNER.keys, journal=journal)

    async def told(state: str, reasons: set[str]) -> None:
        end = time.monotonic() + 20
        while (registry.guard.state, reasons) != (state, {"erasures-not-reapplied"} & set(registry.guard.reasons)):
            assert time.monotonic() < end, registry.guard.reasons
            await asyncio.sleep(0.02)

    with capture_logs() as logged:
        await registry.start()
        await registry.sequencer.append(body(1))
        journal.write_bytes(restored.path.read_bytes())
        databases.cut_off(urlsplit(restored.url).path.removeprefix("/"))
        await told("checks-only", {"erasures-not-reapplied"})
        for number in (2, 3):
            with pytest.raises(Refused) as refused:
                await registry.sequencer.append(body(number))
            assert "history-unconfirmed" == refused.value.code
        await asyncio.sleep(0.5)
        await restored.reapply()
        await told("normal", set())
        await registry.sequencer.append(body(2))
        await registry.stop()
    assert 1 == [line.get("code") for line in logged].count("erasures-not-reapplied")


async def test_a_worker_whose_journal_is_damaged_records_nothing(restored: Scene) -> None:
    with restored.path.open("ab") as journal:
        journal.write(b"{}\n")
    registry = Registry(restored.url, SIGNER.keys, journal=restored.path)
    await registry.start()
    try:
        with pytest.raises(Refused) as refused:
            await registry.sequencer.append(body(1))
        assert "history-unconfirmed" == refused.value.code
    finally:
        await registry.stop()


async def test_what_a_run_left_to_be_finished_and_a_hold_keeps_is_not_told_to_be_erased(scene: Scene) -> None:
    await scene.announce()

    async def stored_but_not_answered(draft: Draft) -> Appended:
        await scene.registry.sequencer.append(draft)
        raise ConnectionResetError

    async with scene.eraser() as eraser:
        eraser._append = stored_but_not_answered
        with pytest.raises(ConnectionResetError):
            await eraser.run()
    await scene.hold(organisations=(POLICE,))
    outcomes = await scene.run()
    left = {one.index for one in outcomes}
    assert {"on-hold"} == {one.code for one in outcomes}
    assert len(left) == len(outcomes)
    assert {scene.event, scene.check, scene.plain} <= left


async def test_a_restored_payload_on_hold_is_kept_and_may_be_served(restored: Scene) -> None:
    await restored.hold(organisations=(POLICE,))
    await refuse_resurrected(restored.url, restored.path)
    assert [] == await restored.reapply()


async def test_another_logs_entry_of_the_same_number_is_not_erased(scene: Scene) -> None:
    await scene.announce()
    await scene.run()
    lines = scene.path.read_bytes()
    leaf = scene.journal.read()[0].leaf
    scene.path.write_bytes(lines.replace(leaf.encode(), b"0" * 64))
    await refuse_resurrected(scene.url, scene.path)


async def test_without_a_journal_nothing_is_looked_for(scene: Scene) -> None:
    await refuse_resurrected(scene.url, None)
    await refuse_resurrected(scene.url, scene.path)


async def test_a_line_that_a_crash_cut_short_is_written_anew_and_another_damage_is_told(scene: Scene) -> None:
    await scene.announce()
    scene.path.write_bytes(b'{"at":"2032-')
    await scene.run()
    assert 4 == len(scene.journal.read())
    scene.path.write_bytes(b'{"at":"2032-\n' + scene.path.read_bytes())
    with pytest.raises(JournalDamaged, match="line 1 "):
        scene.journal.read()


async def test_a_run_that_ended_between_log_and_deletion_is_finished(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.announce()

    async def dies(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(erasure, "erase", dies)
        with pytest.raises(OSError):
            await scene.run()
    assert "erased-but-present" in {one.code for one in (await scene.fsck()).findings}
    with pytest.raises(ErasuresNotReapplied):
        await refuse_resurrected(scene.url, scene.path)
    assert {"erased"} == {one.code for one in await scene.run()}
    assert () == (await scene.fsck()).findings
    assert len(scene.journal.read()) == 4


# --- tampering -------------------------------------------------------------------------------------------------------


async def test_a_payload_that_is_gone_without_a_word_of_the_log_is_missing(scene: Scene) -> None:
    await scene.as_superuser(f"DELETE FROM payload WHERE index = {scene.check}")
    assert ("payload-missing", f"entry {scene.check}") in {
        (one.code, one.where) for one in (await scene.fsck()).findings
    }


# --- consents --------------------------------------------------------------------------------------------------------


async def _consent(scene: Scene, consent: str, *life: str, **changes: object) -> list[int]:
    """The entries of a consent of the police's, each said on 2 November 2026 or as `changes` has it."""
    said = {"answered_at": "2026-11-02T10:00:00.000Z"} | changes
    found = []
    for event in life:
        of_it = {name: value for name, value in said.items() if event in ("given", "refused") or name != "retention"}
        payload = msgspec.structs.replace(entry(0, event, consent).payload, organisation=POLICE, **of_it)
        found.append((await scene.registry.sequencer.append(Draft(payloads=(payload,)))).index)
    return found


async def test_a_consent_falls_due_whole_by_the_last_thing_said_in_it(scene: Scene) -> None:
    first = await _consent(scene, "cns_1", "given")
    last = await _consent(scene, "cns_1", "withdrawn", answered_at="2026-11-20T10:00:00.000Z")
    assert first[0] not in [item.index for item in await scene.due(datetime(2032, 11, 19, 12, tzinfo=UTC))]
    due_then = {item.index: item.rule for item in await scene.due(datetime(2032, 11, 20, 12, tzinfo=UTC))}
    assert {first[0]: "consent"} == {index: rule for index, rule in due_then.items() if index in (*first, *last)}


async def test_its_entries_go_together_and_never_a_consent_without_its_withdrawal(scene: Scene) -> None:
    life = await _consent(scene, "cns_1", "given", "withdrawn")
    await scene.announce()
    assert "erased" == {one.index: one.code for one in await scene.run()}[life[0]]
    assert 0 == await scene.value("SELECT count(*) FROM payload WHERE index = ANY ($1)", life)
    assert 0 == await scene.value("SELECT count(*) FROM consent_entry")
    assert 0 == await scene.value("SELECT count(*) FROM thread WHERE index = ANY ($1)", life)
    report = await scene.fsck()
    assert () == report.findings


async def test_a_consent_that_somebody_renewed_since_the_notice_is_kept(scene: Scene) -> None:
    life = await _consent(scene, "cns_1", "given")
    await scene.announce()
    await _consent(scene, "cns_1", "renewed", answered_at="2032-11-30T10:00:00.000Z")
    assert "no-longer-due" == {one.index: one.code for one in await scene.run()}[life[0]]
    assert 2 == await scene.value("SELECT count(*) FROM consent_entry")


async def test_one_that_is_renewed_while_it_is_erased_is_kept_too(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = await _consent(scene, "cns_1", "given")
    await scene.announce()
    append = scene.registry.sequencer.append

    async def overtaken(draft: Draft, **options: Any) -> Appended:
        if getattr(draft.payloads[0], "index", None) == life[0]:
            monkeypatch.setattr(scene.registry.sequencer, "append", append)
            await _consent(scene, "cns_1", "renewed", answered_at="2032-11-30T10:00:00.000Z")
        return await append(draft, **options)

    monkeypatch.setattr(scene.registry.sequencer, "append", overtaken)
    assert "no-longer-due" == {one.index: one.code for one in await scene.run()}[life[0]]
    assert 2 == await scene.value("SELECT count(*) FROM consent_entry")


@pytest.mark.parametrize("column", ["payload", "leaf"])
async def test_one_that_is_not_as_it_was_logged_is_kept_and_keeps_nothing_else(scene: Scene, column: str) -> None:
    life = await _consent(scene, "cns_1", "given")
    other = await _consent(scene, "cns_2", "given")
    await scene.announce()
    table = "payload" if column == "payload" else "entry"
    third = await _consent(scene, "cns_3", "given")
    fourth = await _consent(scene, "cns_4", "given")
    await scene.as_superuser(f"UPDATE {table} SET {column} = 'x' WHERE index IN ({life[0]}, {third[0]})")
    assert fourth == await scene.announce()
    found = {one.index: one.code for one in await scene.run()}
    assert ("not-as-logged", "erased") == (found[life[0]], found[other[0]])


async def test_a_consent_is_kept_by_the_class_that_it_names(scene: Scene) -> None:
    (of_class,) = await _consent(scene, "cns_1", "refused", retention="child-protection")
    (without,) = await _consent(scene, "cns_2", "refused")
    found = {item.index: item.rule for item in await scene.due(datetime(2060, 1, 1, tzinfo=UTC))}
    assert ("child-protection", "consent") == (found[of_class], found[without])
    assert of_class not in [item.index for item in await scene.due(DUE)]


async def test_a_hold_on_any_of_it_keeps_all_of_it(scene: Scene) -> None:
    life = await _consent(scene, "cns_1", "given", "withdrawn")
    await scene.announce()
    await scene.hold(entries=(life[1],))
    assert "on-hold" == {one.index: one.code for one in await scene.run()}[life[0]]
    assert 2 == await scene.value("SELECT count(*) FROM consent_entry")


async def test_two_people_ask_for_the_whole_of_a_consent_by_its_first_entry(scene: Scene) -> None:
    life = await _consent(scene, "cns_1", "given", "withdrawn")
    requests = ErasureRequests(scene.url, notice=NOTICE, now=lambda: DUE)
    view, pool = scene.registry.follower.view, scene.registry.reading
    with pytest.raises(Refused) as refused:
        await requests.ask(pool, view, index=life[1], reason="erasure-right", person=1)
    assert ["part-of-a-consent"] == [one.code for one in refused.value.faults]
    for person in (1, 2):
        await requests.ask(pool, view, index=life[0], reason="erasure-right", person=person)
    outcomes = {one.index: one.code for one in await scene.run()}
    assert "erased" == outcomes[life[0]]
    assert 0 == await scene.value("SELECT count(*) FROM consent_entry")
