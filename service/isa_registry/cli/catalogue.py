"""`isa-registry catalogue`: checks the law as data, shows it in words and compares two versions, without a database;
and brings one into a registry."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import get_args

from isa_registry.cli.catalogue_files import CannotError, Version, catalogue_files, shipped, side, versions
from isa_registry.cli.catalogue_printing import count, print_difference, print_faults, print_part
from isa_registry.domain import catalogue_labels as labels
from isa_registry.domain.catalogue import Catalogue, Confidence
from isa_registry.domain.catalogue_constraints import CONSTRAINTS
from isa_registry.domain.catalogue_difference import sha256_of, version_of
from isa_registry.domain.catalogue_loading import CatalogueError, load_catalogue
from isa_registry.domain.catalogue_reading import codes, contents, sheets_of
from isa_registry.domain.catalogue_references import IMMEDIATE_DANGER
from isa_registry.domain.catalogue_remedies import place
from isa_registry.domain.catalogue_row_reading import row_sheet
from isa_registry.domain.catalogue_sentences import OLDEST, sentences
from isa_registry.domain.catalogue_sheets import Part, Reader, Sheet
from isa_registry.domain.catalogue_uses import relied_on
from isa_registry.domain.dates import is_date


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "catalogue", help="check, show and compare the law as data, and bring it into a registry"
    )
    subjects = parser.add_subparsers(required=True, metavar="SUBJECT")
    check = subjects.add_parser("check", help="name every fault, and say what was held")
    check.add_argument("directory", type=Path, nargs="?", metavar="DIR", help="the catalogue that ships without")
    check.set_defaults(run=_told(_check))
    show = subjects.add_parser("show", help="a provision, a purpose, a kind and a purpose, … in words")
    show.add_argument("codes", nargs="*", metavar="CODE", help="codes, or a kind and a purpose; all there is without")
    show.add_argument("--catalogue", dest="directory", type=Path, metavar="DIR", help="another than the one that ships")
    show.add_argument("--on", metavar="DATE", help="the day whose law is asked for, as 2026-09-30")
    show.add_argument("--json", action="store_true", help="the same for machines")
    show.set_defaults(run=_told(_show))
    for reads in (check, show):
        reads.add_argument("--agreements", type=Path, metavar="DIR", help="agreements other than those that ship")
    diff = subjects.add_parser("diff", help="what differs between two catalogues, and which answers it could change")
    diff.add_argument("old", type=Path, metavar="OLD", help="a directory, or a catalogue in one JSON file")
    diff.add_argument("new", type=Path, nargs="?", metavar="NEW", help="the other directory")
    diff.add_argument("--shipped", action="store_true", help="compare OLD with the catalogue that ships")
    diff.set_defaults(run=_told(_diff))
    _add_adopting(subjects)


def _add_adopting(subjects: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subjects.add_parser(
        "adopt",
        help="bring a catalogue into a running registry: what it would change, and with --sha256 doing it",
        description="Checks a catalogue, and shows how it differs from the one of a registry and what rests on the "
        "difference. With --sha256 it becomes the law as data: one entry of the log, from which every worker "
        "answers once it has read it. Answers of before stay what they were. Exit status: 0 it can be adopted, or was; "
        "1 it cannot, and what is wrong is named; 2 could not run.",
    )
    parser.add_argument("directory", type=Path, metavar="DIR", help="the catalogue's nine files")
    parser.add_argument("--sha256", metavar="HEX", help="adopt exactly this one: the SHA-256 that was shown before")
    parser.add_argument(
        "--state", type=Path, help="a demonstration's directory, instead of DATABASE_URL; also beside a running one"
    )
    parser.set_defaults(run=_adopt)


def _adopt(arguments: argparse.Namespace) -> int:
    # Whoever only reads catalogues loads nothing that speaks to a database.
    from isa_registry.cli.catalogue_adopting import run

    return run(arguments)


def _told(command: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    def run(arguments: argparse.Namespace) -> int:
        try:
            status = command(arguments)
            sys.stdout.flush()
            return status
        except BrokenPipeError:
            # Whoever read the output has seen enough; nothing is left for the interpreter to flush.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except OSError as error:
            print(f"isa-registry catalogue: {error.filename or 'a file'}: {error.strerror}", file=sys.stderr)
        except CannotError as error:
            print(f"isa-registry catalogue: {error}", file=sys.stderr)
        return 2

    return run


# --- check ----------------------------------------------------------------------------------------------------------


def _check(arguments: argparse.Namespace) -> int:
    started = time.perf_counter()
    files = catalogue_files(arguments.directory)
    try:
        catalogue = load_catalogue(files)
    except CatalogueError as error:
        print_faults([(place(fault, files), fault.what) for fault in error.faults])
        return _failed(len(error.faults))
    agreements = versions(arguments.agreements)
    faults = [
        (f"{one.directory}/{fault.file}{fault.at}", fault.what) for one in agreements for fault in one.faults(catalogue)
    ]
    print_faults(faults)
    _print_held(catalogue, agreements)
    print(f"\nTook {time.perf_counter() - started:.2f} seconds.")
    return _failed(len(faults)) if faults else 0


def _failed(faults: int) -> int:
    # Where both go to one file, the count comes last.
    sys.stdout.flush()
    print(count(faults, "fault"), file=sys.stderr)
    return 1


def _print_held(catalogue: Catalogue, agreements: list[Version]) -> None:
    print(f"Catalogue {catalogue.version}, SHA-256 {catalogue.sha256}")
    counts = (
        f"{len(catalogue.provisions)} provisions, {len(catalogue.kinds)} kinds of organisation, "
        f"{len(catalogue.purposes)} purposes, {len(catalogue.categories)} categories, "
        f"{len(catalogue.matrix)} matrix rows, {len(catalogue.guidance)} items of guidance, "
        f"{len(catalogue.recording)} fields of a record"
    )
    held = tuple(f"{one.directory}: {count(len(one.clauses()), 'clause')} held against it" for one in agreements)
    print_part(Part("Counts", (counts, *held)))
    print_part(Part("Rules that no edit may break", tuple(f"{c.name}: {c.says} [{c.source}]" for c in CONSTRAINTS)))
    sure = Counter(provision.confidence for provision in catalogue.provisions.values())
    print_part(Part("How sure", tuple(f"{sure[one]} {labels.CONFIDENCE[one]}" for one in get_args(Confidence))))
    resting = relied_on(catalogue)
    unread = [p for p in catalogue.provisions.values() if p.code in resting and not p.verified]
    heading = f"Not verified, and answers rest on them ({len(unread)} of {len(resting)})"
    print_part(Part(heading, tuple(f"{p.code}: {p.title} [{p.confidence.replace('-', ' ')}]" for p in unread)))
    _print_ages(catalogue)


def _print_ages(catalogue: Catalogue) -> None:
    measured = list(sentences(catalogue))
    by_file: dict[str, list[float]] = {}
    for sentence in measured:
        by_file.setdefault(sentence.place.split()[0], []).append(sentence.age)
    lines = [
        f"{name}: {len(ages)} sentences, half at {sorted(ages)[len(ages) // 2]} or below, the hardest at {max(ages)}"
        for name, ages in by_file.items()
    ]
    over = sorted((one for one in measured if one.age > OLDEST), key=lambda one: -one.age)
    lines.append(f"{count(len(over), 'sentence')} above {OLDEST:g}: to be looked at")
    lines += [f"  {one.age} {one.place}: {one.text}" for one in over]
    print_part(Part("Reading age, in years", tuple(lines)))


# --- show -----------------------------------------------------------------------------------------------------------


def _show(arguments: argparse.Namespace) -> int:
    if arguments.on is not None and not is_date(arguments.on):
        raise CannotError("--on takes a real day, written as 2026-09-30")
    catalogue = _loaded(arguments.directory)
    clauses = tuple(clause for one in versions(arguments.agreements) for clause in one.clauses())
    reader = Reader(catalogue, clauses, date.fromisoformat(arguments.on) if arguments.on else None)
    if not arguments.codes:
        return _show_contents(reader, as_json=arguments.json)
    found = list(_found(reader, arguments.codes))
    unknown = [sheet for sheet in found if isinstance(sheet, str)]
    sheets = [sheet for sheet in found if not isinstance(sheet, str)]
    if arguments.json:
        print(_json([{"sort": one.sort, "code": one.code, "title": one.title, **one.data} for one in sheets]))
    else:
        for number, sheet in enumerate(sheets):
            _print_sheet(sheet, first=number == 0)
    for told in unknown:
        print(f"isa-registry catalogue: {told}", file=sys.stderr)
    return 1 if unknown else 0


def _show_contents(reader: Reader, *, as_json: bool) -> int:
    parts = contents(reader)
    if as_json:
        print(_json({part.heading: [line.partition(": ")[0] for line in part.lines] for part in parts}))
    else:
        for part in parts:
            print_part(part)
    return 0


def _found(reader: Reader, named: list[str]) -> Iterator[Sheet | str]:
    catalogue = reader.catalogue
    if len(named) == 2 and named[0] in catalogue.kinds and named[1] in (*catalogue.purposes, IMMEDIATE_DANGER):
        yield row_sheet(reader, catalogue.kinds[named[0]], named[1]) or f"{named[0]} only receives: it has no rows"
        return
    for code in named:
        sheets = sheets_of(reader, code)
        yield from sheets
        if not sheets:
            near = get_close_matches(code, codes(catalogue), n=3)
            meant = f"; there is {', '.join(near)}" if near else "; `isa-registry catalogue show` lists what there is"
            yield f"nothing here goes by that code{meant}"


def _print_sheet(sheet: Sheet, *, first: bool) -> None:
    if not first:
        print()
    print(sheet.title)
    print(f"{sheet.sort} {sheet.code}")
    for part in sheet.parts:
        print_part(part)


# --- diff -----------------------------------------------------------------------------------------------------------


def _diff(arguments: argparse.Namespace) -> int:
    if arguments.shipped == (arguments.new is not None):
        raise CannotError("compare OLD with NEW, or OLD with the catalogue that ships (--shipped)")
    old, new = side(arguments.old), side(arguments.new or shipped("catalogue"))
    for label, files in (("Old", old), ("New", new)):
        print(f"{label}: {version_of(files)}, SHA-256 {sha256_of(files)}")
    return print_difference(old, new)


def _loaded(directory: Path | None) -> Catalogue:
    try:
        return load_catalogue(catalogue_files(directory))
    except CatalogueError as error:
        raise CannotError(f"{count(len(error.faults), 'fault')}: `isa-registry catalogue check` names them") from None


# --- forms -----------------------------------------------------------------------------------------------------------


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
