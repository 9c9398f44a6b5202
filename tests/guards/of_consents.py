"""The guards of the consent register, as rows of `table.py`."""

from __future__ import annotations

EVIDENCE, READING = "runtime/evidence_of.py", "runtime/consents.py"
RULES, STATES, ON_RECORD = (f"domain/consents/{name}.py" for name in ("faults", "states", "on_record"))
CHECKS, API = "tests/consents/test_checks.py::", "tests/consents/test_api.py::"
FAULTS, LIVES = "tests/domain/consents/test_faults.py::", "tests/domain/consents/test_states.py::"

OF_CONSENTS = (
    (
        "consent records that cannot be read count as unread", EVIDENCE,
        "    unread = Consulted(organisation, named, view, root, view.size, True, None)",
        "    unread = Consulted(organisation, named, view, root, view.size, True, Records(view.size, {}))",
        f"{CHECKS}test_consents_that_cannot_be_read_are_said_to_be_unread_and_the_answer_stale",
    ),
    (
        "whom nobody read about is not taken for one of whom nothing is on record", EVIDENCE,
        "        if not self.references.issuperset(references):\n            return _UNREAD\n", "",
        f"{CHECKS}test_what_was_not_read_about_is_as_if_it_could_not_be",
    ),
    (
        "a recorded answer rests on consents that have not changed", EVIDENCE,
        "        return Unchanged(tuple(threads), self.records.size)", "        return None",
        f"{CHECKS}test_a_consent_that_changes_before_the_answer_is_recorded_has_it_answered_again",
    ),
    (
        "a what-if knows no consent of later", READING, "if entry.index < below]", "if True]",
        f"{CHECKS}test_a_what_if_rests_on_what_was_known_and_what_held_then",
    ),
    (
        "a consent's payload is the one that its leaf commits to", READING,
        "payload_as_logged(stored)",
        "__import__('isa_registry.runtime.folding', fromlist=['']).decoded(stored.index, stored.payload)",
        f"{CHECKS}test_a_payload_that_is_not_what_was_logged_counts_for_nothing",
    ),
    (
        "the people whom a question names are counted", "api/checks.py",
        "    limits.refuse_walking(caller, admitted, request.scope)\n", "",
        f"{CHECKS}test_nobody_can_try_references_one_after_another",
    ),
    (
        "so they are on the straight way", "api/together.py",
        "            self._limits.refuse_walking(one.caller, question)\n", "            pass\n",
        f"{CHECKS}test_nobody_can_try_references_one_after_another",
    ),
    (
        "the people whom a search names are counted", "api/consents.py",
        "    limits.refuse_walking_through(", "    (lambda *_: None)(",
        f"{CHECKS}test_nobody_can_try_references_one_after_another",
    ),
    (
        "a search is logged", "runtime/consenting.py",
        "    await registry.sequencer.append(consents.searched(wanted, caller, found=len(found)))\n", "",
        f"{API}test_that_somebody_searched_is_logged_without_the_references",
    ),
    (
        "nobody answers who has no standing", RULES,
        "kind not in codes.STANDINGS[by].subjects", "False",
        f"{FAULTS}test_who_may_answer_for_whom[child-adult-self]",
    ),
    (
        "special category data needs an express statement", RULES,
        'if special and role == "the-basis" and not explicit:', "if False:",
        f"{FAULTS}test_special_category_data_needs_an_express_statement_of_consent_but_not_of_agreement_to_a_service",
    ),
    (
        "a yes ends with its last day", STATES, "said.review_on < day)", "False)",
        f"{LIVES}test_the_review_day_is_the_last_on_which_it_counts",
    ),
    (
        "what somebody else said for a child ends when the child comes of age", STATES,
        "said.age_transition_on <= day", "False",
        f"{LIVES}test_what_somebody_else_said_for_a_child_ends_when_the_child_comes_of_age[given]",
    ),
    (
        "a yes covers all of a question", ON_RECORD,
        'return covered == asked if status == "given"', 'return bool(covered) if status == "given"',
        f"{LIVES}test_a_yes_counts_where_all_of_it_is_covered",
    ),
    (
        "a yes that was said before a no does not outrank it", ON_RECORD,
        "return other.status in _NO or other.entry < now.entry", "return False",
        f"{LIVES}test_a_yes_that_was_said_before_a_no_and_entered_after_it_does_not_outrank_it",
    ),
    (
        "a no that was said before a yes does not outrank it", ON_RECORD,
        "return other.status in _NO or other.entry < now.entry", "return other.status in _NO",
        f"{LIVES}test_a_no_that_was_said_before_a_yes_and_entered_after_it_does_not_outrank_it",
    ),
    (
        "a consent that somebody renewed is not erased by its old day", "runtime/erasure/consents.py",
        "    return Unchanged((consent_thread(first.organisation, first.consent),), size)",
        "    return Unchanged((), size)",
        "tests/runtime/test_erasure.py::test_one_that_is_renewed_while_it_is_erased_is_kept_too",
    ),
)  # fmt: skip
