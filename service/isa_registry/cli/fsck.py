"""`isa-registry fsck`: checks the stored log against itself."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from isa_registry.cli.progress import Progress
from isa_registry.ledger.checkpoints import LogSigner
from isa_registry.runtime import demonstration
from isa_registry.runtime.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from isa_registry.runtime.fsck import Report, check_log, lines
from isa_registry.runtime.key_files import LOG_KEY, KeyFileError, read_log_key
from isa_registry.settings import SettingsError, read_settings, read_variable
from isa_registry.store.pool import DatabaseError


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("fsck", help="check the stored log against itself; read-only")
    parser.add_argument("--state", type=Path, help="a demonstration's directory, instead of DATABASE_URL")
    parser.add_argument("--outside", type=Path, help="the file outside the database that holds the newest checkpoint")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    outside: Path | None = arguments.outside
    try:
        report = _check_state(arguments.state.resolve(), outside) if arguments.state else _check_settings(outside)
    except (SettingsError, KeyFileError, EmbeddedPostgresError) as error:
        print(f"isa-registry fsck: {error}", file=sys.stderr)
        return 2
    except DatabaseError as error:
        print(f"isa-registry fsck: the database cannot be reached ({type(error).__name__}).", file=sys.stderr)
        return 2
    for line in lines(report):
        print(line)
    return 0 if report.clean else 1


def _check_settings(outside: Path | None) -> Report:
    settings = read_settings()
    signer = LogSigner(origin=settings.origin, key=read_log_key(settings.log_key_file))
    url = read_variable("ISA_MIGRATE_URL") or settings.database_url
    return _check(url, signer.origin, [signer.vkey], outside)


def _check_state(state: Path, outside: Path | None) -> Report:
    signer = LogSigner(origin=demonstration.ORIGIN, key=read_log_key(state / "keys" / LOG_KEY))
    with EmbeddedPostgres(state / "postgres") as postgres:
        return _check(postgres.url("isa_registry"), signer.origin, [signer.vkey], outside)


def _check(url: str, origin: str, vkeys: list[str], outside: Path | None) -> Report:
    with Progress("checked", "entries") as progress:
        return asyncio.run(check_log(url, origin=origin, vkeys=vkeys, outside=outside, progress=progress.shown))
