"""What was recorded before the tables of cases were there has its rows in them afterwards, as its entry gives them."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import asyncpg

from asking import POLICE
from faults.drafts import check_draft, event_id, submitted
from isa_registry.data import data_directory
from isa_registry.domain.entries import Payload, SharingEventRecorded, encode_payload
from isa_registry.ledger.rows import Rows
from isa_registry.store import index_rows
from isa_registry.store.migrate import migrate
from isa_verify.encoding import decode_base64url, encode_base64url


def corrected(jws: str) -> str:
    """The event as one that corrects another, on part of a basis; nobody looks at its signature here."""
    head, claims, signature = jws.split(".")
    said = json.loads(decode_base64url(claims))
    said |= {"corrects": event_id(1), "id": event_id(2), "request": "REQ-1", "late_entry": True}
    said["basis"] |= {"article_6": [], "part_3": ["dpa-2018-s35-2-b"]}
    return ".".join((head, encode_base64url(json.dumps(said).encode()), signature))


async def test_rows_of_earlier_entries_are_filled_in_from_their_payloads(
    empty_database_url: str, tmp_path: Path
) -> None:
    for path in data_directory("migrations").glob("*.sql"):
        if path.name < "0015":
            shutil.copy(path, tmp_path / path.name)
    owner = await asyncpg.connect(empty_database_url)
    await migrate(owner, tmp_path)
    first = submitted(1).event
    payloads: list[Payload] = [
        check_draft(1).payloads[0],
        SharingEventRecorded(jws=first),
        SharingEventRecorded(jws=corrected(first)),
    ]
    rows = Rows()
    for index, payload in enumerate(payloads):
        rows.add(index, payload)
        await owner.execute(
            "INSERT INTO payload (index, kind, readers, payload, salt) VALUES ($1, $2, $3, $4, $5)",
            *(index, str(payload.__struct_config__.tag), [POLICE], encode_payload(payload), hashlib.sha256().digest()),
        )
    rows.end()
    for check in rows.checks:
        await owner.execute(
            "INSERT INTO check_record (id, index, organisation, decided_at) VALUES ($1, $2, $3, $4)",
            *(check.id, check.index, check.organisation, check.decided_at),
        )
    for event in rows.events:
        await owner.execute(
            "INSERT INTO sharing_event (provider, id, index, sha256, recipient, recipient_sees, decision, purpose,"
            " decided_at, flags) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '{}')",
            *(event.provider, event.id, event.index, event.sha256, event.recipient, event.recipient_sees),
            *(event.decision, event.purpose, event.decided_at),
        )

    for path in data_directory("migrations").glob("*.sql"):
        if path.name >= "0015":
            shutil.copy(path, tmp_path / path.name)
    assert "0015_cases.sql" == (await migrate(owner, tmp_path))[0]

    for table in index_rows.TABLES:
        stored = await index_rows.stored(owner, table, 0, len(payloads))
        assert sorted(map(repr, index_rows.gathered(rows, table))) == sorted(map(repr, stored)), table.name
    assert "law-enforcement" == rows.events[1].basis
    await owner.close()
