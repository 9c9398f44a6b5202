"""`isa-registry fsck`: checks the stored log against itself."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

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
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    try:
        report = _check_state(arguments.state.resolve()) if arguments.state else _check_settings()
    except (SettingsError, KeyFileError, EmbeddedPostgresError) as error:
        print(f"isa-registry fsck: {error}", file=sys.stderr)
        return 2
    except DatabaseError as error:
        print(f"isa-registry fsck: the database cannot be reached ({type(error).__name__}).", file=sys.stderr)
        return 2
    for line in lines(report):
        print(line)
    return 1 if report.findings else 0


def _check_settings() -> Report:
    settings = read_settings()
    signer = LogSigner(origin=settings.origin, key=read_log_key(settings.log_key_file))
    url = read_variable("ISA_MIGRATE_URL") or settings.database_url
    return asyncio.run(check_log(url, origin=signer.origin, vkey=signer.vkey))


def _check_state(state: Path) -> Report:
    signer = LogSigner(origin=demonstration.ORIGIN, key=read_log_key(state / "keys" / LOG_KEY))
    with EmbeddedPostgres(state / "postgres") as postgres:
        return asyncio.run(check_log(postgres.url("isa_registry"), origin=signer.origin, vkey=signer.vkey))
