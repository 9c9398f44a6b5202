"""The commands, end to end against a strict registry: what a tour of the README does, and what can go wrong."""

import errno
import io
import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from client.running import KID, Ran
from client.scripted import compact
from client.stand_in import ANSWER, CHECK_ID, ORGANISATION, ORIGIN, TOKEN, StandIn
from isa_client.checks import SHARE_NOW
from isa_client.documents import EVENT_TYPE, document_sha256, header_of, payload_of

Run = Callable[..., Ran]

ASK = (
    "ask", "--recipient", "durham-county-council", "--purpose", "harm-outside-the-home", "--category", "identity",
    "--category", "intelligence", "--child", "--would-help", "--not-detrimental", "--informing-increases-risk",
)  # fmt: skip
SIGN = (
    "sign", "--check", "check.json", "--subject-id", "local-child-77", "--consent", "not-sought", "--informed", "no",
    "--not-informed-reason", "increases-risk", "--childs-view", "not-safe-to-seek", "--method", "secure-email",
    "--role", "police-officer", "--staff-ref", "PNN-4411", "--case-record", "CMS-1234", "-o", "event.jws",
)  # fmt: skip
PROVE = ("prove", "-o", "key.json")
SHARED = (*SIGN, "--decision", "shared")
EVENT_REF = "s1_K_g2gFkcDNrpByChadmOVcJqg1JhSqFEIIPl5UZdlMQ"


def _event_id(path: str = "event.jws") -> str:
    return str(payload_of(Path(path).read_text().strip())["id"])


def test_token_prints_the_token_and_nothing_else(run: Run, stand_in: StandIn) -> None:
    assert run("token") == Ran(0, TOKEN + "\n", "")
    assert stand_in.granted_scopes == [
        "checks:ask events:write events:read consents:write consents:read agreements:read"
    ]


