"""A primary and a standby that streams from it: two real servers, one of which takes the other's place."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import quote

import asyncpg

from isa_registry.runtime.embedded.place import Place, place_of
from isa_registry.runtime.embedded.postgres import EmbeddedPostgres
from isa_registry.runtime.embedded.postgres import _run as run
from isa_registry.runtime.embedded.postmaster import PORT, read_postmaster

DATABASE = "isa_registry"


class Pair:
    """`directory` holds both. The standby is a base backup of the primary, made by `follow`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.embedded = EmbeddedPostgres(directory / "one")
        self.place: Place
        self.standby_data: Path
        self._sockets: Path

    def start(self) -> None:
        self.embedded.start()
        self.place = place_of((self.directory / "one").resolve())
        self.standby_data = self.place.home / "standby"
        # Short: a socket's path has its limit. In the primary's own directory of sockets, which its account may write.
        self._sockets = self.place.sockets / "s"
        with (self.place.data / "pg_hba.conf").open("a") as file:
            file.write("local replication all peer map=owners\n")
        with (self.place.data / "pg_ident.conf").open("a") as file:
            file.write(f'owners "{self.place.account.name}" all\n')
        self._control("reload")

    def primary_url(self, database: str = DATABASE) -> str:
        return self.embedded.url(database)

    def standby_url(self, database: str = DATABASE) -> str:
        return f"postgresql://postgres@/{database}?host={quote(str(self._sockets))}&port={PORT}"

    def follow(self, name: str) -> None:
        """Makes the standby, under an application name, and starts it."""
        self._do("mkdir", "-p", self._sockets)
        assert run(
            self.place, "pg_basebackup", "-D", self.standby_data, "-R", "-X", "stream", "-c", "fast", "--no-sync",
            "-d", f"host={self.place.sockets} port={PORT} user=postgres application_name={name}",
        )  # fmt: skip
        self._conf(f"unix_socket_directories = '{self._sockets}'\n", self.standby_data)
        self._control("start", self.standby_data)

    def wait_for_standby(self, how: str) -> None:
        """Has the primary wait for the standby of a name before it says that anything is committed."""
        self._conf(f"synchronous_standby_names = '{how}'\n")
        self._control("reload")

    async def cut_off(self) -> None:
        """The standby hears nothing more of the primary."""
        (self.place.data / "pg_hba.conf").write_text("local all all peer map=owners\n")
        self._control("reload")
        await asyncio.sleep(0.1)
        await ask(self.primary_url(), "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_replication")
        await until(self._is_alone)

    async def _is_alone(self) -> bool:
        return 0 == await ask(self.primary_url(), "SELECT count(*) FROM pg_stat_replication")

    def kill_primary(self) -> None:
        postmaster = read_postmaster(self.place.data)
        assert postmaster is not None
        os.kill(postmaster.pid, signal.SIGKILL)

    def restart_primary(self) -> None:
        """The old primary comes back, not knowing that it is none any longer."""
        end = time.monotonic() + 30
        while not run(
            self.place, "pg_ctl", "start", "--wait", "--silent", "-D", self.place.data, "-l", self._log("old")
        ):
            assert time.monotonic() < end
            time.sleep(0.2)

    def promote(self) -> None:
        self._control("promote", self.standby_data, "--wait")

    def stop(self) -> None:
        for data in (self.standby_data, self.place.data):
            run(self.place, "pg_ctl", "stop", "--silent", "-m", "immediate", "-D", data)
        shutil.rmtree(self._sockets, ignore_errors=True)
        self.embedded.stop()

    def _conf(self, text: str, data: Path | None = None) -> None:
        with ((data or self.place.data) / "registry.conf").open("a") as file:
            file.write(text)

    def _control(self, what: str, data: Path | None = None, *more: str) -> None:
        assert run(
            self.place, "pg_ctl", what, "--silent", *more, "-D", data or self.place.data,
            *(("-l", self._log("standby"), "--wait") if what == "start" else ()),
        ), f"{what}: see {self._log('standby')}"  # fmt: skip

    def _log(self, name: str) -> Path:
        return self.place.home / f"{name}.log"

    def _do(self, *command: str | Path) -> None:
        assert self.place.account.can(*command)


async def ask(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def until(holds: Callable[[], Awaitable[bool]], *, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < end, "it did not come about"
        await asyncio.sleep(0.05)
