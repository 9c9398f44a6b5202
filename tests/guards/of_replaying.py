"""The guards of answering again, as rows of `table.py`: name, file, piece, what takes its place, tests."""

from __future__ import annotations

AGAIN, ERASED, MEMORY = "runtime/replaying.py", "runtime/erasure/runs.py", "domain/register/memory.py"
ASKED, KEPT = "tests/api/test_replay.py::", "tests/runtime/test_erasure.py::"
PAST, CORE = "tests/domain/register/test_past_states.py::", "tests/domain/replaying/test_replaying.py::"

OF_REPLAYING = (
    (
        "the law stays while a check that names it is kept", ERASED,
        "if ends is None or await rested_on(connection, next(one for one in entries if one.index == target.index)):",
        "if ends is None:",
        f"{KEPT}test_the_law_stays_while_a_check_that_names_it_is_kept_and_goes_after_it",
        f"{KEPT}test_a_check_that_comes_after_the_notice_keeps_the_law_too",
    ),
    (
        "what is answered again is what its leaf commits to", AGAIN,
        "        committed_payload(entry)\n", "        pass\n",
        f"{ASKED}test_a_payload_that_is_not_its_leafs_is_different",
    ),
    (
        "no check is answered again from a register that lacks what it needs", AGAIN,
        "if then.wanting is not None:", "if False:",
        f"{ASKED}test_a_check_that_needs_what_was_erased_names_the_entry",
    ),
    (
        "a check that comes out otherwise is an alarm", "api/watching.py",
        'if verdict == "different":', "if False:",
        f"{ASKED}test_a_forged_answer_is_different_and_an_alarm",
    ),
    (
        "the root of then is compared", "domain/replaying/replaying.py",
        "root=seen.root if root is None else encode_base64(root),", "root=seen.root,",
        f"{CORE}test_a_record_that_names_what_was_not_there_is_different",
    ),
    (
        "what was taken back leaves no memory", MEMORY,
        "for last in [last for last in self._pasts if last >= size]:", "for last in []:",
        f"{PAST}test_what_is_forgotten_takes_its_memory_with_it",
    ),
)  # fmt: skip
