"""What is done to a stored log that the service then runs on: what is not signed over, and not loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tamper.case import InDatabase, Takes, Tool, Verb
from tamper.stored import RENAMED_IN_SNAPSHOT, ROLLED_BACK, forged, newest, renamed, rewriting
from tamper.victim import Victim, flipped, swapped

Shown = Callable[[Victim], bytes | None]


@dataclass(frozen=True)
class Signing(InDatabase):
    """`witness` is the checkpoint that a witness shows; without one, and nothing outside, the database is all there
    is."""

    witness: Shown = lambda _: None


def unsigned(verb: Verb, does: str, *edits: str, code: str = "database-differs", **shown: Shown) -> Signing:
    return Signing(verb, does, Takes.DATABASE, Tool.CHECKPOINTER, code, edits=edits, **shown)


UNSIGNED = [
    unsigned(Verb.EDIT, "changes the hash of a new entry", flipped("entry", "leaf_hash", "index = 599")),
    unsigned(Verb.DELETE, "deletes a new entry", "DELETE FROM entry WHERE index = 520"),
    unsigned(Verb.REORDER, "exchanges two new entries", *swapped(520)),
    unsigned(
        Verb.TRUNCATE, "cuts off the newest entries", "DELETE FROM entry WHERE index >= 590", code="database-behind"
    ),
    unsigned(Verb.TILE, "changes the hash over a tile", flipped("tile", "root", "number = 1")),
    unsigned(Verb.TILE, "deletes a tile", "DELETE FROM tile WHERE number = 1"),
    unsigned(Verb.EDIT, "changes the root beside the newest checkpoint", flipped("checkpoint", "root", "size = 600")),
    Signing(
        Verb.EDIT,
        "makes an entry, all entries after it and every tile anew",
        Takes.DATABASE,
        Tool.CHECKPOINTER,
        "database-differs",
        edits=rewriting(300, payload=renamed),
    ),
    unsigned(
        Verb.ROLL_BACK,
        "restores an older copy of the database, checkpoints and all",
        *ROLLED_BACK,
        code="database-behind",
        outside=newest,
    ),
    unsigned(
        Verb.ROLL_BACK,
        "restores an older copy of the database and takes away the file outside it",
        *ROLLED_BACK,
        code="database-behind",
        witness=newest,
    ),
    Signing(
        Verb.FORK,
        "has a witness cosign another history, with a stolen log key",
        Takes.LOG_KEY,
        Tool.CHECKPOINTER,
        "database-differs",
        edits=(),
        witness=forged,
    ),
    Signing(
        Verb.FORK,
        "puts a checkpoint of another history into the file outside, with a stolen log key",
        Takes.LOG_KEY,
        Tool.CHECKPOINTER,
        "database-differs",
        edits=(),
        outside=forged,
    ),
]

SNAPSHOT = "snapshot-refused"


def refused(does: str, edit: str) -> InDatabase:
    return InDatabase(Verb.SNAPSHOT, does, Takes.DATABASE, Tool.WORKER, SNAPSHOT, edits=(edit,))


SNAPSHOTS = [
    refused("changes a byte of a snapshot", flipped("register_snapshot", "body", "size = 600")),
    refused("changes a snapshot's hash", flipped("register_snapshot", "sha256", "size = 600")),
    refused("changes the entry that a snapshot is of", flipped("register_snapshot", "leaf_hash", "size = 600")),
    refused("passes a snapshot off as that of a longer log", "UPDATE register_snapshot SET size = 700"),
    refused("passes a snapshot off as that of a shorter log", "UPDATE register_snapshot SET size = 599"),
    refused("changes a name in a snapshot", RENAMED_IN_SNAPSHOT),
]
CASES = [*UNSIGNED, *SNAPSHOTS]
