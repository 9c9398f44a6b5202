"""What the operator's own check sees: the log, everything made from it, and what running workers hold in memory."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from pathlib import Path

import pytest
from msgspec.structs import replace

from faults.drafts import check_draft, event_draft, furnish
from isa_registry.domain import entries
from isa_registry.domain.dates import parse_instant
from isa_registry.domain.register.snapshots import write_snapshot
from isa_registry.ledger.drafts import Draft
from isa_registry.ledger.leaves import seal
from isa_registry.runtime.fsck import check as fsck
from isa_registry.runtime.fsck.check import Report, check_log, lines
from isa_registry.runtime.fsck.entries import EntryCheck
from isa_registry.runtime.fsck.findings import SENTENCES, Findings
from isa_registry.runtime.registry import Registry
from isa_registry.store.fsck import StoredRow
from running import ORIGIN, SIGNER, body, opening, running


async def checked(url: str, outside: Path | None = None) -> Report:
    return await check_log(url, origin=ORIGIN, vkeys=SIGNER.vkeys, outside=outside)


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.findings}


async def signed(registry: Registry, size: int) -> bytes:
    """The checkpoint that covers `size` entries."""
    found = await registry.follower.wait_for_checkpoint(size, seconds=10)
    assert found is not None
    return found.note


@pytest.mark.parametrize("stretch", [1, 2, 7, 255, 256, 257, 10_000])
async def test_a_whole_log_has_no_findings_however_it_is_cut(
    database_url: str, monkeypatch: pytest.MonkeyPatch, stretch: int
) -> None:
    """An event with its companions may lie across two stretches, a tile across many."""
    async with running(database_url) as registry:
        await furnish(registry)
        await registry.sequencer.append(check_draft(1))
        await registry.sequencer.append(event_draft(1, registry.follower.view, part=True))
        await asyncio.gather(*(registry.sequencer.append(body(number)) for number in range(40)))
        await registry.sequencer.append(event_draft(2, registry.follower.view, part=True))
        size = registry.follower.view.size
        await signed(registry, size)
        root = registry.follower.root
    monkeypatch.setattr(fsck, "_STRETCH", stretch)
    report = await checked(database_url)
    assert (report.findings, report.size, report.root) == ((), size, root)


async def test_an_empty_log_has_no_findings(database_url: str) -> None:
    report = await checked(database_url)
    assert (report.findings, report.size, report.workers) == ((), 0, 0)


# --- running workers -------------------------------------------------------------------------------------------------


async def test_running_workers_show_that_they_hold_what_the_log_says(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever answers late on a busy machine is waited for.
    monkeypatch.setattr(fsck, "_QUIET_SECONDS", 1.0)
    async with running(database_url) as one, running(database_url):
        await one.sequencer.append(opening())
        await asyncio.gather(*(one.sequencer.append(body(number)) for number in range(20)))
        report = await checked(database_url)
    assert (report.findings, report.workers) == ((), 2)
    assert "the registers of 2 running workers compared" in list(lines(report))[-1]


async def test_a_register_in_memory_that_is_not_the_logs_is_found(database_url: str) -> None:
    async with running(database_url) as registry:
        await registry.sequencer.append(opening())
        await registry.sequencer.append(body(1))
        timeline = registry.follower.register.organisations["body-1"]
        found = timeline.at(2)
        assert found is not None
        timeline.set(1, replace(found, name="Body of another name"))
        report = await checked(database_url)
    assert [("register", "a running worker")] == [(one.code, one.where) for one in report.findings]


async def test_what_was_appended_meanwhile_does_not_count(database_url: str) -> None:
    """A worker is ahead of the check as soon as it goes on."""
    async with running(database_url) as registry:
        await registry.sequencer.append(opening())
        await registry.sequencer.append(body(1))
        before = write_snapshot(registry.follower.register)
        await registry.sequencer.append(body(2))
        assert before == write_snapshot(registry.follower.register, 2)
        assert before != write_snapshot(registry.follower.register)


# --- texts that carry their own hash ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "member", "code"),
    [
        (entries.AgreementPublished, "text_sha256", "agreement-text"),
        (entries.AgreementPublished, "schedule_sha256", "agreement-schedule"),
        (entries.CatalogueChanged, "sha256", "catalogue-hash"),
    ],
)
async def test_words_and_law_that_are_not_of_their_hash_are_found(
    database_url: str, payload: type, member: str, code: str
) -> None:
    from demonstration import demonstration_entries

    honest = next(one for one in demonstration_entries() if type(one) is payload)
    async with running(database_url) as registry:
        await registry.sequencer.append(opening())
        await registry.sequencer.append(Draft(payloads=(replace(honest, **{member: "0" * 64}),)))
        await signed(registry, 2)
    report = await checked(database_url)
    assert (code, "entry 1") in {(one.code, one.where) for one in report.findings}


# --- the file outside the database -----------------------------------------------------------------------------------


async def test_the_file_outside_tells_what_the_database_alone_cannot(database_url: str, tmp_path: Path) -> None:
    outside = tmp_path / "checkpoint"
    async with running(database_url) as registry:
        await registry.sequencer.append(opening())
        first = await signed(registry, 1)
        await registry.sequencer.append(body(1))
        second = await signed(registry, 2)
    outside.write_bytes(second)
    assert set() == codes(await checked(database_url, outside))
    outside.write_bytes(first)
    assert {"outside-behind"} == codes(await checked(database_url, outside))
    outside.write_bytes(SIGNER.sign(2, bytes(32), 1_795_000_000))
    assert {"outside-differs"} == codes(await checked(database_url, outside))
    outside.write_bytes(SIGNER.sign(3, bytes(32), 1_795_000_000))
    assert {"outside-ahead"} == codes(await checked(database_url, outside))
    outside.write_bytes(second[:-5] + b"AAA=\n")
    assert codes(await checked(database_url, outside)) <= {"signature-invalid", "note-malformed", "base64-malformed"}
    assert {"outside-unreadable"} == codes(await checked(database_url, tmp_path / "absent"))


# --- size and words --------------------------------------------------------------------------------------------------


async def test_memory_does_not_grow_with_the_log(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the records, the same peak."""
    monkeypatch.setattr(fsck, "_STRETCH", 100)
    peaks = []
    async with running(database_url) as registry:
        await furnish(registry)
        for thousand in range(2):
            numbers = range(thousand * 1_000, thousand * 1_000 + 1_000)
            await asyncio.gather(*(registry.sequencer.append(check_draft(number)) for number in numbers))
            await signed(registry, registry.follower.view.size)
            tracemalloc.start()
            assert () == (await checked(database_url)).findings
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.1


