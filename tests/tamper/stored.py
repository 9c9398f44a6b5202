"""What is done to a stored log by whoever owns its database, each found by the operator's own check."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

from isa_verify.encoding import canonical_json
from tamper.case import Edits, InDatabase, Takes, Tool, Verb
from tamper.victim import Victim, flipped, moved, replaced, sha256_hex, swapped
from verify.signing import COUNCIL, NHS, POLICE

RENAMED_IN_SNAPSHOT = replaced("register_snapshot", "body", "Body 300", "Body 999")
NHS_LINE = f"name = '{NHS.name}'"


def stored(verb: Verb, does: str, edits: Edits | str, code: str, where: str = "", tool: Tool = Tool.FSCK) -> InDatabase:
    edits = (edits,) if isinstance(edits, str) else edits
    return InDatabase(verb, does, Takes.DATABASE, tool, code, edits=edits, where=where)


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


def rewriting(
    place: str | int, *, only: bool = False, **change: Callable[..., object]
) -> Callable[..., Awaitable[None]]:
    async def edit(victim: Victim) -> None:
        index = victim.places[place] if isinstance(place, str) else place
        await victim.rewrite(index, only=only, **change)  # type: ignore[arg-type]

    return edit


async def cosigned_early(victim: Victim) -> None:
    """A witness's own key, on the newest checkpoint, at a time long before it signed the one before."""
    await victim.edit(f"DELETE FROM cosignature WHERE size = 600 AND {NHS_LINE}")
    await victim.cosign(NHS, 600, 1_780_000_000)


async def cosigned_at_no_time(victim: Victim) -> None:
    await victim.cosign(NHS, 600, 0)


