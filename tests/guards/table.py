"""Every guard, how it is taken away, and the test that must notice.

A guard is taken away by changing one piece of the source in a copy of it. To add one, add a line: a name, the file
below `service/isa_registry` (or a migration), the piece as it stands there once, what takes its place, and a test, or
several, each of which must fail. Choose tests that start no service of their own where there are any.
"""

from __future__ import annotations

from dataclasses import dataclass

from guards.of_attesting import OF_ATTESTING
from guards.of_auditing import OF_AUDITING
from guards.of_bases import OF_BASES
from guards.of_consent_pages import OF_CONSENT_PAGES
from guards.of_consents import OF_CONSENTS
from guards.of_deciding import OF_DECIDING
from guards.of_events import OF_EVENTS
from guards.of_files import OF_FILES
from guards.of_joining import OF_JOINING
from guards.of_keys import OF_KEYS
from guards.of_law import OF_LAW
from guards.of_notices import OF_NOTICES
from guards.of_outages import OF_OUTAGES
from guards.of_parties import OF_PARTIES
from guards.of_replaying import OF_REPLAYING
from guards.of_sessions import OF_SESSIONS
from guards.of_signing_for import OF_SIGNING_FOR
from guards.of_signing_in import OF_SIGNING_IN
from guards.of_straight import OF_STRAIGHT
from guards.of_versions import OF_VERSIONS

ADMISSION, LIMITS, EXISTENCE = (f"tests/guards/test_{name}.py::" for name in ("admission", "limits", "existence"))
TOKENS, ISSUERS = "tests/identity/test_tokens.py::", "tests/identity/test_issuers.py::"
BAD = f"{TOKENS}test_a_bad_token_is_refused_for_its_own_reason"
DOCUMENTS = "tests/identity/test_documents.py::test_a_bad_document_is_refused_for_its_own_reason"
FETCHING, STORED = "tests/outbound/test_fetching.py::", "tests/store/test_isolation.py::"
SIGHT, LINES = "tests/architecture/test_visibility.py::", "tests/architecture/test_access.py::"


@dataclass(frozen=True)
class Guard:
    """One guard. `short` is among the few that every run of the tests switches off."""

    name: str
    file: str
    piece: str
    instead: str
    tests: tuple[str, ...]
    short: bool = False


def guard(name: str, file: str, piece: str, instead: str, *tests: str, short: bool = False) -> Guard:
    return Guard(name, file, piece, instead, tests, short)


FRAME, TOKEN, VISIBLE = "api/frame.py", "identity/tokens.py", "api/visibility.py"
STEPS, BROWSER = "identity/validation.py", "api/browser_safety.py"
NO = "if False and "

