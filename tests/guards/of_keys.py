"""The guards of signing keys, as rows of `table.py`: name, file, piece, what takes its place, tests."""

from __future__ import annotations

ACTIONS, MATERIAL, SIGNING = "actions/keys.py", "identity/key_material.py", "domain/register/signing_keys.py"
KEYS, SIGNS = "tests/actions/test_keys.py::", "tests/domain/register/test_signing_keys.py::"
PUBLIC = "tests/identity/test_key_material.py::"

OF_KEYS = (
    (
        "a proof of possession is by the very key", "identity/documents.py",
        "if not is_signed_by(registered)(parts.signature, parts.signing_input):", "if not is_signed_by(registered):",
        f"{KEYS}test_a_proof_by_another_key_is_none",
    ),
    (
        "a proof of possession is for this registry, body and use", ACTIONS,
        '    if faults:\n        raise Refused("unprocessable", "The proof',
        '    if False:\n        raise Refused("unprocessable", "The proof',
        f"{KEYS}test_a_proof_of_something_else_is_none",
    ),
    (
        "a proof of possession was made just now", ACTIONS, "if not is_fresh(claims, at):", "if False:",
        f"{KEYS}test_a_proof_is_held_against_the_time_in_the_log",
    ),
    (
        "a key is registered once, by one body, under one kid", ACTIONS,
        "if any(other.registered.jwk == key.jwk for other in view.all_keys()):", "if False:",
        f"{KEYS}test_what_founds_a_log_needs_no_proof_and_the_same_care",
    ),
    (
        "whoever decides about a key holds the role where the entry goes", ACTIONS,
        "if granted_roles(view, caller.organisation, person, today).isdisjoint(roles):", "if False:",
        f"{KEYS}test_who_lost_the_role_meanwhile_decides_nothing",
        f"{KEYS}test_a_role_holds_to_the_end_of_its_last_day_in_london",
    ),
    (
        "whoever decides about a key was granted the role by name", ACTIONS,
        "    if number is None:\n        raise", "    if number is None:\n        return 0\n        raise",
        f"{KEYS}test_a_role_that_a_claim_alone_gives_decides_nothing",
    ),
    (
        "an attestation key is registered by a signatory", ACTIONS,
        'return "signatory" if "attestation" in key.uses else "ig-lead"', 'return "ig-lead"',
        f"{KEYS}test_a_key_is_registered_by_the_role_that_its_uses_ask_for",
    ),
    (
        "no private member of a key gets into the log", MATERIAL, "if PRIVATE & jwk.keys():", "if False:",
        f"{PUBLIC}test_a_private_member_is_refused_whatever_it_holds",
    ),
    (
        "a key under which anything verifies is refused", MATERIAL, "if ordinate in _SMALL_ORDER:", "if False:",
        f"{PUBLIC}test_a_point_of_small_order_is_refused",
    ),
    (
        "a revoked key signs nothing", SIGNING, "if key is None or key.revoked or use", "if key is None or use",
        f"{SIGNS}test_a_revoked_key_counts_up_to_the_entry_that_revokes_it",
    ),
    (
        "a key signs for its uses alone", SIGNING, " or use not in key.registered.uses", "",
        f"{SIGNS}test_a_key_is_for_its_uses_and_its_organisation_alone",
    ),
    (
        "an attestation key signs for its signatory alone", SIGNING, " or key.registered.signatory != signatory", "",
        f"{SIGNS}test_an_attestation_key_signs_for_its_own_signatory_alone",
    ),
    (
        "a key ends when it says", SIGNING,
        "and (key.valid_until is None or moment < key.valid_until)", "and (key.valid_until or True)",
        f"{SIGNS}test_a_key_is_valid_from_its_first_moment_to_before_its_last",
    ),
    (
        "no second registration brings a revoked key back", "domain/register/apply.py",
        "if timeline.at(entry) is None:", "if True:",
        f"{SIGNS}test_a_second_registration_under_a_kid_changes_nothing",
    ),
    (
        "doubt is cast on what was logged at its first moment too", SIGNING,
        "logged_at >= key.suspect_from", "logged_at > key.suspect_from",
        f"{SIGNS}test_doubt_begins_with_the_time_in_the_log",
    ),
)  # fmt: skip
