"""What an erasure does to every table and column of the schema. One that is not named here fails the test: whoever adds
it says first whether it can hold content of a payload, and erases it there too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from asking import POLICE
from faults.case_drafts import (
    acknowledgement_draft,
    challenge_draft,
    closing_draft,
    consent_draft,
    reference,
    search_draft,
    withdrawal_draft,
)
from faults.drafts import check_draft, event_draft, furnish
from isa_registry.actions import erasures
from isa_registry.domain.access_entries import RoleGranted, RoleRevoked
from isa_registry.ledger.drafts import Draft, IdempotencyClaim
from isa_registry.runtime.erasure.journal import Journal
from isa_registry.runtime.erasure.runs import Eraser, parts_of
from isa_registry.runtime.registry import Registry
from isa_registry.store import erasure
from isa_registry.store.pool import connect
from running import running

GOES = "the row of the erased entry is deleted"
BLANKED = "overwritten: a hash of a request could be guessed from"
COMMITS = "holds leaves, hashes and commitments: nothing of a payload can be had from it once the salt is gone"
SAYS_ERASED = "says that, when and why something was erased; holds nothing of it"
NAMES = "an id or a place in the log; stays so that whoever asks again is told"
SNAPSHOTS = "every snapshot that could hold the entry is deleted; a new one is folded without it"
VIEW = "shows rows of entry and payload, of a kind that is public and never erased"
ENDS = "blanked when it is decided, and deleted when nobody decides it in time: seven days"
INVITED = "where a link goes, until it is used, withdrawn or over: two weeks; nothing of the log"
ANSWERED = "what an invited body wishes, no entry yet; blanked when it is decided, and deleted when nobody does"
FORGOTTEN = "deleted within a day of the person's last role here, of which the register must be rid before an erasure"
WORDS = "words that a business unit drafts, of nobody's case; gone once they are published or discarded"
LIVES = "which version, or which body's attestation of it, took which step; stays so that what followed still follows"
NEVER = "never holds content of a payload"
DELETED_BY_ITS_BODY = "a mailbox that a body gave to be told at; its body deletes it at once, and no log has it"
UNTIL_SENT = "whom an invitation goes to, and the secret of its link; gone when it is sent, or given up by its body"
SIGNED_IN = "says who is signed in at this moment, by issuer and subject; gone within a day whatever is erased"

TREATMENT: dict[str, dict[str, str]] = {
    "entry": dict.fromkeys(("index", "kind", "at", "leaf", "leaf_hash"), COMMITS),
    "payload": dict.fromkeys(("index", "kind", "readers", "payload", "salt"), GOES),
    "log_key_rotation": dict.fromkeys(("index", "kind", "at", "leaf", "payload", "salt"), VIEW),
    "tile": dict.fromkeys(("level", "number", "hashes", "root"), COMMITS),
    "checkpoint": dict.fromkeys(("size", "root", "note", "signed_at"), COMMITS),
    "cosignature": dict.fromkeys(("size", "name", "key_id", "at", "line"), COMMITS),
    "publication": dict.fromkeys(("size", "previous", "published_at"), COMMITS),
    "checkpointer": dict.fromkeys(("only_one", "state", "reasons", "said_at"), NEVER),
    "witness": dict.fromkeys(
        ("name", "position", "vkey", "state", "size", "cosigned_at", "error", "told_at", "accepts_following"), NEVER
    ),
    "check_record": dict.fromkeys(
        ("id", "index", "organisation", "decided_at", "purpose", "urgency", "outcome", "basis"), GOES
    ),
    "sharing_event": dict.fromkeys(
        (
            "provider", "id", "index", "withheld_index", "sha256", "recipient", "recipient_sees", "decision", "purpose",
            "decided_at", "flags", "retention", "urgency", "basis", "check_id", "corrects", "late_entry",
        ),
        GOES,
    ),
    "event_reference": dict.fromkeys(("index", "organisation", "reference"), GOES),
    "acknowledgement": dict.fromkeys(
        ("index", "provider", "event", "recipient", "event_sha256", "matches", "received_at"), GOES
    ),
    "consent_entry": dict.fromkeys(("index", "consent", "organisation", "subject", "event", "at"), GOES),
    "challenge_entry": dict.fromkeys(
        ("index", "challenge", "organisation", "other", "by_body", "event", "code", "stage", "at", "partnership"), GOES
    ),
    "search_record": dict.fromkeys(("index", "organisation", "what"), GOES),
    "thread": dict.fromkeys(("thread", "index"), GOES),
    "idempotency": {"scope_sha256": NAMES, "request_sha256": BLANKED, "index": NAMES, "claimed_at": NEVER},
    "register_snapshot": dict.fromkeys(("size", "format", "leaf_hash", "sha256", "body", "made_at"), SNAPSHOTS),
    "erasure": dict.fromkeys(("index", "by", "reason", "rule", "until"), SAYS_ERASED),
    "erased_record": dict.fromkeys(("index", "organisation", "id", "readers"), NAMES),
    "erasure_notice": dict.fromkeys(
        (
            "index", "organisation", "readers", "reason", "rule", "requested_by", "approved_by", "announced_at",
            "erase_after",
        ),
        GOES,
    ),
    "access_proposal": {
        **dict.fromkeys(("change", "sha256", "proposed_mark", "approved_mark"), ENDS),
        **dict.fromkeys(("id", "organisation", "proposed_by", "approved_by", "approved_size", "entry"), NAMES),
        **dict.fromkeys(("state", "proposed_at", "expires_at", "approved_at"), NEVER),
    },
    "attestation_invitation": dict.fromkeys(
        ("agreement", "version", "organisation", "state", "event", "since", "decided_by"), NEVER
    ),
    "attestation_query": dict.fromkeys(
        (
            "id", "agreement", "version", "organisation", "clause", "question", "reference", "state", "asked_by",
            "asked_at", "answer", "answer_clause", "answered_by", "answered_at", "settled_by", "settled_at",
        ),
        NEVER,
    ),
    "body_invitation": {
        **dict.fromkeys(("token_sha256", "address"), INVITED),
        **dict.fromkeys(("body", "answer", "answer_sha256"), ANSWERED),
        **dict.fromkeys(("id", "organisation", "invited_by", "decided_by", "entry", "proposal"), NAMES),
        **dict.fromkeys(("state", "invited_at", "expires_at", "answered_at", "decided_at"), NEVER),
    },
    "person_use": dict.fromkeys(("organisation", "issuer", "subject", "last_on"), FORGOTTEN),
    "person_use_since": dict.fromkeys(("only_one", "began"), NEVER),
    "lifecycle_step": dict.fromkeys(("machine", "state", "event", "to_state"), NEVER),
    "lifecycle_event": dict.fromkeys(("index", "machine", "thing", "event", "state"), LIVES),
    "agreement_draft": {
        **dict.fromkeys(("words", "schedule"), WORDS),
        **dict.fromkeys(("text_sha256", "schedule_sha256"), NEVER),
        **dict.fromkeys(("id", "organisation", "partnership", "agreement", "version", "entry"), NAMES),
        **dict.fromkeys(("written_by", "submitted_by", "passed_by"), NAMES),
        **dict.fromkeys(("state", "event", "reason", "begun_at", "changed_at"), NEVER),
    },
    "legal_hold": dict.fromkeys(("hold", "index", "organisations", "entries", "since", "until"), NEVER),
    "legal_hold_lifted": dict.fromkeys(("hold", "index"), NEVER),
    "person_session": dict.fromkeys(
        (
            "id_sha256", "issuer", "subject", "organisation", "provider_subject", "provider_session", "auth_time",
            "reaches", "claims", "browser", "signed_in_at", "last_used_at", "expires_at", "refresh_token",
            "refresh_due_at", "revoked_at", "id_token_sha256", "acr", "amr",
        ),
        SIGNED_IN,
    ),
    "notice_address": dict.fromkeys(("id", "organisation", "role", "address", "added_at"), DELETED_BY_ITS_BODY),
    "notice": dict.fromkeys(
        ("id", "key", "template", "organisation", "roles", "parameters", "about", "made_at", "addressed"), NEVER
    ),
    "notice_delivery": {
        **dict.fromkeys(("address", "secret"), UNTIL_SENT),
        **dict.fromkeys(
            ("id", "notice", "kept", "state", "tries", "failures", "next_at", "error", "settled_at"), NEVER
        ),
    },
    "notice_cursor": dict.fromkeys(("only_one", "size", "looked_on"), NEVER),
    "webhook": dict.fromkeys(("id", "organisation", "url", "kinds", "state", "added_at", "busy_until"), NEVER),
    "webhook_delivery": dict.fromkeys(
        (
            "id", "webhook", "entry", "kind", "subject", "happened", "state", "failures", "next_at", "error",
            "settled_at", "position",
        ),
        NEVER,
    ),
    "safety_scaling": dict.fromkeys(
        ("partnership", "organisation", "quarter", "question", "value", "said_by", "said_at"), NEVER
    ),
    "logout_token_seen": dict.fromkeys(("token_sha256", "forget_at"), NEVER),
    "schema_migrations": dict.fromkeys(("version", "name", "sha256", "applied_at", "applied_by", "took"), NEVER),
}  # fmt: skip


async def columns_of(connection: asyncpg.Connection) -> dict[str, set[str]]:
    rows = await connection.fetch(
        "SELECT table_schema, table_name, column_name FROM information_schema.columns"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        name = row["table_name"] if row["table_schema"] == "public" else f"{row['table_schema']}.{row['table_name']}"
        found.setdefault(name, set()).add(row["column_name"])
    return found


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def test_every_table_and_column_says_how_an_erasure_treats_it(owner: asyncpg.Connection) -> None:
    assert {table: set(columns) for table, columns in TREATMENT.items()} == await columns_of(owner)


async def test_no_table_is_forgotten_by_being_added_later(owner: asyncpg.Connection) -> None:
    await owner.execute("CREATE TABLE outbox (body bytea); ALTER TABLE check_record ADD COLUMN note text")
    found = await columns_of(owner)
    assert "outbox" in set(found) - set(TREATMENT)
    assert {"note"} == found["check_record"] - set(TREATMENT["check_record"])


# --- looked for in the whole database --------------------------------------------------------------------------------


async def everything(connection: asyncpg.Connection) -> dict[str, str]:
    """Every table as text, and what the planner keeps of what was there when it last looked."""
    found = {
        table: str(await connection.fetchval(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{table}\" t"))
        for table in await columns_of(connection)
    }
    found["statistics"] = str(await connection.fetchval("SELECT string_agg(s::text, chr(10)) FROM pg_stats s"))
    return found


def as_stored(value: bytes) -> str:
    return value.hex()


async def erase(registry: Registry, url: str, journal: Path, indexes: list[int]) -> None:
    async with Eraser(
        url,
        Journal(journal),
        view=lambda: registry.follower.view,
        append=registry.sequencer.append,
        now=registry.now,
    ) as eraser:
        reading = await connect(url, "isa_read")
        await reading.execute("SELECT set_config('isa.organisation', '*', false)")
        for index in indexes:
            target = await erasure.target(reading, index)
            assert target is not None
            if target.by is not None:
                continue  # It went with what it belongs to.
            parts = await parts_of(reading, registry.follower.view, target)
            assert parts is not None, index
            draft = erasures.erase(parts, reason="erasure-right", approved_by=(1, 2))
            appended = await registry.sequencer.append(draft)
            working = await connect(url, "isa_erase")
            await erasure.erase(working, [(part.index, appended.index + place) for place, part in enumerate(parts)])
            await working.close()
        await reading.close()
        assert [] == await eraser.run()


def _claiming(draft: Draft, number: int) -> Draft:
    claim = IdempotencyClaim(scope_sha256=bytes([number] * 32), request_sha256=bytes([number + 100] * 32))
    return msgspec.structs.replace(draft, idempotency=claim)


async def test_nothing_of_what_was_erased_is_left_in_any_table(
    database_url: str, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    person = {"organisation": POLICE, "issuer": "https://issuer.example", "subject": "zqx7f3person", "role": "ig-lead"}
    async with running(database_url) as registry:
        await furnish(registry)
        append = registry.sequencer.append
        event = (await append(_claiming(event_draft(1, registry.follower.view, part=True), 1))).index
        check = (await append(_claiming(check_draft(1), 2))).index
        consent = (await append(consent_draft(1))).index
        withdrawal = (await append(withdrawal_draft(1))).index
        cases = [
            (await append(draft)).index
            for draft in (challenge_draft(1), closing_draft(1), acknowledgement_draft(1), search_draft())
        ]
        granted = (await append(Draft(payloads=(RoleGranted(**person),)))).index
        revoked = (await append(Draft(payloads=(RoleRevoked(**person),)))).index
        assert await registry.snapshotter.keep(least=1)
        gone = [event, event + 1, check, consent, withdrawal, *cases, granted, revoked]
        rows = await owner.fetch("SELECT payload, salt FROM payload WHERE index = ANY ($1)", gone)
        requests = await owner.fetch("SELECT request_sha256 FROM idempotency WHERE index = ANY ($1)", gone)
        digest = await owner.fetchval("SELECT sha256 FROM sharing_event WHERE index = $1", event)
        marks = {as_stored(part) for row in rows for part in (row["payload"], row["salt"])}
        marks |= {as_stored(row["request_sha256"]) for row in requests} | {
            as_stored(digest),
            as_stored(b"zqx7f3person"),
        }
        marks |= {reference(1), reference(77)}
        await owner.execute("ANALYZE")
        before = "\n".join((await everything(owner)).values())
        assert 28 == len(marks)
        assert [] == [mark for mark in marks if mark not in before]

        await erase(
            registry,
            database_url,
            tmp_path / "erasures.jsonl",
            # A withdrawal goes with the consent that it takes back.
            [event, check, consent, *cases, granted, revoked],
        )
        async with registry.follower.folding:
            reading = await connect(database_url, "isa_read")
            await registry.follower.catch_up(reading)
            await reading.close()
        assert await registry.snapshotter.keep(least=1)

    left = {table: mark for table, text in (await everything(owner)).items() for mark in marks if mark in text}
    assert {} == left
    for table, columns in TREATMENT.items():
        if GOES in columns.values():
            assert 0 == await owner.fetchval(f'SELECT count(*) FROM "{table}" WHERE index = ANY ($1)', gone), table
