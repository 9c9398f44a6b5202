"""`isa-registry fsck`: checks the stored log against itself."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from isa_registry.cli.place import STATE_HELP, Place, place
from isa_registry.cli.progress import Progress
from isa_registry.runtime.embedded.postgres import EmbeddedPostgresError
from isa_registry.runtime.fsck.check import Report, check_log, lines
from isa_registry.runtime.log_keys.files import KeyFileError
from isa_registry.runtime.witnesses.policy import read_policy
from isa_registry.settings import SettingsError
from isa_registry.store.pool import DatabaseError
from isa_verify.policy import Policy


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("fsck", help="check the stored log against itself; read-only")
    parser.add_argument("--state", type=Path, help=STATE_HELP)
    parser.add_argument("--outside", type=Path, help="the file outside the database that holds the newest checkpoint")
    parser.add_argument("--policy", type=Path, help="the witness policy that published checkpoints must meet")
    parser.add_argument(
        "--signatures", action="store_true", help="verify the signature of every event too; takes longer"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    outside: Path | None = arguments.outside
    try:
        policy = None if arguments.policy is None else read_policy(arguments.policy)
        with place(arguments.state) as found:
            report = _check(found, outside, policy, signatures=arguments.signatures)
    except (SettingsError, KeyFileError, EmbeddedPostgresError) as error:
        print(f"isa-registry fsck: {error}", file=sys.stderr)
        return 2
    except DatabaseError as error:
        print(f"isa-registry fsck: the database cannot be reached ({type(error).__name__}).", file=sys.stderr)
        return 2
    for line in lines(report):
        print(line)
    return 0 if report.clean else 1


def _check(at: Place, outside: Path | None, policy: Policy | None, *, signatures: bool) -> Report:
    with Progress("checked", "entries") as progress:
        return asyncio.run(
            check_log(
                at.owner_url,
                origin=at.origin,
                vkeys=at.vkeys,
                outside=outside,
                policy=policy,
                signatures=signatures,
                progress=progress.shown,
            )
        )
