"""`isa-registry agreements`: checks the texts of agreements, and makes those of their parts that are made."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from isa_registry.data import data_directory
from isa_registry.domain.agreement_annex import annexes_markdown, with_annexes
from isa_registry.domain.agreement_lint import VersionFiles, lint_agreement
from isa_registry.domain.agreement_lint.clause_ids import LEDGER, ledger_json, read_ledger, with_new_ids
from isa_registry.domain.agreement_lint.summaries import CHILDREN, SUMMARY
from isa_registry.domain.agreement_loading import read_schedule, schedule_faults
from isa_registry.domain.agreement_text import AgreementError, AgreementFault, parse_agreement_text
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.catalogue_loading import FILES, CatalogueError, load_catalogue

TEXT = "agreement.md"
SCHEDULE = "schedule.json"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("agreements", help="check agreement texts, and make their annexes")
    subjects = parser.add_subparsers(required=True, metavar="SUBJECT")
    lint = subjects.add_parser("lint", help="hold texts, schedules and summaries against the rules")
    lint.add_argument("directories", type=Path, nargs="*", metavar="DIR", help="a version; all that ship without")
    lint.set_defaults(run=_told(_lint))
    annex = subjects.add_parser("annex", help="the annexes that a schedule makes")
    annex.set_defaults(run=_told(_annex))
    ids = subjects.add_parser("clause-ids", help="the ledger of clause ids, with those that are new")
    ids.set_defaults(run=_told(_clause_ids))
    for made in (annex, ids):
        made.add_argument("directory", type=Path, metavar="DIR", help="a version, such as agreements/durham/tier-1/1.0")
        made.add_argument("--write", action="store_true", help="write it where it belongs, instead of printing it")


def _told(
    command: Callable[[argparse.Namespace], int],
) -> Callable[[argparse.Namespace], int]:
    def run(arguments: argparse.Namespace) -> int:
        try:
            return command(arguments)
        except CatalogueError:
            print(
                "isa-registry agreements: the catalogue has faults: see isa-registry catalogue check", file=sys.stderr
            )
            return 2
        except (OSError, UnicodeDecodeError) as error:
            what = error.strerror if isinstance(error, OSError) else "not UTF-8"
            name = getattr(error, "filename", None) or "a file"
            print(f"isa-registry agreements: {name}: {what}", file=sys.stderr)
            return 2

    return run


def _lint(arguments: argparse.Namespace) -> int:
    catalogue = _catalogue()
    directories = arguments.directories or _shipped()
    count = 0
    for directory in directories:
        if not directory.is_dir():
            print(f"isa-registry agreements: {directory}: not a directory", file=sys.stderr)
            return 2
        faults = lint_agreement(version_files(directory), catalogue)
        _print(directory, faults)
        count += len(faults)
    if count:
        print(f"{count} {'fault' if count == 1 else 'faults'}", file=sys.stderr)
    return 1 if count else 0


def _annex(arguments: argparse.Namespace) -> int:
    directory: Path = arguments.directory
    catalogue = _catalogue()
    text = (directory / TEXT).read_text(encoding="utf-8")
    try:
        schedule = read_schedule((directory / SCHEDULE).read_bytes())
    except AgreementError as error:
        _print(directory, error.faults)
        return 1
    loose = schedule_faults(schedule, catalogue)
    if loose:
        _print(directory, loose)
        return 1
    written = annexes_markdown(schedule, catalogue)
    if arguments.write:
        (directory / TEXT).write_text(with_annexes(text, written), encoding="utf-8", newline="\n")
    else:
        print(written, end="")
    return 0


def _clause_ids(arguments: argparse.Namespace) -> int:
    directory: Path = arguments.directory
    place = directory / LEDGER
    try:
        words = parse_agreement_text((directory / TEXT).read_text(encoding="utf-8"))
        ledger = with_new_ids(read_ledger(place.read_bytes()) if place.exists() else {}, words)
    except AgreementError as error:
        _print(directory, error.faults)
        return 1
    if arguments.write:
        place.write_bytes(ledger_json(ledger))
    else:
        print(ledger_json(ledger).decode(), end="")
    return 0


def _catalogue() -> Catalogue:
    directory = data_directory("agreements") / "catalogue"
    return load_catalogue({name: (directory / name).read_bytes() for name in FILES})


def _shipped() -> list[Path]:
    return sorted(text.parent for text in data_directory("agreements").glob(f"*/*/*/{TEXT}"))


def version_files(directory: Path) -> VersionFiles:
    """The files of one version and, where its schedule names a parent, that one's text."""
    schedule = _bytes(directory / SCHEDULE)
    parent = None
    if schedule is not None:
        try:
            named = read_schedule(schedule).parent
        except AgreementError:
            named = None
        if named is not None:
            parent = _text(directory / ".." / ".." / named.agreement / named.version / TEXT)
    return VersionFiles(
        agreement=_text(directory / TEXT),
        schedule=schedule,
        summary=_text(directory / SUMMARY),
        summary_children=_text(directory / CHILDREN),
        ledger=_bytes(directory / LEDGER),
        parent=parent,
        newest=not any(_later(other.name, directory.resolve().name) for other in directory.resolve().parent.iterdir()),
    )


def _later(version: str, than: str) -> bool:
    try:
        return tuple(map(int, version.split("."))) > tuple(map(int, than.split(".")))
    except ValueError:
        return False


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _text(path: Path) -> str | None:
    data = _bytes(path)
    try:
        return None if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _print(directory: Path, faults: list[AgreementFault] | tuple[AgreementFault, ...]) -> None:
    for fault in faults:
        print(f"{os.path.normpath(directory / fault.file)}{fault.at}: {fault.what}")
