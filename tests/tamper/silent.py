"""What one tool alone cannot notice, said as plainly as what it does."""

from __future__ import annotations

from dataclasses import replace

from tamper.auditing import (
    ENTRIES,
    NHS,
    POLICE,
    SEEN,
    SIZE,
    View,
    audit,
    cosigned,
    plain,
    resigned,
    rewritten,
    witnessed,
)
from tamper.case import Silent, Takes, Tool, Verb
from tamper.stored import ROLLED_BACK


def another_history() -> View:
    return resigned(rewritten)(plain())


def another_history_cosigned() -> View:
    log = cosigned(rewritten(ENTRIES[:SIZE]), dict.fromkeys((POLICE, NHS), SEEN))
    return replace(witnessed(), log=log)


STORED = [
    Silent(
        Verb.ROLL_BACK,
        "restores an older copy of the database, checkpoints and all",
        Takes.DATABASE,
        Tool.FSCK_POLICY,
        "the file outside the database, every witness, every auditor who remembers more",
        edits=ROLLED_BACK,
    ),
    Silent(
        Verb.PUBLICATION,
        "deletes the newest publication",
        Takes.DATABASE,
        Tool.FSCK_POLICY,
        "auditors who remember it, or demand a checkpoint that was cosigned lately",
        edits=("DELETE FROM publication WHERE size = 600",),
    ),
    Silent(
        Verb.COSIGNATURE,
        "drops those of the first publications, as if there had been no policy yet",
        Takes.DATABASE,
        Tool.FSCK_POLICY,
        "whoever keeps a receipt or a checkpoint of that time",
        edits=("DELETE FROM cosignature WHERE size < {published}",),
    ),
    Silent(
        Verb.INDEX,
        "lets a repeated request be answered with another entry that is there",
        Takes.DATABASE,
        Tool.FSCK,
        "the client, whose repeat is answered with another id; for a day at most",
        edits=("UPDATE idempotency SET index = {event} WHERE index = {check}",),
    ),
    Silent(
        Verb.ERASURE,
        "shows the id of an erased check to other bodies, or to none",
        Takes.DATABASE,
        Tool.FSCK,
        "nobody: with the payload went what could be compared. It is an id, and that it was erased",
        edits=("UPDATE erased_record SET readers = '{{harbour}}' WHERE index = {erased}",),
    ),
]
APPENDED = [
    Silent(
        Verb.INSERT,
        "appends a well-formed answer that nobody asked for",
        Takes.SERVICE,
        Tool.FSCK_SIGNATURES,
        "the body in whose name it stands, among its own checks; whoever replays it, if the answer is a false one",
        test="tests/tamper/test_appended.py::test_an_answer_that_nobody_asked_for_is_not",
    ),
    Silent(
        Verb.INSERT,
        "appends a signing key of their own in a body's name, with or without a proof",
        Takes.SERVICE,
        Tool.FSCK_SIGNATURES,
        "the body, whose list of keys shows one that it never had",
        test="tests/tamper/test_appended.py::test_a_key_of_somebody_else_in_its_bodys_name_is_not",
    ),
]
SHOWN = [
    Silent(
        Verb.FORK,
        "makes the whole log anew and signs it, before an auditor first comes",
        Takes.OPERATOR,
        Tool.LOG,
        "auditors who were here before, receipts, witnesses: with a policy it lacks the quorum",
        view=another_history,
        verify=audit,
    ),
    Silent(
        Verb.SPLIT_VIEW,
        "shows an auditor who first comes another history, which a quorum of witnesses cosigns too",
        Takes.QUORUM,
        Tool.LOG_POLICY,
        "auditors who were here before, and receipts of the other history",
        view=another_history_cosigned,
        verify=audit,
    ),
]
