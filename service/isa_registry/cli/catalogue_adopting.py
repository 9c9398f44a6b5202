"""`isa-registry catalogue adopt`: another catalogue for a running registry, looked at first and then logged."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from isa_registry.actions.catalogues import adopt, refuse_unfit
from isa_registry.cli.catalogue_files import CannotError, catalogue_files
from isa_registry.cli.catalogue_printing import count, print_difference, print_faults
from isa_registry.cli.law_watch import print_changes
from isa_registry.cli.place import Place, place
from isa_registry.domain.catalogue_difference import Files, sha256_of, version_of
from isa_registry.domain.catalogue_loading import CatalogueError, load_catalogue
from isa_registry.domain.catalogue_remedies import place as place_in_file
from isa_registry.domain.dates import london_date
from isa_registry.domain.entries import CatalogueChanged
from isa_registry.domain.law_watch.watch import watch_of
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.law import law_of
from isa_registry.runtime.checkpoints.history import HistoryRefused
from isa_registry.runtime.embedded.postgres import EmbeddedPostgresError
from isa_registry.runtime.folding import one_as_logged
from isa_registry.runtime.log_keys.files import KeyFileError
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.settings import SettingsError
from isa_registry.store import log
from isa_registry.store.pool import REGISTER, DatabaseError, reading_for
from isa_verify.encoding import parse_json_strict


def run(arguments: argparse.Namespace) -> int:
    try:
        files = catalogue_files(arguments.directory)
        try:
            load_catalogue(files)
        except CatalogueError as error:
            print_faults([(place_in_file(fault, files), fault.what) for fault in error.faults])
            return _say(count(len(error.faults), "fault"), 1)
        with place(arguments.state) as found:
            return asyncio.run(_adopt(found, files, arguments.sha256))
    except Refused as refused:
        print_faults([(fault.pointer.rpartition("/")[2], fault.detail) for fault in refused.faults])
        return _say(refused.detail, 1)
    except (CannotError, SettingsError, KeyFileError, EmbeddedPostgresError, HistoryRefused, LogDisagrees) as error:
        return _say(str(error), 2)
    except DatabaseError as error:
        return _say(f"the database cannot be reached ({type(error).__name__}).", 2)
    except OSError as error:
        return _say(f"{error.filename or 'a file'}: {error.strerror}", 2)


def _say(why: str, status: int) -> int:
    sys.stdout.flush()
    print(f"isa-registry catalogue: {why}", file=sys.stderr)
    return status


async def _adopt(found: Place, files: Mapping[str, bytes], sha256: str | None) -> int:
    catalogue = load_catalogue(files)
    async with _registry(found) as registry:
        view = registry.follower.view
        law = view.law()
        if law is None:
            raise CannotError("this registry has no catalogue of the law yet: it was never founded.")
        replacing = law.written.sha256
        refuse_unfit(view, catalogue, london_date(registry.now()), replacing=replacing)
        await _show(registry, files)
        if sha256 is None:
            print(f"\nNothing was changed. To adopt exactly this, run it again with --sha256 {catalogue.sha256}")
            return 0
        if sha256 != catalogue.sha256:
            return _say("this is not the catalogue of that --sha256; nothing was changed.", 1)
        appended = await registry.sequencer.append(adopt(files, replacing=replacing))
        print(f"\nAdopted by entry {appended.index}. isa-registry law-watch says what rests on the difference.")
        return 0


@asynccontextmanager
async def _registry(found: Place) -> AsyncIterator[Registry]:
    registry = Registry(found.database_url, found.keys, outside=found.outside)
    await registry.start()
    try:
        opened = registry.follower.view.opened()
        if opened is not None and opened.origin != found.origin:
            raise SettingsError("ISA_ORIGIN is not the name that this log was born with.")
        yield registry
    finally:
        await registry.stop()


async def _show(registry: Registry, files: Mapping[str, bytes]) -> None:
    """The difference from the catalogue of now, and what rests on the provisions that differ."""
    view = registry.follower.view
    law = view.law()
    assert law is not None
    old = await _files_of(registry, view.catalogues()[-1][0])
    new: Files = {name: parse_json_strict(text) for name, text in files.items()}
    for label, side in (("Now", old), ("New", new)):
        print(f"{label}: {version_of(side)}, SHA-256 {sha256_of(side)}")
    print_difference(old, new)
    print_changes(watch_of(view, law, law_of(load_catalogue(files), law.marks), london_date(registry.now())))


async def _files_of(registry: Registry, entry: int) -> Files:
    """The files of a catalogue as the log has them."""
    async with reading_for(registry.reading, REGISTER) as connection:
        stored = await log.entry(connection, entry)
    if stored is None:
        raise CannotError(f"entry {entry}, which holds the catalogue of now, cannot be read.")
    return one_as_logged(stored, CatalogueChanged).files  # type: ignore[return-value]