def test_token_takes_any_issuer_client_and_scope(run: Run, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in.secret = "own"
    monkeypatch.setenv("ISA_CLIENT_SECRET", "own")
    issuer = f"{stand_in.url}/demo/idp/{ORGANISATION}"
    given = ("token", "--organisation", "other", "--issuer", issuer, "--client", f"{ORGANISATION}-system")
    assert run(*given).status == 0
    assert run(*given, "--scope", "api://registry/.default").status == 0
    assert stand_in.granted_scopes == [None, "api://registry/.default"]


def test_the_demonstrations_public_secret_is_never_sent_to_another_issuer(run: Run, stand_in: StandIn) -> None:
    ran = run("token", "--issuer", f"{stand_in.url}/demo/idp/{ORGANISATION}")
    assert (ran.status, ran.out, stand_in.calls) == (2, "", [])
    assert "ISA_CLIENT_SECRET" in ran.err


def test_a_registry_elsewhere_needs_an_issuer(run: Run) -> None:
    ran = run("token", "--url", "https://registry.example.org")
    assert (ran.status, "--issuer" in ran.err) == (2, True)


def test_ask_sends_exactly_the_question(run: Run, stand_in: StandIn) -> None:
    assert run(*ASK).status == 0
    assert stand_in.questions == [
        {
            "provider": "durham-constabulary",
            "recipient": "durham-county-council",
            "purpose": "harm-outside-the-home",
            "categories": ["identity", "intelligence"],
            "subjects": [{"kind": "child"}],
            "circumstances": {
                "would_help_recipient": True,
                "more_detrimental_to_share": False,
                "informing_increases_risk": True,
            },
        }
    ]
    assert (stand_in.granted_scopes, stand_in.faults) == (["checks:ask"], [])


def test_ask_prints_the_answer_for_a_person(run: Run) -> None:
    assert run(*ASK).out == (
        "MAY SHARE\n"
        "You may share this with Durham County Council.\n"
        "\n"
        "Why\n"
        "  - Both bodies signed Tier 2. [tier-2-hoth/1.0#5.3]\n"
        "\n"
        "Lawful basis\n"
        "  - UK GDPR Article 6: art6-1-e\n"
        "  - UK GDPR Article 9: art9-2-g, dpa-2018-sch1-para18\n"
        "  - Powers and duties: ca-2004-s11\n"
        "\n"
        "Duty\n"
        "  - ca-2004-s16la: may be engaged; something that decides it is not known (its commencement is\n"
        "    reported, not verified)\n"
        "\n"
        "Consent\n"
        "  - Consent is not the basis here; you must not ask for it. Asking would increase the risk.\n"
        "\n"
        "Telling the family\n"
        "  - Do not tell the family yet.\n"
        "\n"
        "Conditions\n"
        "  - Share only what is needed.\n"
        "\n"
        "Missing\n"
        "  - (for a good record; your information-governance lead) No DPIA is on record.\n"
        "\n"
        "What to record\n"
        "  - decision\n"
        "  - who decided\n"
        "\n"
        "Agreements\n"
        "  - tier-2-hoth 1.0, clause 5.3: /agreements/x\n"
        "\n"
        "Who can advise\n"
        "  - your Caldicott Guardian: health data\n"
        "\n"
        "Check chk_01hzz0000000, 2026-10-01T09:30:00.000Z, log size 1234, recorded.\n"
    )


@pytest.mark.parametrize("outcome", ["seek-advice", "do-not-share", "ask-consent"])
def test_any_answer_is_an_answer_and_one_that_is_not_yes_says_that_danger_does_not_wait(
    run: Run, stand_in: StandIn, outcome: str
) -> None:
    stand_in.answer["outcome"] = outcome
    ran = run(*ASK)
    assert ran.status == 0
    assert " ".join(ran.out.split()).endswith(SHARE_NOW)


def test_ask_prints_the_whole_answer_as_json(run: Run) -> None:
    assert json.loads(run(*ASK, "--output", "json").out) == ANSWER


def test_the_answer_cannot_steer_the_terminal(run: Run, stand_in: StandIn) -> None:
    stand_in.answer["headline"] = "Yes\x1b[2J\x07"
    assert "\x1b" not in run(*ASK).out + run(*ASK, "--output", "json").out


def test_a_terminal_that_lacks_a_character_still_gets_the_answer(
    run: Run, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in.answer["headline"] = "You may share this – with care."
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    assert run(*ASK).status == 0
    assert b"You may share this ? with care." in cast("io.BytesIO", narrow.buffer).getvalue()


def test_a_question_in_json_is_asked_as_it_is_with_options_over_it(run: Run, stand_in: StandIn) -> None:
    question = {"recipient": {"kind": "faith"}, "purpose": "early-help", "categories": ["identity"], "as_of": 7}
    Path("question.json").write_text(json.dumps(question))
    assert run("ask", "--json", "question.json", "--purpose", "mappa", "--subject", "child:victim,witness").status == 0
    subjects = [{"kind": "child", "roles": ["victim", "witness"]}]
    assert stand_in.questions == [{**question, "provider": ORGANISATION, "purpose": "mappa", "subjects": subjects}]


def test_an_unregistered_recipient_is_asked_about_by_its_kind(run: Run, stand_in: StandIn) -> None:
    run("ask", "--recipient", "kind:faith", "--purpose", "early-help", "--category", "identity", "--as-of", "12")
    assert (stand_in.questions[0]["recipient"], stand_in.questions[0]["as_of"]) == ({"kind": "faith"}, 12)


def test_a_person_is_asked_about_by_a_keyed_reference_only(run: Run, stand_in: StandIn) -> None:
    assert run(*ASK, "--subject-id", "local-child-77").status == 0
    assert stand_in.questions[0]["subjects"] == [{"kind": "child", "ref": EVENT_REF}]


def test_immediate_danger_is_said_before_anything_is_asked(run: Run, stand_in: StandIn) -> None:
    ran = run(*ASK, "--urgency", "immediate-danger")
    assert (ran.status, ran.err) == (0, SHARE_NOW + "\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ask",), "lacks its recipient and purpose and categories"),
        (("ask", "--no-such-option"), "unrecognized arguments"),
        (("ask", "--urgency", "soon"), "invalid choice"),
        ((*ASK, "--purpose", "no-such-purpose"), "#/purpose: Look here."),
        ((*ASK, "--as", "durham-county-council"), "no OpenID configuration"),
        ((*ASK, "--secret", "mistyped"), "refused a token (invalid_client)"),
        ((*ASK, "--json", "missing.json"), "cannot be read"),
        ((*ASK, "--url", "http://192.0.2.1"), "Plain http"),
        ((*ASK, "--url", "https://192.0.2.1"), "--issuer"),
        ((*ASK, "--url", "http://["), "An address is"),
        ((*ASK, "--secret", "caf\udce9"), "invalid_client"),
        ((*ASK, "--subject-id", "a1", "--subject-id", "b2"), "2 identifiers for 1 subjects"),
    ],
)
def test_a_question_that_could_not_be_asked_says_share_now_in_danger(
    run: Run, arguments: tuple[str, ...], said: str
) -> None:
    ran = run(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.endswith(SHARE_NOW + "\n")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500, 502, 503])
