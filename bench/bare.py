"""The ceiling of appending: the same rows, into tables with the same indexes, in transactions of the same size, by the
same driver, without hashing, sealing, folding or the tree."""

from __future__ import annotations

from isa_registry.domain.entries import Payload
from isa_registry.ledger.leaves import Sealed, seal
from isa_registry.ledger.rows import Rows
from isa_registry.store import index_rows, log
from isa_registry.store.pool import Connection
from isa_registry.store.sql import statements

TABLES = ("entry", "payload", "tile", *(table.name for table in index_rows.TABLES))
_AT = "2026-11-23T09:00:00.000Z"


class Bare:
    """The same rows without anything that makes them a log."""

    def __init__(self, connection: Connection, origin: str, *, batch: int) -> None:
        self._origin, self._batch = origin, batch
        self._connection = connection
        self._index = 0
        named = {**statements("log"), **statements("index_rows")}
        wanted = ("entries", "tiles", *(table.name for table in index_rows.TABLES))
        self._sql = {
            name: named[name].replace("INTO ", "INTO bare_") for name in (f"insert_{table}" for table in wanted)
        }

    async def prepare(self) -> None:
        for table in TABLES:
            await self._connection.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")

    def batch(self, payloads: list[Payload], salt: bytes) -> list[Sealed]:
        """Rows for one transaction, made before the clock starts."""
        first = self._index
        self._index += len(payloads)
        return [
            seal(origin=self._origin, index=first + place, previous=bytes(32), at=_AT, payload=payload, salt=salt)
            for place, payload in enumerate(payloads)
        ]

    def arguments(self, sealed: list[Sealed]) -> list[tuple[str, tuple[object, ...]]]:
        rows = Rows()
        for one in sealed:
            rows.add(one.index, one.payload)
        rows.end()
        hashes = [one.leaf_hash for one in sealed]
        tiles = [(0, sealed[0].index // self._batch, b"".join(hashes), hashes[0])]
        return [
            ("insert_entries", log.entry_arguments(sealed)),
            *(
                (f"insert_{table.name}", (index_rows.as_json(made),))
                for table in index_rows.TABLES
                if (made := index_rows.gathered(rows, table))
            ),
            ("insert_tiles", tuple([list(column) for column in zip(*tiles, strict=True)])),
        ]

    async def insert(self, arguments: list[tuple[str, tuple[object, ...]]]) -> None:
        async with self._connection.transaction():
            for name, values in arguments:
                await self._connection.execute(self._sql[name], *values)
