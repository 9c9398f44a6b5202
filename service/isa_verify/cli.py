"""The command `isa-verify`.

Exit status: 0 verified, 1 not verified, 2 could not run.
"""

import argparse
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from isa_verify.audit import AuditSummary, InconsistentLogError, audit_log
from isa_verify.encoding import encode_base64
from isa_verify.errors import CannotRunError, MalformedError, VerificationError
from isa_verify.fetching import HttpLog
from isa_verify.note import ED25519, SignatureLine, VerifiedSignature, VerifierKey
from isa_verify.receipt import MAX_RECEIPT_SIZE, VerifiedReceipt, verify_receipt
from isa_verify.signed_checkpoint import log_origin
from isa_verify.state import State

VERIFIED: Final = 0
NOT_VERIFIED: Final = 1
COULD_NOT_RUN: Final = 2

_DESCRIPTION = """\
Check what an information-sharing registry says, without trusting the registry.

The verifier keys (--vkey) are the root of trust: get them from someone you trust, not from the registry's own
address. Give every key of the log; each one given must have signed.
"""

_EXIT = "exit status: 0 verified, 1 not verified, 2 could not run"

_ASSURANCE = {
    "operator": "operator (on the word of the log's operator alone; no witness was checked)",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (those of the process by default) and return its exit status."""
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else COULD_NOT_RUN
    command: Callable[[argparse.Namespace], None] = arguments.command
    try:
        command(arguments)
        sys.stdout.flush()
    except VerificationError as error:
        print(f"NOT VERIFIED {error.code}: {error.detail}")
        return NOT_VERIFIED
    except CannotRunError as error:
        return _could_not_run(error.code, error.detail)
    except KeyboardInterrupt:
        return _could_not_run("interrupted", "The check was interrupted.")
    except OSError:
        return _could_not_run("output-failed", "The result could not be written.")
    # A verifier that ends in a traceback leaves its reader without an answer.
    except Exception as error:  # noqa: BLE001
        return _could_not_run("internal-error", f"The verifier itself failed ({type(error).__name__}).")
    return VERIFIED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="isa-verify",
        description=_DESCRIPTION,
        epilog=_EXIT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="receipt | log")

    receipt = commands.add_parser(
        "receipt",
        help="verify a receipt, offline",
        description="Verify that the log holds a receipt's entry, and that its payload is the receipt's.",
        epilog=_EXIT,
    )
    receipt.add_argument("file", metavar="FILE", type=Path, help="the .isa-receipt.json file")
    _add_keys(receipt)
    receipt.set_defaults(command=_receipt)

    log = commands.add_parser(
        "log",
        help="verify a whole published log, and that it extends what was seen of it before",
        description=(
            "Verify every published hash of a log, its entries where they may be read, and that it "
            "extends the log as last verified. Remembers the checkpoint in DIR only after everything held."
        ),
        epilog=_EXIT,
    )
    log.add_argument("url", metavar="URL", help="the registry's address, or its /log address")
    _add_keys(log)
    log.add_argument(
        "--state",
        metavar="DIR",
        type=Path,
        required=True,
        help="where to remember the last checkpoint; made if absent, and worth keeping safe",
    )
    log.add_argument(
        "--token",
        metavar="TOKEN",
        help="a bearer token with the scope audit:read, to read the entries as well",
    )
    log.set_defaults(command=_log)
    return parser


def _add_keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--vkey",
        metavar="VKEY",
        dest="vkeys",
        action="append",
        required=True,
        help="a verifier key of the log, name+id+key; repeat it for each key (Ed25519 and ML-DSA-44)",
    )


def _receipt(arguments: argparse.Namespace) -> None:
    keys = _keys(arguments.vkeys)
    try:
        with arguments.file.open("rb") as file:
            data = file.read(MAX_RECEIPT_SIZE + 1)
    except (OSError, ValueError):
        raise CannotRunError("file-unreadable", "The receipt's file cannot be read.") from None
    _print_receipt(verify_receipt(data, keys))


def _log(arguments: argparse.Namespace) -> None:
    keys = _keys(arguments.vkeys)
    state = State(arguments.state)
    remembered = state.load(log_origin(keys))
    log = HttpLog(arguments.url, arguments.token)
    try:
        summary = audit_log(
            log.fetch,
            keys,
            remembered,
            entries_required=arguments.token is not None,
            progress=_show_progress if sys.stderr.isatty() else None,
        )
    except InconsistentLogError as error:
        trusted, observed = state.keep_evidence(error.trusted, error.observed)
        print(f"Evidence kept: {trusted}")
        print(f"               {observed}")
        raise
    state.save(summary.data)
    _print_summary(summary)


def _keys(vkeys: Sequence[str]) -> list[VerifierKey]:
    try:
        keys = [VerifierKey.parse(vkey) for vkey in vkeys]
        log_origin(keys)
    except MalformedError as error:
        raise CannotRunError(error.code, error.detail) from None
    return keys


def _print_receipt(receipt: VerifiedReceipt) -> None:
    print("VERIFIED")
    _print_row("log", receipt.origin)
    _print_row("entry", f"index {receipt.index}, in a log of {receipt.size} entries")
    _print_row("kind", receipt.kind)
    _print_row("time", f"{receipt.at} (as the log states it)")
    _print_row("assurance", _ASSURANCE[receipt.assurance])
    _print_signatures(receipt.verified, receipt.unverified)


def _print_summary(summary: AuditSummary) -> None:
    print("VERIFIED")
    _print_row("log", summary.origin)
    _print_row("size", f"{summary.size} entries")
    _print_row("root", encode_base64(summary.root))
    if summary.previous_size is None:
        _print_row("history", "first seen now; from here on it must extend this checkpoint")
    else:
        _print_row("history", f"extends the {summary.previous_size} entries verified before")
    if summary.entries_read:
        _print_row("entries", "all read: each is in its place, follows the one before and is not earlier than it")
        if summary.last_at is not None:
            _print_row("last", f"{summary.last_at} (as the log states it)")
    else:
        _print_row("entries", "NOT read: the log denies them without a token. The tree was verified by hashes alone")
    _print_row("assurance", _ASSURANCE["operator"])
    _print_signatures(summary.verified, summary.unverified)


def _print_signatures(verified: Sequence[VerifiedSignature], unverified: Sequence[SignatureLine]) -> None:
    for signature in verified:
        algorithm = "Ed25519" if signature.key.type == ED25519 else "ML-DSA-44"
        _print_row("signed", f"{algorithm} key {signature.key.key_id.hex()}")
    for line in unverified:
        name = line.name if line.name.isprintable() else "a name that cannot be printed"
        _print_row("unverified", f"a line by {name}, key {line.key_id.hex()}: not one of the keys given")


def _print_row(label: str, text: str) -> None:
    print(
        textwrap.fill(
            text,
            width=100,
            initial_indent=f"  {label:<11}",
            subsequent_indent=" " * 13,
            break_long_words=False,
            break_on_hyphens=False,
        )
    )


def _show_progress(done: int, total: int) -> None:
    end = "\n" if done == total else ""
    print(f"\r{done} of {total} entries", end=end, file=sys.stderr, flush=True)


def _could_not_run(code: str, detail: str) -> int:
    print(f"COULD NOT RUN {code}: {detail}", file=sys.stderr)
    return COULD_NOT_RUN
