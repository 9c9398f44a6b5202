"""The auditor's pages: what is seen, by whom, what is noted of it, and what can be taken away."""

from __future__ import annotations

import base64
import io
import json
import re
from typing import Any, get_args

import httpx
import pytest

from api.speaking import ALL_SCOPES, QUESTION, Database, Signer, new_id
from isa_registry.actions import audit
from isa_registry.domain.entries import RecordPayload, RegisterPayload
from isa_registry.domain.replaying import VERDICTS as EVERY_VERDICT
from isa_registry.pages.audit_words import KINDS, REASONS, VERDICTS
from isa_verify.evidence import verify_evidence
from isa_verify.note import VerifierKey
from isa_verify.receipt import verify_receipt
from live import LEAD, POLICE, Demonstration
from people.visiting import Browser, refused

AUDIT, LOOK_UP, EVIDENCE = "/audit", "/audit/look-up", "/audit/evidence"
WHAT_IF, AS_KNOWN = "/audit/what-if", "/audit/as-known"
ASKED = {
    "recipient": LEAD, "purpose": "harm-outside-the-home", "category": "identity", "subject": "child",
    "urgency": "routine",
}  # fmt: skip


class Police:
    """What the police have in the log: a check, and a decision of which some was held back."""

    def __init__(self, demonstration: Demonstration) -> None:
        with demonstration.client(POLICE, ALL_SCOPES) as client:
            answer = client.post("/api/v1/checks", json=QUESTION).raise_for_status().json()
            self.check: str = answer["id"]
            self.receipt: bytes = client.get(answer["receipt"]).raise_for_status().content
            signer = Signer(demonstration.state, POLICE)
            event = client.post("/api/v1/sharing-events", json=signer.held_back("part-shared", check=self.check))
            self.event: str = event.raise_for_status().json()["id"]
            self.event_entry: int = event.json()["entry"]
            client.get(event.json()["receipt"]).raise_for_status()
        self.entry = int(json.loads(base64.b64decode(json.loads(self.receipt)["leaf"]))["seq"])


@pytest.fixture(scope="module")
def police(demonstration: Demonstration) -> Police:
    return Police(demonstration)


@pytest.fixture
def auditor(browser: Browser) -> Browser:
    browser.sign_in(LEAD, "auditor")
    return browser


def readings(database: Database, since: int) -> list[dict[str, Any]]:
    rows = database.as_owner(
        "SELECT payload FROM payload WHERE kind = 'payload.read' AND index >= $1 ORDER BY index", since
    )
    return [json.loads(row[0]) for row in rows]


def size(browser: Browser) -> int:
    return int(browser.get("/log/checkpoint.pending").headers["isa-log-size"])


def send(browser: Browser, path: str, **form: Any) -> httpx.Response:
    return browser.post(path, {"csrf": browser.csrf(), **form})


def look_up(browser: Browser, wanted: str = "", *, receipt: bytes = b"", pasted: str = "") -> httpx.Response:
    fields = {"csrf": browser.csrf(), "wanted": wanted, "receipt": pasted}
    return browser.client.post(LOOK_UP, data=fields, files={"file": ("a.isa-receipt.json" if receipt else "", receipt)})


def keys(demonstration: Demonstration) -> list[VerifierKey]:
    return [VerifierKey.parse(one) for one in demonstration.vkeys]


# --- words ------------------------------------------------------------------------------------------------------------


def test_every_kind_reason_and_verdict_has_words() -> None:
    kinds = {str(one.__struct_config__.tag) for one in get_args(RegisterPayload | RecordPayload)}
    assert set(KINDS) == kinds
    assert tuple(REASONS) == audit.REASONS
    assert tuple(VERDICTS) == EVERY_VERDICT


# --- seeing -----------------------------------------------------------------------------------------------------------