def test_whatever_the_registry_answers_instead_ask_says_share_now_in_danger(
    run: Run, stand_in: StandIn, waits: list[float], status: int
) -> None:
    stand_in.forced = (status, "text/html", b"<h1>Sorry</h1>")
    ran = run(*ASK)
    assert (ran.status, ran.out) == (2, "")
    assert f"answered {status}" in ran.err
    assert ran.err.endswith(SHARE_NOW + "\n")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"outcome": 1}', b"[" * 100_000])
def test_an_unreadable_answer_is_no_answer(run: Run, stand_in: StandIn, body: bytes) -> None:
    stand_in.forced = (200, "application/json", body)
    ran = run(*ASK)
    assert (ran.status, ran.out, ran.err.endswith(SHARE_NOW + "\n")) == (2, "", True)


def test_a_registry_that_is_down_says_share_now_in_danger(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    ran = run(*ASK, "--url", f"http://127.0.0.1:{port}")
    assert (ran.status, ran.err) == (2, f"isa-client: The server cannot be reached. (unreachable)\n{SHARE_NOW}\n")


def test_a_problem_is_shown_with_its_field_and_the_id_to_quote(run: Run) -> None:
    assert run(*ASK, "--purpose", "no-such-purpose").err == (
        "isa-client: the registry answered 422: unknown code (unknown-code).\n"
        "  It was refused.\n"
        "  #/purpose: Look here.\n"
        "  Quote this if you ask for help: req-1\n"
        f"{SHARE_NOW}\n"
    )


def test_an_expired_token_is_fetched_anew_once(run: Run, stand_in: StandIn) -> None:
    stand_in.tokens_refused = 1
    assert run(*ASK).status == 0
    stand_in.tokens_refused = 2
    assert run(*ASK).status == 2
    assert len(stand_in.granted_scopes) == 4


def test_the_tour_asks_signs_sends_and_fetches_a_receipt_that_verifies(run: Run, stand_in: StandIn) -> None:
    assert run(*ASK, "--save", "check.json").status == 0
    signed = run(*SHARED)
    assert signed.status == 0
    identifier = _event_id()
    assert signed.out == f"Signed event {identifier} (shared) as durham-constabulary: event.jws\n"

    sent = run("send", "event.jws")
    assert sent == Ran(
        0,
        "Recorded.\n"
        f"  event      {identifier}\n"
        "  log index  1235\n"
        "  at         2026-10-01T09:31:00.000Z\n"
        f"  receipt    isa-client receipt --event {identifier} -o event.isa-receipt.json\n",
        "",
    )
    receipt = run("receipt", "--event", identifier, "--vkey", stand_in.vkey, "-o", "event.isa-receipt.json")
    assert receipt == Ran(
        0,
        "Verified: event.isa-receipt.json\n"
        "  log        demo.isa-registry.invalid/durham\n"
        "  index      0 of 1\n"
        "  at         2026-10-01T09:30:00.000Z\n"
        "  assurance  operator\n",
        "",
    )
    assert stand_in.faults == []


def test_sign_fills_the_event_from_the_check(run: Run) -> None:
    run(*ASK, "--save", "check.json")
    run(*SHARED)
    compact = Path("event.jws").read_text().strip()
    claims = payload_of(compact)
    assert header_of(compact)["kid"] == KID
    assert {
        name: claims[name] for name in ("registry", "partnership", "provider", "recipient", "purpose", "check")
    } == {
        "registry": "demo.isa-registry.invalid/durham",
        "partnership": "durham",
        "provider": "durham-constabulary",
        "recipient": "durham-county-council",
        "purpose": "harm-outside-the-home",
        "check": CHECK_ID,
    }
    assert claims["categories"] == ["identity", "intelligence"]
    assert claims["subjects"] == [{"kind": "child", "roles": [], "ref": EVENT_REF}]
    assert claims["agreement"] == {"id": "tier-2-hoth", "version": "1.0"}
    assert claims["basis"] == ANSWER["basis"]
    assert claims["duty"] == {"would_help_recipient": True, "more_detrimental": False}
    assert claims["shared_at"] == claims["decided_at"]


def test_files_are_for_their_owner_only(run: Run) -> None:
    Path("event.jws").write_text("an earlier one")
    Path("event.jws").chmod(0o644)
    run(*ASK, "--save", "check.json")
    run(*SHARED)
    assert [stat.S_IMODE(Path(name).stat().st_mode) for name in ("check.json", "event.jws")] == [0o600, 0o600]


def test_a_file_is_written_whole_or_stays_as_it_was(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run(*ASK, "--save", "check.json")
    run(*SHARED)
    kept = Path("event.jws").read_bytes()

    def no_space(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    ran = run(*SHARED)
    assert (ran.status, "file-unwritable" in ran.err) == (2, True)
    assert Path("event.jws").read_bytes() == kept
    assert sorted(path.name for path in Path().iterdir() if path.is_file()) == ["check.json", "event.jws"]


def test_whoever_has_to_settle_what_is_missing_is_named(run: Run, stand_in: StandIn) -> None:
    stand_in.answer["missing"] = [
        {"code": code, "needed": "good-record", "who": who, "text": f"For {who}."}
        for code, who in (("a", "you"), ("b", "your-ig-lead"), ("c", "their-ig-lead"))
    ]
    printed = run(*ASK).out
    assert "(for a good record; you) For you." in printed
    assert "(for a good record; your information-governance lead) For your-ig-lead." in printed
    assert "(for a good record; the other organisation's information-governance lead) For their-ig-lead." in printed


def test_a_check_that_was_not_recorded_is_not_pointed_to(run: Run, stand_in: StandIn) -> None:
    stand_in.answer["recorded"] = False
    run(*ASK, "--save", "check.json")
    run(*SHARED)
    assert payload_of(Path("event.jws").read_text().strip())["check"] is None


def test_sign_needs_no_network_where_the_log_is_named(run: Run, stand_in: StandIn) -> None:
    run(*ASK, "--save", "check.json")
    stand_in.calls.clear()
    assert run(*SHARED, "--registry", "registry.example.org/durham").status == 0
    assert (stand_in.calls, payload_of(Path("event.jws").read_text().strip())["registry"]) == (
        [],
        "registry.example.org/durham",
    )


def test_a_part_is_shared_and_the_rest_withheld_with_reasons(run: Run, stand_in: StandIn) -> None:
    run(*ASK, "--save", "check.json")
    part = (*SIGN, "--decision", "part-shared", "--withheld", "intelligence=live-investigation")
    assert run(*part).status == 0
    claims = payload_of(Path("event.jws").read_text().strip())
    withheld = Path("event.withheld.jws").read_text().strip()
    assert (claims["categories"], claims["withheld_sha256"]) == (["identity"], document_sha256(withheld))
    assert run("send", "event.jws", "--withheld", "event.withheld.jws").status == 0
    assert stand_in.faults == []


def test_a_decision_not_to_share_is_recorded_and_its_flag_shown(run: Run) -> None:
    run(*ASK, "--save", "check.json")
    run(*SIGN, "--decision", "not-shared", "--withheld", "intelligence=source-protection")
    assert payload_of(Path("event.jws").read_text().strip())["shared_at"] is None
    assert "  flagged    withheld-against-duty\n" in run("send", "event.jws", "--withheld", "event.withheld.jws").out


def test_what_the_answer_holds_back_is_never_assumed_shared(run: Run, stand_in: StandIn) -> None:
    stand_in.answer["categories"] = [
        {"code": "identity", "special": False, "criminal": False, "outcome": "may-share"},
        {"code": "intelligence", "special": False, "criminal": True, "outcome": "seek-advice"},
    ]
    assert "intelligence: seek advice" in run(*ASK, "--save", "check.json").out
    refused = run(*SHARED)
    assert (refused.status, "holds back intelligence" in refused.err) == (2, True)
    assert run(*SHARED, "--category", "identity").status == 0
    assert payload_of(Path("event.jws").read_text().strip())["categories"] == ["identity"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--case-record", "9434765919"), "looks like an NHS number"),
        (("--case-record", "CMS"), "such as CMS-1234"),
        (("--staff-ref", "jo.bloggs@example.org"), "looks like an e-mail address"),
        (("--key", "missing.jwk"), "missing.jwk cannot be read"),
        (("--key", "check.json"), "check.json is not a private Ed25519 JWK"),
        (("--subject-key", "check.json"), "does not hold 32 bytes"),
        (("--check", "missing.json"), "cannot be read"),
        (("--withheld", "intelligence"), "CATEGORY=REASON"),
        (("--as", "durham-county-council", "--key", "police.jwk"), "another organisation"),
        (("--decision", "not-shared"), "say what was withheld"),
        (("-o", "no/such/directory.jws"), "cannot be written"),
    ],
)
def test_what_cannot_be_signed_says_why_and_writes_nothing(
    run: Run, state_directory: Path, arguments: tuple[str, ...], said: str
) -> None:
    run(*ASK, "--save", "check.json")
    Path("police.jwk").write_bytes((state_directory / "demo" / "keys" / f"{ORGANISATION}.jwk").read_bytes())
    own = (state_directory / "demo" / "keys" / f"{ORGANISATION}.subject-key").read_bytes()
    Path("durham-county-council.subject-key").write_bytes(own)
    ran = run(*SHARED, *arguments)
    assert (ran.status, Path("event.jws").exists()) == (2, False)
    assert said in ran.err


def test_consent_is_never_assumed(run: Run) -> None:
    run(*ASK, "--save", "check.json")
    at = SHARED.index("--consent")
    ran = run(*SHARED[:at], *SHARED[at + 2 :])
    assert (ran.status, "Say what became of consent" in ran.err) == (2, True)


def test_sending_again_is_safe_and_says_so(run: Run, stand_in: StandIn) -> None:
    run(*ASK, "--save", "check.json")
    run(*SHARED)
    assert run("send", "event.jws").out.startswith("Recorded.\n")
    assert run("send", "event.jws").out.startswith("Recorded before;")
    assert stand_in.idempotency_keys[-1] == stand_in.idempotency_keys[-2]


def test_a_busy_registry_is_sent_to_again_with_the_same_key(run: Run, stand_in: StandIn, waits: list[float]) -> None:
    run(*ASK, "--save", "check.json")
    run(*SHARED)
    stand_in.busy = 2
    assert run("send", "event.jws").status == 0
    assert waits == [2.0, 2.0]


def test_a_refused_event_is_status_1_and_shows_the_problem(run: Run, stand_in: StandIn) -> None:
    run(*ASK, "--save", "check.json")
    run(*SHARED)
    stand_in.keys.clear()
    ran = run("send", "event.jws")
    assert (ran.status, ran.out) == (1, "")
    assert "answered 422: jws header" in ran.err
    assert ran.err.endswith("  To do: Correct what the problem points at, and send that as a new request.\n")
    assert SHARE_NOW not in ran.err


def test_an_event_and_its_withheld_list_belong_together(run: Run, stand_in: StandIn) -> None:
    run(*ASK, "--save", "check.json")
    part = (*SIGN, "--decision", "part-shared", "--withheld", "intelligence=live-investigation")
    run(*part)
    run(*part, "-o", "other.jws")
    stand_in.calls.clear()
    assert "give --withheld FILE" in run("send", "event.jws").err
    assert "not the list" in run("send", "event.jws", "--withheld", "other.withheld.jws").err
    assert stand_in.calls == []


def test_the_receipt_of_a_check_is_fetched_and_verified(run: Run, stand_in: StandIn) -> None:
    ran = run("receipt", "--check", CHECK_ID, "--vkey", stand_in.vkey, "-o", "check.isa-receipt.json")
    assert (ran.status, ran.out.splitlines()[0]) == (0, "Verified: check.isa-receipt.json")


def test_a_receipt_is_of_the_very_answer_and_the_very_event_in_a_file(run: Run, stand_in: StandIn) -> None:
    run(*ASK, "--save", "check.json")
    run(*SHARED)
    run("send", "event.jws")
    receipt = ("receipt", "--vkey", stand_in.vkey, "-o", "r.json")
    assert run(*receipt, "--event-file", "event.jws").status == 0
    signed = Path("event.jws").read_text().strip()
    other = {"kind": "sharing-event.recorded", "jws": compact(EVENT_TYPE, **{**payload_of(signed), "method": "post"})}
    stand_in.forced = (200, "application/json", stand_in.receipt_of(other))
    assert "another-document" in run(*receipt, "--event-file", "event.jws").err

    kept = json.loads(Path("check.json").read_bytes())["answer"]
    logged = {name: value for name, value in kept.items() if name not in ("id", "recorded", "stale", "receipt")}
    whole = {
        "kind": "check.answered",
        "check": CHECK_ID,
        "answer": logged,
        **{n: kept[n] for n in ("decided_at", "register")},
    }
    stand_in.forced = (200, "application/json", stand_in.receipt_of(whole))
    assert run(*receipt, "--check-file", "check.json").status == 0
    whole["answer"] = {**logged, "outcome": "do-not-share"}
    stand_in.forced = (200, "application/json", stand_in.receipt_of(whole))
    ran = run(*receipt, "--check-file", "check.json")
    assert (ran.status, "another-answer" in ran.err) == (1, True)


def test_a_receipt_is_waited_for_within_bounds(run: Run, stand_in: StandIn, waits: list[float]) -> None:
    stand_in.busy = 4
    assert run("receipt", "--check", CHECK_ID, "-o", "r.json").status == 0
    stand_in.busy = 5
    assert run("receipt", "--check", CHECK_ID, "-o", "r.json").status == 1
    assert waits == [2.0] * 8


def test_a_receipt_without_a_key_is_kept_and_called_unverified(run: Run) -> None:
    ran = run("receipt", "--check", CHECK_ID, "-o", "r.json")
    assert (ran.status, ran.out, ran.err) == (0, "", "Not verified (no --vkey): r.json\n")
    assert json.loads(Path("r.json").read_bytes())["v"] == 1


def test_a_receipt_that_does_not_hold_is_status_1_names_the_step_and_is_not_kept(run: Run, stand_in: StandIn) -> None:
    genuine = stand_in.receipt_of({"kind": "check.answered", "check": CHECK_ID})
    stand_in.forced = (200, "application/json", genuine.replace(b'"salt":"AQ', b'"salt":"AA'))
    ran = run("receipt", "--check", CHECK_ID, "--vkey", stand_in.vkey, "-o", "r.json")
    assert (ran.status, "not verified: commitment-mismatch" in ran.err, Path("r.json").exists()) == (1, True, False)


def test_a_genuine_receipt_of_another_record_does_not_pass(run: Run, stand_in: StandIn) -> None:
    other = stand_in.receipt_of({"kind": "check.answered", "check": "chk_other"})
    stand_in.forced = (200, "application/json", other)
    ran = run("receipt", "--check", CHECK_ID, "--vkey", stand_in.vkey, "-o", "r.json")
    assert (ran.status, "another-record" in ran.err) == (1, True)


def test_the_receipt_of_one_part_does_not_pass_for_anothers(run: Run, stand_in: StandIn) -> None:
    run(*ASK, "--save", "check.json")
    run(*SHARED)
    listed = stand_in.receipt_of({"kind": "sharing-event.withheld", "jws": compact(event=_event_id())})
    stand_in.forced = (200, "application/json", listed)
    ran = run("receipt", "--event", _event_id(), "--vkey", stand_in.vkey, "-o", "r.json")
    assert (ran.status, "another-record" in ran.err, Path("r.json").exists()) == (1, True, False)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--event", "../../checks"),
        ("--check", "chk_a/../b"),
        ("--check", CHECK_ID, "--vkey", "nonsense"),
        (),
    ],
)
def test_a_receipt_is_only_asked_for_by_a_usable_id_and_key(
    run: Run, stand_in: StandIn, arguments: tuple[str, ...]
) -> None:
    assert run("receipt", *arguments, "-o", "r.json").status == 2
    assert stand_in.calls == []


