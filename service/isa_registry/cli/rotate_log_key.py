"""`isa-registry rotate-log-key`: from the keys of the log to those that follow, step by step (docs/operating.md)."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from isa_registry.actions.log_keys import COMPROMISE, SCHEDULED, rotate, stated
from isa_registry.cli.place import STATE_HELP, Place, place
from isa_registry.domain.refusals import Refused
from isa_registry.ledger.drafts import Appended, Draft
from isa_registry.ledger.leaves import check_origin
from isa_registry.ledger.log_keys import LoggedRotation, parse_log_keys
from isa_registry.runtime.checkpoints.history import HistoryRefused
from isa_registry.runtime.embedded.postgres import EmbeddedPostgresError
from isa_registry.runtime.log_keys.files import KeyFileError, make_next_log_keys, read_log_signer_in
from isa_registry.runtime.log_keys.rotations import signed_since
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.settings import SettingsError
from isa_registry.store.pool import DatabaseError, reading_for
from isa_registry.store.witnesses import StoredWitness, witnesses
from isa_verify.note import VerifierKey

OVERLAP = 100
"""For how many more entries old keys sign beside the new ones: whoever looks meanwhile is handed over."""

_TRIES = 50
_STATUS = "isa-registry rotate-log-key status --vkeys FILE"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("rotate-log-key", help="change the keys that sign the log, step by step")
    steps = parser.add_subparsers(required=True, metavar="STEP", dest="step")
    keys = steps.add_parser("keys", help="where the checkpointer runs: make the next keys, and print their vkeys")
    keys.add_argument("directory", type=Path, help="where the next keys are to lie")
    keys.add_argument("--origin", required=True, help="the log's name")
    for name, says in (
        ("status", "show where the rotation stands, and what to do next"),
        ("rotate", "log the rotation: from then on the next keys are the log's"),
        ("finish", "once the new keys sign alone: say which settings to move"),
    ):
        step = steps.add_parser(name, help=says)
        step.add_argument("--state", type=Path, help=STATE_HELP)
        step.add_argument("--vkeys", type=Path, metavar="FILE", required=True, help="the next keys' two vkeys")
        if name == "rotate":
            _add_rotating(step)
    parser.set_defaults(run=run)


def _add_rotating(step: argparse.ArgumentParser) -> None:
    step.add_argument("--reason", choices=(SCHEDULED, COMPROMISE), default=SCHEDULED, help="why the keys change")
    step.add_argument(
        "--last-good-size",
        type=int,
        metavar="N",
        help="after a compromise: the last log size at which the old keys were certainly the operator's alone",
    )
    step.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="WITNESS",
        help="rotate although this witness has not accepted the next keys; repeatable",
    )
    step.add_argument(
        "--overlap", type=int, default=OVERLAP, metavar="N", help=f"entries that both still sign ({OVERLAP})"
    )


def run(arguments: argparse.Namespace) -> int:
    try:
        if arguments.step == "keys":
            return _make(arguments.directory, arguments.origin)
        with place(arguments.state) as found:
            following = _read_vkeys(found.origin, arguments.vkeys)
            return asyncio.run(_take(found, following, arguments))
    except Refused as refused:
        return _say(refused.detail, 1)
    except (SettingsError, KeyFileError, EmbeddedPostgresError, HistoryRefused, LogDisagrees) as error:
        return _say(str(error), 2)
    except DatabaseError as error:
        return _say(f"the database cannot be reached ({type(error).__name__}).", 2)
    except (OSError, ValueError) as error:
        return _say(str(error), 2)


def _say(why: str, status: int) -> int:
    print(f"isa-registry rotate-log-key: {why}", file=sys.stderr)
    return status


def _make(directory: Path, origin: str) -> int:
    check_origin(origin)
    make_next_log_keys(directory)
    for vkey in read_log_signer_in(origin, directory).vkeys:
        print(vkey)
    return 0


class Rotating:
    """Where a rotation to some next keys stands, as a worker of this command's own reads it."""

    def __init__(
        self, registry: Registry, following: Sequence[VerifierKey], since: int | None, policy: list[StoredWitness]
    ) -> None:
        self.registry = registry
        self.following = tuple(following)
        self.since = since
        self.witnesses = policy
        newest = registry.follower.checkpoint
        self.newest = 0 if newest is None else newest.size

    @property
    def logged(self) -> LoggedRotation | None:
        """The rotation that begins these keys, once it is in the log."""
        begun = set(self.following)
        rotations = self.registry.keys.rotations
        return next((one for one in rotations if begun == {key for key, _ in one.rotation.new}), None)

    @property
    def lacking(self) -> list[str]:
        """The witnesses that have not accepted these keys."""
        return [one.name for one in self.witnesses if not one.accepts_following]


