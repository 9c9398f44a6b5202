"""The guards of sessions, as rows of `table.py`: name, file, piece, what takes its place, tests."""

from __future__ import annotations

SESSIONS = "tests/guards/test_sessions.py::"
PIECES, PROTOCOL = "tests/people/test_pieces.py::", "tests/people/test_protocol.py::"
WORK = "tests/people/test_sessions_at_work.py::"
ADMITS, ENTERS, COMES = "api/people.py", "runtime/people/entering.py", "pages/signing_in.py"
ID_TOKEN, COOKIES = "identity/id_tokens.py", "identity/cookies.py"
STORED, VISITORS, PATHS = "store/sessions.sql", "runtime/people/visitors.py", "identity/return_paths.py"

OF_SESSIONS = (
    # --- fixation ----------------------------------------------------------------------------------------------------
    (
        "an id never comes from the browser", COMES,
        "people.cookies.setting(SESSION, value),",
        "people.cookies.setting(SESSION, people.cookies.read(header, SESSION) or value),",
        f"{SESSIONS}test_an_id_that_the_browser_brought_is_never_a_sessions",
        f"{SESSIONS}test_signing_in_again_takes_a_new_id_and_ends_the_old",
        f"{SESSIONS}test_proving_it_anew_takes_a_new_id_and_ends_the_old",
    ),
    (
        "the session that is replaced ends", ENTERS,
        "replacing=None if held is None else held.id_sha256", "replacing=None",
        f"{SESSIONS}test_signing_in_again_takes_a_new_id_and_ends_the_old",
        f"{SESSIONS}test_proving_it_anew_takes_a_new_id_and_ends_the_old",
    ),
    # --- forms of other sites ----------------------------------------------------------------------------------------
    (
        "a form carries its session's own token", ADMITS,
        'if not is_csrf_token(people.keys, visitor, only(form, "csrf")):', "if False:",
        f"{SESSIONS}test_a_form_without_the_sessions_own_token_is_refused",
        f"{SESSIONS}test_another_sessions_token_is_not_this_ones",
    ),
    (
        "a form's token is one session's", VISITORS,
        'return keys.is_mark(_CSRF, id_sha256, given.partition(".")[0])', "return True",
        f"{SESSIONS}test_another_sessions_token_is_not_this_ones",
    ),
    (
        "what was filled in is shown again to its own person alone", ADMITS,
        'if is_of_the_same_person(people.keys, visitor, only(form, "csrf")):', "if True:",
        f"{SESSIONS}test_what_somebody_filled_in_is_shown_to_nobody_else",
    ),
    (
        "signing out takes the session's own token", "pages/signing_out.py",
        'if not is_csrf_token(people.keys, visitor_in(session), only(form_of(request), "csrf")):', "if False:",
        f"{SESSIONS}test_nobody_is_signed_out_by_another_site",
    ),
    (
        "a form of another site is refused", ADMITS,
        "    if not reads:\n        refuse_other_sites(request.headers, request.app.state.public_url)\n", "",
        f"{SESSIONS}test_a_form_that_another_site_sends_is_refused_with_the_right_token_too",
    ),
    (
        "another site begins no sign-in", ADMITS, "if not access.from_provider:", "if False:",
        f"{SESSIONS}test_another_site_begins_no_sign_in",
    ),
    (
        "a browser that says another site sent it is believed", "identity/forms.py",
        'if elsewhere or site not in (None, "same-origin"):', "if elsewhere:", f"{PIECES}test_another_sites_does_not",
    ),
    (
        "a form's origin is one of ours", "identity/forms.py",
        'if elsewhere or site not in (None, "same-origin"):', 'if site not in (None, "same-origin"):',
        f"{PIECES}test_another_sites_does_not",
    ),
    # --- ways back ---------------------------------------------------------------------------------------------------
    (
        "nobody is led to another site", PATHS,
        "if not _PATH.fullmatch(path) or (mark and not _QUERY.fullmatch(query)):", "if False:",
        f"{PIECES}test_nothing_else_is",
    ),
    (
        "a way back is looked at when the sign-in begins, and again at its end", COMES,
        'return_path(only(form, "return") or None)', 'only(form, "return")',
        f"{SESSIONS}test_what_is_no_way_back_is_forgotten_at_once",
    ),
    # --- proving it anew ---------------------------------------------------------------------------------------------
    (
        "nobody proves it in another's place", ENTERS,
        "(held.issuer, held.subject, held.organisation) != (person.issuer, person.subject, use.organisation)",
        "(held.issuer, held.organisation) != (person.issuer, use.organisation)",
        f"{SESSIONS}test_nobody_proves_it_in_anothers_place",
    ),
    (
        "nobody proves it for another organisation", ENTERS,
        "(held.issuer, held.subject, held.organisation) != (person.issuer, person.subject, use.organisation)",
        "(held.issuer, held.subject) != (person.issuer, person.subject)",
        f"{WORK}test_a_step_up_does_not_cross_to_another_organisation",
    ),
    (
        "nothing is proved for a session that ended", ENTERS,
        "if held is None or held.id_sha256.hex() != again:", "if held is not None and held.id_sha256.hex() != again:",
        f"{SESSIONS}test_nothing_is_proved_for_a_session_that_has_ended",
    ),
    (
        "what changes trust needs a recent sign-in on pages too", ADMITS,
        "if access.recent_sign_in and not", "if False and not",
        f"{SESSIONS}test_a_sign_in_of_long_ago_does_not_suffice_on_a_page",
    ),
    (
        "what was proved at one body counts at no other", "runtime/people/sessions.py",
        "            auth_time=None,\n            id_token_sha256=None,\n", "            id_token_sha256=None,\n",
        f"{WORK}test_one_sign_in_holds_for_the_organisations_that_the_mapping_gives_and_no_others",
    ),
    # --- who may enter, and as what ----------------------------------------------------------------------------------
    (
        "whoever has no role does not enter", ENTERS,
        "if not roles_for(view, use, person.subject, person.claims, sessions.now()):", "if False:",
        f"{WORK}test_whoever_has_no_role_does_not_enter_and_leaves_nothing_behind",
    ),
    (
        "a page asks for a role of its own", ADMITS, "if not caller.roles & access.roles:", "if False:",
        f"{SESSIONS}test_a_page_for_those_who_ask_is_not_for_a_signatory",
    ),
    (
        "no claim gives a role that reaches beyond one's own body", VISITORS, " - NEVER_BY_A_CLAIM", "",
        f"{SESSIONS}test_no_claim_makes_an_auditor",
    ),
    (
        "a sign-in holds for the bodies that the issuer's mapping gives", ID_TOKEN,
        "if use.organisation not in reached:", "if False:",
        f"{PROTOCOL}test_the_claim_says_which_bodies_a_sign_in_holds_for",
    ),
    # --- the end of a session ----------------------------------------------------------------------------------------
    (
        "a session that was revoked counts on no worker", STORED,
        "WHERE id_sha256 = $1 AND revoked_at IS NULL AND expires_at > $2", "WHERE id_sha256 = $1 AND expires_at > $2",
        f"{SESSIONS}test_what_has_ended_opens_nothing[revoked]", f"{WORK}test_what_one_worker_revoked_another_learns",
    ),
    (
        "a session that is not used ends", STORED,
        "AND revoked_at IS NULL AND expires_at > $2 AND last_used_at > $3",
        "AND revoked_at IS NULL AND expires_at > $2 AND $3::timestamptz IS NOT NULL",
        f"{SESSIONS}test_what_has_ended_opens_nothing[unused]",
    ),
    (
        "every session ends", STORED,
        "AND revoked_at IS NULL AND expires_at > $2 AND last_used_at > $3",
        "AND revoked_at IS NULL AND $2::timestamptz IS NOT NULL AND last_used_at > $3",
        f"{SESSIONS}test_what_has_ended_opens_nothing[old]",
    ),
    (
        "a session ends with its issuer, for good", "runtime/people/sessions.py",
        "if use_for(self._view(), session.issuer, session.organisation) is None:", "if False:",
        f"{WORK}test_an_issuer_that_is_removed_ends_its_sessions_for_good",
    ),
    (
        "a session lets nobody in whose issuer signs nobody in", VISITORS,
        "    if use is None:\n        return None\n    assert use.sign_in is not None\n",
        "    assert use.sign_in is not None\n",
        f"{WORK}test_an_issuer_that_is_removed_ends_its_sessions_for_good",
    ),
    (
        "one ends the sessions of one's own body alone", "pages/account.py",
        "if organisation not in may_end_sessions_of(caller, registry_of(request).follower.view):", "if False:",
        f"{SESSIONS}test_a_lead_ends_the_sessions_of_their_own_body_alone",
    ),
    (
        "many sessions of one person end nobody else's", STORED,
        "SELECT id_sha256 FROM person_session WHERE issuer = $1 AND subject = $2 AND revoked_at IS NULL\n    ORDER",
        "SELECT id_sha256 FROM person_session WHERE ($1, $2) IS NOT NULL AND revoked_at IS NULL\n    ORDER",
        f"{SESSIONS}test_one_persons_many_sessions_end_nobody_elses",
    ),
    (
        "a person has only so many sessions", STORED,
        "(id_sha256 = $5) DESC OFFSET $4", "(id_sha256 = $5) DESC OFFSET $4 + 1000",
        f"{SESSIONS}test_one_persons_many_sessions_end_nobody_elses",
    ),
    # --- without the database ----------------------------------------------------------------------------------------
    (
        "a fallback lets nobody do but what survives", ADMITS,
        "        if not access.survives:\n            raise\n", "",
        f"{SESSIONS}test_while_the_database_is_away_one_can_ask_and_nothing_else",
    ),
    (
        "a fallback of a session that was revoked is none", ADMITS,
        " or people.sessions.knows_revoked(visitor.id_sha256)", "",
        f"{SESSIONS}test_a_session_that_is_known_to_be_revoked_has_no_fallback",
    ),
    (
        "a fallback is of the session that is shown", ADMITS,
        "own = visitor is not None and visitor.id_sha256 == id_hash(shown)", "own = True",
        f"{SESSIONS}test_a_fallback_is_of_the_session_that_is_shown",
    ),
    (
        "a fallback ends", VISITORS, " or now.timestamp() >= held.expires_at", "",
        f"{WORK}test_a_fallback_is_of_one_session_for_a_quarter_of_an_hour",
        f"{WORK}test_no_fallback_outlives_its_session",
    ),
    (
        "no fallback outlives its session", VISITORS,
        "expires_at=min(made_at + FALLBACK_SECONDS, visitor.expires_at)", "expires_at=made_at + FALLBACK_SECONDS",
        f"{WORK}test_no_fallback_outlives_its_session",
    ),
    # --- cookies and caches ------------------------------------------------------------------------------------------
    *(
        (f"a cookie of ours {what}", COOKIES, piece, instead, *tests)
        for what, piece, instead, *tests in (
            (
                "cannot be set by another host",
                'return f"__Host-{cookie}" if self.secure else cookie', "return cookie",
                f"{PIECES}test_behind_tls_no_other_host_and_no_plain_page_can_set_a_cookie_of_ours",
            ),
            (
                "is closed to scripts", "HttpOnly; ", "",
                f"{PIECES}test_behind_tls_no_other_host_and_no_plain_page_can_set_a_cookie_of_ours",
            ),
            (
                "is not sent with another site's form", "SameSite=Lax{secure}", "SameSite=None{secure}",
                f"{PIECES}test_behind_tls_no_other_host_and_no_plain_page_can_set_a_cookie_of_ours",
            ),
            (
                "goes by TLS alone", 'secure = "; Secure" if self.secure else ""', 'secure = ""',
                f"{PIECES}test_behind_tls_no_other_host_and_no_plain_page_can_set_a_cookie_of_ours",
            ),
            (
                "that comes twice is none", "if len(found) != 1 or", "if not found or",
                f"{PIECES}test_a_cookie_that_comes_twice_or_is_not_ours_is_none",
            ),
        )
    ),
    (
        "a page of somebody who is signed in is kept nowhere", "pages/rendering.py",
        '"Cache-Control": cache if self.signed_in is None else "no-store",', '"Cache-Control": cache,',
        f"{SESSIONS}test_no_page_of_somebody_who_is_signed_in_is_kept_by_anybody",
    ),
    (
        "a page that is kept is nobody's who is signed in", "pages/rendering.py",
        '                "Vary": "Cookie",\n', "",
        f"{SESSIONS}test_no_page_of_somebody_who_is_signed_in_is_kept_by_anybody",
    ),
    # --- limits ------------------------------------------------------------------------------------------------------
    (
        "a person has a quota on pages too", ADMITS,
        '    limits.charge(request, scope["isa_route"], caller)\n', "",
        f"{SESSIONS}test_a_person_on_pages_has_a_quota_of_their_own",
        f"{SESSIONS}test_what_is_refused_on_a_page_counts_too",
    ),
    (
        "whoever makes sessions up is limited", ADMITS,
        '        limits.charge_public(request, scope["isa_route"])\n', "        pass\n",
        f"{SESSIONS}test_whoever_comes_with_a_made_up_session_is_limited",
    ),
    (
        "sign-ins that fail are counted", "pages/people.py",
        "    request.app.state.watch.sign_in_refused(reason)\n", "",
        f"{SESSIONS}test_what_is_refused_on_a_page_is_counted",
    ),
)  # fmt: skip
