"""`isa-registry checkpoint`: the process that signs the log. It alone holds the log's private keys."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from isa_registry.checkpointer_settings import CheckpointerSettings, read_checkpointer_settings
from isa_registry.ledger.checkpoints import LogSigner
from isa_registry.runtime.checkpoints.checkpointer import Checkpointer
from isa_registry.runtime.checkpoints.history import HistoryRefused, HistoryUnconfirmed
from isa_registry.runtime.checkpoints.outside_store import CheckpointFile, OutsideStoreError
from isa_registry.runtime.erasure.journal import ErasuresNotReapplied, JournalDamaged, refuse_resurrected
from isa_registry.runtime.log_keys.files import KeyFileError, read_log_signer
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.runtime.witnesses.policy import policy_witnesses, read_policy
from isa_registry.settings import SettingsError
from isa_registry.store.pool import DatabaseError
from isa_registry.telemetry import configure_logging
from isa_verify.policy import Policy

_PARENT_LOOK_SECONDS = 0.5
_DATABASE_LOOK_SECONDS = 1.0


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("checkpoint", help="sign the log's checkpoints: one process beside the service")
    parser.add_argument(
        "--adopt",
        action="store_true",
        help="put the database's newest checkpoint into an ISA_CHECKPOINT_FILE that is empty or older: only where the "
        "file was lost and the database was not",
    )
    parser.add_argument("--with-parent", type=int, metavar="PID", help="end when this process, its parent, has ended")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    try:
        settings = read_checkpointer_settings()
        signer = read_log_signer(
            settings.origin, settings.log_key_file, settings.log_key_ml_dsa_44_file, settings.next_log_keys
        )
        policy = None if settings.log_policy_file is None else read_policy(settings.log_policy_file)
        configure_logging(settings.log_level)
        asyncio.run(_sign(settings, signer, policy, arguments))
    except (
        SettingsError,
        KeyFileError,
        HistoryRefused,
        LogDisagrees,
        OutsideStoreError,
        ErasuresNotReapplied,
        JournalDamaged,
    ) as error:
        print(f"isa-registry checkpoint: {error}", file=sys.stderr)
        return 2
    return 0


async def _sign(
    settings: CheckpointerSettings, signer: LogSigner, policy: Policy | None, arguments: argparse.Namespace
) -> None:
    await _wait_for_erasures(settings)
    async with AsyncExitStack() as stack:
        witnesses = None
        if policy is not None and policy.demands_witnesses:
            witnesses = await stack.enter_async_context(policy_witnesses(policy, signer.keys))
        checkpointer = Checkpointer(
            settings.database_url,
            signer,
            CheckpointFile(settings.checkpoint_file),
            now=lambda: datetime.now(UTC),
            witnesses=witnesses,
            adopt=arguments.adopt,
        )
        await _run(checkpointer, arguments.with_parent)


async def _wait_for_erasures(settings: CheckpointerSettings) -> None:
    """Nothing is signed before it is known that no backup brought back what was erased."""
    while True:
        try:
            await refuse_resurrected(settings.database_url, settings.erasure_journal, role="isa_checkpoint")
            return
        except DatabaseError as error:
            print(f"isa-registry checkpoint: the database is away ({type(error).__name__}); waiting.", file=sys.stderr)
        await asyncio.sleep(_DATABASE_LOOK_SECONDS)


async def _run(checkpointer: Checkpointer, parent: int | None) -> None:
    """Looks at the history, then signs until a signal, or the end of `parent`."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    try:
        await checkpointer.look()
    except HistoryUnconfirmed as error:
        print(f"isa-registry checkpoint: nothing is signed yet. {error}", file=sys.stderr)
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
