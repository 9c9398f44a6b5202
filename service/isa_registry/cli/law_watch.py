"""`isa-registry law-watch`: what rests on the law that changed between two catalogues, or that changes soon."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from itertools import groupby, zip_longest
from pathlib import Path
from typing import BinaryIO

import msgspec

from isa_registry.cli.catalogue_printing import count, print_part
from isa_registry.cli.place import STATE_HELP, Place, place
from isa_registry.cli.progress import Progress
from isa_registry.domain import catalogue_labels as labels
from isa_registry.domain.catalogue_sheets import Part
from isa_registry.domain.dates import london_date
from isa_registry.domain.law_watch.changes import AHEAD_DAYS, COMES
from isa_registry.domain.law_watch.resting import Resting, bodies_of
from isa_registry.domain.law_watch.watch import Bounds, Watch, bounds_between, last_change, watch
from isa_registry.domain.law_watch.words import change_lines, hash_line
from isa_registry.domain.register.register import RegisterView
from isa_registry.runtime.embedded.postgres import EmbeddedPostgresError
from isa_registry.runtime.follower import Follower
from isa_registry.runtime.law_watch import AnswerNaming, Answers, Wanted, answers_resting
from isa_registry.runtime.log_keys.files import KeyFileError
from isa_registry.runtime.registry import wall_clock
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.settings import SettingsError
from isa_registry.store.pool import EVERYTHING, DatabaseError, connect

_MOST_AHEAD = 3_660
_TOLD = 5


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "law-watch",
        help="what rests on provisions that changed between two catalogues, or that change soon",
        description="Lists every provision whose dates, text (by its SHA-256) or confidence differ between two states "
        "of the law, and every one that comes into force or ends within --ahead days, with what rests on it: clauses "
        "of agreements that are not over, lawful-basis records that hold today or later, and answers that were "
        "recorded before it changed. Exit status: 0 nothing rests on any of them, 1 something does, 2 could not run.",
    )
    parser.add_argument("--state", type=Path, help=STATE_HELP)
    parser.add_argument("--from", dest="old", metavar="STATE", help="an entry of the log, or a catalogue's SHA-256")
    parser.add_argument("--to", dest="new", metavar="STATE", help="the same; without, the law of now")
    parser.add_argument("--ahead", type=int, default=AHEAD_DAYS, metavar="DAYS", help=f"how far ahead ({AHEAD_DAYS})")
    parser.add_argument("--json", action="store_true", help="the same for machines")
    parser.add_argument(
        "--answers", type=Path, metavar="FILE", help="write every answer concerned there, as a line of JSON each"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if not 0 <= arguments.ahead <= _MOST_AHEAD:
        return _could_not(f"--ahead takes from 0 to {_MOST_AHEAD} days.")
    if arguments.new is not None and arguments.old is None:
        return _could_not("--to needs --from.")
    try:
        with place(arguments.state) as found:
            return asyncio.run(_look(found, arguments))
    except (SettingsError, KeyFileError, EmbeddedPostgresError, LogDisagrees) as error:
        return _could_not(str(error))
    except DatabaseError as error:
        return _could_not(f"the database cannot be reached ({type(error).__name__}).")
    except OSError as error:
        return _could_not(f"{error.filename or 'a file'}: {error.strerror}")


def _could_not(why: str) -> int:
    print(f"isa-registry law-watch: {why}", file=sys.stderr)
    return 2


async def _look(found: Place, arguments: argparse.Namespace) -> int:
    follower = Follower(found.database_url)
    await follower.start()
    try:
        view = follower.view
    finally:
        await follower.stop()
    opened = view.opened()
    if opened is None or opened.origin != found.origin:
        raise SettingsError("ISA_ORIGIN is not the name that this log was born with.")
    bounds = _bounds(view, arguments.old, arguments.new)
    watched = watch(view, bounds, london_date(wall_clock()), arguments.ahead)
    if watched is None:
        raise SettingsError("there was no catalogue of the law there yet.")
    answers = await _answers(found.database_url, watched, view.size, arguments.answers)
    _print(watched, answers, view.size, for_machines=arguments.json)
    resting = (*(one.resting for one in watched.changed), *(one.resting for one in watched.near))
    return 1 if any(one.any for one in resting) or any(one.count for one in answers.values()) else 0


def _print(watched: Watch, answers: Mapping[Wanted, Answers], size: int, *, for_machines: bool) -> None:
    try:
        if for_machines:
            print(json.dumps(as_json(watched, answers, size), ensure_ascii=False, indent=2))
        else:
            print_watch(watched, answers, size)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read it has seen enough; nothing is left for the interpreter to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _bounds(view: RegisterView, old: str | None, new: str | None) -> Bounds | None:
    if old is None:
        return last_change(view)
    bounds = bounds_between(view, _state(old), None if new is None else _state(new))
    if bounds is None:
        raise SettingsError("the log holds no such entry or catalogue, or --to is before --from.")
    return bounds


def _state(named: str) -> str | int:
    if re.fullmatch("[0-9a-f]{64}", named):
        return named
    if re.fullmatch("[0-9]{1,18}", named):
        return int(named)
    raise SettingsError("--from and --to take the number of an entry, or the SHA-256 of a catalogue.")


def _wanted(watched: Watch, size: int) -> tuple[list[Wanted], list[Wanted]]:
    """The answers asked about, of what changed and of what is near: those recorded before it changed; and all."""
    before = size if watched.bounds is None else watched.bounds.new
    return (
        [Wanted(one.change.code, before) for one in watched.changed],
        [Wanted(one.coming.code, size) for one in watched.near],
    )


async def _answers(url: str, watched: Watch, size: int, file: Path | None) -> dict[Wanted, Answers]:
    changed, near = _wanted(watched, size)
    wanted = {*changed, *near}
    with ExitStack() as stack:
        out = None if file is None else stack.enter_context(file.open("wb"))
        progress = stack.enter_context(Progress("read", "entries"))
        connection = await connect(url, "isa_read", reader=EVERYTHING)
        try:
            return await answers_resting(
                connection,
                wanted,
                each=lambda one: None if out is None else _write(out, one),
                shown=lambda index: progress.shown(index, size),
            )
        finally:
            await connection.close()


def _write(out: BinaryIO, one: AnswerNaming) -> None:
    out.write(msgspec.json.encode(one) + b"\n")


# --- for machines ----------------------------------------------------------------------------------------------------


def as_json(watched: Watch, answers: Mapping[Wanted, Answers], size: int) -> dict[str, object]:
    """What `--json` prints."""

    def of(wanted: Wanted, resting: Resting) -> dict[str, object]:
        return {
            "clauses": msgspec.to_builtins(resting.standing),
            "records": msgspec.to_builtins(resting.records),
            "answers": msgspec.to_builtins(answers[wanted]),
        }

    changed, near = _wanted(watched, size)
    return {
        "on": watched.on,
        "from": watched.old,
        "to": watched.new,
        "entries": None if watched.bounds is None else {"from": watched.bounds.old - 1, "to": watched.bounds.new - 1},
        "changed": [
            {**msgspec.to_builtins(one.change), "aspects": list(one.change.aspects), **of(wanted, one.resting)}
            for one, wanted in zip(watched.changed, changed, strict=True)
        ],
        "ahead": [
            {**msgspec.to_builtins(one.coming), **of(wanted, one.resting)}
            for one, wanted in zip(watched.near, near, strict=True)
        ],
    }


# --- for people ------------------------------------------------------------------------------------------------------


def print_watch(watched: Watch, answers: Mapping[Wanted, Answers], size: int) -> None:
    changed, near = _wanted(watched, size)
    if watched.bounds is None:
        print(f"The catalogue has never been changed: SHA-256 {watched.new}")
    else:
        print(f"From: SHA-256 {watched.old}\nTo:   SHA-256 {watched.new}")
        print_changes(watched, [answers[one] for one in changed])
    for one, wanted in zip(watched.near, near, strict=True):
        heading = f"{labels.day(date.fromisoformat(one.coming.on))}: {one.coming.code} {COMES[one.coming.what]}"
        print_part(Part(heading, (one.coming.title, *_rests(one.resting, answers[wanted]))))
    if not watched.near:
        print("\nNo provision comes into force or ends in the days ahead.")


def print_changes(watched: Watch, answers: Sequence[Answers] = ()) -> None:
    """Each provision that changed, and what rests on it; with `answers`, one for each, the recorded ones too."""
    for one, found in zip_longest(watched.changed, answers):
        lines = (one.change.title, *change_lines(one.change), hash_line(one.change), *_rests(one.resting, found))
        print_part(Part(f"{one.change.code}: {one.change.sort}", tuple(filter(None, lines))))
    if not watched.changed:
        print("\nNo provision's dates, text or confidence differ.")


def _rests(resting: Resting, answers: Answers | None) -> Iterator[str]:
    clauses = resting.standing
    for (agreement, version), found in groupby(clauses, lambda one: (one.agreement, one.version)):
        yield f"Agreement {agreement} {version}, clauses: {', '.join(one.clause for one in found)}"
    if not clauses:
        yield "Agreements: none"
    bodies = bodies_of(resting.records)
    yield f"Lawful bases: {count(len(resting.records), 'record')} of {count(len(bodies), 'organisation')}"
    for body, records in groupby(resting.records, lambda one: one.organisation):
        yield f"  {body}: {', '.join(dict.fromkeys(f'{one.purpose} ({one.agreement})' for one in records))}"
    if answers is not None:
        yield f"Recorded answers: {answers.count}"
        yield from (f"  {body}: {number}" for body, number in answers.by_organisation.items())
        if answers.checks:
            yield f"  {_first(answers.checks, answers.count)}"


def _first(checks: Sequence[str], total: int) -> str:
    shown = ", ".join(checks[:_TOLD])
    more = total - min(_TOLD, len(checks))
    return f"{shown} and {more} more: --answers FILE writes them all" if more else shown
