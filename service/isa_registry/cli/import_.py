"""`isa-registry import FILE`: begins a partnership's log from a founding document."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

import msgspec

from isa_registry.actions.founding import found, read_founding
from isa_registry.data import data_directory
from isa_registry.domain.refusals import Refused
from isa_registry.runtime.checkpoints.outside_store import CheckpointFile
from isa_registry.runtime.founding import append_stages
from isa_registry.runtime.log_keys.files import KeyFileError, read_attestation_key
from isa_registry.runtime.registry import Registry
from isa_registry.settings import SettingsError, read_settings
from isa_registry.store.pool import DatabaseError


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("import", help="begin the log from a founding document")
    parser.add_argument("file", type=Path, help="the founding document, as JSON: docs/operating.md")
    parser.add_argument("--texts", type=Path, help="directory of agreements and catalogue (those that ship)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    try:
        size = asyncio.run(_import(arguments.file.read_bytes(), arguments.texts or data_directory("agreements")))
    except Refused as refused:
        print(f"isa-registry import: {refused.detail}", file=sys.stderr)
        return 1
    except msgspec.ValidationError as error:
        print(f"isa-registry import: the document is not of the right form. {error}", file=sys.stderr)
        return 1
    except (SettingsError, KeyFileError, OSError) as error:
        print(f"isa-registry import: {error}", file=sys.stderr)
        return 2
    except DatabaseError as error:
        print(f"isa-registry import: the database cannot be reached ({type(error).__name__}).", file=sys.stderr)
        return 2
    print(f"the log now has {size} entries")
    return 0


async def _import(document: bytes, texts: Path) -> int:
    settings = read_settings()
    stages = found(
        read_founding(document),
        texts,
        origin=settings.origin,
        attestation_key=read_attestation_key(settings.attestation_key_file),
        demo=False,
    )
    outside = None if settings.checkpoint_file is None else CheckpointFile(settings.checkpoint_file)
    registry = Registry(settings.database_url, settings.log_keys, outside=outside)
    await registry.start()
    try:
        if registry.follower.view.size:
            raise Refused("conflict", "This log has begun already.")
        return await append_stages(registry, stages)
    finally:
        await registry.stop()
