"""Every case of the tamper suite. The table in docs/threat-model.md is made of them."""

from __future__ import annotations

from tamper import auditing, handing, indexed, rotating, serving, silent, stored, submitting, witnessed
from tamper.case import Case, Cited, Silent, Takes, Tool, Verb

STORED = [*stored.CASES, *witnessed.CASES, *indexed.CASES]
SHOWN = [*auditing.CASES, *rotating.CASES, *handing.CASES, *submitting.CASES]
SILENT_STORED, SILENT_SHOWN = silent.STORED, silent.SHOWN
SILENT = [*SILENT_STORED, *silent.APPENDED, *SILENT_SHOWN]
CITED = [
    Cited(
        Verb.TILE,
        "changes a stored tile of level 1",
        Takes.DATABASE,
        Tool.FSCK,
        "tile",
        test="tests/runtime/test_proofs.py::test_a_tile_of_any_level_that_is_not_the_leaves_is_found",
    ),
    Cited(
        Verb.EDIT,
        "changes an entry between its commit and the signature",
        Takes.DATABASE,
        Tool.CHECKPOINTER,
        "log-disagrees",
        test="tests/tamper/test_serving.py::test_new_entries_are_read_back_and_not_signed_if_they_were_edited",
    ),
    *(
        Cited(
            Verb.TEXT,
            does,
            Takes.OPERATOR,
            Tool.FSCK,
            code,
            test="tests/runtime/test_fsck.py::test_words_and_law_that_are_not_of_their_hash_are_found",
        )
        for does, code in (
            ("has words logged beside a hash that is not theirs", "agreement-text"),
            ("has a schedule logged beside a hash that is not its own", "agreement-schedule"),
            ("has a catalogue of law logged beside a hash that is not its own", "catalogue-hash"),
        )
    ),
    Cited(
        Verb.INSERT,
        "appends what no action would have made",
        Takes.SERVICE,
        Tool.FSCK,
        "payload-unknown",
        test="tests/tamper/test_appended.py::test_what_no_action_would_have_made_is_found",
    ),
    Cited(
        Verb.INSERT,
        "appends an event that its body did not sign",
        Takes.SERVICE,
        Tool.FSCK_SIGNATURES,
        "event-signature",
        test="tests/tamper/test_appended.py::test_an_event_that_its_body_did_not_sign_is_found",
    ),
    Cited(
        Verb.INSERT,
        "appends an acknowledgement that its body did not sign",
        Takes.SERVICE,
        Tool.FSCK_SIGNATURES,
        "acknowledgement-signature",
        test="tests/tamper/test_appended.py::test_an_acknowledgement_that_its_body_did_not_sign_is_found",
    ),
    Cited(
        Verb.INSERT,
        "appends an attestation that its signatory did not make",
        Takes.SERVICE,
        Tool.FSCK_SIGNATURES,
        "attestation-signature",
        test="tests/tamper/test_appended.py::test_an_attestation_that_its_signatory_did_not_make_is_found",
    ),
    Cited(
        Verb.INSERT,
        "appends a body's signing key with a proof that another key made",
        Takes.SERVICE,
        Tool.FSCK_SIGNATURES,
        "key-proof",
        test="tests/tamper/test_appended.py::test_a_key_whose_holder_never_asked_for_it_is_found",
    ),
    Cited(
        Verb.EDIT,
        "changes the register in a running worker's memory",
        Takes.SERVICE,
        Tool.FSCK,
        "register",
        test="tests/runtime/test_fsck.py::test_a_register_in_memory_that_is_not_the_logs_is_found",
    ),
    Cited(
        Verb.ROLL_BACK,
        "takes away the file outside the database",
        Takes.SERVICE,
        Tool.FSCK_OUTSIDE,
        "outside-unreadable",
        test="tests/runtime/test_fsck.py::test_the_file_outside_tells_what_the_database_alone_cannot",
    ),
    Cited(
        Verb.TRUNCATE,
        "cuts off the newest entries, and the checkpoints over them",
        Takes.DATABASE,
        Tool.LOG_STATE,
        "log-shrank",
        test="tests/tamper/test_serving.py::test_a_log_cut_off_with_its_checkpoints_is_told_by_who_remembers_it",
    ),
]
TESTS = (
    (STORED, "tests/tamper/test_stored.py::test_fsck_finds_it"),
    (serving.UNSIGNED, "tests/tamper/test_serving.py::test_the_checkpointer_signs_nothing_more_and_says_why"),
    (serving.SNAPSHOTS, "tests/tamper/test_serving.py::test_a_register_is_not_loaded_from_an_edited_snapshot"),
    (SHOWN, "tests/tamper/test_shown.py::test_it_is_refused_and_what_is_honest_is_not"),
    (SILENT_STORED, "tests/tamper/test_stored.py::test_fsck_alone_cannot_know"),
    (SILENT_SHOWN, "tests/tamper/test_shown.py::test_an_auditor_who_was_never_here_cannot_know"),
)
"""Which test performs which cases; a case's own is in brackets behind it."""


def tried(does: str, *, silent: bool = False) -> tuple[str, ...]:
    """The tests that perform what is done: in which it is caught, or with `silent` is not. Raises LookupError."""
    found = [
        f"{test}[{case.id}]"
        for cases, test in TESTS
        for case in cases
        if case.does == does and isinstance(case, Silent) is silent
    ]
    found += [case.test for case in (*CITED, *SILENT) if case.does == does and isinstance(case, Silent) is silent]
    tests = tuple(test for test in found if test)
    if not tests:
        raise LookupError(does)
    return tests


CASES: list[Case] = [*STORED, *serving.CASES, *SHOWN, *CITED]
