"""`isa-registry export`: a copy of the log for any web server, or evidence to take away."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from isa_registry.actions.audit import OPERATOR, REASONS, parse_query, reading
from isa_registry.cli.place import STATE_HELP, Place, place
from isa_registry.cli.progress import Progress
from isa_registry.domain.dates import instant
from isa_registry.domain.refusals import Refused
from isa_registry.runtime.auditing import Reader
from isa_registry.runtime.checkpoints.guard import Guard
from isa_registry.runtime.checkpoints.outside_store import OutsideStoreError
from isa_registry.runtime.continuing.old_log import has_ended
from isa_registry.runtime.embedded.postgres import EmbeddedPostgresError
from isa_registry.runtime.evidence.bundle import Evidence, EvidenceIncomplete, pieces
from isa_registry.runtime.evidence.static_copy import StaticCopy, StaticCopyError
from isa_registry.runtime.follower import Follower
from isa_registry.runtime.log_keys.files import KeyFileError
from isa_registry.runtime.log_keys.logged import keys_in
from isa_registry.runtime.randomness import Randomness
from isa_registry.runtime.sequencer import Sequencer
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.settings import SettingsError
from isa_registry.store import publication
from isa_registry.store.pool import DatabaseError, close_pool, connect, open_pool, reading_for
from isa_verify.errors import VerificationError


class CannotExport(Exception):
    """The export cannot be made; the message says why."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("export", help="write evidence, or a copy of the log that any web server can serve")
    parser.add_argument("file", metavar="FILE", type=Path, nargs="?", help="the .isa-evidence.jsonl file to write")
    parser.add_argument("--tiles", metavar="DIR", type=Path, help="copy checkpoint and tiles to DIR/log, what is new")
    parser.add_argument("--entries", action="store_true", help="with --tiles: entry bundles too, which may be private")
    for name in ("kind", "organisation", "agreement"):
        parser.add_argument(f"--{name}", action="append", default=[], help=f"only entries of this {name}; repeatable")
    parser.add_argument("--from", dest="since", help="only from this day in London, or this moment, on")
    parser.add_argument("--until", help="only up to this day or moment, inclusive")
    parser.add_argument("--reason", choices=REASONS, help="why payloads leave the registry: it goes into the log")
    parser.add_argument(
        "--ended",
        action="store_true",
        help="of a log that has ended, since its database is behind what was signed: nothing can be noted in it",
    )
    parser.add_argument("--state", type=Path, help=STATE_HELP)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if (arguments.file is None) == (arguments.tiles is None):
        print("isa-registry export: name FILE, or a directory with --tiles.", file=sys.stderr)
        return 2
    try:
        with place(arguments.state) as found:
            if arguments.tiles is not None:
                asyncio.run(_copy(found, arguments.tiles, entries=arguments.entries))
            else:
                asyncio.run(_export(found, arguments))
    except DatabaseError as error:
        print(f"isa-registry export: the database cannot be reached ({type(error).__name__}).", file=sys.stderr)
        return 2
    except Refused as refused:
        for fault in refused.faults:
            print(f"isa-registry export: {fault.pointer.removeprefix('#/')}: {fault.detail}", file=sys.stderr)
        if not refused.faults:
            print(f"isa-registry export: {refused.detail}", file=sys.stderr)
        return 2
    except (
        SettingsError,
        KeyFileError,
        EmbeddedPostgresError,
        StaticCopyError,
        EvidenceIncomplete,
        LogDisagrees,
        CannotExport,
    ) as error:
        print(f"isa-registry export: {error}", file=sys.stderr)
        return 2
    return 0


async def _copy(found: Place, directory: Path, *, entries: bool) -> None:
    pool = await open_pool(found.database_url, "isa_read", size=1)
    try:
        async with reading_for(pool, "") as connection:
            checkpoint = (await publication.standing(connection)).published
        if checkpoint is None:
            raise CannotExport("The log has published no checkpoint yet.")
        with Progress("copied", "entries") as progress:
            copy = StaticCopy(pool, directory, found.keys, entries=entries, progress=progress.shown)
            copied = await copy.run(checkpoint)
    finally:
        await close_pool(pool)
    print(f"{copied.size} entries, {copied.files} files written")


