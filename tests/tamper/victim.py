"""A log with every sort of stored artefact, and what a superuser of its database can do to it."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg

from faults.case_drafts import acknowledgement_draft, challenge_draft, consent_draft, search_draft, withdrawal_draft
from faults.drafts import check_draft, event_draft, furnish
from faults.oracle import assert_whole
from isa_registry.domain.dates import instant
from isa_registry.domain.entries import Payload, encode_payload, kind_of, leaf_kind_of
from isa_registry.domain.keeping_entries import HoldLifted, HoldPlaced, PayloadErased
from isa_registry.domain.retention import HoldScope
from isa_registry.ledger.drafts import Draft
from isa_registry.ledger.leaves import leaf_bytes
from isa_registry.ledger.readers import readers_of
from isa_registry.ledger.tiles import full_tile
from isa_registry.runtime.checkpoints.history import Signed
from isa_registry.runtime.checkpoints.publisher import Cosigned, ProofFrom, Testimony
from isa_registry.store import erasure, log
from isa_registry.store.pool import connect
from isa_registry.store.publication import Cosignature
from isa_registry.store.witnesses import StoredWitness
from isa_verify.checkpoint import Checkpoint
from isa_verify.leaf import Leaf, commitment
from isa_verify.merkle import leaf_hash
from isa_verify.note import SignatureLine, parse_note
from isa_verify.policy import Policy
from running import ORIGIN, body, checkpointing, working
from verify.signing import NHS, POLICE, POLICY_TEXT, Signer

SIZE = 600
POLICY = Policy.parse(POLICY_TEXT)
"""Two of three; the police and the health service cosign."""


class Cosigning:
    """Two witnesses that cosign whatever they are shown, as those of `POLICY`, a second later each time."""

    def __init__(self) -> None:
        self._time = 1_790_000_000
        self.notes: dict[int, bytes] = {}

    async def gather(self, note: bytes, size: int, root: bytes, proof_from: ProofFrom) -> Cosigned:
        self._time += 1
        self.notes[size] = note
        lines = [cosignature(one, note, self._time) for one in (POLICE, NHS)]
        return Cosigned(lines=tuple(lines), satisfied=True)

    async def testimony(self) -> Testimony:
        return Testimony(signed=(), satisfied=True)

    def standing(self, now: datetime) -> list[StoredWitness]:
        return []

    def follow(self, keys: object) -> None:
        """Whichever keys the log has, these witnesses say the same."""


class Telling:
    """A witness that shows one checkpoint, and cosigns nothing."""

    def __init__(self, note: bytes) -> None:
        self._note = note

    async def gather(self, note: bytes, size: int, root: bytes, proof_from: ProofFrom) -> Cosigned:
        return Cosigned(lines=(), satisfied=False)

    async def testimony(self) -> Testimony:
        return Testimony(signed=(Signed(note=self._note, found="the witness police"),), satisfied=True)

    def standing(self, now: datetime) -> list[StoredWitness]:
        return []

    def follow(self, keys: object) -> None:
        """Whichever keys the log has, these witnesses say the same."""


def cosignature(signer: Signer, note: bytes, time: int) -> Cosignature:
    """The row of a witness's line over a checkpoint."""
    line: SignatureLine = signer.line(Checkpoint.parse(parse_note(note).text), time)
    return Cosignature(name=line.name, key_id=line.key_id, at=datetime.fromtimestamp(time, UTC), line=str(line))


@dataclass(frozen=True)
class Made:
    """A database to copy, and where in its log the interesting entries are; `notes` are its checkpoints by size."""

    name: str
    places: dict[str, int]
    notes: dict[int, bytes]


