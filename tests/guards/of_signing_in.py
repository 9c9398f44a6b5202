"""The guards of signing in and out by a provider, as rows of `table.py`: name, file, piece, what takes its place,
tests."""

from __future__ import annotations

SESSIONS = "tests/guards/test_sessions.py::"
PIECES, PROTOCOL = "tests/people/test_pieces.py::", "tests/people/test_protocol.py::"
WORK = "tests/people/test_sessions_at_work.py::"
COMES, STORED = "pages/signing_in.py", "store/sessions.sql"
ID_TOKEN, FLOW = "identity/id_tokens.py", "identity/flows.py"
BAD_ID_TOKEN = f"{PROTOCOL}test_an_id_token_with_anything_wrong_signs_nobody_in"
ANSWER = f"{PROTOCOL}test_an_answer_that_does_not_fit_is_refused"

OF_SIGNING_IN = (
    # --- the answer of a provider ------------------------------------------------------------------------------------
    (
        "an answer belongs to a sign-in of this browser", FLOW,
        "found = [flow for flow in pending.flows if hmac.compare_digest(flow.state.encode(), state)]",
        "found = list(pending.flows)", ANSWER,
        f"{SESSIONS}test_an_answer_to_another_browsers_sign_in_signs_nobody_in",
    ),
    (
        "a sign-in under way ends", FLOW, "if 0 <= now - flow.started < FLOW_SECONDS", "if flow",
        f"{PROTOCOL}test_what_the_cookie_holds_comes_back_and_is_forgotten_in_time",
    ),
    (
        "an answer counts once", COMES, "rest = pending.without(flow)", "rest = pending",
        f"{SESSIONS}test_an_answer_counts_once",
    ),
    (
        "an answer comes to the address of the use that was asked", FLOW, "if found[0].slug != slug:", "if False:",
        f"{SESSIONS}test_an_answer_at_another_bodys_address_signs_nobody_in",
    ),
    (
        "an answer of another provider is refused", FLOW,
        "if issuer is not None and issuer != flow.issuer:", "if False:", ANSWER,
    ),
    (
        "a provider that names itself does so", FLOW,
        "if issuer is None and provider.names_itself:", "if False:", ANSWER,
    ),
    ("a parameter that counts comes once", FLOW, "if len(given) != len(counting):", "if False:", ANSWER),
    (
        "a code is of use with its verifier alone", FLOW,
        '"code_challenge": create_s256_code_challenge(verifier),', '"code_challenge": verifier,',
        f"{PROTOCOL}test_a_provider_with_parameters_of_its_own_keeps_them",
    ),
    (
        "the verifier is sent with the code", "runtime/people/sign_in.py", '"code_verifier": flow.verifier,', "",
        f"{WORK}test_a_person_with_a_role_enters_and_the_registry_proved_who_asks",
    ),
    (
        "a provider that takes no verifier is not used", "identity/providers.py",
        'if not isinstance(methods, list) or "S256" not in methods:', "if False:",
        f"{PROTOCOL}test_metadata_that_would_lead_astray_is_refused",
    ),
    (
        "a provider's metadata are its own", "identity/providers.py",
        'if document.get("issuer") != issuer:', "if False:",
        f"{PROTOCOL}test_metadata_that_would_lead_astray_is_refused",
    ),
    (
        "what waits in a browser is sealed", "identity/sealing.py",
        "for secret in self._secrets:\n            try:",
        "for secret in (*self._secrets, bytes(32)):\n            try:",
        f"{SESSIONS}test_a_fallback_that_nobody_sealed_here_is_none",
    ),
    (
        "what is sealed for one use opens for no other", "identity/sealing.py",
        'info=f"isa-registry/v1/{use}".encode()', 'info=b"isa-registry/v1"',
        f"{PIECES}test_a_sealed_value_opens_for_its_own_use_and_owner_alone",
    ),
    # --- ID tokens ---------------------------------------------------------------------------------------------------
    (
        "an ID token is this sign-in's", ID_TOKEN,
        "if expected.nonce is not None and not", "if False and not", BAD_ID_TOKEN,
        f"{SESSIONS}test_what_is_refused_on_a_page_is_counted",
    ),
    (
        "an ID token is for our client alone", ID_TOKEN,
        "if not members or any(one != use.sign_in.client for one in members):",
        "if not members or use.sign_in.client not in members:", BAD_ID_TOKEN,
    ),
    (
        "an ID token was asked for by our client", ID_TOKEN,
        'if claims.get("azp", use.sign_in.client) != use.sign_in.client:', "if False:", BAD_ID_TOKEN,
    ),
    ("an ID token ends", ID_TOKEN, "if now >= expires_at + LEEWAY:", "if False:", BAD_ID_TOKEN),
    (
        "an ID token is not from the future", ID_TOKEN, 'if seconds(claims, "iat") > now + LEEWAY:',
        'if seconds(claims, "iat") > 2 * now:', BAD_ID_TOKEN,
    ),
    (
        "an ID token is not used before its time", ID_TOKEN,
        'if "nbf" in claims and', 'if False and "nbf" in claims and', BAD_ID_TOKEN,
    ),
    (
        "an ID token came with its access token", ID_TOKEN, 'if "at_hash" in claims and', "if False and",
        f"{PROTOCOL}test_the_hash_of_the_access_token_is_held_against_it", BAD_ID_TOKEN,
    ),
    (
        "an ID token is of the issuer that was asked", ID_TOKEN, 'if claims.get("iss") != use.issuer:', "if False:",
        BAD_ID_TOKEN,
    ),
    (
        "no other token is an ID token", ID_TOKEN,
        'if not isinstance(typ, str) or typ.lower().removeprefix("application/") not in types:', "if False:",
        BAD_ID_TOKEN,
    ),
    (
        "no ID token's header brings its own key", ID_TOKEN, "if any(name in header for name in _REFUSED_HEADERS):",
        "if False:", BAD_ID_TOKEN,
    ),
    (
        "an ID token's algorithm is registered", ID_TOKEN,
        "algorithm not in use.algorithms or algorithm not in ASYMMETRIC", "algorithm not in ASYMMETRIC",
        f"{PROTOCOL}test_no_algorithm_but_the_registered_ones_counts",
    ),
    (
        "an ID token's signature is verified", ID_TOKEN,
        "if not signature_holds(compact, algorithm, key):", "if False:",
        f"{PROTOCOL}test_another_issuers_key_counts_for_nothing",
    ),
    (
        "only the kinds of sign-in that were asked for count", ID_TOKEN,
        'if use.sign_in.acr_values and claims.get("acr") not in use.sign_in.acr_values:', "if False:",
        f"{PROTOCOL}test_only_the_kinds_of_authentication_that_were_asked_for_count",
    ),
    (
        "who proves it anew did so just now", ID_TOKEN,
        "if auth_time < expected.signed_in_since - LEEWAY:", "if False:",
        f"{PROTOCOL}test_a_person_who_was_to_prove_it_anew_did",
    ),
    (
        "who proves it anew says when", ID_TOKEN, "        if auth_time is None:\n            raise InvalidToken",
        "        auth_time = auth_time or int(now)\n        if False:\n            raise InvalidToken",
        f"{PROTOCOL}test_a_person_who_was_to_prove_it_anew_did",
    ),
    (
        "the provider is told to ask anew", FLOW, '        query["max_age"] = "0"\n', "",
        f"{SESSIONS}test_the_provider_is_told_to_ask_anew",
    ),
    # --- a provider's logout -----------------------------------------------------------------------------------------
    *(
        (f"a logout token {what}", file, piece, instead, test)
        for what, file, piece, instead, test in (
            (
                "has no nonce", ID_TOKEN, '    if "nonce" in claims:\n', "    if False:\n",
                f"{SESSIONS}test_a_logout_token_that_is_not_whole_ends_nothing[with a nonce]",
            ),
            (
                "says that it is one", ID_TOKEN,
                "if not isinstance(events, dict) or not isinstance(events.get(_LOGOUT_EVENT), dict):", "if False:",
                f"{SESSIONS}test_a_logout_token_that_is_not_whole_ends_nothing[without its event]",
            ),
            (
                "is not an old one", ID_TOKEN, 'if seconds(claims, "iat") < now - _LOGOUT_OLDEST:', "if False:",
                f"{SESSIONS}test_a_logout_token_that_is_not_whole_ends_nothing[of an hour ago]",
            ),
            (
                "counts once", "runtime/people/sessions.py",
                "if not await sessions.see_logout_token(", "if False and not await sessions.see_logout_token(",
                f"{SESSIONS}test_a_logout_token_counts_once",
            ),
        )
    ),
    (
        "each worker takes one answer to a sign-in", "runtime/people/sign_in.py",
        "        self._refuse_repeated(flow)\n", "",
        f"{SESSIONS}test_a_browser_that_keeps_its_cookie_has_the_provider_asked_once",
    ),
    (
        "a logout ends sessions of its own provider alone", STORED,
        "WHERE issuer = $1 AND revoked_at IS NULL\n    AND ($2::text IS NULL",
        "WHERE $1 IS NOT NULL AND revoked_at IS NULL\n    AND ($2::text IS NULL",
        f"{SESSIONS}test_a_logout_of_the_same_name_at_another_provider_ends_nothing",
    ),
)  # fmt: skip
