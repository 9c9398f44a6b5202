"""What is done to a stored log by whoever owns its database, each found by the operator's own check."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

from isa_verify.encoding import canonical_json
from running import SIGNER
from tamper.case import Edits, InDatabase, Takes, Tool, Verb
from tamper.victim import SIZE, Victim, flipped, moved, replaced, sha256_hex, swapped
from verify.signing import NHS

RENAMED_IN_SNAPSHOT = replaced("register_snapshot", "body", "Body 300", "Body 999")
NHS_LINE = f"name = '{NHS.name}'"


def stored(verb: Verb, does: str, edits: Edits | str, code: str, where: str = "", tool: Tool = Tool.FSCK) -> InDatabase:
    edits = (edits,) if isinstance(edits, str) else edits
    return InDatabase(verb, does, Takes.DATABASE, tool, code, edits=edits, where=where)


def outside(
    verb: Verb,
    does: str,
    code: str,
    where: str,
    held: Callable[[Victim], bytes],
    *edits: str,
    takes: Takes = Takes.DATABASE,
) -> InDatabase:
    return InDatabase(verb, does, takes, Tool.FSCK_OUTSIDE, code, edits=edits, where=where, outside=held)


# --- entries made anew -----------------------------------------------------------------------------------------------


def other_words(*, with_hash: bool) -> Callable[[bytes], bytes]:
    """An agreement's payload with one word of the text changed, and the hash beside it made to fit."""

    def change(data: bytes) -> bytes:
        payload = json.loads(data)
        text = payload["text"].replace("share", "withhold", 1)
        assert text != payload["text"]
        found = {**payload, "text": text}
        if with_hash:
            found["text_sha256"] = sha256_hex(text.encode()).decode()
        return canonical_json(found)

    return change


def renamed(data: bytes) -> bytes:
    """Body 300 under another name."""
    return data.replace(b"Body 300", b"Body 999")


def spaced(data: bytes) -> bytes:
    """The same payload in a spelling that is not its own."""
    return data.replace(b":", b": ", 1)


def of_no_entry(data: bytes) -> bytes:
    """An erasure of an entry that is not before it."""
    return canonical_json({**json.loads(data), "index": 5_000})


def rewriting(
    place: str | int, *, only: bool = False, **change: Callable[..., object]
) -> Callable[..., Awaitable[None]]:
    async def edit(victim: Victim) -> None:
        index = victim.places[place] if isinstance(place, str) else place
        await victim.rewrite(index, only=only, **change)  # type: ignore[arg-type]

    return edit


def newest(victim: Victim) -> bytes:
    """The checkpoint over all 600 entries."""
    return victim.notes[SIZE]


def forged(_: Victim) -> bytes:
    """A checkpoint of the same size by the log's own keys, over other entries."""
    return SIGNER.sign(SIZE, bytes(32), 1_790_000_000)


def older(victim: Victim) -> bytes:
    """The checkpoint that was published before the newest."""
    return victim.notes[victim.places["published"]]


ROLLED_BACK = (
    "DELETE FROM entry WHERE index >= {published}",
    "DELETE FROM payload WHERE index >= {published}",
    "DELETE FROM tile WHERE number >= {published} / 256",
    "DELETE FROM checkpoint WHERE size > {published}",
    "DELETE FROM cosignature WHERE size > {published}",
    "DELETE FROM publication WHERE size > {published}",
    "DELETE FROM register_snapshot WHERE size > {published}",
)
"""All that a copy of the database from before the newest checkpoint would lack."""


# --- the cases -------------------------------------------------------------------------------------------------------

