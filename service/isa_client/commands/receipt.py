"""`isa-client receipt`: fetch the proof that the log holds a check or an event, and verify it here."""

import argparse
import sys
from pathlib import Path

from isa_client.calls import PARTS
from isa_client.checks import printable
from isa_client.commands import connecting
from isa_client.errors import InputError
from isa_client.receipts import parse_keys, verify

DEMONSTRATION_SCOPE = "checks:ask events:read"


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    connecting.add_common(parser)
    connecting.add_sign_in(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--event", metavar="ID", help="the id of a sharing event")
    which.add_argument("--check", metavar="ID", help="the id of a recorded check")
    parser.add_argument(
        "--part", choices=PARTS, help="of an event: its own receipt (default), its list's, or its acknowledgement's"
    )
    parser.add_argument(
        "--vkey",
        action="append",
        default=[],
        help="a verifier key of the log, from a source that you trust; repeat it for each key. Without one, nothing "
        "is verified",
    )
    parser.add_argument("-o", "--out", metavar="FILE", type=Path, required=True)


def run(options: argparse.Namespace) -> int:
    """Write the receipt, verified first where a key was given: one that does not hold is not written."""
    keys = parse_keys(options.vkey)
    registry = connecting.registry(options, DEMONSTRATION_SCOPE)
    if options.part is not None and options.event is None:
        raise InputError("part-unknown", "Only the receipts of an event have parts.")
    if options.event is not None:
        record, receipt = options.event, registry.event_receipt(options.event, options.part)
    else:
        record, receipt = options.check, registry.check_receipt(options.check)
    if not keys:
        connecting.write_private(options.out, receipt)
        print(f"Not verified (no --vkey): {options.out}", file=sys.stderr)
        return 0
    verified = verify(receipt, keys, record, part=options.part or "event")
    connecting.write_private(options.out, receipt)
    print(f"Verified: {options.out}")
    print(f"  log        {printable(verified.origin)}")
    print(f"  index      {verified.index} of {verified.size}")
    print(f"  at         {printable(verified.at)}")
    print(f"  assurance  {verified.assurance}")
    return 0
