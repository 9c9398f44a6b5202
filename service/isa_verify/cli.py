"""The command `isa-verify`.

Exit status: 0 verified, 1 not verified, 2 could not run.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from isa_verify.audit import InconsistentLogError, Options, audit_log
from isa_verify.directory import DirectoryLog
from isa_verify.errors import CannotRunError, MalformedError, VerificationError
from isa_verify.evidence import verify_evidence
from isa_verify.fetching import HttpLog
from isa_verify.log_keys import Keys, LogKey, log_keys, log_origin, parse_keys
from isa_verify.memory import Prefix
from isa_verify.note import VerifierKey
from isa_verify.policy import MAX_POLICY_SIZE, Policy
from isa_verify.printing import print_evidence, print_receipt, print_summary
from isa_verify.processes import in_processes
from isa_verify.receipt import MAX_RECEIPT_SIZE, verify_receipt
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

_KEEP_SECONDS = 5.0
_MAX_PROCESSES = 64


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
        description="Verify that the log holds the entry of a receipt, and that its payload is the receipt's.",
        epilog=_EXIT,
    )
    receipt.add_argument("file", metavar="FILE", type=Path, help="the .isa-receipt.json file")
    _add_keys(receipt)
    receipt.set_defaults(command=_receipt)

    export = commands.add_parser(
        "export",
        help="verify an evidence bundle, offline",
        description="Verify that the log holds the entries of an evidence bundle, and that they say what it says.",
        epilog=_EXIT,
    )
    export.add_argument("file", metavar="FILE", type=Path, help="the .isa-evidence.jsonl file")
    _add_keys(export)
    export.set_defaults(command=_export)

    log = commands.add_parser(
        "log",
        help="verify a whole published log, and that it extends what was seen of it before",
        description=(
            "Verify every published hash of a log, its entries where they may be read, and that it "
            "extends the log as last verified. Remembers the checkpoint in DIR only after everything held, and on the "
            "way how far it came: a later run goes on from there."
        ),
        epilog=_EXIT,
    )
    log.add_argument("target", metavar="URL", help="the registry's address, its /log address, or a directory's copy")
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
    log.add_argument(
        "--max-age",
        metavar="SECONDS",
        type=_positive,
        help="refuse a checkpoint that the policy's quorum has not cosigned within this time",
    )
    log.add_argument(
        "--processes",
        metavar="N",
        type=_positive,
        default=min(4, os.cpu_count() or 1),
        help="how many processes check a long log (%(default)s here)",
    )
    log.add_argument("--from-start", action="store_true", help="read again what an earlier run has read")
    log.add_argument(
        "--continued-from",
        metavar="FILE",
        type=Path,
        help="the keys of the old log that this one must continue, as --vkeys takes them",
    )
    log.set_defaults(command=_log)
    return parser


def _add_keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--vkey",
        metavar="VKEY",
        dest="vkeys",
        action="append",
        default=[],
        help="a verifier key of the log, name+id+key; repeat it for each key (Ed25519 and ML-DSA-44)",
    )
    parser.add_argument(
        "--vkeys",
        metavar="FILE",
        dest="keys_file",
        type=Path,
        help="a file of verifier keys, a line each: the key alone, or the key and the log sizes it holds for",
    )
    parser.add_argument(
        "--policy",
        metavar="FILE",
        type=Path,
        help="a policy of witnesses; what its quorum has not cosigned is not verified",
    )


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def _receipt(arguments: argparse.Namespace) -> None:
    policy = _policy(arguments)
    keys = _keys(arguments, policy)
    data = _contents(arguments.file, MAX_RECEIPT_SIZE + 1, "The receipt's file cannot be read.")
    print_receipt(verify_receipt(data, keys, policy))


def _export(arguments: argparse.Namespace) -> None:
    policy = _policy(arguments)
    keys = _keys(arguments, policy)
    unreadable = CannotRunError("file-unreadable", "The evidence's file cannot be read.")
    try:
        file = arguments.file.open("rb")
    except (OSError, ValueError):
        raise unreadable from None
    with file:
        try:
            evidence = verify_evidence(file, keys, policy)
        except OSError:
            raise unreadable from None
    print_evidence(evidence)


def _log(arguments: argparse.Namespace) -> None:
    policy = _policy(arguments)
    keys = _keys(arguments, policy)
    if arguments.max_age is not None and (policy is None or not policy.demands_witnesses):
        raise CannotRunError("policy-needed", "How old a checkpoint is, only the witnesses of a policy can tell.")
    state, origin = State(arguments.state), log_origin(keys)
    old_keys, old_note = None, None
    if arguments.continued_from is not None:
        old_keys = _keys_of(arguments.continued_from)
        old_note = state.load(log_origin(old_keys))
    source = _source(arguments.target, arguments.token)
    options = Options(
        entries_required=arguments.token is not None,
        policy=policy,
        now=int(time.time()),
        max_age=arguments.max_age,
        from_start=arguments.from_start,
        continued_from=None if old_keys is None else (old_keys, old_note),
        progress=_show_progress if sys.stderr.isatty() else None,
        keep=_now_and_then(lambda prefix: state.keep_prefix(origin, prefix)),
        read=in_processes(source, min(arguments.processes, _MAX_PROCESSES)),
    )
    try:
        summary = audit_log(source.fetch, keys, state.load_memory(origin), options=options)
    except InconsistentLogError as error:
        trusted, observed = state.keep_evidence(error.trusted, error.observed)
        print(f"Evidence kept: {trusted}")
        print(f"               {observed}")
        raise
    state.save_memory(origin, summary.memory)
    if summary.continuation is not None:
        state.save(summary.continuation.old.data)
    print_summary(summary)


def _source(target: str, token: str | None) -> HttpLog | DirectoryLog:
    if "://" in target or not Path(target).exists():
        return HttpLog(target, token)
    return DirectoryLog(Path(target))


def _keys(arguments: argparse.Namespace, policy: Policy | None) -> Keys:
    """The keys given, one way or the other; those of the policy where none is."""
    try:
        keys: list[LogKey] = [LogKey(VerifierKey.parse(vkey)) for vkey in arguments.vkeys]
        if arguments.keys_file is not None:
            keys += _keys_of(arguments.keys_file)
        listed = () if policy is None else policy.log_keys
        if not keys:
            keys = [LogKey(key) for key in listed]
        if not keys:
            raise CannotRunError("keys-missing", "Give the log's keys: --vkey, --vkeys, or a policy with log lines.")
        if listed and any(held.key not in listed for held in keys):
            raise CannotRunError("keys-unsuitable", "The policy is for other logs than that of the keys given.")
        return log_keys(keys)
    except MalformedError as error:
        raise CannotRunError(error.code, error.detail) from None


def _keys_of(path: Path) -> tuple[LogKey, ...]:
    try:
        return parse_keys(_contents(path, MAX_POLICY_SIZE + 1, "The file of keys cannot be read."))
    except MalformedError as error:
        raise CannotRunError(error.code, error.detail) from None


def _policy(arguments: argparse.Namespace) -> Policy | None:
    if arguments.policy is None:
        return None
    try:
        return Policy.parse(_contents(arguments.policy, MAX_POLICY_SIZE + 1, "The policy's file cannot be read."))
    except MalformedError as error:
        raise CannotRunError(error.code, error.detail) from None


def _contents(path: Path, limit: int, unreadable: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except (OSError, ValueError):
        raise CannotRunError("file-unreadable", unreadable) from None


def _now_and_then(keep: Callable[[Prefix], None]) -> Callable[[Prefix], None]:
    """Keep what there is every few seconds, and not each time."""
    kept_at = time.monotonic()

    def maybe(prefix: Prefix) -> None:
        nonlocal kept_at
        if time.monotonic() >= kept_at + _KEEP_SECONDS:
            keep(prefix)
            kept_at = time.monotonic()

    return maybe


def _show_progress(done: int, total: int) -> None:
    end = "\n" if done == total else ""
    print(f"\r{done} of {total} entries", end=end, file=sys.stderr, flush=True)


def _could_not_run(code: str, detail: str) -> int:
    print(f"COULD NOT RUN {code}: {detail}", file=sys.stderr)
    return COULD_NOT_RUN
