"""`isa-registry continue`: begins a log, under another origin and other keys, that continues one which ended."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO

from isa_registry.cli.progress import Progress
from isa_registry.domain.entries import kind_of
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.carrying import CannotCarry
from isa_registry.domain.register.influence import Folded
from isa_registry.runtime.checkpoints.outside_store import CheckpointFile, OutsideStoreError
from isa_registry.runtime.continuing.old_evidence import read_old_evidence
from isa_registry.runtime.continuing.old_log import OldLog, OldLogRefused, read_old_log
from isa_registry.runtime.continuing.plan import Plan, begin, continues_already, plan
from isa_registry.runtime.erasure.journal import Journal, JournalDamaged
from isa_registry.runtime.log_keys.files import KeyFileError, read_attestation_key
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.settings import Settings, SettingsError, read_settings, read_variable
from isa_registry.store.pool import DatabaseError, connect
from isa_verify.continuation import REASONS
from isa_verify.errors import VerificationError
from isa_verify.log_keys import LogKey, parse_keys

OLD_DATABASE = "ISA_OLD_DATABASE_URL"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "continue",
        help="begin a log that continues one which ended: after a restore that lost entries, or lost keys",
        description="The settings in the environment are the new log's: its database, origin, keys and files. The old "
        f"database, whose address is in {OLD_DATABASE} or the file that {OLD_DATABASE}_FILE names, is read only.",
    )
    parser.add_argument(
        "--old-keys",
        type=Path,
        required=True,
        metavar="FILE",
        help="the old log's verifier keys, as /log/keys gives them",
    )
    parser.add_argument(
        "--old-checkpoint",
        type=Path,
        required=True,
        metavar="FILE",
        help="the last checkpoint that the old log signed: the old ISA_CHECKPOINT_FILE, or what a partner remembers",
    )
    parser.add_argument(
        "--old-evidence",
        type=Path,
        metavar="FILE",
        help="a whole evidence bundle, where there is no old database to read any more",
    )
    parser.add_argument("--reason", required=True, choices=sorted(REASONS), help="why the old log ended")
    parser.add_argument(
        "--old-journal",
        type=Path,
        metavar="FILE",
        help="the old log's erasure journal: to be told what was erased after the backup, and is in force again",
    )
    parser.add_argument(
        "--unsigned",
        choices=("carry", "leave"),
        help="what becomes of entries of the register that no signature of the old log vouches for",
    )
    parser.add_argument("--dry-run", action="store_true", help="say line by line what would be done, and do nothing")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    try:
        return asyncio.run(_continue(arguments))
    except VerificationError as error:
        print(f"isa-registry continue: {error.code}: {error.detail}", file=sys.stderr)
        return 1
    except OldLogRefused as refused:
        print(f"isa-registry continue: {refused.code}: {refused}", file=sys.stderr)
        return 1
    except Refused as refused:
        print(f"isa-registry continue: {refused.detail}", file=sys.stderr)
        return 1
    except (LogDisagrees, CannotCarry) as error:
        print(f"isa-registry continue: {error}", file=sys.stderr)
        return 1
    except (SettingsError, KeyFileError, JournalDamaged, OutsideStoreError) as error:
        print(f"isa-registry continue: {error}", file=sys.stderr)
        return 2
    except DatabaseError as error:
        print(f"isa-registry continue: the new database cannot be reached ({type(error).__name__}).", file=sys.stderr)
        return 2


async def _continue(arguments: argparse.Namespace) -> int:
    settings = read_settings()
    old_keys, journal = parse_keys(_read(arguments.old_keys)), _journal(arguments.old_journal)
    old = await _old(arguments, old_keys)
    planned = plan(
        old,
        old_keys,
        settings.log_keys,
        read_attestation_key(settings.attestation_key_file),
        reason=arguments.reason,
        unsigned=arguments.unsigned,
    )
    outside = None if settings.checkpoint_file is None else CheckpointFile(settings.checkpoint_file)
    registry = Registry(settings.database_url, settings.log_keys, outside=outside)
    await registry.start()
    try:
        if continues_already(registry, planned):
            print(f"{settings.origin} continues {old.origin} already: nothing is left to do")
            return 0
        if registry.follower.view.size:
            raise Refused("conflict", "The new database holds a log that has begun already. Name an empty one.")
        _refuse_old_files(arguments, settings)
        _show(planned, journal, every_entry=arguments.dry_run)
        if arguments.dry_run:
            print("nothing was written")
            return 0
        size = await begin(registry, planned)
    finally:
        await registry.stop()
    print(f"the log now has {size} entries")
    return 0


async def _old(arguments: argparse.Namespace, keys: tuple[LogKey, ...]) -> OldLog:
    url, evidence = read_variable(OLD_DATABASE), arguments.old_evidence
    if bool(url) == (evidence is not None):
        raise SettingsError(
            f"give one of {OLD_DATABASE}, the address of the database whose log is to be continued, and --old-evidence."
        )
    note = _read(arguments.old_checkpoint)
    if evidence is not None:
        return await asyncio.to_thread(read_old_evidence, partial(_opened, evidence), keys, note)
    try:
        connection = await connect(url, "isa_read")
        try:
            with Progress("read", "entries of the old log") as progress:
                return await read_old_log(connection, keys, note, progress=progress.shown)
        finally:
            await connection.close()
    except DatabaseError as error:
        raise SettingsError(f"the old database cannot be reached or read ({type(error).__name__}).") from None


def _journal(path: Path | None) -> Mapping[int, str]:
    """The leaf hash of each entry that the old log had erased."""
    if path is None:
        return {}
    if not path.exists():
        raise SettingsError(f"{path} is not there.")
    return {line.index: line.leaf for line in Journal(path).read()}


def _refuse_old_files(arguments: argparse.Namespace, settings: Settings) -> None:
    """The old log's files stay as they are: they are evidence, and what the old database goes on to be refused by."""
    checkpoint = settings.checkpoint_file
    if checkpoint is not None and CheckpointFile(checkpoint).load() is not None:
        raise Refused(
            "conflict", f"ISA_CHECKPOINT_FILE, {checkpoint}, holds a checkpoint of another log. Name a file of its own."
        )
    for mine, its in ((checkpoint, arguments.old_checkpoint), (settings.erasure_journal, arguments.old_journal)):
        if mine is not None and its is not None and mine.resolve() == its.resolve():
            raise Refused("conflict", f"{its} is the old log's. The new log needs a file of its own.")