def test_no_command_but_token_ever_shows_a_token_a_secret_or_a_key(
    run: Run, stand_in: StandIn, state_directory: Path, tmp_path: Path
) -> None:
    shown = [
        run(*ASK, "--save", "check.json"),
        run(*SHARED),
        run("send", "event.jws"),
        run("receipt", "--check", CHECK_ID, "-o", "r.json"),
        run(*PROVE),
        run(*ASK, "--secret", "mistyped-secret"),
    ]
    private = json.loads((state_directory / "demo" / "keys" / f"{ORGANISATION}.jwk").read_text())["d"]
    subject = (state_directory / "demo" / "keys" / f"{ORGANISATION}.subject-key").read_text().strip()
    files = [path.read_text() for path in tmp_path.iterdir() if path.is_file()]
    text = "\n".join([ran.out + ran.err for ran in shown] + files)
    assert [hidden for hidden in (TOKEN, "mistyped-secret", private, subject, "local-child-77") if hidden in text] == []


def test_prove_writes_the_request_that_registers_the_key(run: Run, state_directory: Path) -> None:
    ran = run(*PROVE, "--use", "event", "--use", "acknowledgement", "--valid-from", "2026-11-23T09:30:00.000Z")
    request = json.loads(Path("key.json").read_text())
    private = json.loads((state_directory / "demo" / "keys" / f"{ORGANISATION}.jwk").read_text())
    claims, header = payload_of(request["proof"]), header_of(request["proof"])
    assert ran.status == 0
    assert stat.S_IMODE(Path("key.json").stat().st_mode) == 0o600
    assert {name: request[name] for name in ("kid", "algorithm", "uses", "jwk", "valid_from")} == {
        "kid": KID,
        "algorithm": "Ed25519",
        "uses": ["event", "acknowledgement"],
        "jwk": {"kty": "OKP", "crv": "Ed25519", "x": private["x"]},
        "valid_from": "2026-11-23T09:30:00.000Z",
    }
    assert header == {"alg": "Ed25519", "kid": KID, "typ": "isa-key-proof+jws"}
    assert (claims["organisation"], claims["kid"], claims["uses"]) == (ORGANISATION, KID, request["uses"])
    assert (claims["registry"], claims["partnership"], claims["signatory"]) == (ORIGIN, "durham", None)
    assert str(claims["thumbprint"]) in ran.out