def test_an_auditor_sees_every_entry_and_a_list_reads_nobodys_payload(
    auditor: Browser, police: Police, database: Database
) -> None:
    before = size(auditor)
    page = auditor.go(AUDIT)
    assert f'href="/audit/entries/{police.entry}"' in page.text
    assert "Another organisation’s" in page.text
    narrowed = auditor.go(f"{AUDIT}?kind=check.answered&organisation={POLICE}&from=2026-01-01&until=&colour=red")
    assert f'href="/audit/entries/{police.entry}"' in narrowed.text
    assert f'href="/audit/entries/{police.event_entry}"' not in narrowed.text
    none = auditor.go(f"{AUDIT}?until=2020-01-01")
    assert "No entry is like that." in none.text
    assert readings(database, before) == []


def test_a_page_goes_on_to_older_entries_and_a_filter_that_is_wrong_is_said(auditor: Browser) -> None:
    page = auditor.go(AUDIT)
    (onward,) = set(re.findall(r'href="(/audit\?cursor=a[0-9]+)"', page.text))
    older = auditor.go(onward)
    assert 'href="/audit"' in older.text
    assert not set(re.findall(r"/audit/entries/[0-9]+", page.text)) & set(
        re.findall(r"/audit/entries/[0-9]+", older.text)
    )
    wrong = auditor.get(f"{AUDIT}?from=soon")
    assert wrong.status_code == 400
    assert "Enter the first day as year-month-day" in wrong.text


def test_opening_anothers_record_asks_why_and_is_noted_before_it_is_shown(
    auditor: Browser, police: Police, database: Database
) -> None:
    before, address = size(auditor), f"/audit/entries/{police.entry}"
    shut = auditor.go(address)
    assert police.check not in shut.text
    assert "Open it" in shut.text
    assert (answer := send(auditor, address)).status_code == 422
    assert "Choose why you read it" in answer.text
    assert police.check not in answer.text
    assert send(auditor, f"{address}/receipt", reason="curiosity").status_code == 422
    assert send(auditor, f"{address}/replay").status_code == 422
    assert readings(database, before) == []

    opened = send(auditor, address, reason="complaint")
    assert opened.status_code == 200
    assert police.check in opened.text
    assert "That you read this is in the log now" in opened.text
    assert "it is what the entry commits to" in opened.text
    assert "This is not what was made" not in opened.text
    receipt = send(auditor, f"{address}/receipt", reason="complaint")
    assert receipt.headers["content-disposition"] == f'attachment; filename="{police.entry}.isa-receipt.json"'
    assert verify_receipt(receipt.content, keys_of(auditor)).index == police.entry
    noted = readings(database, before)
    assert [(one["purpose"], one["reason"], one["owners"], one["first"]) for one in noted] == [
        ("entry", "complaint", [POLICE], police.entry),
        ("receipt", "complaint", [POLICE], police.entry),
    ]


def keys_of(browser: Browser) -> list[VerifierKey]:
    lines = browser.get("/log/keys").text.splitlines()
    return [VerifierKey.parse(line.split(" ")[0]) for line in lines]


def test_what_an_entry_leads_to_is_linked(auditor: Browser, police: Police) -> None:
    page = send(auditor, f"/audit/entries/{police.event_entry}", reason="audit").text
    assert f'The question asked before it: <a class="govuk-link" href="/audit/entries/{police.entry}">' in page
    held = send(auditor, f"/audit/entries/{police.event_entry + 1}", reason="audit").text
    assert f'The decision that it belongs to: <a class="govuk-link" href="/audit/entries/{police.event_entry}">' in held
    assert "not-necessary" in held


def test_an_entry_of_the_register_needs_no_reason_and_a_long_one_is_left_to_its_receipt(
    auditor: Browser, database: Database
) -> None:
    before = size(auditor)
    first = auditor.go("/audit/entries/0")
    assert "The registry was opened" in first.text
    assert "Every organisation of the registry" in first.text
    (rows,) = database.as_owner("SELECT min(index) FROM payload WHERE kind = 'catalogue.changed'")
    catalogue = auditor.go(f"/audit/entries/{rows[0]}")
    assert "too long for a page" in catalogue.text
    assert len(catalogue.content) < 100_000
    assert send(auditor, "/audit/entries/0/receipt").status_code == 200
    refused(send(auditor, "/audit/entries/0/replay"), 404, "not-found")
    assert readings(database, before) == []


# --- looking up -------------------------------------------------------------------------------------------------------


