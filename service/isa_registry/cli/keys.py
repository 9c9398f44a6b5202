"""`isa-registry keys`: makes the log key and the attestation key where they are not there yet."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from isa_registry.ledger.checkpoints import LogSigner
from isa_registry.ledger.leaves import check_origin
from isa_registry.runtime.key_files import LOG_KEY, KeyFileError, make_keys, read_log_key


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("keys", help="make the registry's own keys in a directory, and print the log's vkey")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--origin", help="the log's name, to print its verifier key for auditors")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    try:
        make_keys(arguments.directory)
        key = read_log_key(arguments.directory / LOG_KEY)
        if arguments.origin:
            print(LogSigner(origin=check_origin(arguments.origin), key=key).vkey)
    except (KeyFileError, OSError, ValueError) as error:
        print(f"isa-registry keys: {error}", file=sys.stderr)
        return 2
    return 0
