"""The guards of what the registry signs for a person about a case, as rows of `table.py`."""

from __future__ import annotations

SIGNED, AUTHORITY, FSCK = "actions/signed_for.py", "runtime/people/authority.py", "runtime/fsck/signatures.py"
FOR, WHOSE = "tests/actions/test_signed_for.py::", "tests/people/test_authority.py::"
COUNTS = "tests/tamper/test_appended.py::test_the_registrys_key_counts_where_a_sign_in_is_kept_and_nowhere_else"

OF_SIGNING_FOR = (
    (
        "about a case too the registry signs with the key that the log names", SIGNED,
        "if key is None or opened is None or not key.is_named_by(opened):", "if key is None or opened is None:",
        f"{FOR}test_without_the_key_that_the_log_names_nothing_is_signed",
    ),
    (
        "no body's key signs for a person", SIGNED,
        "return own if own is not None and own.kid == kid else None", "return own",
        f"{FOR}test_what_a_body_signed_is_not_recorded_for_a_person",
    ),
    (
        "no body takes the registry's kid", "actions/keys.py",
        'if opened is not None and opened.attestation_key.get("kid") == key.kid:', "if False:",
        f"{FOR}test_no_body_registers_a_key_under_the_registrys_kid",
    ),
    (
        "the registry's signature counts only beside a sign-in", FSCK,
        "own = None if signed.by_registry is False else own_key(view, kid)", "own = own_key(view, kid)",
        f"{COUNTS}[True-registry-None-registry-expected1]",
    ),
    (
        "a body's signature does not count beside a sign-in", FSCK,
        "return own if own is not None or signed.by_registry else key_for_use(",
        "return own if own is not None else key_for_use(",
        f"{COUNTS}[True-body-sign_in2-body-expected2]",
    ),
    (
        "whose role was just taken away signs nothing", AUTHORITY,
        "if use is None or not roles & roles_for(", "if use is not None and False and roles_for(",
        f"{WHOSE}test_a_role_that_was_just_taken_away_no_longer_counts",
        f"{WHOSE}test_a_role_by_a_claim_counts_while_the_issuer_gives_it_and_names_no_entry",
    ),
    (
        "who decided is known by the entry that the record names", AUTHORITY,
        "if view.first_known_by(caller.issuer, caller.subject) != number:", "if False:",
        f"{WHOSE}test_who_became_known_meanwhile_signs_anew",
    ),
)  # fmt: skip
