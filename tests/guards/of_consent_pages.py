"""The guards of the pages about consents: what an address may bring, what is looked for, and what is recorded once."""

from __future__ import annotations

DOES, MAKES, FINDS = "pages/consents_register.py", "pages/consents_recording.py", "pages/consents.py"
PAGES, STEPS = "tests/people/test_consents.py::", "tests/pages/test_consent_steps.py::"

OF_CONSENT_PAGES = (
    (
        "an address that brings a reference is read without it", MAKES,
        "        answers = answers_in(sent, private=False)\n", "        answers = answers_in(sent, private=True)\n",
        f"{PAGES}test_an_address_that_brings_a_reference_is_read_without_it",
    ),
    (
        "searches on a page count with those of systems", DOES,
        '    limits.refuse_walking_through(caller, (reference,), "Look for fewer people", scope=request.scope)\n',
        "    del limits\n",
        f"{STEPS}test_whoever_looks_for_too_many_is_refused_before_anything_is_read",
    ),
    (
        "what is no reference is not looked for", FINDS,
        "        if not is_subject_reference(reference):\n", "        if False:\n",
        f"{PAGES}test_what_is_no_reference_is_not_looked_for_and_not_shown_again",
    ),
    (
        "what is sent twice from a page is recorded once", DOES,
        'asked, caller, claim_of(caller, "/consents/new", once, asked))', "asked, caller, None)",
        f"{PAGES}test_what_is_sent_twice_from_the_same_page_is_recorded_once",
    ),
    (
        "a challenge that is sent twice is raised once", "pages/challenges_raising.py",
        "claim = claim_of(caller, NEW, only(sent, \"once\"), asked)", "claim = None",
        "tests/challenges/test_pages.py::test_a_challenge_that_is_sent_twice_is_raised_once",
    ),
    (
        "what was typed instead of a reference is not shown again", MAKES,
        '        answers = replace(answers, subject="")\n', "        pass\n",
        f"{PAGES}test_a_name_that_was_typed_instead_of_a_reference_is_not_shown_again",
    ),
)  # fmt: skip
