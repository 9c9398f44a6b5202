"""`isa-registry serve`: the service, from settings in the environment."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings

from isa_registry.cli.companions import Companion
from isa_registry.cli.workers import Workers
from isa_registry.domain.dates import instant
from isa_registry.domain.entries import RegistryOpened
from isa_registry.local_copying import local_registers_of
from isa_registry.runtime.checkpoints.history import HistoryRefused, HistoryUnconfirmed, look
from isa_registry.runtime.checkpoints.outside_store import CheckpointFile, OutsideStoreError
from isa_registry.runtime.checkpoints.stored_history import DatabaseHistory
from isa_registry.runtime.erasure.journal import ErasuresNotReapplied, JournalDamaged, refuse_resurrected
from isa_registry.runtime.folding import payload_as_logged
from isa_registry.runtime.local_copy.sealed_files import LocalCopyRefused
from isa_registry.runtime.log_keys.files import KeyFileError
from isa_registry.runtime.log_keys.logged import keys_in
from isa_registry.runtime.registry import wall_clock
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.settings import Settings, SettingsError, read_settings
from isa_registry.store import log
from isa_registry.store.pool import Connection, DatabaseError, connect
from isa_registry.telemetry import configure_logging

HEADER_SECONDS = 10
HEADER_BYTES = 128 * 1024
"""How long the head of a request may take to come, and about how long it may be; more than 100 headers are refused
too."""

_APPLICATION = "isa_registry.bootstrap:application"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("serve", help="run the service with the settings in the environment")
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    try:
        settings = read_settings()
        if settings.demo_state is not None:
            raise SettingsError("ISA_DEMO_STATE is set: use `isa-registry demo` for the demonstration.")
        if settings.bench:
            raise SettingsError("ISA_BENCH is set: the benchmarks' echo is open to everybody, and never served.")
        try:
            asyncio.run(_look(settings))
            asyncio.run(refuse_resurrected(settings.database_url, settings.erasure_journal))
        except DatabaseError as error:
            _look_at_copy(settings, error)
    except (
        KeyFileError,
        SettingsError,
        HistoryRefused,
        LogDisagrees,
        ErasuresNotReapplied,
        JournalDamaged,
        log.PayloadMissing,
    ) as error:
        print(f"isa-registry serve: {error}", file=sys.stderr)
        return 2
    except DatabaseError as error:
        print(f"isa-registry serve: the database cannot be reached ({type(error).__name__}).", file=sys.stderr)
        return 2
    serve(settings)
    return 0


async def _look(settings: Settings) -> None:
    """Raises `SettingsError` for a demonstration's log, or one of another origin, and `HistoryRefused` for a database
    that is behind what was signed, or differs from it."""
    connection = await connect(settings.database_url, "isa_read")
    try:
        first = await log.register_entries(connection, 0, 1)
        await refuse_other_history(settings, connection)
    finally:
        await connection.close()
    if not first:
        raise SettingsError("the log is empty. Bring the partnership in first: isa-registry import FILE")
    _refuse_other_log(settings, payload_as_logged(first[0]))


def _look_at_copy(settings: Settings, away: Exception) -> None:
    """The same for this machine's copy of the register. Raises `away` where there is none to start from, and
    `SettingsError`."""
    registers = local_registers_of(settings)
    if registers is None:
        raise away
    try:
        found = registers.load(now=wall_clock())
    except LocalCopyRefused as refused:
        print(f"isa-registry serve: nothing to answer from without it: {refused}", file=sys.stderr)
        raise away from None
    _refuse_other_log(settings, found.register.at(found.size).opened())
    print(
        f"isa-registry serve: the database cannot be reached ({type(away).__name__}). Checks are answered from this "
        f"machine's copy of the register, made at {instant(found.made_at)}; nothing is recorded until it is back.",
        file=sys.stderr,
        flush=True,
    )


def _refuse_other_log(settings: Settings, opened: object) -> None:
    if not isinstance(opened, RegistryOpened) or opened.origin != settings.origin:
        raise SettingsError("ISA_ORIGIN is not the name that this log was born with.")
    if opened.demo:
        raise SettingsError("this log is a demonstration's. Nothing in it is real, and it is never served as real.")


async def refuse_other_history(settings: Settings, connection: Connection) -> None:
    """Raises `HistoryRefused`. Where nothing confirms the history, the service starts all the same: checks are
    answered, and what is to be recorded is refused until something does."""
    if settings.checkpoint_file is not None:
        try:
            keys = await keys_in(connection, settings.log_keys)
            await look(DatabaseHistory(connection), keys, CheckpointFile(settings.checkpoint_file))
        except (HistoryUnconfirmed, OutsideStoreError) as error:
            print(f"isa-registry: nothing will be recorded: {error}", file=sys.stderr, flush=True)


def serve(settings: Settings, companions: Sequence[Companion] = ()) -> None:
    """Runs the workers, and beside them the companions, until the process is told to end."""
    os.environ.update(settings.environment())
    configure_logging(settings.log_level)
    for companion in companions:
        companion.tend()
    workers = Workers(
        _APPLICATION,
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        # The proxy before the service speaks HTTP/1.1 with it: whatever HTTP/2 can be misused for ends there.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000, max_buffer_size=HEADER_BYTES),
        loop=Loops.uvloop,
        workers=settings.workers,
        # A worker that was just forked can miss the signal to end; without a limit the service would wait for ever.
        workers_kill_timeout=10,
        log_enabled=False,
        log_access=False,
        websockets=False,
        backpressure=512,
    )
    workers.companions = companions
    try:
        workers.serve()
    finally:
        for companion in companions:
            companion.stop()
