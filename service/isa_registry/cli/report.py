"""`isa-registry report`: the reports of the interface for whoever runs the registry, as the business unit sees them."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from isa_registry.cli.place import STATE_HELP, Place, place
from isa_registry.domain.challenging.stages import Differences
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.reporting.matrix import Narrowing, counted, narrowed
from isa_registry.domain.reporting.quarterly_table import quarterly_csv
from isa_registry.domain.reporting.quarters import quarter, quarter_of
from isa_registry.domain.reporting.tables import matrix_csv, reviews_csv
from isa_registry.runtime.differences import differences_at
from isa_registry.runtime.embedded.postgres import EmbeddedPostgresError
from isa_registry.runtime.log_keys.files import KeyFileError
from isa_registry.runtime.quarterly import Quarterly
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.reporting import Reader, due_for, matrix_for
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.settings import SettingsError, read_variable
from isa_registry.store.pool import DatabaseError, close_pool, open_pool

REPORTS = ("quarterly", "attestation-matrix", "reviews-due")
WITHIN_DAYS = 90
_MOST_WITHIN = 1096
_UNIT = Reader("", everything=True)
"""Sees each body, and of none its own references: as the business unit does."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "report",
        help="print a quarter's figures, who has attested what, or what is due for review",
        description="Prints a report of the whole registry, or of one partnership, as its business unit sees it: small "
        "numbers of a quarter are taken out and the others rounded, and nobody is named. Reads alone, also beside a "
        "running service. Exit status: 0 printed, 2 could not run.",
    )
    parser.add_argument("report", choices=REPORTS)
    parser.add_argument("--quarter", metavar="QUARTER", help="as 2026-Q3; without, the one of today so far")
    parser.add_argument("--within", type=int, default=WITHIN_DAYS, metavar="DAYS", help=f"for reviews ({WITHIN_DAYS})")
    parser.add_argument(
        "--partnership", metavar="ID", help="one partnership; for figures the registry's own without it"
    )
    parser.add_argument("--format", choices=("json", "csv"), default="json")
    parser.add_argument("--state", type=Path, help=STATE_HELP)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if not 0 <= arguments.within <= _MOST_WITHIN:
        return _could_not(f"--within takes from 0 to {_MOST_WITHIN} days.")
    try:
        differences = differences_at(_file("ISA_DIFFERENCES_FILE"))
        with place(arguments.state) as found:
            _print(asyncio.run(_made(found, differences, arguments)))
    except (SettingsError, KeyFileError, EmbeddedPostgresError, LogDisagrees) as error:
        return _could_not(str(error))
    except Refused as refused:
        return _could_not(refused.detail)
    except DatabaseError as error:
        return _could_not(f"the database cannot be reached ({type(error).__name__}).")
    except OSError as error:
        return _could_not(f"{error.filename or 'a file'}: {error.strerror}")
    return 0


def _could_not(why: str) -> int:
    print(f"isa-registry report: {why}", file=sys.stderr)
    return 2


def _file(variable: str) -> Path | None:
    named = read_variable(variable)
    return Path(named) if named else None


def _print(report: bytes) -> None:
    try:
        # As it is, whatever the terminal is set to: CSV has line ends of its own.
        sys.stdout.buffer.write(report)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read it has seen enough; nothing is left for the interpreter to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _made(found: Place, differences: Differences, arguments: argparse.Namespace) -> bytes:
    async with _reading(found) as registry:
        view = registry.follower.view
        opened = view.opened()
        if opened is None or opened.origin != found.origin:
            raise SettingsError("ISA_ORIGIN is not the name that this log was born with.")
        if arguments.partnership not in (None, *(one.partnership for one in view.partnerships())):
            raise SettingsError("--partnership is none of this registry's.")
        if arguments.report == "quarterly":
            figures = Quarterly(found.database_url, registry, differences)
            return await _quarterly(figures, registry, arguments, arguments.partnership or opened.partnership)
        if arguments.report == "attestation-matrix":
            return await _matrix(registry, view, arguments)
        return _reviews(registry, view, arguments)


@asynccontextmanager
async def _reading(found: Place) -> AsyncIterator[Registry]:
    """The register as it stands in the database, and a way to read it. Nothing that appends is started."""
    registry = Registry(found.database_url, found.keys)
    registry.reading = await open_pool(found.database_url, "isa_read", size=1)
    try:
        await registry.follower.start()
        yield registry
    finally:
        await registry.follower.stop()
        await close_pool(registry.reading)


async def _quarterly(figures: Quarterly, registry: Registry, asked: argparse.Namespace, partnership: str) -> bytes:
    today = london_date(registry.now())
    period = quarter_of(today) if asked.quarter is None else quarter(asked.quarter)
    if period is None or period.first > today:
        raise SettingsError("--quarter takes a year and one of Q1 to Q4, as 2026-Q3, that has begun.")
    found, frame = await figures.report(period, partnership, _UNIT)
    return quarterly_csv(found, frame) if asked.format == "csv" else _json({"figures": found, "signs_of_safety": frame})


async def _matrix(registry: Registry, view: RegisterView, asked: argparse.Namespace) -> bytes:
    found = narrowed(await matrix_for(registry, view, _UNIT), Narrowing(partnership=asked.partnership))
    if asked.format == "csv":
        return matrix_csv(found)
    parts = {"columns": found.columns, "counts": counted(found), "total": len(found.rows), "rows": found.rows}
    return _json({"on": london_date(registry.now()), **parts})


def _reviews(registry: Registry, view: RegisterView, asked: argparse.Namespace) -> bytes:
    today = london_date(registry.now())
    due = [
        one
        for one in due_for(view, today, asked.within, _UNIT)
        if asked.partnership is None or asked.partnership in one.partnerships
    ]
    if asked.format == "csv":
        return reviews_csv(due)
    overdue = sum(one.days < 0 for one in due)
    return _json({"on": today, "within": asked.within, "overdue": overdue, "total": len(due), "due": due})


def _json(report: dict[str, object]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"