@asynccontextmanager
async def _rotating(found: Place, following: Sequence[VerifierKey]) -> AsyncIterator[Rotating]:
    registry = Registry(found.database_url, found.keys, outside=found.outside)
    await registry.start()
    try:
        opened = registry.follower.view.opened()
        if opened is None or opened.origin != found.origin:
            raise SettingsError("ISA_ORIGIN is not the name that this log was born with.")
        async with reading_for(registry.reading, "") as connection:
            since = await signed_since(connection, following)
            policy = await witnesses(connection)
        yield Rotating(registry, following, since, policy)
    finally:
        await registry.stop()


def _read_vkeys(origin: str, vkeys: Path) -> list[VerifierKey]:
    try:
        return parse_log_keys(origin, vkeys.read_text(encoding="ascii")).verifiers
    except OSError:
        raise SettingsError(f"{vkeys} cannot be read.") from None
    except ValueError as error:
        raise SettingsError(f"{vkeys}: {error}") from None


async def _take(found: Place, following: Sequence[VerifierKey], arguments: argparse.Namespace) -> int:
    async with _rotating(found, following) as rotating:
        if arguments.step == "status":
            return _show(rotating)
        if arguments.step == "finish":
            return _finish(rotating)
        if rotating.logged is not None:
            raise Refused("conflict", f"The rotation is logged already, as entry {rotating.logged.index}.")
        if arguments.reason == COMPROMISE:
            return await _replace_compromised(rotating, arguments)
        return await _rotate(rotating, arguments)


# --- the entry ----------------------------------------------------------------------------------------------------


async def _rotate(rotating: Rotating, arguments: argparse.Namespace) -> int:
    if arguments.last_good_size is not None:
        raise SettingsError("--last-good-size is for --reason compromise.")
    if arguments.overlap < 1:
        raise SettingsError("--overlap must be at least 1: one checkpoint is to be signed by old and new keys.")
    if rotating.since is None:
        raise Refused("conflict", f"The next keys do not sign yet. {_to_sign(rotating)}")
    unknown = set(arguments.without) - {one.name for one in rotating.witnesses}
    if unknown:
        raise SettingsError(f"the policy has no witness {', '.join(sorted(unknown))}.")
    lacking = [name for name in rotating.lacking if name not in arguments.without]
    if lacking:
        raise Refused(
            "conflict",
            f"Not accepted yet by {', '.join(lacking)}: it would cosign nothing more once the old keys have ended. "
            "Ask whoever runs it to add the next keys; it is asked again when the log grows, or within ten minutes. "
            f"To rotate without it, name it with --without. How all stand: {_STATUS}",
        )
    for _ in range(_TRIES):
        registry = rotating.registry
        size = registry.follower.view.size
        payload = stated(
            reason=SCHEDULED,
            old=[one for one in registry.keys.trusted if one.last is None],
            to=size + arguments.overlap,
            new=rotating.following,
            first=rotating.since,
        )
        appended = await _append_unless_grown(registry, rotate(registry.keys, payload))
        if appended is not None:
            print(f"logged as entry {appended.index}")
            print(f"old and new keys both sign up to the size {size + arguments.overlap}, the new ones alone after it")
            print(f"leave the checkpointer's settings as they are until then. Next: {_STATUS}")
            return 0
    raise Refused("unavailable", "The log grows too fast at this moment. Try again, with a longer --overlap.")