async def test_progress_reaches_the_end(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fsck, "_STRETCH", 5)
    async with running(database_url) as registry:
        await registry.sequencer.append(opening())
        await asyncio.gather(*(registry.sequencer.append(body(number)) for number in range(11)))
        await signed(registry, 12)
    seen: list[tuple[int, int]] = []
    await check_log(
        database_url,
        origin=ORIGIN,
        vkeys=SIGNER.vkeys,
        progress=lambda done, size: seen.append((done, size)),
    )
    assert [(5, 12), (10, 12), (12, 12)] == seen


@pytest.mark.parametrize("value", [1.5, 2**60, json.loads("[" * 33 + "]" * 33)])
def test_a_catalogue_that_has_no_canonical_form_is_found_and_ends_nothing(value: object) -> None:
    """As whoever may append would log it."""
    findings = Findings()
    changed = entries.CatalogueChanged(sha256="0" * 64, files={"x": value})
    sealed = seal(
        origin=ORIGIN, index=0, previous=bytes(32), at="2026-04-01T00:00:00.000Z", payload=changed, salt=bytes(32)
    )
    row = StoredRow(
        index=0,
        kind=sealed.leaf_kind,
        at=parse_instant(sealed.at),
        leaf=sealed.leaf,
        leaf_hash=sealed.leaf_hash,
        payload_kind=sealed.payload_kind,
        readers=None,
        payload=sealed.payload_bytes,
        salt=sealed.salt,
    )
    EntryCheck(ORIGIN, findings).entry(row)
    assert ["payload-unknown"] == [one.code for one in findings.kept]


def test_every_finding_has_a_plain_sentence() -> None:
    for code, sentence in SENTENCES.items():
        assert code == code.lower()
        assert sentence[0].isupper()
        assert sentence.endswith(".")
