"""The guards of the straight way of plain questions, as rows of `table.py`."""

from __future__ import annotations

STRAIGHT, TESTS = "api/straight.py", "tests/guards/test_straight_way.py::"
ORDINARY = f"{TESTS}test_whatever_is_not_plain_or_is_refused_goes_the_ordinary_way"

OF_STRAIGHT = (
    (
        "a token that is known still needs the scope on the straight way", STRAIGHT,
        "            self._authorise(caller, self._access, self._registry)\n", "",
        f"{TESTS}test_a_token_that_is_known_still_needs_the_scope",
    ),
    (
        "what a token may do is known for one state of the register alone", "identity/tokens.py",
        "if known.state is view.memory.state:", "if known.machine is not None:",
        "tests/identity/test_tokens.py::test_what_one_state_of_the_register_says_is_not_told_of_another",
    ),
    (
        "only one authorization is taken on the straight way", STRAIGHT,
        "                if name in found:\n                    return None\n", "",
        f"{TESTS}test_two_authorizations_are_refused",
    ),
    (
        "the straight way is counted", "api/together.py",
        "quota = self._limits.charge_plainly(PATH, one.caller)", "quota = ()",
        f"{TESTS}test_the_straight_way_is_counted_and_refused_over_the_quota_but_in_danger",
    ),
    (
        "nobody tries references one after another on the straight way", "api/together.py",
        "            self._limits.refuse_walking(one.caller, question)\n", "",
        "tests/consents/test_checks.py::test_nobody_can_try_references_one_after_another",
    ),
    (
        "another media type is not read as JSON on the straight way", STRAIGHT,
        'if found.get(b"content-type") != b"application/json" or', "if",
        f"{ORDINARY}[another type]",
    ),
    (
        "a body over the limit does not go the straight way", STRAIGHT,
        "if size > self._access.body_limit:", "if size < 0:", f"{ORDINARY}[too long]",
    ),
)  # fmt: skip
