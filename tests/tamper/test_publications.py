"""What `fsck` makes of publications and cosignatures that nobody tampered with, and of tables that are to come."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from faults.drafts import check_draft
from isa_registry.domain.dates import instant
from isa_registry.domain.entries import encode_payload
from isa_registry.ledger.leaves import NO_PREVIOUS, seal
from isa_registry.ledger.readers import readers_of
from isa_registry.runtime.fsck import publications as fsck_publications
from isa_registry.runtime.fsck.check import Report, check_log, lines
from isa_registry.runtime.fsck.entries import EntryCheck
from isa_registry.runtime.fsck.findings import Findings
from isa_registry.store import fsck as store_fsck
from isa_registry.store.fsck import StoredCosignature, StoredPublication, StoredRow
from isa_verify.checkpoint import Checkpoint
from isa_verify.leaf import commitment
from isa_verify.note import format_note
from isa_verify.policy import Policy
from running import ORIGIN, SIGNER
from tamper.cases import STORED
from tamper.victim import POLICY, SIZE, Victim, cosignature
from verify.signing import NHS, POLICE, log_signer, witness

NO_CONNECTION: Any = None


async def checked(victim: Victim, policy: Policy | None = POLICY) -> Report:
    return await check_log(victim.url, origin=ORIGIN, vkeys=SIGNER.vkeys, policy=policy)


@pytest.mark.parametrize("page", [1, 2, 3])
async def test_pages_end_anywhere(victim: Victim, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setattr(fsck_publications, "_PAGE", page)
    assert () == (await checked(victim)).findings
    await victim.edit("DELETE FROM cosignature WHERE size = 600")
    assert ["publication-unwitnessed"] == [one.code for one in (await checked(victim)).findings]


async def test_without_a_policy_no_line_is_verified_and_the_report_says_so(victim: Victim) -> None:
    report = await checked(victim, None)
    stored_lines = await victim.value("SELECT count(*) FROM cosignature")
    assert ((), stored_lines) == (report.findings, report.unverified)
    assert f"{stored_lines} cosignatures not verified" in list(lines(report))[-1]


async def test_a_line_of_nobody_whom_the_policy_names_is_counted_and_no_finding(victim: Victim) -> None:
    await victim.cosign(witness("stranger"), SIZE, 1_795_000_000)
    report = await checked(victim)
    assert ((), 1) == (report.findings, report.unverified)


async def test_what_was_published_before_the_policy_need_not_meet_it(victim: Victim) -> None:
    await victim.edit("DELETE FROM cosignature WHERE size < {published}")
    assert () == (await checked(victim)).findings


async def test_a_page_of_what_was_published_is_in_memory_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand publications with two lines each are a megabyte of rows."""
    monkeypatch.setattr(fsck_publications, "_PAGE", 20)
    checkpoint, count = Checkpoint(ORIGIN, 1, bytes(32)), 1_000
    note = format_note(checkpoint.text(), [log_signer("log").line(checkpoint)])
    made = [cosignature(one, note, 1_790_000_000) for one in (NHS, POLICE)]

    async def publications(_: object, above: int, limit: int) -> list[StoredPublication]:
        sizes = range(above + 1, min(above + 1 + limit, count))
        return [StoredPublication(size=size, previous=size - 1, note=bytes([*note])) for size in sizes]

    async def cosignatures(_: object, after: StoredCosignature | None, limit: int) -> list[StoredCosignature]:
        start = 0 if after is None else after.size + 1
        sizes = range(start, min(start + limit // 2, count))
        return [StoredCosignature(size=size, held=one, note=bytes([*note])) for size in sizes for one in made]

    monkeypatch.setattr(store_fsck, "publications", publications)
    monkeypatch.setattr(store_fsck, "cosignatures", cosignatures)
    findings = Findings()
    tracemalloc.start()
    await fsck_publications.PublicationCheck(NO_CONNECTION, findings, POLICY).run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [] == findings.kept
    assert peak < 200_000


async def test_a_salt_whose_last_byte_is_zero_cannot_lose_it() -> None:
    """HMAC fills a short key up with zeros: the commitment would be the same."""
    payload, salt = check_draft(1).payloads[0], bytes(range(31, -1, -1))
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    made = seal(origin=ORIGIN, index=0, previous=NO_PREVIOUS, at=instant(at), payload=payload, salt=salt)
    for held, expected in ((salt, []), (salt[:-1], ["salt-malformed"])):
        findings = Findings()
        row = StoredRow(
            index=0,
            kind=made.leaf_kind,
            at=at,
            leaf=made.leaf,
            leaf_hash=made.leaf_hash,
            payload_kind=made.payload_kind,
            readers=readers_of(payload),
            payload=encode_payload(payload),
            salt=held,
        )
        EntryCheck(ORIGIN, findings).entry(row)
        assert expected == [one.code for one in findings.kept]
    assert commitment("record", made.payload_bytes, salt)


# --- tables that are to come -----------------------------------------------------------------------------------------

LOG_TABLES = {"entry", "payload", "tile", "checkpoint", "publication", "cosignature"}
INDEX_TABLES = {
    "check_record",
    "sharing_event",
    "event_reference",
    "acknowledgement",
    "consent_entry",
    "challenge_entry",
    "search_record",
    "thread",
    "erasure",
    "legal_hold",
    "legal_hold_lifted",
    "erased_record",
    "lifecycle_event",
    "lifecycle_step",
    "idempotency",
    "register_snapshot",
}
WORKING_TABLES = {
    "checkpointer": "what the checkpointer last said of the history, said anew every other second",
    "witness": "how each witness stands, told anew each round; the lines themselves are in `cosignature`",
    "erasure_notice": "what is announced; the function that erases asks the log and the holds, not this table",
    "person_session": "who is signed in on the pages: what they may do is in the register, asked at each request",
    "logout_token_seen": "which logout tokens were seen; without a row one counts twice, and ends what it ended before",
    "access_proposal": "what a person proposed; each word carries a mark, and both are held against the register",
    "agreement_draft": "words not published yet; who publishes names their hash, and both people are held at the tail",
    "attestation_invitation": "who was asked to attest and how far they are; what they attest is in the log",
    "attestation_query": "what was asked of the words, and what was answered; no attestation rests on it",
    "body_invitation": "what an invited body answered; one person of the unit logs its record, two let anybody in",
    "person_use": "on which day somebody was last here; a report for their own organisation alone reads it",
    "person_use_since": "since when that is noted",
    "notice_address": "where a body is told of things; what is told proves nothing, and leads to pages that do",
    "notice": "what was told; everything that it speaks of is in the log",
    "notice_delivery": "what is still to be sent of it",
    "notice_cursor": "up to which entry somebody has been told",
    "webhook": "which systems are told of entries; what they are told is an index of the log",
    "webhook_delivery": "what is still to be delivered to them",
    "safety_scaling": "a number that a body gave for a quarter: an opinion, on which nothing rests",
    "schema_migrations": "which migrations ran; each file's SHA-256 is held against it before the next one runs",
}


async def test_every_table_has_its_case_or_is_known_to_decide_nothing(database_url: str) -> None:
    """A table that comes later fails here until `fsck` looks at it and a case tries that."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()
    assert LOG_TABLES | INDEX_TABLES | set(WORKING_TABLES) == {row[0] for row in rows}


@pytest.mark.parametrize("table", sorted(LOG_TABLES | INDEX_TABLES))
def test_every_table_that_fsck_looks_at_is_edited_by_a_case(table: str) -> None:
    edits = [statement for case in STORED if isinstance(case.edits, tuple) for statement in case.edits]
    assert any(f"{verb} {table} " in f"{one} " for one in edits for verb in ("UPDATE", "DELETE FROM", "INSERT INTO"))
