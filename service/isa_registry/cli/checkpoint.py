"""`isa-registry checkpoint`: the process that signs the log. It alone holds the log's private keys."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from datetime import UTC, datetime

from isa_registry.runtime.checkpointer import Checkpointer
from isa_registry.runtime.history import HistoryRefused
from isa_registry.runtime.key_files import KeyFileError, read_log_signer
from isa_registry.runtime.outside_store import CheckpointFile, OutsideStoreError
from isa_registry.settings import SettingsError, read_checkpointer_settings
from isa_registry.store.pool import DatabaseError
from isa_registry.telemetry import configure_logging

_PARENT_LOOK_SECONDS = 0.5


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("checkpoint", help="sign the log's checkpoints: one process beside the service")
    parser.add_argument(
        "--adopt",
        action="store_true",
        help="begin an empty ISA_CHECKPOINT_FILE with the database's newest checkpoint: only where the file was lost "
        "and the database was not",
    )
    parser.add_argument("--with-parent", type=int, metavar="PID", help="end when this process, its parent, has ended")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    try:
        settings = read_checkpointer_settings()
        signer = read_log_signer(settings.origin, settings.log_key_file, settings.log_key_ml_dsa_44_file)
        configure_logging(settings.log_level)
        checkpointer = Checkpointer(
            settings.database_url,
            signer,
            CheckpointFile(settings.checkpoint_file),
            now=lambda: datetime.now(UTC),
            adopt=arguments.adopt,
        )
        asyncio.run(_run(checkpointer, arguments.with_parent))
    except (SettingsError, KeyFileError, HistoryRefused, OutsideStoreError) as error:
        print(f"isa-registry checkpoint: {error}", file=sys.stderr)
        return 2
    return 0


async def _run(checkpointer: Checkpointer, parent: int | None) -> None:
    """Looks at the history, then signs until a signal, or the end of `parent`."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    try:
        await checkpointer.look()
    except DatabaseError as error:
        print(f"isa-registry checkpoint: the database is away ({type(error).__name__}); waiting.", file=sys.stderr)
    await checkpointer.start()
    try:
        while not ended.is_set() and (parent is None or os.getppid() == parent):
            try:
                async with asyncio.timeout(_PARENT_LOOK_SECONDS if parent else None):
                    await ended.wait()
            except TimeoutError:
                continue
    finally:
        await checkpointer.stop()
