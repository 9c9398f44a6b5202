"""What an attacker who has something can and cannot do, line by line, each with the tests that show it."""

from __future__ import annotations

from tamper.cases import tried
from tamper.claims import Capability, line
from tamper.sign_ins import PROVIDER_CAN, PROVIDER_CANNOT, TAKEN_SIGN_INS

RESTORED = "restores an older copy of the database, checkpoints and all"
REWRITTEN = "makes an entry, all entries after it and every tile anew"
UNSEEN = "makes the whole log anew and signs it, before an auditor first comes"
API, DEPLOY, ROTATIONS = "tests/api/", "tests/deploy/", "tests/verify/test_rotations.py::"
TOKENS, BAD_TOKENS, ISOLATION = (
    "tests/identity/test_tokens.py::",
    f"{API}test_bad_tokens.py::",
    f"{API}test_isolation.py::",
)
PROPOSALS = "tests/runtime/test_proposals.py::"
COPY = "tests/runtime/test_local_copy.py::"
GUARD, ROLES, VOLUME = f"{DEPLOY}test_database_guard.py::", f"{DEPLOY}test_roles.py::", f"{API}test_volume.py::"

CAPABILITIES = (
    Capability(
        has="A practitioner's laptop",
        means="A person's sign-in at their own body, for as long as its token lasts.",
        can=(
            line(
                "Ask questions, and read what that person's roles show: the body's own answers, its events, and events "
                "that were shared with it.",
                f"{ISOLATION}test_the_recipient_sees_what_was_shared_with_it",
                f"{TOKENS}test_a_person_has_the_roles_that_the_register_holds_and_no_scopes",
            ),
        ),
        cannot=(
            line(
                "Do what the person's roles do not cover.",
                f"{BAD_TOKENS}test_a_person_whose_roles_do_not_cover_the_route_is_refused",
            ),
            line("Do what a system does, such as record an event.", f"{BAD_TOKENS}test_a_person_does_not_get_scopes"),
            line(
                "Read another body's answers, lists of what was withheld, or keys.",
                f"{ISOLATION}test_another_organisations_check_is_not_found",
                f"{ISOLATION}test_the_recipient_never_sees_what_was_withheld",
                f"{ISOLATION}test_keys_and_lawful_bases_are_the_organisations_own",
            ),
            line(
                "Learn whether another body's record is there at all, or who works there.",
                "tests/guards/test_existence.py::test_what_is_anothers_is_as_if_it_were_not_there",
                "tests/store/test_isolation.py::test_nobody_learns_who_works_at_another_body_or_which_keys_it_has",
            ),
            line(
                "Use up what another may ask, or lock anybody out.",
                "tests/guards/test_limits.py::test_one_clients_exhaustion_touches_nobody_else",
                "tests/guards/test_limits.py::test_a_forged_token_draws_on_nothing_of_whom_it_names",
            ),
            line(
                "Change keys, or ask for an erasure, with a sign-in older than five minutes.",
                f"{BAD_TOKENS}test_keys_change_and_records_are_erased_only_after_a_recent_sign_in",
                f"{BAD_TOKENS}test_an_old_sign_in_is_asked_for_again",
            ),
            line(
                "Erase anything alone.",
                "tests/api/test_erasures.py::test_one_person_alone_erases_nothing_and_asking_again_changes_nothing",
            ),
            line("Change or delete a record.", f"{GUARD}test_no_role_and_no_login_changes_a_table_of_the_log"),
        ),
        noticed=(
            line(
                "An auditor's reading of another body's record is an entry that this body sees.",
                f"{API}test_audit.py::test_reading_anothers_record_is_itself_an_entry_that_its_owner_sees",
            ),
        ),
        then="End the person's sessions at the identity provider and take the role away in the register; it counts "
        "with the next entry. Look through the body's own list of checks and events.",
    ),
    *TAKEN_SIGN_INS,
    Capability(
        has="An agency's signing key",
        means="The private key with which a body signs its sharing events.",
        can=(
            line(
                "Sign an event in the body's name, which the registry records if the body's own system, with its "
                "token, sends it.",
                f"{API}test_keys.py::test_a_registered_key_signs_and_a_revoked_one_does_not",
            ),
        ),
        cannot=(
            line(
                "Record anything with the key alone: a token of the body is needed too.",
                f"{BAD_TOKENS}test_without_a_token_nothing_is_shown",
            ),
            line(
                "Sign for another body.", f"{API}test_bad_events.py::test_a_key_of_another_organisation_signs_nothing"
            ),
            line(
                "Change what was recorded: another content under the same id is refused.",
                f"{API}test_events.py::test_another_content_under_the_same_id_is_refused",
            ),
            line(
                "Sign for a time before the key was valid.",
                f"{API}test_events.py::test_a_key_signs_only_what_was_decided_while_it_was_valid",
            ),
            line(
                "Sign once the key is revoked, on any worker, from the next entry on.",
                "tests/faults/test_revoked_keys.py::test_a_worker_that_has_not_read_of_a_revocation_refuses_the_key_all_the_same",
                "tests/faults/test_revoked_keys.py::test_a_revocation_counts_from_the_next_entry_of_the_same_batch",
            ),
            line("Sign a checkpoint: the log's keys are others.", *tried("signs with a key that is unknown")),
        ),
        noticed=(
            line(
                "Each event stands in the body's own list, newest first, and in that of the recipient.",
                f"{API}test_events.py::test_a_list_goes_newest_first_by_pages_that_link",
            ),
        ),
        then="Revoke the key as `compromised`, with the time from which it is in doubt. What was signed before stays "
        "in the log as it was.",
    ),
    Capability(
        has="An agency's identity provider",
        means="Whatever its issuer can sign: tokens for any person or system of that body.",
        can=(
            line(
                "Be any person or system of that body, with the roles and scopes that the register holds for them.",
                f"{TOKENS}test_a_machine_has_the_scopes_that_both_token_and_register_grant",
            ),
            *PROVIDER_CAN,
        ),
        cannot=(
            line(
                "Be another body: an issuer acts for the one that it is registered for.",
                f"{TOKENS}test_one_issuer_of_several_bodies_is_split_by_its_claim",
                f"{TOKENS}test_an_issuer_of_two_bodies_without_a_claim_acts_for_neither",
                f"{TOKENS}test_a_role_at_another_body_is_none_here",
            ),
            line(
                "Give itself a scope that the registry did not grant.",
                f"{BAD_TOKENS}test_a_scope_that_the_register_did_not_grant_is_none",
            ),
            line("Have an unknown issuer's keys fetched.", f"{TOKENS}test_an_unknown_issuer_is_never_fetched_from"),
            line(
                "Use an algorithm that is not asymmetric.",
                f"{TOKENS}test_an_algorithm_that_is_not_asymmetric_is_refused_even_if_registered",
            ),
            line(
                "Sign an event: that takes the body's own key.",
                f"{API}test_bad_events.py::test_a_key_of_another_organisation_signs_nothing",
            ),
            *PROVIDER_CANNOT,
        ),
        noticed=(
            line(
                "What was asked and recorded in the body's name is in its own lists, and in the log for good.",
                f"{API}test_events.py::test_a_list_goes_newest_first_by_pages_that_link",
            ),
        ),
        then="Remove the issuer in the register: tokens that were already admitted stop counting with the next entry. "
        "Revoke its clients and roles, then register the repaired issuer anew.",
    ),
    Capability(
        has="The service",
        means="A worker's process or account: its database login, what passes through its memory, and the attestation "
        "key. Not the log's keys.",
        can=(
            line("Read every payload that is not erased.", f"{GUARD}test_a_role_reads_and_appends_what_it_is_for"),
            line(
                "Append what nobody asked for. What no action would make is found as `payload-unknown`; a well-formed "
                "answer that nobody asked for is seen only by the body in whose name it stands.",
                "tests/tamper/test_appended.py::test_what_no_action_would_have_made_is_found",
                "tests/tamper/test_appended.py::test_an_answer_that_nobody_asked_for_is_not",
            ),
            line(
                "Register a signing key of their own in a body's name, and make events with it: the body sees in its "
                "list a key that it never had.",
                "tests/tamper/test_appended.py::test_a_key_of_somebody_else_in_its_bodys_name_is_not",
            ),
            line(
                "Make an attestation of the sort that the registry signs for somebody on a page; the body named sees "
                "it in the agreement's public list.",
                "tests/tamper/test_appended.py::test_an_attestation_that_the_registrys_own_key_signed_is_not",
            ),
            line("Refuse service, or leave out what it should have logged: compare with case records."),
        ),
        cannot=(
            line(
                "Change, delete or truncate what is logged.",
                f"{ROLES}test_the_service_reads_the_log_and_cannot_rewrite_it",
                f"{GUARD}test_no_role_and_no_login_changes_a_table_of_the_log",
            ),
            line(
                "Sign or record a checkpoint.",
                f"{ROLES}test_the_service_cannot_record_what_was_signed",
                "tests/architecture/test_settings.py::test_the_service_is_told_nothing_of_the_logs_private_keys",
            ),
            line(
                "Become the eraser or the owner of the database.",
                f"{ROLES}test_the_service_cannot_become_the_eraser_or_the_owner",
                f"{GUARD}test_no_role_and_no_login_frees_itself",
            ),
            line(
                "Make an event under an agency's own key: `isa-registry fsck --signatures` finds one whose signature "
                "does not hold, and a key whose proof is by another.",
                "tests/tamper/test_appended.py::test_an_event_that_its_body_did_not_sign_is_found",
                "tests/tamper/test_appended.py::test_a_key_whose_holder_never_asked_for_it_is_found",
            ),
            line(
                "Date an entry before the one before it by setting a worker's clock back.",
                "tests/tamper/test_serving.py::test_a_worker_whose_clock_is_set_back_dates_no_entry_before_the_last",
            ),
            line(
                "Have a changed register payload answer anything: it is never folded.",
                "tests/runtime/test_sequencer.py::test_a_changed_register_payload_is_never_folded",
                "tests/tamper/test_serving.py::test_a_register_is_not_loaded_from_an_edited_snapshot",
            ),
        ),
        noticed=(
            line(
                "By `fsck`, which also compares the registers that running workers hold in memory.",
                "tests/runtime/test_fsck.py::test_a_register_in_memory_that_is_not_the_logs_is_found",
            ),
            line(
                "By whoever replays a recorded decision offline.",
                "tests/cli/test_export_and_replay.py::test_a_record_that_the_law_of_then_does_not_give_is_told_member_by_member",
            ),
        ),
        then="Stop the workers: sharing waits for no answer, and what was shared is recorded afterwards. "
        "Change the database login, run `fsck --signatures`, replay the answers since, and ask each body for which the "
        "registry signed an attestation since whether it is theirs. Where the attestation key may be known, begin a "
        "log that continues this one: a log names one such key for good.",
    ),
    Capability(
        has="The directory of the local copy",
        means="Reading or writing what a worker starts from while the database is away, without the service's secrets.",
        can=(
            line("Read who has which role at which body, as issuer and subject, and the public keys of providers."),
            line(
                "Take it away or spoil it: a worker that starts while the database is away then waits for it.",
                f"{COPY}test_any_byte_that_is_changed_or_lacking_or_more_is_noticed",
                "tests/faults/test_database_away.py::test_a_worker_that_cannot_start_while_the_database_is_away_comes_back_with_it",
            ),
            line(
                "Put one of the last seven days in its place: a worker that starts in an outage then answers, "
                "unrecorded and as stale, whoever had access on that day.",
                f"{COPY}test_one_that_was_made_too_long_ago_is_not_started_from",
            ),
        ),
        cannot=(
            line(
                "Change who may ask, or what is answered.",
                f"{COPY}test_a_copy_that_somebody_else_made_is_refused_whatever_it_says",
                "tests/runtime/test_local_key_sets.py::test_sets_that_somebody_else_wrote_or_that_would_serve_for_longer_than_any_are_not_taken",
            ),
            line(
                "Have a worker go on with another log, or keep what the log does not say, once the database is back.",
                f"{COPY}test_it_goes_on_with_no_other_log_than_its_own",
                f"{COPY}test_a_copy_that_is_not_what_the_log_gives_is_replaced_by_it",
            ),
        ),
        noticed=(
            line(
                "By the worker's warnings at `/readyz`, where the newest checkpoint outside is ahead of it.",
                f"{COPY}test_what_was_signed_since_says_that_it_is_behind_and_another_log_that_it_is_none_of_this",
            ),
        ),
        then="Delete the directory: a worker that reaches the database writes it anew. Where the session key may be "
        "known too, put a new one in its file, alone.",
    ),
    Capability(
        has="The database",
        means="A login of the application, the owner's, or the superuser's; or the server's files and backups.",
        can=(
            line(
                "As an application's login: what its role is for, and no more.",
                f"{GUARD}test_a_role_reads_and_appends_what_it_is_for",
            ),
            line(
                "As a reader without an organisation: see no payload of anybody.",
                f"{GUARD}test_a_reader_sees_no_payload_of_others_however_it_asks",
            ),
            line(
                "As owner: take the triggers away, and then edit.",
                f"{GUARD}test_the_owner_can_still_take_the_trigger_away",
            ),
            line(
                "As superuser: edit anything, and read every payload that is not erased.",
                *tried("makes an entry, all entries after it and every tile anew"),
            ),
            line("With an older backup: read what was erased since, for as long as the backup is kept."),
            line(
                "Restore an older copy as a whole: `fsck` sees nothing wrong in it without the file outside.",
                *tried(RESTORED, silent=True),
            ),
            line(
                "Edit what is left of an erased record (its id, and who may be told), or the answer that a repeated "
                "request gets within a day. No check sees that.",
                *tried("shows the id of an erased check to other bodies, or to none", silent=True),
                *tried("lets a repeated request be answered with another entry that is there", silent=True),
            ),
        ),
        cannot=(
            line(
                "As anybody, propose or approve in another person's name, without the service's secret.",
                f"{PROPOSALS}test_nobody_is_made_to_have_proposed_what_somebody_else_then_approves",
                f"{PROPOSALS}test_nobody_is_made_to_have_approved_what_somebody_proposed",
            ),
            line(
                "As an application's login, change the log.",
                f"{GUARD}test_no_role_and_no_login_changes_a_table_of_the_log",
            ),
            line(
                "As anybody, edit an entry, a tile, a payload, an index row, a snapshot or an agreement's words "
                "unseen, those two rows excepted.",
                *tried("changes a byte of an entry"),
                *tried("changes a tile of level 0"),
                *tried("changes a byte of a payload"),
                *tried("gives a check to another body"),
                *tried("changes a byte of a snapshot"),
                *tried("changes a word of an agreement"),
            ),
            line(
                "Have an edited record shown as if it were what was recorded, or refused without a word.",
                "tests/api/test_altered.py::test_a_check_that_says_something_else_is_told_and_not_shown",
                "tests/api/test_altered.py::test_an_event_that_cannot_be_read_is_told_and_its_list_goes_on",
            ),
            line(
                "Have records shown from an older copy, which may lack that a consent was taken back.",
                "tests/api/test_doubtful_records.py::test_no_record_is_shown_to_a_system",
                "tests/api/test_doubtful_records.py::test_no_record_is_shown_on_a_page_and_asking_is_one_link_away",
            ),
            line(
                "Make the checkpointer sign over an edit.",
                *tried("changes the hash of a new entry"),
                *tried("changes the hash over a tile"),
                "tests/tamper/test_serving.py::test_new_entries_are_read_back_and_not_signed_if_they_were_edited",
            ),
            line(
                "Have a restored older copy signed: the file outside and the witnesses know more.",
                *tried(RESTORED),
                *tried("restores an older copy of the database and takes away the file outside it"),
            ),
            line(
                "Find what was erased in any table.",
                "tests/store/test_erasure_coverage.py::test_nothing_of_what_was_erased_is_left_in_any_table",
            ),
            line(
                "Bring an erased payload back unseen.",
                *tried("brings back a payload that was erased"),
                *tried("brings back the hash of a request whose record was erased"),
                "tests/runtime/test_erasure.py::test_a_restored_backup_is_not_served_until_the_journal_is_applied",
            ),
        ),
        noticed=(
            line(
                "By the checkpointer at once for hashes and tiles it reads; by `fsck` for all the rest.",
                *tried("deletes a tile"),
                *tried("deletes an event's row"),
            ),
            line(
                "By auditors, from what is served.",
                "tests/tamper/test_serving.py::test_an_auditor_refuses_what_is_served_of_an_edited_log",
                "tests/tamper/test_serving.py::test_a_log_cut_off_with_its_checkpoints_is_told_by_who_remembers_it",
            ),
        ),
        then="Keep a copy of the database as it is. Restore from a backup that the newest witnessed checkpoint proves, "
        "or continue the log as [continuation](formats/continuation.md) says. What was read is a breach of personal "
        "data.",
    ),
    Capability(
        has="The log key",
        means="The private key with which checkpoints are signed (both of its kinds).",
        can=(
            line(
                "Sign another history. An auditor who was never here, and demands no witnesses, believes it.",
                *tried(UNSEEN, silent=True),
            ),
        ),
        cannot=(
            line(
                "Have it cosigned by a witness that has seen the log.",
                *tried("asks for a cosignature on another root of the same size"),
                *tried("asks for a cosignature on a history that parts from the one cosigned"),
            ),
            line(
                "Show it to an auditor who remembers the log, or demands a quorum.",
                *tried("signs another history of the same size"),
                *tried("shows one auditor another history, which one witness cosigns"),
            ),
            line(
                "Name a successor that auditors follow, unless old and new key both sign.",
                f"{ROTATIONS}TestAbuse::test_new_keys_do_not_vouch_for_themselves",
                f"{ROTATIONS}TestAbuse::test_an_old_key_does_not_hand_over_without_the_new_ones_consent",
            ),
            line(
                "Sign on after it was retired.",
                f"{ROTATIONS}TestAScheduledRotation::test_a_retired_key_that_signs_again_is_an_alarm_with_evidence",
            ),
            line(
                "Read or write the registry's data: the checkpointer's login sees no payload and appends nothing.",
                f"{ROLES}test_the_checkpointer_reads_entries_and_no_payload_and_appends_none",
            ),
        ),
        noticed=(
            line(
                "By witnesses, which keep both checkpoints.",
                "tests/runtime/test_witness_server.py::TestEvidence::test_both_checkpoints_of_a_fork_are_kept_whole_and_for_good",
            ),
            line(
                "By the checkpointer, from what a witness or the file outside shows.",
                *tried("has a witness cosign another history, with a stolen log key"),
                *tried("puts a checkpoint of another history into the file outside, with a stolen log key"),
            ),
            line(
                "By auditors, whose tool keeps both checkpoints.",
                "tests/verify/test_cli.py::TestLog::test_a_log_rolled_back_is_refused_and_the_evidence_kept",
            ),
        ),
        then="Rotate after a compromise, as [key rotation](formats/key-rotation.md) says: auditors pin anew, by the "
        "quorum of witnesses and by a second way, never by the log alone.",
    ),
    Capability(
        has="The operator's goodwill",
        means="Everything above at once: service, database, log key, and the will to use them.",
        can=(
            line("Read every payload that is not erased, as any operator of a database can.", *tried(REWRITTEN)),
            line("Make the log anew before anybody outside has seen it.", *tried(UNSEEN, silent=True)),
            line(
                "Leave out what should have been logged. Nothing in a log shows what was never in it: compare with "
                "case records."
            ),
            line(
                "Cut off what no witness, auditor or receipt has seen yet: the last checkpoint's worth.",
                *tried(RESTORED, silent=True),
            ),
        ),
        cannot=(
            line(
                "Edit, delete, insert, reorder, cut off or roll back what somebody outside has seen.",
                *tried("makes the log anew from one edited entry on, and signs it"),
                *tried("signs a shorter log"),
                *tried("serves an older checkpoint that was signed once"),
            ),
            line(
                "Break the rules of the log (numbers, chain, times) even in a history nobody has seen.",
                *tried("leaves an entry out of the log, and signs it"),
                *tried("puts an entry into the log a second time, and signs it"),
                *tried("exchanges two entries of the log, and signs it"),
                *tried("makes the log anew around one edited entry, and signs it"),
                *tried("dates an entry before the one before it"),
            ),
            line(
                "Date an entry into a time when witnesses saw that it was not there.",
                *tried("dates an entry into a time when witnesses saw that it was not there"),
                *tried("dates an entry later than witnesses had it"),
            ),
            line(
                "Show two histories to auditors who demand a quorum, while fewer witnesses than that are on its side.",
                *tried("shows one auditor another history, which one witness cosigns"),
            ),
            line(
                "Deny a receipt: it verifies without the operator.",
                "tests/verify/test_receipt.py::test_an_honest_receipt_is_verified",
            ),
            line(
                "Change an agreement's words under the hash that was attested.",
                *tried("changes an agreement's words but not their hash, and makes and signs the log anew"),
            ),
        ),
        noticed=(
            line(
                "By any auditor who was here before, any witness, any receipt of the other history.",
                *tried("shows another history that has grown"),
                *tried("asks for a cosignature on another root of the same size"),
                *tried("hands one auditor evidence of another history than another auditor's receipt is of"),
            ),
        ),
        then="Keep both checkpoints. They prove it to anybody, without trust in whoever found it.",
    ),
    Capability(
        has="k-1 witnesses",
        means="The operator, and as many witnesses as do not make a quorum.",
        can=(
            line(
                "Have these witnesses cosign anything; each such line is worth nothing alone.",
                "tests/verify/test_policy.py::TestASignedCheckpoint::test_anything_less_is_not_verified",
            ),
            line(
                "Delay `witnessed` by staying silent; nothing else waits for them.",
                "tests/runtime/test_policy_witnesses.py::test_the_published_head_meets_the_policy_and_a_stopped_witness_blocks_nothing",
            ),
        ),
        cannot=(
            line(
                "Meet the quorum with another history.",
                *tried("shows one auditor another history, which one witness cosigns"),
            ),
            line(
                "Count one witness twice, by two lines or under two names.",
                *tried("counts one witness's twice"),
                *tried("names one witness's key under two names, so that it counts twice"),
                "tests/verify/test_policy.py::TestReading::test_one_key_under_two_names_is_one_signer",
            ),
            line(
                "Move the times that the quorum states.",
                "tests/verify/test_policy.py::TestTheQuorum::test_fewer_than_a_quorum_shift_neither_time",
            ),
            line(
                "Have the log believe a larger size that its own key did not sign.",
                "tests/runtime/test_policy_witnesses.py::test_who_shows_nothing_of_this_log_confirms_nothing",
            ),
        ),
        noticed=(
            line(
                "By auditors with the policy; with a whole quorum on its side, only by who remembers.",
                *tried("shows one auditor another history, which one witness cosigns"),
                *tried(
                    "shows an auditor who first comes another history, which a quorum of witnesses cosigns too",
                    silent=True,
                ),
            ),
        ),
        then="Replace the witness in the policy, tell auditors, and keep its cosignatures: they show what it signed.",
    ),
)