async def cosigned_by_stranger(victim: Victim) -> None:
    """A line of the council's key under the health service's name."""
    await victim.cosign(COUNCIL, 600, 1_790_000_000)
    await victim.edit(
        f"DELETE FROM cosignature WHERE size = 600 AND {NHS_LINE}",
        f"UPDATE cosignature SET name = '{NHS.name}' WHERE size = 600 AND name = '{COUNCIL.name}'",
    )


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
    # Publications and cosignatures.
    stored(
        Verb.PUBLICATION,
        "deletes one between two others",
        "DELETE FROM publication WHERE size = {published}",
        "publication-chain",
        "publication 600",
    ),
    stored(
        Verb.PUBLICATION,
        "lets one follow another than it did",
        "UPDATE publication SET previous = previous - 1 WHERE size = 600",
        "publication-chain",
        "publication 600",
    ),
    stored(
        Verb.PUBLICATION,
        "publishes what was never signed",
        "INSERT INTO publication VALUES (601, 600, now())",
        "publication-unsigned",
        "publication 601",
    ),
    stored(
        Verb.COSIGNATURE,
        "drops one, so that what was published lacks its quorum",
        f"DELETE FROM cosignature WHERE size = 600 AND {NHS_LINE}",
        "publication-unwitnessed",
        "publication 600",
        Tool.FSCK_POLICY,
    ),
    stored(
        Verb.COSIGNATURE,
        "drops all there are",
        "DELETE FROM cosignature",
        "publication-unwitnessed",
        "publication 600",
        Tool.FSCK_POLICY,
    ),
    stored(
        Verb.COSIGNATURE,
        "forges one from that of another checkpoint",
        "UPDATE cosignature SET line = (SELECT line FROM cosignature "
        f"WHERE size = {{published}} AND {NHS_LINE} LIMIT 1) WHERE size = 600 AND {NHS_LINE}",
        "cosignature-invalid",
        f"checkpoint 600, {NHS.name}",
        Tool.FSCK_POLICY,
    ),
    stored(
        Verb.COSIGNATURE,
        "puts what is no cosignature in its place",
        f"UPDATE cosignature SET line = 'none' WHERE size = 600 AND {NHS_LINE}",
        "cosignature-malformed",
        f"checkpoint 600, {NHS.name}",
    ),
    stored(
        Verb.COSIGNATURE,
        "counts one a second time, at another hour",
        "INSERT INTO cosignature SELECT size, name, key_id, at + interval '1 hour', line FROM cosignature "
        f"WHERE size = 600 AND {NHS_LINE}",
        "cosignature-columns",
        f"checkpoint 600, {NHS.name}",
    ),
    stored(
        Verb.COSIGNATURE,
        "counts one a second time, under another witness's name",
        f"UPDATE cosignature SET name = '{COUNCIL.name}' WHERE size = 600 AND {NHS_LINE}",
        "cosignature-columns",
        f"checkpoint 600, {COUNCIL.name}",
    ),
    stored(
        Verb.COSIGNATURE,
        "puts another key's line under a witness's name",
        cosigned_by_stranger,
        "cosignature-columns",
        f"checkpoint 600, {NHS.name}",
    ),
    stored(
        Verb.COSIGNATURE,
        "leaves those of a checkpoint that is gone",
        "DELETE FROM checkpoint WHERE size = {published}",
        "cosignature-unsigned",
        f"checkpoint {{published}}, {POLICE.name}",
    ),
    # Index tables.
    stored(
        Verb.INDEX,
        "gives a check to another body",
        "UPDATE check_record SET organisation = 'harbour'",
        "index-table",
        "check_record, entry {check}",
    ),
    stored(
        Verb.INDEX, "deletes a check's row", "DELETE FROM check_record", "index-table", "check_record, entry {check}"
    ),
    stored(
        Verb.INDEX,
        "gives an event to another body",
        "UPDATE sharing_event SET provider = 'harbour'",
        "index-table",
        "sharing_event, entry {event}",
    ),
    stored(
        Verb.INDEX, "deletes an event's row", "DELETE FROM sharing_event", "index-table", "sharing_event, entry {event}"
    ),
    stored(Verb.INDEX, "deletes an erasure's row", "DELETE FROM erasure", "index-table", "erasure"),
    stored(Verb.INDEX, "changes an erasure's reason", "UPDATE erasure SET reason = 'x'", "index-table", "erasure"),
    stored(
        Verb.INDEX,
        "deletes a legal hold's row",
        "DELETE FROM legal_hold WHERE hold = 'inquiry'",
        "index-table",
        "legal_hold",
    ),
    stored(
        Verb.INDEX,
        "deletes the row that lifts a hold",
        "DELETE FROM legal_hold_lifted",
        "index-table",
        "legal_hold_lifted",
    ),
    stored(
        Verb.INDEX,
        "says of a check that is there that it was erased",
        "INSERT INTO erased_record VALUES ({check}, 'harbour', 'chk_1', '{{}}')",
        "index-table",
        "erased_record, entry {check}",
    ),
    stored(
        Verb.INDEX,
        "lets a repeated request be answered with an entry that is not there",
        "UPDATE idempotency SET index = 900 WHERE index = {check}",
        "answer-beyond",
        "idempotency, entry 900",
    ),
    stored(
        Verb.ERASURE,
        "brings back the hash of a request whose record was erased",
        "UPDATE idempotency SET request_sha256 = sha256('guess') WHERE index = {erased}",
        "answer-left",
        "idempotency, entry {erased}",
    ),
    stored(
        Verb.ERASURE,
        "brings back a payload that was erased",
        "INSERT INTO payload SELECT {erased}, kind, readers, payload, salt FROM payload WHERE index = {check}",
        "erased-but-present",
        "entry {erased}",
    ),
    # Rows that permit something.
    stored(
        Verb.FLIP,
        "takes an event from its recipient's eyes",
        "UPDATE sharing_event SET recipient_sees = false",
        "index-table",
        "sharing_event, entry {event}",
    ),
    stored(
        Verb.FLIP,
        "turns a decision to share in part into one to share",
        "UPDATE sharing_event SET decision = 'shared'",
        "index-table",
        "sharing_event, entry {event}",
    ),
    stored(
        Verb.FLIP,
        "sets a flag on an event",
        "UPDATE sharing_event SET flags = '{{review-basis}}'",
        "index-table",
        "sharing_event, entry {event}",
    ),
    stored(
        Verb.FLIP,
        "lets everybody read a withheld list",
        "UPDATE payload SET readers = NULL WHERE index = {withheld}",
        "columns",
        "entry {withheld}",
    ),
    stored(
        Verb.FLIP,
        "lifts a legal hold",
        "INSERT INTO legal_hold_lifted VALUES ('inquiry', {hold})",
        "index-table",
        "legal_hold_lifted",
    ),
    stored(
        Verb.FLIP,
        "narrows a legal hold to another body",
        "UPDATE legal_hold SET organisations = '{{way-through}}' WHERE hold = 'inquiry'",
        "index-table",
        "legal_hold",
    ),
    # Payloads, salts, words.
    stored(
        Verb.PAYLOAD,
        "changes a byte of a payload",
        flipped("payload", "payload", "index = 300"),
        "commitment",
        "entry 300",
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
    InDatabase(
        Verb.CLOCK,
        "has a witness cosign with its clock far back",
        Takes.FEW_WITNESSES,
        Tool.FSCK_POLICY,
        "cosignature-time-fell",
        edits=cosigned_early,
        where=f"checkpoint 600, {NHS.name}",
    ),
    InDatabase(
        Verb.CLOCK,
        "has a witness cosign at no time",
        Takes.FEW_WITNESSES,
        Tool.FSCK_POLICY,
        "cosignature-undated",
        edits=cosigned_at_no_time,
        where=f"checkpoint 600, {NHS.name}",
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
]
