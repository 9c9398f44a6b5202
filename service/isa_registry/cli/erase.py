"""`isa-registry erase`: what is due is listed, announced, and after the notice erased; holds and retention rules."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from msgspec import Struct

from isa_registry.actions import erasures
from isa_registry.cli.place import STATE_HELP, Place, place
from isa_registry.data import data_directory
from isa_registry.domain.keeping_entries import HoldLifted, HoldPlaced
from isa_registry.domain.refusals import Refused
from isa_registry.domain.retention import HoldScope
from isa_registry.ledger.checkpoints import LogKeys
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.checkpoints.guard import Guard
from isa_registry.runtime.checkpoints.history import HistoryRefused
from isa_registry.runtime.checkpoints.outside_store import OutsideReader
from isa_registry.runtime.embedded.postgres import EmbeddedPostgresError
from isa_registry.runtime.erasure.falling_due import DueItem, due
from isa_registry.runtime.erasure.journal import JOURNAL, Journal, JournalDamaged
from isa_registry.runtime.erasure.runs import AnotherRun, Eraser, Outcome, announce
from isa_registry.runtime.follower import Follower
from isa_registry.runtime.log_keys.files import KeyFileError
from isa_registry.runtime.randomness import Randomness
from isa_registry.runtime.registry import wall_clock
from isa_registry.runtime.sequencer import Sequencer
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.settings import SettingsError, read_settings, read_variable
from isa_registry.store.pool import EVERYTHING, Connection, DatabaseError, connect

_DONE = frozenset({"erased", "already-erased", "no-longer-due"})


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("erase", help="list, announce and carry out what retention rules and holds say")
    parser.add_argument("--state", type=Path, help=STATE_HELP)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--due", action="store_true", help="list what is due and not announced yet (without any option)")
    what.add_argument("--announce", action="store_true", help="announce what is due to the organisations it concerns")
    what.add_argument("--run", action="store_true", dest="carry_out", help="erase what was announced long enough ago")
    what.add_argument("--reapply", action="store_true", help="erase again what a restored backup brought back")
    what.add_argument("--hold", metavar="ID", help="place a legal hold: with --reason and what it covers")
    what.add_argument("--lift", metavar="ID", help="lift a legal hold: with --reason")
    what.add_argument(
        "--rules", type=Path, metavar="FILE", nargs="?", const=Path(), help="adopt retention rules (those that ship)"
    )
    parser.add_argument("--reason", metavar="CODE", help="why a hold is placed or lifted: a code, never a case")
    parser.add_argument(
        "--organisation", action="append", default=[], metavar="ID", help="whose rules; what a hold covers"
    )
    parser.add_argument(
        "--entry", action="append", default=[], type=int, metavar="N", help="an entry that a hold covers"
    )
    parser.add_argument("--since", metavar="TIME", help="what was logged from then on, as 2026-09-30T14:05:00.000Z")
    parser.add_argument("--until", metavar="TIME", help="what was logged before then")
    parser.set_defaults(run=run)


class Run(Struct, frozen=True):
    """Where a run works: the eraser's login, the log's keys and newest checkpoint, the journal, the days of notice."""

    database_url: str
    keys: LogKeys
    outside: OutsideReader | None
    journal: Path | None
    notice: timedelta


def run(arguments: argparse.Namespace) -> int:
    try:
        with place(arguments.state) as found:
            return asyncio.run(_carry_out(_run_at(found, arguments.state), arguments))
    except Refused as refused:
        details = [fault.detail for fault in refused.faults] or [refused.detail]
        print(f"isa-registry erase: {refused.code}: {' '.join(details)}", file=sys.stderr)
        return 1
    except AnotherRun:
        print("isa-registry erase: another run is erasing at this moment.", file=sys.stderr)
        return 2
    except (SettingsError, KeyFileError, EmbeddedPostgresError, JournalDamaged, HistoryRefused) as error:
        print(f"isa-registry erase: {error}", file=sys.stderr)
        return 2
    except LogDisagrees as error:
        print(f"isa-registry erase: {error}. Run isa-registry fsck.", file=sys.stderr)
        return 2
    except DatabaseError as error:
        print(f"isa-registry erase: the database cannot be reached ({type(error).__name__}).", file=sys.stderr)
        return 2


def _run_at(found: Place, state: Path | None) -> Run:
    if state is not None:
        journal: Path | None = state.resolve() / JOURNAL
        url, days = found.database_url, 14
    else:
        settings = read_settings()
        journal, days = settings.erasure_journal, settings.erasure_notice_days
        url = read_variable("ISA_ERASE_URL") or settings.database_url
    return Run(database_url=url, keys=found.keys, outside=found.outside, journal=journal, notice=timedelta(days=days))


class Running(Struct, frozen=True):
    """A follower and a sequencer of this run's own: it appends as every worker does."""

    follower: Follower
    sequencer: Sequencer

    async def append(self, draft: Draft) -> int:
        return (await self.sequencer.append(draft)).index


