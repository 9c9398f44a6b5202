"""`isa-registry migrate`: brings the database up to date, as its owner."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys

from isa_registry.data import data_directory
from isa_registry.store.databases import migrated
from isa_registry.store.migrate import MigrationError
from isa_registry.store.pool import DatabaseError


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("migrate", help="bring the database in DATABASE_URL up to date, as its owner")
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    url = os.environ.get("ISA_MIGRATE_URL") or os.environ.get("DATABASE_URL")
    if not url:
        print("isa-registry migrate: set DATABASE_URL to the owner's login.", file=sys.stderr)
        return 2
    try:
        applied = asyncio.run(migrated(url, data_directory("migrations")))
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
