"""`isa-registry keys`: makes the log's keys, the attestation key, those of signing people in and that of webhooks
where they are not there yet."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from isa_registry.ledger.leaves import check_origin
from isa_registry.runtime.log_keys.files import (
    KeyFileError,
    make_attestation_key,
    make_log_keys,
    make_sign_in_keys,
    make_webhook_key,
    read_log_signer_in,
)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("keys", help="make the registry's own keys in a directory, and print the log's vkeys")
    parser.add_argument("directory", type=Path, help="where the keys lie, or are to lie")
    parser.add_argument(
        "--log-keys",
        type=Path,
        metavar="DIR",
        help="another directory for the log's two keys, the checkpointer's alone",
    )
    parser.add_argument("--origin", help="the log's name, to print its two verifier keys for auditors")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    log_keys: Path = arguments.log_keys or arguments.directory
    try:
        make_attestation_key(arguments.directory)
        make_sign_in_keys(arguments.directory)
        make_webhook_key(arguments.directory)
        make_log_keys(log_keys)
        if arguments.origin:
            for vkey in read_log_signer_in(check_origin(arguments.origin), log_keys).vkeys:
                print(vkey)
    except (KeyFileError, OSError, ValueError) as error:
        print(f"isa-registry keys: {error}", file=sys.stderr)
        return 2
    return 0