async def _export(found: Place, arguments: argparse.Namespace) -> None:
    """Payloads that leave by the operator's hand are noted in the log too, before they do."""
    asked = parse_query(_query(arguments), paged=False)
    async with AsyncExitStack() as stack:
        pool = await open_pool(found.database_url, "isa_read", size=2)
        stack.push_async_callback(close_pool, pool)
        follower = Follower(found.database_url)
        await follower.start()
        stack.push_async_callback(follower.stop)
        checkpoint, opened = follower.checkpoint, follower.view.opened()
        if checkpoint is None or opened is None:
            raise CannotExport("The log has no checkpoint yet.")
        randomness = Randomness()
        sequencer = Sequencer(
            found.database_url,
            follower,
            now=lambda: datetime.now(UTC),
            fresh_salt=lambda: randomness(32),
            origin=found.origin,
            guard=Guard(found.keys, found.outside, lambda: follower.standing.word),
        )
        await sequencer.start()
        stack.push_async_callback(sequencer.stop)
        evidence = Evidence(
            pool=pool,
            reader=Reader("*"),
            selection=asked.selection,
            checkpoint=checkpoint,
            view=follower.view,
            made_at=instant(datetime.now(UTC)),
        )
        note = reading(
            organisation=opened.lead_body,
            client=OPERATOR,
            role=OPERATOR,
            purpose="export",
            first=0,
            last=checkpoint.size - 1,
            reason=asked.reason,
        )
        if arguments.ended:
            await _refuse_unless_ended(found)
        else:
            await sequencer.append(note)
        await _write(evidence, arguments.file)
    print(f"{checkpoint.size} entries looked at, evidence written: isa-verify export {arguments.file}")


async def _refuse_unless_ended(found: Place) -> None:
    """A log that can still be written to is to note who read it."""
    if found.outside is None:
        raise CannotExport("--ended needs ISA_CHECKPOINT_FILE: it shows that this log cannot go on.")
    try:
        note = await asyncio.to_thread(found.outside.load)
    except OutsideStoreError as error:
        raise CannotExport(str(error)) from None
    if note is not None:
        connection = await connect(found.database_url, "isa_read")
        try:
            keys = await keys_in(connection, found.keys)
            if await has_ended(connection, keys.open(note)):
                return
        except VerificationError as error:
            raise CannotExport(f"ISA_CHECKPOINT_FILE holds no checkpoint of this log: {error.detail}") from None
        finally:
            await connection.close()
    raise CannotExport("This log has not ended: export without --ended, so that the reading is noted in it.")


def _query(arguments: argparse.Namespace) -> list[tuple[str, str]]:
    found = [(name, value) for name in ("kind", "organisation", "agreement") for value in getattr(arguments, name)]
    for name, value in (("from", arguments.since), ("until", arguments.until), ("reason", arguments.reason)):
        if value is not None:
            found.append((name, value))
    return found


async def _write(evidence: Evidence, file: Path) -> None:
    with _whole(file) as out, Progress("exported", "entries") as progress:
        async for piece in pieces(evidence):
            out.write(piece.data)
            progress.shown(piece.searched, evidence.checkpoint.size)


@contextmanager
def _whole(file: Path) -> Iterator[BinaryIO]:
    """The whole file, or none: it appears under its name once it is complete, for its owner alone."""
    try:
        handle, name = tempfile.mkstemp(dir=file.resolve().parent, prefix=".unfinished-")
        try:
            with os.fdopen(handle, "wb") as out:
                yield out
                out.flush()
                os.fsync(out.fileno())
            Path(name).replace(file)
        finally:
            Path(name).unlink(missing_ok=True)
    except (FileNotFoundError, PermissionError, NotADirectoryError, IsADirectoryError):
        raise CannotExport("The file cannot be written there.") from None