def test_an_entry_is_looked_up_by_number_check_and_event(auditor: Browser, police: Police) -> None:
    for wanted, index in (
        (str(police.entry), police.entry), (f" {police.check} ", police.entry), (police.event, police.event_entry),
    ):  # fmt: skip
        answer = look_up(auditor, wanted)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/audit/entries/{index}")
    for wanted in ("", "999999999", "chk_nothing", "chk_" + "0" * 32, new_id(), "Jane Doe"):
        answer = look_up(auditor, wanted)
        assert answer.status_code == 422
        assert "<title>Error:" in answer.text


def test_a_receipt_is_checked_and_leads_to_its_entry(auditor: Browser, police: Police) -> None:
    for answer in (look_up(auditor, receipt=police.receipt), look_up(auditor, pasted=police.receipt.decode())):
        assert "This receipt is good" in answer.text
        assert "byte for byte" in answer.text
        assert f"Open entry {police.entry}" in answer.text
        assert police.check not in answer.text
    bent = json.loads(police.receipt)
    bent["salt"] = base64.b64encode(bytes(32)).decode()
    for data in (json.dumps(bent).encode(), b"{}", b"\xff"):
        answer = look_up(auditor, receipt=data)
        assert answer.status_code == 422
        assert "This receipt is not good" in answer.text
        assert bent["leaf"] not in answer.text


# --- of one's own body ------------------------------------------------------------------------------------------------


def test_an_information_governance_lead_sees_own_entries_alone(
    browser: Browser, other: Browser, police: Police, database: Database
) -> None:
    before = size(browser)
    browser.sign_in(POLICE, "ig-lead")
    other.sign_in("harbour", "ig-lead")
    own = browser.go(f"/audit/entries/{police.entry}")
    assert police.check in own.text
    assert send(browser, f"/audit/entries/{police.entry}/replay").status_code == 200
    assert f"/audit/entries/{police.entry}" in browser.go(f"{AUDIT}?kind=check.answered").text
    assert "/audit/entries/" not in other.go(f"{AUDIT}?kind=check.answered&organisation={POLICE}").text
    # Whoever was given a receipt can have it checked, and is shown no more.
    seen = look_up(other, receipt=police.receipt)
    assert "This receipt is good" in seen.text
    assert "not yours to open" in seen.text
    assert readings(database, before) == []


def test_what_is_anothers_answers_as_what_is_not_there(browser: Browser, police: Police) -> None:
    browser.sign_in("harbour", "ig-lead")
    csrf = browser.csrf()

    def plain(answer: httpx.Response, *names: str) -> tuple[int, str]:
        text = answer.text.replace(answer.headers["x-request-id"], "")
        for name in names:
            text = text.replace(name, "")
        return answer.status_code, text

    for suffix in ("", "/receipt", "/replay"):
        theirs, nobodys = (
            plain(browser.post(f"/audit/entries/{index}{suffix}", {"csrf": csrf, "reason": "audit"}), str(index))
            for index in (police.entry, 10**9)
        )
        assert theirs == nobodys
        assert theirs[0] == 404
    assert plain(browser.get(f"/audit/entries/{police.entry}")) == plain(browser.get(f"/audit/entries/{10**9}"))
    for theirs, nobodys in ((police.check, "chk_" + "0" * 32), (police.event, new_id()), (str(police.entry), "9" * 9)):
        assert plain(look_up(browser, theirs), theirs) == plain(look_up(browser, nobodys), nobodys)
        form = {"csrf": csrf, "what": "case", "step": "download"}
        assert plain(browser.post(EVIDENCE, {**form, "case": theirs}), theirs) == plain(
            browser.post(EVIDENCE, {**form, "case": nobodys}), nobodys
        )


def test_others_have_no_such_pages(browser: Browser) -> None:
    browser.sign_in(POLICE, "practitioner")
    for path in (AUDIT, EVIDENCE, WHAT_IF, AS_KNOWN, "/audit/entries/0"):
        refused(browser.get(path), 403, "forbidden")
    assert 'href="/audit"' not in browser.go("/account").text


# --- answering again --------------------------------------------------------------------------------------------------