async def _replace_compromised(rotating: Rotating, arguments: argparse.Namespace) -> int:
    if arguments.last_good_size is None:
        raise SettingsError("say with --last-good-size until which size the old keys were certainly yours alone.")
    if not rotating.witnesses:
        raise Refused(
            "conflict",
            "After a compromise only witnesses can vouch for new keys, and this log's policy has none. Begin a log "
            "that continues this one: see docs/operating.md.",
        )
    for _ in range(_TRIES):
        registry = rotating.registry
        size = registry.follower.view.size
        payload = stated(
            reason=COMPROMISE,
            old=[one for one in registry.keys.trusted if one.holds_for(size)],
            to=arguments.last_good_size,
            new=rotating.following,
            # What the next keys sign below it meanwhile, the old ones sign too, and it is ignored there.
            first=size + 1 if rotating.since is None else rotating.since,
        )
        appended = await _append_unless_grown(registry, rotate(registry.keys, payload, at_index=size))
        if appended is not None:
            print(f"logged as entry {appended.index}: the old keys sign no size beyond it")
            print("next: let the checkpointer sign with the new keys alone, and restart it; tell every auditor and")
            print(
                "witness the new keys by another way than this registry. Nobody who knows only the old ones is led on"
            )
            return 0
    raise Refused("unavailable", "The log grows too fast at this moment. Try again.")


async def _append_unless_grown(registry: Registry, draft: Draft) -> Appended | None:
    try:
        return await registry.sequencer.append(draft)
    except Refused as refused:
        if refused.code == "conflict" and "grown" in refused.detail:
            return None
        raise


# --- where it stands ----------------------------------------------------------------------------------------------


def _to_sign(rotating: Rotating) -> str:
    return (
        f"The newest checkpoint, of {rotating.newest} entries, does not carry their lines. Name their files to the "
        "checkpointer in ISA_NEXT_LOG_KEY_FILE and ISA_NEXT_LOG_KEY_ML_DSA_44_FILE and restart it: they sign from the "
        "next entry on."
    )


def _show(rotating: Rotating) -> int:
    for one in rotating.registry.keys.trusted:
        until = "on" if one.last is None else f"to {one.last}"
        print(f"key {one.key.key_id.hex()}, type {one.key.type:02}: from {one.first} {until}")
    logged = rotating.logged
    if logged is not None:
        return _show_logged(rotating, logged)
    if rotating.since is None:
        print(f"the next keys do not sign yet. {_to_sign(rotating)}")
        return 0
    print(
        f"the next keys sign beside them since the size {rotating.since}; the newest checkpoint is of {rotating.newest}"
    )
    for witness in rotating.witnesses:
        said = {True: "accepts the next keys", False: "does not accept the next keys", None: "was not asked yet"}
        print(f"witness {witness.name} {said[witness.accepts_following]}")
    if rotating.lacking:
        print("next: ask whoever runs them to add the next keys to their list, beside the others")
    else:
        print("next: isa-registry rotate-log-key rotate --vkeys FILE")
    return 0


def _show_logged(rotating: Rotating, logged: LoggedRotation) -> int:
    print(f"the rotation is logged, as entry {logged.index}, for the reason {logged.rotation.reason}")
    if _is_over(rotating, logged):
        print("the new keys sign alone. Next: isa-registry rotate-log-key finish --vkeys FILE")
    else:
        print(f"the newest checkpoint is of {rotating.newest} entries. {_until(logged)}")
    return 0


def _until(logged: LoggedRotation) -> str:
    if logged.rotation.reason == COMPROMISE:
        return f"The new keys sign alone once a checkpoint covers entry {logged.index}."
    last = max(to for _, to in logged.rotation.old)
    return f"Old and new keys sign up to the size {last}; leave the settings as they are."


def _is_over(rotating: Rotating, logged: LoggedRotation) -> bool:
    return rotating.newest > max(logged.index, *(to for _, to in logged.rotation.old))


def _finish(rotating: Rotating) -> int:
    logged = rotating.logged
    if logged is None:
        raise Refused("conflict", f"The rotation is not logged yet. Where it stands: {_STATUS}")
    if not _is_over(rotating, logged):
        raise Refused("conflict", f"It is not over: the newest checkpoint is of {rotating.newest}. {_until(logged)}")
    print("the new keys sign alone. Move the settings, and restart each process when it suits:")
    print("  checkpointer: ISA_LOG_KEY_FILE and ISA_LOG_KEY_ML_DSA_44_FILE to the new files; ISA_NEXT_LOG_KEY_FILE and")
    print("                ISA_NEXT_LOG_KEY_ML_DSA_44_FILE empty")
    print("  service:      ISA_LOG_VKEYS may stay: it follows the log. Auditors get the new keys from you:")
    for key in rotating.following:
        print(f"                {key}")
    print("then destroy the old private keys and every copy of them; witnesses may strike the old ones off their lists")
    return 0