VISIBLE = (
    line(
        "Anybody: how many entries there are, and how many were added between two looks. A question is one entry, an "
        "event one; an event of which something was withheld is two, and a flag on it one more. So whoever looks "
        "several times a second can count, and tell that something was withheld from somebody by some body.",
        f"{VOLUME}test_anybody_can_count_entries_and_see_that_one_came_with_another",
        f"{API}test_framework.py::test_every_answer_names_its_request_and_the_logs_size",
    ),
    line(
        "Nobody, from that: which body, which child, which sort of record. A leaf of a case says `record`, a time, and "
        "a commitment under fresh salt.",
        f"{API}test_log.py::test_the_log_holds_nothing_of_a_case",
        f"{VOLUME}test_the_same_twice_is_two_different_leaves",
    ),
    line(
        "Nobody, from the length of an entry: how long its payload is.",
        f"{VOLUME}test_the_length_of_an_entry_says_nothing_of_its_payload",
    ),
    line(
        "Who may read entries (auditors, or anybody where the operator opens them): the time of each, to the "
        "millisecond. Entries of the register say their kind.",
        f"{API}test_log.py::test_entries_are_for_auditors_and_no_shared_cache_keeps_them",
        f"{API}test_log.py::test_no_spelling_of_the_address_opens_them",
        f"{API}test_log.py::test_the_operator_may_open_the_entries_to_anybody",
    ),
    line(
        "Witnesses: each size and root, and when it was asked to cosign. No entry.",
        "tests/outbound/test_witnesses.py::test_the_request_is_what_the_protocol_says",
    ),
    line(
        "Whoever serves a static copy: hash tiles and checkpoints; entries only if they are copied on purpose.",
        "tests/cli/test_export_and_replay.py::test_entries_are_copied_only_when_asked_for",
    ),
    line(
        "Shared caches: tiles, which are public. Nothing that needs a token.",
        f"{API}test_log.py::test_a_full_tile_never_changes_and_says_so",
        f"{API}test_log.py::test_entries_are_for_auditors_and_no_shared_cache_keeps_them",
    ),
    line(
        "A body that asks for a record of another's: the same answer as for one that does not exist.",
        f"{ISOLATION}test_another_organisations_check_is_not_found",
    ),
    line("Whether the two answers take equally long to come."),
    line(
        "The operator's log lines: routes and outcomes; no address asked for, no body, no token.",
        f"{API}test_framework.py::test_log_lines_name_the_route_and_not_the_address",
    ),
    line(
        "An erasure: that entry n was erased and by which rule, to whoever could read it and to auditors; how many "
        "there were, to anybody who counts.",
        f"{API}test_erasures.py::test_a_check_that_was_erased_is_gone_for_whoever_could_see_it_and_for_a_repeat",
    ),
)