@dataclass(frozen=True)
class Victim:
    """A whole log of 600 entries, nobody running on it. `places` are the entries that have a name: `event` (with its
    `withheld` list), `check`, `withdrawal` (of a consent), `acknowledgement`, `challenge`, `search`, `erased` (a check
    whose payload is gone), `erasing` (the entry that says so), `hold`, `agreement`; and `published`, the size of the
    published checkpoint before the newest."""

    url: str
    places: dict[str, int]
    notes: dict[int, bytes] = field(repr=False)

    async def edit(self, *statements: str) -> None:
        """Runs statements as the database's superuser, whom neither triggers nor roles bind."""
        connection = await self._superuser()
        try:
            for statement in statements:
                done = await connection.execute(statement.format(**self.places))
                assert not done.endswith(" 0"), f"nothing was changed by {statement}"
        finally:
            await connection.close()

    async def value(self, query: str) -> Any:
        connection = await asyncpg.connect(self.url)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    async def cosign(self, signer: Signer, size: int, time: int) -> None:
        """Stores a line that a witness made over the checkpoint of a size."""
        made = cosignature(signer, self.notes[size], time)
        connection = await self._superuser()
        try:
            await connection.execute(
                "INSERT INTO cosignature (size, name, key_id, at, line) VALUES ($1, $2, $3, $4, $5)",
                *(size, made.name, made.key_id, made.at, made.line),
            )
        finally:
            await connection.close()

    async def rewrite(
        self,
        index: int,
        *,
        payload: Callable[[bytes], bytes] = lambda data: data,
        at: Callable[[datetime], datetime] = lambda time: time,
        only: bool = False,
    ) -> None:
        """Makes an entry anew around another payload or time: leaf, hash and columns fit each other. All entries after
        it too, and every tile, unless `only` this one is to be."""
        connection = await self._superuser()
        try:
            rows = await connection.fetch(
                "SELECT e.index, e.kind, e.at, e.leaf, p.payload, p.salt "
                "FROM entry e LEFT JOIN payload p USING (index) ORDER BY e.index"
            )
            made, previous = [], bytes(32)
            for row in rows:
                leaf, data, time = row["leaf"], row["payload"], row["at"]
                sealed = Leaf.parse(leaf).commitment
                if row["index"] == index:
                    data, time = payload(data), at(time)
                    sealed = commitment(row["kind"], data, row["salt"])
                if row["index"] == index or (row["index"] > index and not only):
                    leaf = leaf_bytes(
                        origin=ORIGIN,
                        index=row["index"],
                        previous=previous,
                        at=instant(time),
                        kind=row["kind"],
                        commitment=sealed,
                    )
                previous = leaf_hash(leaf)
                made.append((row["index"], time, leaf, previous, data))
            await _write(connection, made[index : index + 1] if only else made[index:])
            if not only:
                await _write_tiles(connection, [one[3] for one in made])
        finally:
            await connection.close()

    async def append(self, payload: Payload | bytes, kind: str = "") -> int:
        """Appends to the log with the service's own role and by no action; returns the index."""
        connection = await connect(self.url, "isa_sequence")
        try:
            index = (await log.tail(connection)).size
            previous = await connection.fetchval("SELECT leaf_hash FROM entry WHERE index = $1", index - 1)
            body = payload if isinstance(payload, bytes) else encode_payload(payload)
            kind = kind if isinstance(payload, bytes) else kind_of(payload)
            readers = None if isinstance(payload, bytes) else readers_of(payload)
            leaf_kind = "record" if isinstance(payload, bytes) else leaf_kind_of(payload)
            salt, now = secrets.token_bytes(32), datetime.now(UTC)
            now = now.replace(microsecond=now.microsecond // 1000 * 1000)
            leaf = leaf_bytes(
                origin=ORIGIN,
                index=index,
                previous=previous,
                at=instant(now),
                kind=leaf_kind,
                commitment=commitment(leaf_kind, body, salt),
            )
            await connection.execute(
                "INSERT INTO entry (index, kind, at, leaf, leaf_hash) VALUES ($1, $2, $3, $4, $5)",
                *(index, leaf_kind, now, leaf, leaf_hash(leaf)),
            )
            await connection.execute(
                "INSERT INTO payload (index, kind, readers, payload, salt) VALUES ($1, $2, $3, $4, $5)",
                *(index, kind, readers, body, salt),
            )
            return index
        finally:
            await connection.close()

    async def _superuser(self) -> asyncpg.Connection:
        connection = await asyncpg.connect(self.url)
        await connection.execute("SET session_replication_role = replica")
        return connection


async def _write(connection: asyncpg.Connection, made: list[tuple[int, datetime, bytes, bytes, bytes]]) -> None:
    await connection.executemany(
        "UPDATE entry SET at = $2, leaf = $3, leaf_hash = $4 WHERE index = $1", [one[:4] for one in made]
    )
    await connection.execute("UPDATE payload SET payload = $2 WHERE index = $1", made[0][0], made[0][4])


async def _write_tiles(connection: asyncpg.Connection, hashes: list[bytes]) -> None:
    for number in range(len(hashes) // 256):
        tile = full_tile(0, number, hashes[number * 256 : number * 256 + 256])
        await connection.execute(
            "UPDATE tile SET hashes = $2, root = $3 WHERE level = 0 AND number = $1", number, tile.hashes, tile.root
        )


async def make(url: str, name: str) -> Made:
    """Fills a database."""
    witnesses = Cosigning()
    async with checkpointing(url, witnesses=witnesses), working(url) as registry:
        append = registry.sequencer.append
        await furnish(registry)
        event = (await append(event_draft(1, registry.follower.view, part=True))).index
        check = (await append(check_draft(1))).index
        await append(consent_draft(1))
        withdrawal, acknowledgement, challenge, search = [
            (await append(draft)).index
            for draft in (withdrawal_draft(1), acknowledgement_draft(1), challenge_draft(1), search_draft())
        ]
        erased = (await append(check_draft(2))).index
        erasing = (
            await append(Draft(payloads=(PayloadErased(index=erased, reason="retention", rule="checks"),)))
        ).index
        eraser = await connect(url, "isa_erase")
        await erasure.erase(eraser, [(erased, erasing)])
        await eraser.close()
        for hold in ("inquiry", "court"):
            placed = HoldPlaced(hold=hold, reason="public-inquiry", scope=HoldScope(organisations=("harbour",)))
            held = (await append(Draft(payloads=(placed,)))).index
        await append(Draft(payloads=(HoldLifted(hold="court", reason="inquiry-ended"),)))
        first = registry.follower.view.size
        assert await registry.follower.wait_for_checkpoint(first, seconds=10)
        await asyncio.gather(*(append(body(number)) for number in range(first, SIZE)))
        assert SIZE == await registry.snapshotter.keep(least=1)
        await assert_whole(url, registry)
        await _published(url)
    reading = await asyncpg.connect(url)
    try:
        agreement = await reading.fetchval("SELECT min(index) FROM payload WHERE kind = 'agreement.published'")
        published = await reading.fetchval("SELECT previous FROM publication WHERE size = $1", SIZE)
    finally:
        await reading.close()
    places = {
        "event": event,
        "withheld": event + 1,
        "check": check,
        "withdrawal": withdrawal,
        "acknowledgement": acknowledgement,
        "challenge": challenge,
        "search": search,
        "erased": erased,
        "erasing": erasing,
        "hold": held - 1,
        "agreement": agreement,
        "published": published,
    }
    return Made(name=name, places=places, notes=witnesses.notes)


async def _published(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(10):
            while SIZE != await connection.fetchval("SELECT max(size) FROM publication"):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    finally:
        await connection.close()


# --- statements ------------------------------------------------------------------------------------------------------

FLIP = "set_byte({0}, octet_length({0}) - 3, get_byte({0}, octet_length({0}) - 3) # 1)"


def flipped(table: str, column: str, where: str) -> str:
    """One bit of one stored value."""
    return f"UPDATE {table} SET {column} = {FLIP.format(column)} WHERE {where}"


def replaced(table: str, column: str, old: str, new: str) -> str:
    """One text within stored bytes."""
    return (
        f"UPDATE {table} SET {column} = convert_to(replace(convert_from({column}, 'UTF8'), E'{old}', E'{new}'), 'UTF8')"
    )


def swapped(first: int) -> tuple[str, str]:
    """Two neighbours trade places."""
    return (
        f"UPDATE entry SET index = index + 1000000 WHERE index IN ({first}, {first + 1})",
        f"UPDATE entry SET index = {1000000 + 2 * first + 1} - index WHERE index >= 1000000",
    )


def moved(start: int, step: int) -> Iterable[str]:
    """Entries and payloads from one on get other indexes."""
    for table in ("entry", "payload"):
        yield f"UPDATE {table} SET index = index + 1000000 WHERE index >= {start}"
        yield f"UPDATE {table} SET index = index - 1000000 + {step} WHERE index >= 1000000"


def sha256_hex(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()
