"""What somebody can and cannot do with a session or a token that is not theirs, and a provider with the pages."""

from __future__ import annotations

from tamper.claims import Capability, line

SESSIONS, MATRIX = "tests/guards/test_sessions.py::", "tests/guards/test_route_matrix.py::"
TOKENS, ADMISSION = "tests/identity/test_tokens.py::", "tests/guards/test_admission.py::"
WORK, PROTOCOL = "tests/people/test_sessions_at_work.py::", "tests/people/test_protocol.py::"
LIMITS, DECIDING = "tests/guards/test_limits.py::", "tests/actions/test_deciding.py::"

TAKEN_SIGN_INS = (
    Capability(
        has="A session's cookie",
        means="The value of somebody's session cookie, copied from their browser; not the browser, and not their "
        "sign-in at their provider.",
        can=(
            line(
                "Open the pages that its person may open, and ask in their name, from any machine: a session is bound "
                "to no address and no device.",
                f"{MATRIX}test_every_route_answers_whoever_shows_a_session_as_the_table_says",
            ),
            line(
                "Send that session's forms, since its pages hold their token: end that person's other sessions, or "
                "sign them out.",
                "tests/people/test_sessions.py::test_a_person_sees_their_sessions_and_ends_one_or_all_others",
            ),
            line(
                "While the sign-in is less than five minutes old: end every session of the body, if its person is the "
                "body's lead.",
                "tests/people/test_sessions.py::test_an_information_governance_lead_ends_every_session_of_their_own_organisation",
            ),
            line(
                "With the fallback's cookie too, ask for fifteen minutes at most after the database went away.",
                f"{WORK}test_a_fallback_is_of_one_session_for_a_quarter_of_an_hour",
                f"{SESSIONS}test_while_the_database_is_away_one_can_ask_and_nothing_else",
            ),
        ),
        cannot=(
            line(
                "Use the interface for systems, where keys, roles, clients and issuers change: it takes no cookie.",
                f"{MATRIX}test_every_route_answers_whoever_shows_a_session_as_the_table_says",
            ),
            line(
                "Do what takes a recent sign-in once five minutes are over, or prove it anew: that takes the person, "
                "at their provider.",
                f"{SESSIONS}test_a_sign_in_of_long_ago_does_not_suffice_on_a_page",
                f"{SESSIONS}test_nobody_proves_it_in_anothers_place",
                f"{SESSIONS}test_the_provider_is_told_to_ask_anew",
            ),
            line(
                "Keep it: half an hour without use, twelve hours, signing out, proving it anew, or the removal of the "
                "issuer ends it.",
                f"{SESSIONS}test_what_has_ended_opens_nothing",
                f"{SESSIONS}test_proving_it_anew_takes_a_new_id_and_ends_the_old",
            ),
            line(
                "Go on with it on another worker, or by its fallback, once that worker has read that it was ended.",
                f"{WORK}test_what_one_worker_revoked_another_learns",
                f"{SESSIONS}test_a_session_that_is_known_to_be_revoked_has_no_fallback",
            ),
            line(
                "Choose somebody's session for them: an id that a browser brought is never a session's.",
                f"{SESSIONS}test_an_id_that_the_browser_brought_is_never_a_sessions",
            ),
            line(
                "Find it in the database or its backups, which hold a hash.",
                "tests/people/test_signing_in.py::test_the_database_holds_no_session_id_and_no_address",
            ),
            line(
                "Have another site's page use it: no form from elsewhere is taken.",
                f"{SESSIONS}test_a_form_that_another_site_sends_is_refused_with_the_right_token_too",
                f"{SESSIONS}test_a_form_without_the_sessions_own_token_is_refused",
            ),
        ),
        noticed=(
            line(
                "The person sees every session of theirs, with when it was last used; a copied one looks like its own.",
                "tests/people/test_sessions.py::test_a_person_sees_their_sessions_and_ends_one_or_all_others",
            ),
        ),
        then="End the person's sessions: they do so themselves, or their information-governance lead or the business "
        "unit ends all of the body. Ask how the cookie got out of the browser: no script can read it.",
    ),
    Capability(
        has="An access token",
        means="The text of a token that an agency's system or person shows, taken on its way or from a log of theirs.",
        can=(
            line(
                "Do all that its client or person may until it ends: nothing binds a token to whom it was given.",
                f"{MATRIX}test_every_route_answers_everybody_as_the_table_says",
            ),
        ),
        cannot=(
            line(
                "Use it after its end, or for more than a day whatever its end.",
                f"{TOKENS}test_a_warm_token_still_expires",
                f"{TOKENS}test_a_bad_token_is_refused_for_its_own_reason",
            ),
            line(
                "Use it once its client or role is revoked, or its issuer removed.",
                f"{TOKENS}test_a_revocation_counts_at_once_for_warm_tokens",
                f"{TOKENS}test_a_role_taken_away_counts_at_once",
            ),
            line(
                "Change keys, roles, clients or issuers with it five minutes after its person signed in.",
                f"{ADMISSION}test_what_changes_trust_needs_a_recent_sign_in",
            ),
            line(
                "Decide alone what takes two people.",
                f"{DECIDING}test_one_person_decides_what_the_table_gives_them_alone",
                f"{DECIDING}test_nobody_is_two_people",
            ),
            line(
                "Open a page of a signed-in person with it.",
                f"{MATRIX}test_every_route_answers_everybody_as_the_table_says",
            ),
            line(
                "Use a token that its issuer bound to a key as if it were not bound: such a one is refused.",
                f"{TOKENS}test_a_bad_token_is_refused_for_its_own_reason",
            ),
            line(
                "Find one here: none is kept, and none is in a log line.",
                f"{TOKENS}test_nothing_of_a_token_is_kept",
                "tests/guards/test_logscan.py::test_each_kind_is_found",
            ),
        ),
        noticed=(
            line(
                "Whoever keeps asking for what is another's is named in the operator's log.",
                f"{LIMITS}test_whoever_keeps_asking_for_what_is_anothers_is_named_in_the_log_once",
            ),
        ),
        then="Revoke the client or the role: it counts with the next entry, for tokens that are out too. Have the "
        "issuer give tokens that live for minutes.",
    ),
)

