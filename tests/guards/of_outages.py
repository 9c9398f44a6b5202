"""The guards of an outage, as rows of `table.py`: name, file, piece, what takes its place, tests.

That a copy is of this format and no directory or pipe is held by what reads it in any case: neither has a row.
"""

from __future__ import annotations

SEALED, COPIED = "runtime/local_copy/sealed_files.py", "runtime/local_copy/registers.py"
COPY, SETS = "tests/runtime/test_local_copy.py::", "tests/runtime/test_local_key_sets.py::"
DOUBTED = "tests/api/test_doubtful_records.py::"
SERVED, ASKED = "tests/cli/test_serve_without_database.py::", "tests/api/test_checks_ask_no_database.py::"

OF_OUTAGES = (
    (
        "a local copy that somebody else wrote is refused", SEALED,
        "if not self._secrets.is_mark(_USE, self._marked(name, content), mark):", "if False:",
        f"{COPY}test_a_copy_that_somebody_else_made_is_refused_whatever_it_says",
        f"{COPY}test_any_byte_that_is_changed_or_lacking_or_more_is_noticed",
    ),
    (
        "a local copy is of its own name and log", SEALED,
        'return f"{name}\\n{self._origin}\\n".encode() + content', "return content",
        f"{COPY}test_a_copy_that_somebody_else_made_is_refused_whatever_it_says",
    ),
    (
        "a local copy that others may write is not read", SEALED,
        "if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:", "if False:",
        f"{COPY}test_what_is_open_to_others_or_no_file_of_this_account_is_not_read",
    ),
    (
        "a local copy is no link to another file", SEALED, " | os.O_NOFOLLOW", "",
        f"{COPY}test_what_is_open_to_others_or_no_file_of_this_account_is_not_read",
    ),
    (
        "a local copy is bounded", SEALED, "if found.st_size > LARGEST + _LONGEST_FIRST_LINE:", "if False:",
        f"{COPY}test_what_is_too_large_is_neither_written_nor_read",
    ),
    (
        "a local copy is exact", COPIED, "    if not exact:\n", "    if False:\n",
        f"{COPY}test_one_that_is_ours_is_read_strictly_all_the_same",
    ),
    (
        "a local copy of long ago is not started from", COPIED, "if now - found.made_at > OLDEST:", "if False:",
        f"{COPY}test_one_that_was_made_too_long_ago_is_not_started_from",
        f"{SERVED}test_it_does_not_start_from_a_copy_that_it_would_not_serve",
    ),
    (
        "a local copy does not contradict what was signed", COPIED,
        "if signed.size == found.size and signed.root != found.frontier.root():", "if False:",
        f"{COPY}test_what_was_signed_since_says_that_it_is_behind_and_another_log_that_it_is_none_of_this",
    ),
    (
        "the log is held against what a worker began with", "runtime/follower.py",
        "if (await stored_frontier(connection, size)).root() != root:", "if False:",
        f"{COPY}test_it_goes_on_with_no_other_log_than_its_own",
    ),
    (
        "the log has the last word on a local copy", "runtime/follower.py",
        '                self._tasks.append(asyncio.create_task(check, name="check the local copy"))\n',
        "                check.close()\n",
        f"{COPY}test_a_copy_that_is_not_what_the_log_gives_is_replaced_by_it",
    ),
    (
        "a demonstration's copy is never served as real", "cli/serve.py",
        "    _refuse_other_log(settings, found.register.at(found.size).opened())\n", "",
        f"{SERVED}test_it_does_not_start_from_a_copy_that_it_would_not_serve",
    ),
    (
        "a key set of a copy serves no longer than one that was fetched", "identity/issuers.py",
        "not now < one.usable_until <= now + LONGEST_KEEP + STALE_KEEP:", "not now < one.usable_until:",
        f"{SETS}test_sets_that_somebody_else_wrote_or_that_would_serve_for_longer_than_any_are_not_taken",
    ),
    (
        "consents are not looked for in a database that is known to be away", "runtime/evidence_of.py",
        "    if not registry.follower.connected:\n        return unread\n", "",
        f"{ASKED}test_what_needs_consent_records_says_that_they_cannot_be_read_and_what_does_not_goes_on",
    ),
    (
        "consents are not looked for in a database that is not the one that was signed", "runtime/evidence_of.py",
        "    if registry.guard.doubts_records:\n        return unread\n", "",
        f"{DOUBTED}test_a_question_is_answered_unrecorded_and_rests_on_no_consent_that_may_have_been_taken_back",
    ),
    (
        "no record is shown from a database that is not the one that was signed", "api/frame.py",
        "    if access.shows_records(request.scope[\"method\"]):\n", "    if False:\n",
        f"{DOUBTED}test_no_record_is_shown_to_a_system",
        f"{DOUBTED}test_no_record_is_shown_on_a_page_and_asking_is_one_link_away",
    ),
    (
        "nothing is asked of a database that is known to be away", "runtime/asking.py",
        "    if not registry.follower.connected:\n", "    if False:\n",
        f"{ASKED}test_a_check_without_references_makes_no_call_on_the_database",
    ),
)  # fmt: skip
