"""`isa-client receipt`: fetch the proof that the log holds a check or an event, and verify it here."""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from isa_client.answers import text
from isa_client.calls import PARTS
from isa_client.checks import Check, printable
from isa_client.commands import connecting
from isa_client.documents import EVENT_TYPE, read_document
from isa_client.errors import InputError
from isa_client.receipts import id_of, parse_keys, verify
from isa_verify.encoding import JsonValue

DEMONSTRATION_SCOPE = "checks:ask events:read"


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    connecting.add_common(parser)
    connecting.add_sign_in(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--event", metavar="ID", help="the id of a sharing event")
    which.add_argument(
        "--event-file", metavar="FILE", type=Path, help="the signed event: the log must hold this very one"
    )
    which.add_argument("--check", metavar="ID", help="the id of a recorded check")
    which.add_argument(
        "--check-file", metavar="FILE", type=Path, help="what isa-client ask --save kept: the log must hold this answer"
    )
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
        raise InputError("part-unknown", "Only the receipts of an event by its id have parts.")
    meant = _meant(options)
    if meant.of_check:
        receipt = registry.check_receipt(meant.record)
    else:
        receipt = registry.event_receipt(meant.record, options.part)
    if not keys:
        connecting.write_private(options.out, receipt)
        print(f"Not verified (no --vkey): {options.out}", file=sys.stderr)
        return 0
    verified = verify(
        receipt, keys, meant.record, part=options.part or "event", document=meant.document, answer=meant.answer
    )
    connecting.write_private(options.out, receipt)
    print(f"Verified: {options.out}")
    print(f"  log        {printable(verified.origin)}")
    print(f"  index      {verified.index} of {verified.size}")
    print(f"  at         {printable(verified.at)}")
    print(f"  assurance  {verified.assurance}")
    return 0


@dataclass(frozen=True, slots=True)
class _Meant:
    """Which record a receipt is to be of, and where it is at hand, the record itself."""

    record: str
    of_check: bool = False
    document: str | None = None
    answer: dict[str, JsonValue] | None = None


def _meant(options: argparse.Namespace) -> _Meant:
    if options.event_file is not None:
        document, _ = read_document(options.event_file, EVENT_TYPE)
        return _Meant(id_of(document), document=document)
    if options.check_file is not None:
        answer = Check.read(options.check_file).answer
        return _Meant(text(answer.get("id")), of_check=True, answer=answer)
    return _Meant(options.event or options.check, of_check=options.event is None)