PROVIDER_CAN = (
    line(
        "Sign any of that body's people in on the pages, say that they signed in just now and how, and end their "
        "sessions.",
        f"{PROTOCOL}test_an_id_token_says_who_it_is_since_when_and_by_which_session",
        f"{SESSIONS}test_a_logout_token_counts_once",
    ),
    line(
        "Give that body's people the roles that the issuer's registration maps to its claims.",
        f"{WORK}test_a_claim_gives_a_role_as_long_as_the_register_says_so",
    ),
    line(
        "If it is the lead body's: be two people of its business unit, and so decide what takes two.",
        f"{DECIDING}test_two_people_decide_what_the_table_gives_the_business_unit",
    ),
)

PROVIDER_CANNOT = (
    line(
        "Sign anybody of another body in, at another body's address or by another's name.",
        f"{SESSIONS}test_an_answer_at_another_bodys_address_signs_nobody_in",
        f"{PROTOCOL}test_another_issuers_key_counts_for_nothing",
        f"{PROTOCOL}test_an_answer_that_does_not_fit_is_refused",
    ),
    line("Make an auditor or one of the business unit by a claim.", f"{SESSIONS}test_no_claim_makes_an_auditor"),
    line(
        "Put its people's step-up to use at another organisation or for another person.",
        f"{WORK}test_a_step_up_does_not_cross_to_another_organisation",
        f"{SESSIONS}test_nobody_proves_it_in_anothers_place",
    ),
    line(
        "Sign out the people of another provider.",
        f"{SESSIONS}test_a_logout_token_of_another_provider_ends_nothing",
        f"{SESSIONS}test_a_logout_of_the_same_name_at_another_provider_ends_nothing",
    ),
    line(
        "Be of the business unit if it is another body's: two people are known by one issuer of the lead body, and "
        "each by a grant that names them.",
        f"{DECIDING}test_nobody_is_two_people",
        f"{DECIDING}test_a_business_unit_of_another_body_is_none_even_if_the_log_had_one",
        f"{DECIDING}test_a_role_by_a_claim_alone_decides_nothing",
    ),
    line(
        "Lead a browser to another site after signing in.",
        f"{SESSIONS}test_whoever_comes_back_goes_to_a_page_of_ours",
    ),
)