def test_a_question_is_answered_again_and_as_it_would_be_today(
    auditor: Browser, police: Police, database: Database
) -> None:
    before = size(auditor)
    page = send(auditor, f"/audit/entries/{police.entry}/replay", reason="practice-review").text
    assert "It comes out exactly as it was" in page
    assert "word for word the same" in page
    assert police.check in page
    assert [(one["purpose"], one["reason"]) for one in readings(database, before)] == [("entry", "practice-review")]


# --- evidence ---------------------------------------------------------------------------------------------------------


def test_evidence_of_a_case_holds_what_belongs_to_it_and_verifies(
    auditor: Browser, police: Police, database: Database, demonstration: Demonstration
) -> None:
    before = size(auditor)
    form = {"what": "case", "case": police.event, "reason": "practice-review"}
    guessed = send(auditor, EVIDENCE, **form, step="estimate")
    assert "3 entries, about" in guessed.text
    assert readings(database, before) == []
    answer = send(auditor, EVIDENCE, **form, step="download")
    assert answer.headers["content-type"].startswith("application/jsonl")
    assert answer.headers["cache-control"] == "no-store"
    found = verify_evidence(io.BytesIO(answer.content), keys(demonstration))
    assert found.entries == 3
    head = json.loads(answer.content.splitlines()[0])
    wanted = [police.entry, police.event_entry, police.event_entry + 1]
    assert head["filter"] == {"entries": [str(one) for one in wanted]}
    (noted,) = readings(database, before)
    assert (noted["purpose"], noted["reason"]) == ("export", "practice-review")


def test_how_large_evidence_would_be_is_near_what_it_is(auditor: Browser, demonstration: Demonstration) -> None:
    form = {"what": "narrowed", "kind": "organisation.registered", "reason": "audit"}
    said = re.search(r"([0-9,]+) entries, about ([0-9,]+) kB", send(auditor, EVIDENCE, **form, step="estimate").text)
    assert said is not None
    answer = send(auditor, EVIDENCE, **form, step="download")
    found = verify_evidence(io.BytesIO(answer.content), keys(demonstration))
    assert int(said[1].replace(",", "")) == found.entries
    assert 0.7 < int(said[2].replace(",", "")) * 1_000 / len(answer.content) < 1.4


def test_evidence_is_asked_for_exactly(auditor: Browser, browser: Browser) -> None:
    for form, words in (
        ({"reason": "audit"}, "Choose what to take"),
        ({"what": "whole"}, "Choose why you take it"),
        ({"what": "narrowed", "reason": "audit"}, "Say what to narrow it by"),
        ({"what": "narrowed", "reason": "audit", "until": "soon"}, "Enter the last day"),
        ({"what": "narrowed", "reason": "audit", "kind": "Jane Doe"}, "not one that this route takes"),
        ({"what": "case", "reason": "audit", "case": ""}, "Enter 1 to 20"),
        ({"what": "case", "reason": "audit", "case": "chk_nothing"}, "There is no such entry"),
    ):
        answer = send(auditor, EVIDENCE, **form, step="download")
        assert answer.status_code == 422, form
        assert words in answer.text
        assert "Jane Doe" not in answer.text


def test_a_body_takes_its_own_without_a_reason(browser: Browser, demonstration: Demonstration) -> None:
    browser.sign_in(POLICE, "ig-lead")
    answer = send(browser, EVIDENCE, what="narrowed", kind="sharing-event.withheld", step="download")
    assert verify_evidence(io.BytesIO(answer.content), keys(demonstration)).entries >= 1
    assert json.loads(answer.content.splitlines()[0])["filter"]["visible-to"] == [POLICE]


# --- another day, and as it was known ---------------------------------------------------------------------------------


