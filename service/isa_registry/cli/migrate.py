"""`isa-registry migrate`: brings the database up to date, as its owner."""

from __future__ import annotations

import argparse
import asyncio
import sys

from isa_registry.data import data_directory
from isa_registry.settings import SettingsError, read_variable
from isa_registry.store.databases import migrated
from isa_registry.store.migrate import MigrationError
from isa_registry.store.pool import DatabaseError


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("migrate", help="bring the database in DATABASE_URL up to date, as its owner")
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    try:
        url = read_variable("ISA_MIGRATE_URL") or read_variable("DATABASE_URL")
        if not url:
            raise SettingsError("set ISA_MIGRATE_URL, or DATABASE_URL, to the owner's login.")
        applied = asyncio.run(migrated(url, data_directory("migrations")))
    except SettingsError as error:
        print(f"isa-registry migrate: {error}", file=sys.stderr)
        return 2
    except MigrationError as error:
        print(f"isa-registry migrate: {error}", file=sys.stderr)
        return 1
    except DatabaseError as error:
        print(f"isa-registry migrate: the database cannot be reached ({type(error).__name__}).", file=sys.stderr)
        return 2
    for name in applied:
        print(f"applied {name}")
    if not applied:
        print("nothing to apply")
    return 0