def _show(planned: Plan, journal: Mapping[int, str], *, every_entry: bool) -> None:
    old = planned.old
    print(f"{old.origin} signed {old.last.checkpoint.size} entries; {old.size} are here")
    if old.differs:
        print(f"after entry {old.vouched - 1} they are not those that were signed")
    if old.lost:
        print(f"{old.lost} entries that it signed are lost; receipts for them verify with the old keys")
    if every_entry:
        for carried in planned.carrying.carried:
            print(f"entry {carried.old.index} becomes entry {carried.index}: {_named(carried.old)}")
        for left in planned.carrying.left:
            print(f"entry {left.old.index} stays behind: {_named(left.old)} ({left.why})")
    for carried in planned.carrying.carried:
        if journal.get(carried.old.index) == old.hashes[carried.old.index].hex():
            print(
                f"entry {carried.old.index} was erased after the backup and is in force again, since what replaced it "
                f"is lost: replace or revoke it, so that it is erased again ({_named(carried.old)})"
            )
    for unsigned in planned.unsigned:
        print(f"entry {unsigned.index} stays behind: {_named(unsigned)} (unsigned)")
    print(f"{planned.opened.origin} begins with {planned.size} entries, {len(planned.carrying.carried)} carried over")


def _named(entry: Folded) -> str:
    """The kind, and whose it is where it is of one body. Never a person."""
    organisation = getattr(entry.payload, "organisation", None)
    kind = kind_of(entry.payload)
    return f"{kind} of {organisation}" if organisation else kind


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}).") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}).") from None