GUARDS = (
    *(
        guard(*row)
        for row in (
            *OF_KEYS, *OF_NOTICES, *OF_SIGNING_IN, *OF_SESSIONS, *OF_DECIDING, *OF_JOINING, *OF_BASES, *OF_PARTIES,
            *OF_VERSIONS, *OF_ATTESTING, *OF_FILES, *OF_STRAIGHT, *OF_OUTAGES, *OF_REPLAYING, *OF_AUDITING, *OF_EVENTS,
            *OF_CONSENT_PAGES, *OF_LAW,
            *OF_CONSENTS,
            *OF_SIGNING_FOR,
        )
    ),
    # --- who is calling: the seven steps of identity/tokens.py -------------------------------------------------------
    guard(
        "a token's length is bounded", STEPS,
        "    if len(token) > MAX_TOKEN:\n        raise", f"    {NO}len(token) > MAX_TOKEN:\n        raise",
        f"{BAD}[oversized]",
    ),
    guard(
        "a token is one in canonical base64url, without members given twice", "identity/compact.py",
        "header = parse_json_strict(decode_base64url(parts[0]))",
        "import base64, json; header = json.loads(base64.urlsafe_b64decode(parts[0] + '=='))",
        f"{BAD}[a header member twice]",
    ),
    guard(
        "no header brings its own key", STEPS,
        'REFUSED_HEADERS = ("crit", "b64", "jwk", "jku", "x5u", "x5c")', 'REFUSED_HEADERS = ("crit", "b64")',
        f"{BAD}[jwk header]", f"{BAD}[jku header]", f"{BAD}[x5u header]", f"{BAD}[x5c header]", short=True,
    ),
    guard(
        "no header brings rules of its own", STEPS,
        'REFUSED_HEADERS = ("crit", "b64", ', "REFUSED_HEADERS = (", f"{BAD}[crit header]", f"{BAD}[b64 header]",
    ),
    guard(
        "an issuer is registered by its exact name", TOKEN,
        "view.issuers(issuer) if isinstance(issuer, str) else ()",
        'view.issuers(issuer.rstrip("/")) if isinstance(issuer, str) else ()',
        f"{BAD}[issuer with a slash more]",
    ),
    guard(
        "an issuer of several bodies is split by its claim", STEPS,
        "if not split or (use.claim is not None and _claims_value(claims, use))]", "]",
        f"{TOKENS}test_one_issuer_of_several_bodies_is_split_by_its_claim",
    ),
    guard(
        "only an issuer's own algorithms are accepted", STEPS,
        "algorithm not in use.algorithms or algorithm not in ASYMMETRIC", "algorithm not in ASYMMETRIC",
        f"{BAD}[an algorithm of another issuer]",
    ),
    guard(
        "no algorithm is symmetric, even a registered one", STEPS,
        "algorithm not in use.algorithms or algorithm not in ASYMMETRIC", "algorithm not in use.algorithms",
        f"{TOKENS}test_an_algorithm_that_is_not_asymmetric_is_refused_even_if_registered",
    ),
    guard(
        "the signature is verified", TOKEN,
        "if not signature_holds(compact, algorithm, key):", f"{NO}not signature_holds(compact, algorithm, key):",
        f"{BAD}[claims of another token]", f"{BAD}[no signature]", f"{BAD}[key of another issuer]", short=True,
    ),
    guard(
        "a key is one of the issuer's own", "identity/issuers.py",
        "return held.sole if kid is None else held.keys.get(kid)", "return held.sole or held.keys.get(kid or '')",
        f"{BAD}[kid of another issuer]", f"{BAD}[kid unknown]",
    ),
    guard("a token ends", STEPS, "if now >= expires_at + LEEWAY:", f"{NO}now >= expires_at:", f"{BAD}[expired]"),
    guard(
        "a token has an end", STEPS,
        'expires_at = seconds(claims, "exp")', 'expires_at = seconds({"exp": int(now) + 60, **claims}, "exp")',
        f"{BAD}[exp missing]",
    ),
    guard(
        "a token is not from the future", STEPS,
        "if issued_at > now + LEEWAY:", f"{NO}issued_at > now:",
        f"{BAD}[iat in the future]",
    ),
    guard(
        "a token is not used before its time", STEPS,
        'if "nbf" in claims and', f'{NO}"nbf" in claims and', f"{BAD}[nbf in the future]",
    ),
    guard(
        "a token is meant for this registry", TOKEN,
        "        check_audience(claims, use)\n", "", f"{BAD}[another audience]", f"{BAD}[aud missing]", short=True,
    ),
    guard(
        "a token bound to a key is not taken from somebody else", STEPS,
        'if "cnf" in claims:', f'{NO}"cnf" in claims:', f"{BAD}[bound to a key]",
    ),
    guard(
        "an ID token is no access token", "identity/profiles.py",
        "if _typ(header) not in _ACCESS_TOKEN:", f"{NO}_typ(header) not in _ACCESS_TOKEN:",
        f"{BAD}[ID token for our audience]", f"{BAD}[logout token]",
    ),
    guard(
        "an Entra token is of the registered tenant", "identity/profiles.py",
        """if f"/{text(claims, 'tid')}/" not in text(claims, "iss"):""",
        """if False and f"/{text(claims, 'tid')}/" not in text(claims, "iss"):""",
        f"{BAD}[Entra of another tenant]",
    ),
    guard(
        "an Entra machine proved itself by a certificate", "identity/profiles.py",
        'if claims.get("azpacr") != "2" or', "if", f"{BAD}[Entra secret client]", f"{BAD}[Entra public client]",
    ),
    guard(
        "a token's scopes are narrowed to what was granted", TOKEN,
        "scopes = bearer.scopes.intersection(granted)", "scopes = bearer.scopes",
        f"{TOKENS}test_a_machine_has_the_scopes_that_both_token_and_register_grant",
        f"{ADMISSION}test_a_scope_that_the_register_did_not_grant_is_none",
    ),
    guard(
        "a role counts at the body that gave it", TOKEN,
        "if role.organisation == organisation]", "]", f"{TOKENS}test_a_role_at_another_body_is_none_here",
    ),
    guard(
        "a role ends with its last day", TOKEN,
        "if role.until is None or today <= role.until)", ")",
        f"{TOKENS}test_a_role_ends_with_its_last_day_in_london",
    ),
    guard(
        "what the register takes away counts for tokens that are known", TOKEN,
        "    use, bearer = verified.use, verified.bearer\n",
        "    use, bearer = verified.use, verified.bearer\n"
        "    view = _caller.__dict__.setdefault(str(id(verified)), view)\n",
        f"{TOKENS}test_a_role_taken_away_counts_at_once", f"{TOKENS}test_a_narrower_grant_counts_at_once",
    ),
    guard(
        "only so many tokens are kept", TOKEN,
        "while len(self._warm) > self._warm_tokens:", "while False:",
        f"{TOKENS}test_only_so_many_tokens_are_kept_and_the_least_used_go_first",
    ),
    # --- keys of issuers ---------------------------------------------------------------------------------------------
    guard(
        "discovery names the issuer exactly", "identity/issuers.py",
        'if discovery.get("issuer") != issuer:', "if False:",
        f"{ISSUERS}test_discovery_must_name_the_issuer_exactly_and_a_key_set",
    ),
    guard(
        "made-up key ids do not make us fetch", "identity/issuers.py",
        "if now - held.attempted_at < floor:", "if False:",
        f"{ISSUERS}test_unknown_key_ids_cause_at_most_one_fetch_a_minute",
    ),
    guard(
        "no redirect is followed", "outbound/fetching.py",
        "follow_redirects=False", "follow_redirects=True",
        f"{FETCHING}test_anything_else_is_refused_without_repeating_it[redirect]",
    ),
    guard(
        "a document from elsewhere is bounded", "outbound/fetching.py",
        "if len(body) > MAX_DOCUMENT:", "if len(body) > 4 * MAX_DOCUMENT:",
        f"{FETCHING}test_anything_else_is_refused_without_repeating_it[one byte too many]",
    ),
    guard(
        "only https is asked", "outbound/fetching.py",
        'if not proper or not (target.scheme == "https" or loopback):', "if not proper:",
        f"{FETCHING}test_only_plain_https_addresses_are_asked[http://login.example/keys]",
    ),
    # --- signed documents --------------------------------------------------------------------------------------------
    guard(
        "a signed document's header says three things and no more", "identity/documents.py",
        "if header.keys() != _HEADER:", "if not header.keys() >= _HEADER:",
        *(f"{DOCUMENTS}[{name}]" for name in ("crit", "b64", "jwk", "jku", "x5u", "x5c")),
    ),
    guard(
        "a signed document is of the type that is expected", "identity/documents.py",
        'if header["typ"] != typ:', "if False:", f"{DOCUMENTS}[wrong typ]", f"{DOCUMENTS}[an access token]",
    ),
    guard(
        "a key signs with the algorithm that it was registered for", "identity/documents.py",
        "if _same(algorithm) != _same(registered.algorithm):", "if False:", f"{DOCUMENTS}[an algorithm of another key]",
    ),
    guard(
        "a document's signature is verified", "identity/documents.py",
        "if not is_signed_by(registered)(parts.signature, parts.signing_input):", "if not is_signed_by(registered):",
        f"{DOCUMENTS}[another payload]", f"{DOCUMENTS}[no signature]", f"{DOCUMENTS}[another's key]",
    ),
    # --- what a request passes ---------------------------------------------------------------------------------------
    guard(
        "only our own hosts are answered", FRAME,
        "if len(hosts) != 1 or hosts[0].lower() not in self._hosts:", "if len(hosts) != 1:",
        f"{ADMISSION}test_another_host_is_misdirected",
    ),
    guard(
        "a route takes the media types that it names", FRAME,
        "if access.content_types and media_type(request) not in access.content_types:", "if False:",
        f"{ADMISSION}test_a_body_that_a_form_elsewhere_can_send_is_refused",
    ),
    guard(
        "a body is bounded", "api/routes.py",
        "        request_max_body_size=access.body_limit,\n", "",
        f"{ADMISSION}test_a_body_over_its_routes_limit_is_refused",
    ),
    guard(
        "a body comes in time", FRAME,
        "timely: Receive = body", "timely: Receive = receive",
        f"{ADMISSION}test_a_body_that_does_not_come_is_given_up",
    ),
    guard(
        "a route that is not public needs a token", FRAME,
        "    elif access.public or (", '    elif "authorization" not in request.headers or access.public or (',
        f"{ADMISSION}test_without_a_token_nothing_is_answered",
    ),
    guard(
        "a machine needs a scope of the route", FRAME,
        "elif not caller.scopes & access.scopes:", "elif False:",
        f"{ADMISSION}test_a_scope_that_the_route_does_not_name_is_not_enough",
    ),
    guard(
        "a person needs a role of the route", FRAME,
        "if not caller.roles & access.roles:", "if False:",
        f"{ADMISSION}test_a_role_that_the_route_does_not_name_is_not_enough",
    ),
    guard(
        "what changes trust needs a recent sign-in", FRAME,
        "if access.recent_sign_in and not", "if False and not",
        f"{ADMISSION}test_what_changes_trust_needs_a_recent_sign_in",
    ),
    guard(
        "a sign-in of unknown time is an old one", "identity/callers.py",
        "return self.auth_time is not None and self.auth_time >= moment",
        "return self.auth_time is None or self.auth_time >= moment",
        f"{ADMISSION}test_what_changes_trust_needs_a_recent_sign_in[None]",
    ),
    guard(
        "the operator's route needs the operator's token", FRAME,
        "if not hmac.compare_digest(given.encode(), wanted.encode()):", "if False:",
        f"{ADMISSION}test_the_operators_route_takes_the_operators_token_alone",
    ),
    guard(
        "a route without a line in the access table does not start", "api/access/__init__.py",
        "                access_of(method, template)\n", "", f"{LINES}test_a_route_without_a_line_does_not_start",
    ),
    guard(
        "an Idempotency-Key is its organisation's and client's own", "api/idempotency.py",
        "(caller.organisation, caller.issuer, caller.client, request", "(request",
        f"{ADMISSION}test_an_idempotency_key_is_its_clients_own",
    ),
    guard(
        "a private key is refused", "actions/keys.py",
        "if PRIVATE & key.jwk.keys():", "if False:",
        f"{ADMISSION}test_a_private_key_is_refused_and_told_to_be_replaced",
    ),
    # --- what an answer tells the browser ----------------------------------------------------------------------------
    guard(
        "no other site frames a page", BROWSER,
        "if frames_of else \"frame-ancestors 'none'\"", "if frames_of else \"\"",
        f"{ADMISSION}test_every_answer_tells_the_browser_to_keep_to_us",
    ),
    guard(
        "nothing is loaded from elsewhere", BROWSER, "            \"default-src 'none'\",\n", "",
        f"{ADMISSION}test_every_answer_tells_the_browser_to_keep_to_us",
    ),
    guard(
        "a browser comes by TLS alone", BROWSER,
        '    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),\n', "",
        f"{ADMISSION}test_every_answer_tells_the_browser_to_keep_to_us",
    ),
    guard(
        "no answer to a caller is kept by anybody", BROWSER,
        'b"cache-control", b"no-store"', 'b"cache-control", b"public, max-age=60"',
        f"{ADMISSION}test_nothing_that_needs_a_token_is_kept_by_anybody",
    ),
    # --- isolation ---------------------------------------------------------------------------------------------------
    guard(
        "rows are read for the caller's own body", VISIBLE,
        "return EVERYTHING if self.auditor else self.organisation", "return EVERYTHING",
        f"{EXISTENCE}test_what_is_anothers_is_as_if_it_were_not_there[GET /api/v1/checks/{{check}}]",
        f"{SIGHT}test_rows_are_read_for_the_own_body_or_for_all",
    ),
    guard(
        "an answer's page is its own body's", "runtime/recorded_checks.py",
        "reading_for(registry.reading, organisation)", 'reading_for(registry.reading, "*")',
        "tests/people/test_asking.py::"
        "test_a_manager_of_the_same_body_opens_the_answer_and_nobody_of_another",
    ),
    guard(
        "an address of another body is refused", VISIBLE,
        "if organisation != self.organisation and not self.auditor:", "if False:",
        f"{EXISTENCE}test_what_is_anothers_is_as_if_it_were_not_there[GET /api/v1/organisations/{{organisation}}/keys]",
        f"{SIGHT}test_an_address_of_another_body_is_refused_to_all_but_auditors",
    ),
    guard(
        "a recipient sees the members that the table names", VISIBLE,
        "return msgspec.structs.replace(answer, **hidden)", "return answer",
        f"{SIGHT}test_the_table_decides_which_members_a_recipient_sees",
    ),
    guard(
        "another's register entries are not shown", "actions/audit.py",
        'if organisation is not None and entry.leaf_kind != "record" and not shown_to(payload, organisation):',
        "if False:", f"{SIGHT}test_an_entry_of_the_register_is_shown_to_the_body_that_it_names",
    ),
    guard(
        "row-level security is on", "migrations/0001_log.sql",
        "ALTER TABLE payload ENABLE ROW LEVEL SECURITY;", "",
        f"{STORED}test_whoever_is_no_party_sees_no_row_of_others_in_any_table",
        f"{STORED}test_every_table_has_row_level_security_or_a_reason_for_none",
    ),
    guard(
        "row-level security looks at the reader", "migrations/0002_records.sql",
        "current_setting('isa.organisation', true) IN (organisation, '*')", "true",
        f"{STORED}test_whoever_is_no_party_sees_no_row_of_others_in_any_table",
        f"{STORED}test_every_policy_for_readers_looks_at_who_reads",
    ),
    guard(
        "the database shows who works where, and with which keys, to that body alone", "migrations/0007_isolation.sql",
        "ELSE current_setting('isa.organisation', true) = organisation_of(payload)", "ELSE true",
        f"{STORED}test_nobody_learns_who_works_at_another_body_or_which_keys_it_has",
        f"{STORED}test_a_register_entry_is_shown_as_the_application_says",
    ),
    guard(
        "a connection reads for nobody until it is told", "store/pool.py",
        "size: int, reader: str = NOBODY", "size: int, reader: str = EVERYTHING",
        f"{STORED}test_a_connection_of_the_pool_reads_for_nobody_until_it_is_told",
    ),
    guard(
        "for whom was read ends with the transaction", "store/pool.py",
        "set_config('isa.organisation', $1, true)", "set_config('isa.organisation', $1, false)",
        f"{STORED}test_for_whom_was_read_ends_with_the_transaction",
    ),
    guard(
        "no role may do more than it needs", "migrations/0002_records.sql",
        "GRANT SELECT ON check_record, sharing_event TO isa_read;",
        "GRANT SELECT, DELETE ON check_record, sharing_event TO isa_read;",
        f"{STORED}test_each_role_may_do_what_the_table_says_and_nothing_else",
    ),
    # --- abuse -------------------------------------------------------------------------------------------------------
    guard(
        "a client has a quota", "api/limits.py",
        "        if not taken.allowed:\n            self._refuse(request, name, taken)\n        cast",
        "        cast", f"{LIMITS}test_a_client_over_its_quota_is_told_when_to_come_back",
        f"{LIMITS}test_each_person_has_a_quota_of_their_own",
    ),
    guard(
        "a quota is its client's own", "api/limits.py",
        'else (caller.issuer, "client", caller.client)', 'else ("client",)',
        f"{LIMITS}test_one_clients_exhaustion_touches_nobody_else",
    ),
    guard(
        "a question about immediate danger is always answered", "api/limits.py",
        "if over is not None and urgency != DANGER:", "if over is not None:",
        f"{LIMITS}test_a_question_about_immediate_danger_is_answered_over_any_quota",
    ),
    guard(
        "a token that was refused is not verified again and again", FRAME,
        "        limits.count_refused(request, token)\n", "",
        f"{LIMITS}test_the_same_refused_token_is_not_verified_again_and_again",
    ),
    guard(
        "quotas are bounded in what they remember", "runtime/rate_limit.py",
        "if len(self._buckets) > _MOST_BUCKETS:", "if False:",
        "tests/runtime/test_rate_limit.py::test_buckets_do_not_grow_without_bound_and_forgetting_empties_nobodys",
    ),
    guard(
        "whoever tries reference after reference is stopped", "runtime/distinct.py",
        "allowed = len(seen) + len(new) <= self._most", "allowed = True",
        "tests/runtime/test_rate_limit.py::test_asking_about_the_same_child_again_is_free_and_about_many_is_not",
    ),
    # --- logs --------------------------------------------------------------------------------------------------------
    guard(
        "an exception is logged without its words", "telemetry.py",
        'event["error"] = getattr(kind, "__name__", "")', 'event["error"] = str(sys.exc_info()[1])',
        "tests/test_telemetry.py::test_our_own_line_of_an_exception_is_its_kind_and_its_place",
    ),
    guard(
        "a library's line is logged without what it says", "telemetry.py",
        "    handler.setFormatter(_NameAndLevel())\n", "",
        "tests/test_telemetry.py::test_a_librarys_complaint_is_logged_without_the_text_of_the_exception",
    ),
)  # fmt: skip
