"""`isa-registry replay`: folds evidence offline, and decides recorded questions anew as they were decided then."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from functools import partial
from pathlib import Path

from isa_registry.actions.identifiers import is_check_id
from isa_registry.domain.register.carrying import CannotCarry
from isa_registry.domain.replaying import Replayed
from isa_registry.runtime.continuing.continuity import Continuity
from isa_registry.runtime.continuing.old_log import OldLogRefused
from isa_registry.runtime.evidence.replay import Replay
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.evidence import verify_evidence
from isa_verify.log_keys import LogKey, parse_keys
from isa_verify.policy import Policy


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "replay",
        help="fold evidence without a database, and decide its recorded questions anew",
        description="Folds evidence without a database. With --check or --all it decides recorded questions anew, from "
        "the register, law, evidence and engine of then, as POST /api/v1/checks/{id}/replay does, and says what came "
        "out otherwise by JSON pointer: identical; different (no untouched log does this); engine-changed; or "
        "not-replayable, naming the entry that is wanting. Exit status: 0 all identical, 1 different or not verified, "
        "2 not comparable.",
    )
    parser.add_argument("export", metavar="EXPORT", type=Path, help="an .isa-evidence.jsonl file")
    wanted = parser.add_mutually_exclusive_group()
    wanted.add_argument("--check", help="decide this recorded check anew")
    wanted.add_argument("--all", action="store_true", help="decide every recorded check anew")
    wanted.add_argument(
        "--continues",
        metavar="OLD",
        type=Path,
        help="whether this log began with the register of the one that it continues, whose evidence is OLD",
    )
    parser.add_argument("--old-vkeys", metavar="FILE", type=Path, help="with --continues: the old log's keys")
    parser.add_argument("--vkey", action="append", default=[], help="a key of the log: the evidence is verified first")
    parser.add_argument("--policy", type=Path, help="a policy that the evidence's cosignatures must meet")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0: every check asked for came out identical. 1: one did not, or the evidence does not verify. 2: one could not be
    compared, or there is nothing to compare."""
    if arguments.check is not None and not is_check_id(arguments.check):
        return _could_not("--check takes the id of a check, as chk_ and 32 hexadecimal digits.")
    if arguments.policy is not None and not arguments.vkey:
        return _could_not("--policy needs --vkey.")
    if (arguments.continues is None) != (arguments.old_vkeys is None) or (arguments.continues and not arguments.vkey):
        return _could_not("--continues needs --old-vkeys and --vkey.")
    try:
        keys = [LogKey.parse(vkey) for vkey in arguments.vkey]
        policy = None if arguments.policy is None else Policy.parse(arguments.policy.read_bytes())
    except MalformedError as error:
        return _could_not(error.detail)
    except OSError:
        return _could_not("The policy cannot be read.")
    try:
        if keys:
            with arguments.export.open("rb") as file:
                verified = verify_evidence(file, keys, policy)
            print(f"verified: {verified.entries} entries, {verified.present} payloads present")
        else:
            print("not verified: give the log's keys with --vkey, or run isa-verify export first")
        if arguments.continues is not None:
            return _continues(arguments)
        with arguments.export.open("rb") as file:
            replay = Replay(file, wanted=arguments.check, nothing=not (arguments.check or arguments.all))
            return _replay(replay, arguments.check)
    except VerificationError as error:
        print(f"isa-registry replay: {error}", file=sys.stderr)
        return 1
    except OSError:
        return _could_not("The export cannot be read." if arguments.continues is None else "A file cannot be read.")


def _could_not(why: str) -> int:
    print(f"isa-registry replay: {why}", file=sys.stderr)
    return 2


def _continues(arguments: argparse.Namespace) -> int:
    old_keys = parse_keys(arguments.old_vkeys.read_bytes())
    try:
        continuity = Continuity(partial(arguments.continues.open, "rb"), old_keys, partial(arguments.export.open, "rb"))
    except (OldLogRefused, CannotCarry) as refused:
        return _could_not(str(refused))
    differing = 0
    for sentence in continuity:
        print(sentence)
        differing += 1
    print(f"{continuity.carried} entries were carried over; {differing} differences")
    if continuity.unseen:
        print(f"the old log had signed {continuity.unseen} entries more, which its evidence does not hold")
    return 1 if differing else 0


def _replay(replay: Replay, check: str | None) -> int:
    verdicts: Counter[str] = Counter()
    for replayed in replay:
        verdicts[replayed.verdict] += 1
        # Of many, only those that somebody must look at.
        if check is not None or replayed.verdict != "identical":
            print(_line(replayed))
    _print_register(replay)
    if check is not None and not verdicts:
        return _could_not("The evidence does not hold this check's payload.")
    if check is None and verdicts:
        print(", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items())))
    if verdicts["different"]:
        return 1
    return 2 if verdicts["not-replayable"] or verdicts["engine-changed"] else 0


def _line(replayed: Replayed) -> str:
    said = f"{replayed.check} (entry {replayed.entry}): {replayed.verdict}"
    if replayed.differences:
        said = f"{said} in {', '.join(one.pointer for one in replayed.differences)}"
    return f"{said}: {replayed.why}" if replayed.why else said


def _print_register(replay: Replay) -> None:
    view = replay.register.at(replay.entries and 2**62)
    versions = view.agreement_versions()
    print(
        f"folded {replay.entries} entries: {len(view.organisations())} organisations, {len(versions)} versions of "
        f"agreements, {replay.checks} checks"
    )
    for lacking in replay.lacking[:10]:
        print(f"entry {lacking.entry} {lacking.why}")
    if len(replay.lacking) > 10:
        print("and more entries are lacking")