@asynccontextmanager
async def _running(at: Run) -> AsyncIterator[Running]:
    follower = Follower(at.database_url)
    fresh = Randomness()
    sequencer = Sequencer(
        at.database_url,
        follower,
        now=wall_clock,
        fresh_salt=lambda: fresh(32),
        origin=at.keys.origin,
        guard=Guard(at.keys, at.outside, lambda: follower.standing.word),
    )
    await follower.start()
    try:
        await sequencer.start()
        yield Running(follower=follower, sequencer=sequencer)
    finally:
        await sequencer.stop()
        await follower.stop()


async def _carry_out(at: Run, arguments: argparse.Namespace) -> int:
    async with _running(at) as running:
        opened = running.follower.view.opened()
        if opened is None or opened.origin != at.keys.origin:
            raise SettingsError("ISA_ORIGIN is not the name that this log was born with.")
        if arguments.hold is not None or arguments.lift is not None:
            return await _hold(running, arguments)
        if arguments.rules is not None:
            return await _adopt(running, arguments)
        if arguments.carry_out or arguments.reapply:
            return await _erase(at, running, reapply=arguments.reapply)
        return await _list(at, running, announcing=arguments.announce)


async def _list(at: Run, running: Running, *, announcing: bool) -> int:
    reading = await _reading(at)
    try:
        view = running.follower.view
        if not announcing:
            return _show_due(await due(reading, view, now=wall_clock()), "due")
        working = await connect(at.database_url, "isa_work")
        try:
            return _show_due(await announce(reading, working, view, now=wall_clock(), notice=at.notice), "announced")
        finally:
            await working.close()
    finally:
        await reading.close()


async def _reading(at: Run) -> Connection:
    return await connect(at.database_url, "isa_read", reader=EVERYTHING)


async def _erase(at: Run, running: Running, *, reapply: bool) -> int:
    if at.journal is None:
        raise SettingsError("ISA_ERASURE_JOURNAL is not set. Nothing is erased that a backup could bring back unseen.")
    eraser = Eraser(
        at.database_url,
        Journal(at.journal),
        view=lambda: running.follower.view,
        append=running.sequencer.append,
        now=wall_clock,
    )
    async with eraser:
        outcomes = await (eraser.reapply() if reapply else eraser.run())
    return _show_outcomes(outcomes)


async def _hold(running: Running, arguments: argparse.Namespace) -> int:
    if arguments.reason is None:
        raise SettingsError("say why, with --reason: a code, never a case.")
    if arguments.lift is not None:
        index = await running.append(erasures.lift_hold(HoldLifted(hold=arguments.lift, reason=arguments.reason)))
        print(f"lifted by entry {index}")
        return 0
    scope = HoldScope(
        organisations=tuple(arguments.organisation),
        entries=tuple(arguments.entry),
        since=arguments.since,
        until=arguments.until,
    )
    placed = HoldPlaced(hold=arguments.hold, reason=arguments.reason, scope=scope)
    print(f"placed by entry {await running.append(erasures.place_hold(placed))}")
    return 0


async def _adopt(running: Running, arguments: argparse.Namespace) -> int:
    if len(arguments.organisation) > 1:
        raise SettingsError("rules are of one organisation, or without --organisation of the partnership.")
    document = _rules_in(arguments.rules)
    draft = erasures.change_retention(erasures.read_rules(document), next(iter(arguments.organisation), None))
    print(f"adopted by entry {await running.append(draft)}")
    return 0


def _rules_in(given: Path) -> bytes:
    file = data_directory("agreements") / "retention.json" if given == Path() else given
    try:
        return file.read_bytes()
    except OSError:
        raise SettingsError("the file of rules cannot be read.") from None


def _show_due(items: Sequence[DueItem], what: str) -> int:
    for item in items:
        held = ", on hold" if item.on_hold else ""
        print(f"entry {item.index}: {item.kind} of {item.organisation}, rule {item.rule}{held}")
    print(f"{len(items)} {what}")
    return 0


def _show_outcomes(outcomes: Sequence[Outcome]) -> int:
    for outcome in outcomes:
        print(f"entry {outcome.index}: {outcome.code}")
    erased = sum(outcome.code == "erased" for outcome in outcomes)
    print(f"{erased} erased, {sum(outcome.code not in _DONE for outcome in outcomes)} refused")
    return 0 if all(outcome.code in _DONE for outcome in outcomes) else 1