def test_prove_names_the_address_instead_of_the_key_where_one_is_given(run: Run) -> None:
    assert run(*PROVE, "--registry", "x.example", "--jwks-uri", "https://keys.example/jwks").status == 0
    request = json.loads(Path("key.json").read_text())
    assert (request["jwks_uri"], "jwk" in request) == ("https://keys.example/jwks", False)
    assert payload_of(request["proof"])["registry"] == "x.example"


def test_prove_makes_an_attestation_key_its_signatorys(run: Run) -> None:
    assert run(*PROVE, "--use", "attestation", "--signatory", "siro=POST-17").status == 0
    request = json.loads(Path("key.json").read_text())
    assert request["signatory"] == payload_of(request["proof"])["signatory"] == {"role": "siro", "ref": "POST-17"}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (("--use", "attestation"), "signatory-missing"),
        (("--signatory", "siro=POST-17"), "signatory-missing"),
        (("--use", "attestation", "--use", "event", "--signatory", "siro=POST-17"), "attestation-mixed"),
        (("--use", "attestation", "--signatory", "siro"), "option-malformed"),
        (("--key", "none.jwk"), "key-unreadable"),
    ],
)
def test_prove_refuses_what_the_registry_would_refuse(run: Run, given: tuple[str, ...], code: str) -> None:
    ran = run(*PROVE, *given)
    assert (ran.status, ran.out) == (2, "")
    assert f"({code})" in ran.err
    assert not Path("key.json").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        *(
            (name, "--help")
            for name in ("token", "ask", "sign", "send", "attest", "prove", "receipt", "queue", "subjects")
        ),
    ],
)
def test_help_is_there_for_every_command(run: Run, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    assert (ran.status, ran.out.startswith("usage: isa-client")) == (0, True)


def test_a_reader_that_had_enough_gets_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        program = (
            "import sys; from isa_client import cli; "
            "cli._COMMANDS = {'token': ('t', lambda p: None, lambda o: print('x' * 100) or 0)}; "
            "sys.exit(cli.main(['token']))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    finally:
        os.close(writing)

    assert (2, "") == (done.returncode, done.stderr)
