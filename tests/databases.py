"""A fresh database for each test that asks for one: copies of a template that was migrated once."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from dumped import search
from isa_registry.data import data_directory
from isa_registry.store.migrate import migrate
from replayed import replay_all

T = TypeVar("T")

_ROLES_ARE_SHARED = 0x15A_7E57
"""Advisory lock: roles belong to the whole server, so only one run at a time may create them."""


def with_database(url: str, name: str) -> str:
    """The DSN `url` with its database replaced."""
    return urlunsplit(urlsplit(url)._replace(path="/" + quote(name, safe="")))


class Databases:
    """Makes and drops databases on one server, over one connection on a thread of its own.

    So it serves tests with and without an event loop, and costs no connection per test.
    """

    def __init__(self, url: str, prefix: str) -> None:
        self._url = url
        self._prefix = prefix
        self._numbers = count(1)
        self._files: dict[str, str] = {}
        self._forged: dict[str, set[str]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="test databases", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._connection = self._wait(asyncpg.connect(self._url))
        return self

    def __exit__(self, *_: object) -> None:
        self._wait(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def create(self, template: str = "template0") -> str:
        """A new database, a copy of `template`; its name."""
        name = f"{self._prefix}_{next(self._numbers)}"
        self._wait(self._connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'))
        return name

    @contextmanager
    def fresh(self, template: str = "template0") -> Iterator[str]:
        """The DSN of a new database, a copy of `template`; dropped afterwards, however it ended."""
        name = self.create(template)
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def copy(self, name: str) -> str:
        """A new database that is as `name` is at this moment; its name. Whoever is connected to that one is cut off."""
        self._close(name)
        copied = self.create(name)
        self._open(name)
        return copied

    def swap(self, one: str, other: str) -> None:
        """Each gets the other's name: whoever comes back to an address, having been cut off, finds the other one."""
        for name in (one, other):
            self._close(name)
        for old, new in ((one, f"{one}_aside"), (other, one), (f"{one}_aside", other)):
            self._wait(self._connection.execute(f'ALTER DATABASE "{old}" RENAME TO "{new}"'))
        for name in (one, other):
            self._open(name)

    def cut_off(self, name: str) -> None:
        """Ends every session in the database `name`, as a restart of the server does."""
        self._close(name)
        self._open(name)

    def forged(self, url: str, check: str) -> None:
        """Says that a test puts a check into the database of this address that does not come out again."""
        self._forged.setdefault(urlsplit(url).path.removeprefix("/"), set()).add(check)

    @contextmanager
    def away(self, name: str) -> Iterator[None]:
        """Nobody reaches the database `name`: whoever was there is cut off, and nobody comes in."""
        self._close(name)
        try:
            yield
        finally:
            self._open(name)

    def drop(self, name: str) -> None:
        """Drop the database `name`, with whatever is still connected to it, once every check that was recorded in it
        has been answered again, and all of it searched for what is somebody's. Fails where a check comes out otherwise
        or something is found."""
        different = self._wait(self._replay(name))
        found = self._wait(self._search(name))
        self._drop(name)
        assert not found, f"in the database: {'; '.join(f'{what} ({where})' for what, where in sorted(found))}"
        assert not different, f"recorded checks that come out otherwise: {'; '.join(different)}"

    async def _replay(self, name: str) -> list[str]:
        forged = frozenset(self._forged.pop(name, ()))
        return await replay_all(self.url(name), forged=forged) if await self._has(name, "check_record") else []

    async def _search(self, name: str) -> set[tuple[str, str]]:
        return await search(self.url(name)) if await self._has(name, "payload") else set()

    async def _has(self, name: str, table: str) -> bool:
        """Whether there is anything in a table of a database."""
        # Copies are made file by file, so the table is a file of the same name in each, and empty in most of them:
        # those are not connected to.
        path = "'base/' || oid || '/' || $2::text"
        query = (
            f"SELECT datallowconn, (SELECT size FROM pg_stat_file({path}, true)) FROM pg_database WHERE datname = $1"
        )
        row = await self._connection.fetchrow(query, name, self._files.get(table, "unknown"))
        if row is None or not row["datallowconn"] or row["size"] == 0:
            return False
        connection = await asyncpg.connect(self.url(name))
        try:
            file = await connection.fetchval("SELECT pg_relation_filepath(to_regclass($1))", table)
            if file is None:
                return False
            self._files[table] = str(file).rpartition("/")[2]
            return bool(await connection.fetchval(f"SELECT EXISTS (SELECT FROM {table})"))
        finally:
            await connection.close()

    def _drop(self, name: str) -> None:
        """A drop waits for every process of the server; one that takes too long is cancelled and tried once more, so
        that the connection serves the tests that follow.
        """
        statement = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
        try:
            self._wait(self._connection.execute(statement, timeout=20))
        except TimeoutError:
            self._wait(self._connection.execute(statement, timeout=20))

    def migrate(self, name: str) -> None:
        """Bring the database `name` to the schema of this repository."""
        self._wait(self._migrate(name))

    def url(self, name: str) -> str:
        return with_database(self._url, name)

    def _close(self, name: str) -> None:
        self._wait(self._connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
        ended = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1"
        self._wait(self._connection.fetch(ended, name))

    def _open(self, name: str) -> None:
        self._wait(self._connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))

    async def _migrate(self, name: str) -> None:
        await self._connection.execute("SELECT pg_advisory_lock($1)", _ROLES_ARE_SHARED)
        try:
            connection = await asyncpg.connect(self.url(name))
            try:
                await migrate(connection, data_directory("migrations"))
            finally:
                await connection.close()
        finally:
            await self._connection.execute("SELECT pg_advisory_unlock($1)", _ROLES_ARE_SHARED)

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)
