"""What is done to tables that are rebuilt from the log, each found by the operator's own check."""

from __future__ import annotations

from tamper.case import Verb
from tamper.stored import stored

CASES = [
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
    stored(
        Verb.INDEX,
        "says of a check that it rested on consent",
        "UPDATE check_record SET basis = 'consent'",
        "index-table",
        "check_record, entry {check}",
    ),
    stored(
        Verb.INDEX,
        "hides an event from whoever looks for its reference",
        "DELETE FROM event_reference WHERE index = {event}",
        "index-table",
        "event_reference, entry {event}",
    ),
    stored(
        Verb.INDEX,
        "hides that a consent was withdrawn",
        "DELETE FROM consent_entry WHERE index = {withdrawal}",
        "index-table",
        "consent_entry, entry {withdrawal}",
    ),
    stored(
        Verb.INDEX,
        "takes a withdrawal out of its consent's thread",
        "DELETE FROM thread WHERE index = {withdrawal}",
        "index-table",
        "thread, entry {withdrawal}",
    ),
    stored(
        Verb.INDEX,
        "turns an acknowledgement into a dispute",
        "UPDATE acknowledgement SET matches = NOT matches",
        "index-table",
        "acknowledgement, entry {acknowledgement}",
    ),
    stored(
        Verb.INDEX,
        "gives a challenge another stage",
        "UPDATE challenge_entry SET stage = 'over'",
        "index-table",
        "challenge_entry, entry {challenge}",
    ),
    stored(
        Verb.INDEX,
        "hides that a body searched",
        "DELETE FROM search_record",
        "index-table",
        "search_record, entry {search}",
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
        "deletes an event from a version's life",
        "DELETE FROM lifecycle_event WHERE index = {agreement}",
        "index-table",
        "lifecycle_event, entry {agreement}",
    ),
    stored(
        Verb.INDEX,
        "says in a version's life that it was withdrawn",
        "INSERT INTO lifecycle_event SELECT 9000, machine, thing, 'withdraw', 'withdrawn' FROM lifecycle_event"
        " WHERE index = {agreement}",
        "index-table",
        "lifecycle_event, entry 9000",
    ),
    stored(
        Verb.INDEX,
        "lets a withdrawn version come into force again",
        "INSERT INTO lifecycle_step VALUES ('agreement', 'withdrawn', 'come-into-force', 'in-force')",
        "index-table",
        "lifecycle_step",
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
        "has a published version's life say that it is in force",
        "UPDATE lifecycle_event SET state = 'in-force' WHERE index = {agreement}",
        "index-table",
        "lifecycle_event, entry {agreement}",
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
]