def test_an_auditor_asks_for_anybody_about_another_day_and_nothing_is_recorded(auditor: Browser) -> None:
    before = size(auditor)
    assert 'name="provider"' in auditor.go(WHAT_IF).text
    missing = send(auditor, WHAT_IF, **{**ASKED, "on": "soon"})
    assert missing.status_code == 400
    assert "Choose who would share" in missing.text
    assert "Enter the day as year-month-day" in missing.text
    asked = {**ASKED, "provider": POLICE, "on": "2026-03-03"}
    facts = send(auditor, WHAT_IF, **asked, step="facts")
    assert f'action="{WHAT_IF}"' in facts.text
    assert '<input type="hidden" name="on" value="2026-03-03">' in facts.text
    answer = send(auditor, WHAT_IF, **asked)
    assert "What would have been answered to Durham Constabulary." in answer.text
    assert "On 3 March 2026, knowing what is known now" in answer.text
    assert "Nobody was told this" in answer.text
    assert "What to write in your record" not in answer.text
    # Tier 2 came into force in June.
    then = send(auditor, WHAT_IF, **{**asked, "on": "2026-07-03", "as_of_size": str(before)}).text
    assert f"from the first {before:,} entries" in then
    assert "/agreements/tier-2-hoth/1.0#" in then
    assert "/agreements/tier-2-hoth/1.0#" not in answer.text
    assert size(auditor) == before


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ({"as_of_size": "0"}, "Enter a number of entries"),
        ({"as_of_size": "999999999"}, "Give a log size, or a time"),
        ({"as_of_size": "1"}, "Give a log size, or a time"),
        ({"as_of_size": "9", "as_of_on": "2026-03-03"}, "not both"),
        ({"as_of_on": "2020-01-01"}, "Give a log size, or a time"),
        ({"as_of_on": "2999-01-01"}, "Enter a day that has been"),
        ({"as_of_at": "14:05"}, "Enter the day"),
        ({"as_of_on": "2026-03-03", "as_of_at": "25:00"}, "Enter the time of day"),
    ],
)
def test_times_that_cannot_be_are_said(auditor: Browser, times: dict[str, str], words: str) -> None:
    answer = send(auditor, WHAT_IF, **ASKED, provider=POLICE, **times)
    assert answer.status_code == 400
    assert words in answer.text
    answer = auditor.client.get(AS_KNOWN, params=times)
    assert answer.status_code == 400
    assert words in answer.text


def test_others_ask_for_their_own_organisation(browser: Browser) -> None:
    browser.sign_in(POLICE, "ig-lead")
    assert 'name="provider"' not in browser.go(WHAT_IF).text
    assert f'href="{WHAT_IF}"' in browser.go("/ask").text
    answer = send(browser, WHAT_IF, **ASKED, provider="harbour", on="2026-07-03")
    assert "What would have been answered to Durham Constabulary." in answer.text


def test_the_register_is_shown_as_it_was_known(auditor: Browser, database: Database) -> None:
    now = auditor.go(f"{AS_KNOWN}?on=2026-07-03").text
    assert "On 3 July 2026, knowing what is known now" in now
    assert "Durham Constabulary" in now
    (rows,) = database.as_owner("SELECT min(index) FROM payload WHERE kind = 'attestation.made'")
    early = auditor.go(f"{AS_KNOWN}?on=2026-07-03&as_of_size={rows[0]}").text
    assert f"from the first {rows[0]:,} entries" in early
    assert ">Attested<" not in re.sub(r"\s+", "", early)
    assert ">Attested<" in re.sub(r"\s+", "", now)
    before = auditor.go(f"{AS_KNOWN}?on=2026-03-03").text
    assert "Not yet in force" in before


def test_the_log_says_how_far_each_witness_has_seen_it(browser: Browser, database: Database) -> None:
    (vkey,) = [line.split(" ")[0] for line in browser.get("/log/keys").text.splitlines()][:1]
    database.as_owner(
        "INSERT INTO witness (name, position, vkey, state, size, cosigned_at, error, told_at) VALUES"
        f" ('police-witness', 0, '{vkey}', 'healthy', 5, now(), NULL, now()),"
        f" ('school-witness', 1, '{vkey}', 'failing', NULL, NULL, 'unreachable', now()) RETURNING name"
    )
    try:
        page = browser.get("/log").text
    finally:
        database.as_owner("DELETE FROM witness RETURNING name")
    for words in ("police-witness", "The first 5", "Cosigns", "school-witness", "unreachable", "Never", "Signed "):
        assert words in page
    assert "No witness is named." in browser.get("/log").text