CASES = [
    stored(Verb.EDIT, "changes a byte of an entry", flipped("entry", "leaf", "index = 300"), "leaf-hash", "entry 300"),
    stored(
        Verb.EDIT,
        "changes a byte of an entry, and its hash to fit",
        (
            flipped("entry", "leaf", "index = 300"),
            "UPDATE entry SET leaf_hash = sha256('\\x00'::bytea || leaf) WHERE index = 300",
        ),
        "chain",
        "entry 301",
    ),
    stored(
        Verb.EDIT,
        "writes an entry in another spelling",
        "UPDATE entry SET leaf = leaf || ' '::bytea WHERE index = 300",
        "leaf-not-canonical",
        "entry 300",
    ),
    stored(
        Verb.EDIT,
        "puts what is no entry in an entry's place",
        "UPDATE entry SET leaf = convert_to('{{}}', 'UTF8') WHERE index = 300",
        "leaf-malformed",
        "entry 300",
    ),
    stored(
        Verb.EDIT,
        "makes an entry larger than an entry may be",
        (
            "ALTER TABLE entry DROP CONSTRAINT entry_leaf_check",
            "UPDATE entry SET leaf = convert_to(repeat('x', 65536), 'UTF8') WHERE index = 300",
        ),
        "leaf-too-large",
        "entry 300",
    ),
    stored(
        Verb.EDIT,
        "makes an entry, its payload and its hash anew, all fitting each other",
        rewriting(300, only=True, payload=renamed),
        "chain",
        "entry 301",
    ),
    stored(
        Verb.EDIT,
        "makes an entry, all entries after it and every tile anew",
        rewriting(300, payload=renamed),
        "checkpoint",
        "checkpoint 600",
    ),
    stored(
        Verb.EDIT, "changes an entry's hash", flipped("entry", "leaf_hash", "index = 300"), "leaf-hash", "entry 300"
    ),
    stored(
        Verb.EDIT,
        "changes the kind beside an entry",
        "UPDATE entry SET kind = 'record' WHERE index = 300",
        "columns",
        "entry 300",
    ),
    stored(
        Verb.KEY,
        "passes another entry off as one that changes the log's keys",
        "UPDATE entry SET kind = 'log-key.rotated' WHERE index = 300",
        "log-key-rotation",
        "the log's keys",
    ),
    stored(
        Verb.EDIT,
        "writes what is no kind beside an entry",
        "UPDATE entry SET kind = 'Ä' WHERE index = 300",
        "columns",
        "entry 300",
    ),
    stored(
        Verb.EDIT,
        "changes the time beside an entry",
        "UPDATE entry SET at = at + interval '1 second' WHERE index = 300",
        "columns",
        "entry 300",
    ),
    stored(
        Verb.EDIT,
        "changes the kind beside a payload",
        "UPDATE payload SET kind = 'x' WHERE index = 300",
        "columns",
        "entry 300",
    ),
    stored(Verb.DELETE, "deletes an entry", "DELETE FROM entry WHERE index = 300", "index-gap", "entry 301"),
    stored(
        Verb.DELETE,
        "deletes an entry and closes the gap",
        ("DELETE FROM entry WHERE index = 300", "DELETE FROM payload WHERE index = 300", *moved(301, -1)),
        "chain",
        "entry 300",
    ),
    stored(
        Verb.DELETE,
        "deletes a payload that no entry says was erased",
        "DELETE FROM payload WHERE index = 300",
        "payload-missing",
        "entry 300",
    ),
    stored(
        Verb.INSERT,
        "puts a copy of an entry between two others",
        (
            *moved(301, 1),
            "INSERT INTO entry SELECT 301, kind, at, leaf, leaf_hash FROM entry WHERE index = 300",
            "INSERT INTO payload SELECT 301, kind, readers, payload, salt FROM payload WHERE index = 300",
        ),
        "chain",
        "entry 301",
    ),
    stored(
        Verb.INSERT,
        "adds a payload that belongs to no entry",
        "INSERT INTO payload SELECT 900, kind, readers, payload, salt FROM payload WHERE index = 300",
        "payload-orphan",
        "entry 900",
    ),
    stored(Verb.REORDER, "exchanges two entries", swapped(300), "chain", "entry 300"),
    stored(
        Verb.TRUNCATE,
        "cuts off the newest entries",
        ("DELETE FROM entry WHERE index >= 590", "DELETE FROM payload WHERE index >= 590"),
        "checkpoint",
        "checkpoint 600",
    ),
    stored(
        Verb.TRUNCATE,
        "cuts off the newest entries and leaves their payloads",
        "DELETE FROM entry WHERE index >= 590",
        "payload-orphan",
        "entry 590",
    ),
    stored(
        Verb.TRUNCATE,
        "cuts off the newest entries and their checkpoints, and leaves what was published of them",
        (
            "DELETE FROM entry WHERE index >= {published}",
            "DELETE FROM payload WHERE index >= {published}",
            "DELETE FROM tile WHERE number >= 1",
            "DELETE FROM checkpoint WHERE size > {published}",
        ),
        "publication-unsigned",
        "publication 600",
    ),
    stored(Verb.TILE, "changes a tile of level 0", flipped("tile", "hashes", "number = 1"), "tile", "level 0 tile 1"),
    stored(
        Verb.TILE,
        "changes the hash over a tile, which is its place in level 1",
        flipped("tile", "root", "number = 1"),
        "tile",
        "level 0 tile 1",
    ),
    stored(Verb.TILE, "deletes a tile", "DELETE FROM tile WHERE number = 1", "tile", "level 0 tile 1"),
    stored(
        Verb.TILE,
        "makes up a tile of level 1",
        "UPDATE tile SET level = 1, number = 0 WHERE number = 1",
        "tile",
        "level 1 tile 0",
    ),
    stored(
        Verb.EDIT,
        "changes a byte of a checkpoint",
        replaced("checkpoint", "note", r"\n600\n", r"\n601\n"),
        "signature-invalid",
        "checkpoint 600",
    ),
    stored(
        Verb.EDIT,
        "changes the root beside a checkpoint",
        flipped("checkpoint", "root", "size = 600"),
        "checkpoint",
        "checkpoint 600",
    ),
    stored(
        Verb.EDIT,
        "changes the size beside a checkpoint",
        "UPDATE checkpoint SET size = 599 WHERE size = 600",
        "checkpoint",
        "checkpoint 599",
    ),
    stored(
        Verb.PAYLOAD,
        "changes a byte of a payload",
        flipped("payload", "payload", "index = 300"),
        "commitment",
        "entry 300",
    ),
    stored(
        Verb.PAYLOAD,
        "writes a payload in another spelling, and makes the entry anew to fit",
        rewriting(300, only=True, payload=spaced),
        "payload-form",
        "entry 300",
    ),
    stored(
        Verb.ERASURE,
        "lets an entry say that it erased one that is not before it",
        rewriting("erasing", only=True, payload=of_no_entry),
        "erasure-unfounded",
        "entry {erasing}",
    ),
    stored(
        Verb.PAYLOAD,
        "puts a payload that no action would make in another's place",
        'UPDATE payload SET payload = convert_to(\'{{"event":"x","jws":"a.b.c","kind":"sharing-event.recorded"}}\''
        ", 'UTF8') WHERE index = {event}",
        "commitment",
        "entry {event}",
    ),
    stored(Verb.SALT, "changes a byte of a salt", flipped("payload", "salt", "index = 300"), "commitment", "entry 300"),
    stored(
        Verb.SALT,
        "cuts a salt to half its length",
        (
            "ALTER TABLE payload DROP CONSTRAINT payload_salt_check",
            "UPDATE payload SET salt = substring(salt FOR 16) WHERE index = 300",
        ),
        "salt-malformed",
        "entry 300",
    ),
    stored(
        Verb.TEXT,
        "changes a word of an agreement",
        replaced("payload", "payload", "share", "withhold") + " WHERE index = {agreement}",
        "commitment",
        "entry {agreement}",
    ),
    stored(
        Verb.TEXT,
        "changes a word of an agreement, and makes the entry anew to fit",
        rewriting("agreement", only=True, payload=other_words(with_hash=False)),
        "agreement-text",
        "entry {agreement}",
    ),
    stored(
        Verb.TEXT,
        "changes a word and the hash beside it, and makes the whole log from there on anew",
        rewriting("agreement", payload=other_words(with_hash=True)),
        "checkpoint",
        "checkpoint 600",
    ),
    stored(
        Verb.CLOCK,
        "dates an entry an hour back, and makes it and all after it anew",
        rewriting(300, at=lambda time: time - timedelta(hours=1)),
        "time-fell",
        "entry 300",
    ),
    stored(
        Verb.SNAPSHOT,
        "changes a byte of a snapshot",
        flipped("register_snapshot", "body", "size = 600"),
        "snapshot",
        "size 600",
    ),
    stored(
        Verb.SNAPSHOT,
        "changes a name in a snapshot, and its hash to fit",
        (RENAMED_IN_SNAPSHOT, "UPDATE register_snapshot SET sha256 = sha256(body)"),
        "snapshot",
        "size 600",
    ),
    stored(
        Verb.SNAPSHOT,
        "passes a snapshot off as that of a longer log",
        "UPDATE register_snapshot SET size = 700",
        "snapshot",
        "size 700",
    ),
    outside(
        Verb.ROLL_BACK,
        "restores an older copy of the database, checkpoints and all",
        "outside-ahead",
        "checkpoint 600",
        newest,
        *ROLLED_BACK,
    ),
    outside(
        Verb.ROLL_BACK,
        "puts an older checkpoint into the file outside",
        "outside-behind",
        "checkpoint {published}",
        older,
    ),
    outside(
        Verb.FORK,
        "puts a checkpoint of another history into the file outside, with a stolen log key",
        "outside-differs",
        "checkpoint 600",
        forged,
        takes=Takes.LOG_KEY,
    ),
]
