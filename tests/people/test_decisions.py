"""Recording on the pages what was decided after an answer, and correcting it."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest

from api.speaking import Database
from isa_client.references import subject_reference
from isa_registry.domain.sharing import read_event, read_withheld
from live import LEAD, POLICE, Demonstration
from people.deciding import HELD, PART, REFERENCE, asked, decide, fields_of, filled, practitioner
from people.visiting import Browser, refused


def logged(database: Database, kind: str) -> dict[str, Any]:
    ((payload,),) = database.as_owner(f"SELECT payload FROM payload WHERE kind = '{kind}' ORDER BY index DESC LIMIT 1")
    found: dict[str, Any] = json.loads(payload)
    return found


def test_from_an_answer_to_a_record_in_two_pages(browser: Browser, database: Database) -> None:
    address = asked(practitioner(browser))
    first = browser.get(address)
    assert "Nothing has to be recorded before you share" in first.text
    assert 'value="increases-risk" selected' in first.text, "what the check knows is filled in"
    before = database.size()
    review = browser.post(address, filled(browser, address, **PART))
    assert (review.status_code, "Check what you entered" in review.text) == (200, True), review.text
    words = unescape(review.text)
    for said in (REFERENCE, "CMS-1234", "would give away a source", "Durham County Council sees what was shared"):
        assert said in words
    assert database.size() == before, "looking at it records nothing"

    done = browser.post(address, {**fields_of(review.text, address), "step": "record"})
    assert done.status_code == 303, done.text
    assert REFERENCE not in done.headers["location"] and "CMS" not in done.headers["location"]
    assert database.size() == before + 2
    kept = logged(database, "sharing-event.recorded")
    assert re.fullmatch("[0-9a-f]{64}", kept["sign_in"]["id_token_sha256"])
    assert len(kept["approved_by"]) == 1
    event = read_event(kept["jws"])
    assert (event.provider, event.recipient, event.decision) == (POLICE, LEAD, "part-shared")
    assert (event.categories, event.duty.would_help_recipient) == (("identity",), True)
    assert event.check is not None and event.check in address
    assert event.basis.article_6 and event.agreement is not None
    held = read_withheld(logged(database, "sharing-event.withheld")["jws"]).withheld
    assert [(one.category, one.reason) for one in held] == [("intelligence", "source-protection")]

    page = browser.get(done.headers["location"]).text
    assert ("Recorded" in page, "What happens next" in page, event.id in page) == (True, True, True)
    for part in ("receipt", "receipt?part=withheld"):
        answer = browser.get(f"/decisions/{event.id}/{part}")
        assert answer.status_code == 200 and set(answer.json()) == {"v", "leaf", "payload", "salt", "proof"}


def test_the_same_form_sent_twice_is_one_record(browser: Browser, database: Database) -> None:
    address = asked(practitioner(browser))
    review = browser.post(address, filled(browser, address))
    form = {**fields_of(review.text, address), "step": "record"}
    first, size = browser.post(address, form), database.size()
    again = browser.post(address, form)
    assert (again.status_code, again.headers["location"]) == (303, first.headers["location"])
    assert database.size() == size


def test_holding_back_against_a_duty_is_said_calmly_and_recorded(browser: Browser, database: Database) -> None:
    address = asked(practitioner(browser))
    review = browser.post(address, filled(browser, address, **HELD))
    assert review.status_code == 200
    words = unescape(review.text)
    assert "The answer was that you share this" in words and "never counted against anybody" in words
    assert "Durham County Council is not told" in words
    done = browser.post(address, {**fields_of(review.text, address), "step": "record"})
    assert done.status_code == 303
    assert logged(database, "sharing-event.flagged")["flags"] == ["withheld-against-duty"]
    assert "The answer was that you share this" in unescape(browser.get(done.headers["location"]).text)
    event = read_event(logged(database, "sharing-event.recorded")["jws"])
    assert (event.shared_at, event.review_on, event.categories) == (None, "2030-01-31", ("identity", "intelligence"))


def test_sharing_against_a_bar_is_said_calmly_and_recorded(browser: Browser) -> None:
    address = asked(practitioner(browser), restriction="court-order-forbids")
    review = unescape(browser.post(address, filled(browser, address)).text)
    assert "The answer was not to share this" in review and "Record it" in review


@pytest.fixture
def address(browser: Browser) -> str:
    """Of a form; one for all that is refused."""
    return asked(practitioner(browser))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"decision": None}, "decision"),
    ({"decision": "part-shared"}, "why-identity"),
    ({"decision": "part-shared", "why-identity": "no-role", "why-intelligence": "no-role"}, "decision"),
    ({"decision": "not-shared"}, "why_all"),
    ({"decision": "deferred", "why_all": "advice-pending"}, "review_on"),
    ({"decision": "deferred", "why_all": "advice-pending", "review_on": "soon"}, "review_on"),
    ({"decision": "not-shared", "why_all": "because"}, "why-identity"),
    ({"decision": "maybe"}, "decision"),
    ({"refs-child": None}, "refs-child"),
    ({"refs-child": "Jo Bloggs"}, "refs-child"),
    ({"refs-child": " ".join(subject_reference(bytes(32), f"C-{one}") for one in range(51))}, "refs-child"),
    ({"decided_on": "yesterday"}, "decided_on"),
    ({"decided_at": "25:00"}, "decided_on"),
    ({"decided_on": "2031-01-01"}, "decided_on"),
    ({"shared_on": "2031-01-01", "shared_at": "10:00"}, "shared_on"),
    ({"shared_on": "x"}, "shared_on"),
    ({"how": None}, "how"),
    ({"how": "pigeon"}, "how"),
    ({"marking": "secret"}, "marking"),
    ({"consent": "perhaps"}, "consent"),
    ({"informed": None}, "informed"),
    ({"informed_reason": None}, "informed_reason"),
    ({"informed_reason": "lazy"}, "informed_reason"),
    ({"childs_view": "shrugs"}, "childs_view"),
    ({"role": "wizard"}, "role"),
    ({"ref": "Jo Bloggs"}, "ref"),
    ({"case_record": "943 476 5919"}, "case_record"),
    ({"case_record": None}, "case_record"),
    ({"request": "DH1 1AA"}, "request"),
    ({"approved_by": "wizard"}, "approved_by"),
    ({"advice_role": "nurse"}, "advice_outcome"),
    ({"advice_role": "nurse", "advice_outcome": "shrugs"}, "advice_outcome"),
    ({"retention": "for-ever"}, "retention"),
    ({"record": "1"}, ""),
]


def test_what_is_missing_or_wrong_is_said_at_its_field_and_the_rest_is_kept(
    browser: Browser, database: Database, address: str
) -> None:
    form, before = filled(browser, address), database.size()
    for number, (changes, field) in enumerate(WRONG):
        whole = {name: value for name, value in {**form, **changes}.items() if value is not None}
        answer = browser.post(address, {**whole, "step": "record" if number % 2 else ""})
        assert answer.status_code == 422, (changes, answer.text)
        summary = answer.text[answer.text.index("There is a problem") :]
        assert (f'href="#{field}"' in summary) if field else "id is a version 7" in summary, changes
        assert field == "" or f'id="{field}"' in answer.text, changes
        assert "CMS-1234" in answer.text or field == "case_record", changes
    assert database.size() == before


def test_changing_something_goes_back_with_all_that_was_filled_in(browser: Browser, address: str) -> None:
    review = browser.post(address, filled(browser, address, **PART, advice_role="nurse", advice_outcome="share"))
    form = {**fields_of(review.text, address), "step": "change"}
    page = browser.post(address, form)
    assert page.status_code == 200
    for said in ("CMS-1234", REFERENCE, 'value="part-shared" checked', 'value="source-protection" selected'):
        assert said in page.text


def test_what_was_decided_long_ago_is_a_late_entry(browser: Browser, database: Database, address: str) -> None:
    form = filled(browser, address, decided_on="2026-11-20", decided_at="9.05")
    review = browser.post(address, form)
    assert "late entry" in review.text
    assert browser.post(address, {**fields_of(review.text, address), "step": "record"}).status_code == 303
    event = read_event(logged(database, "sharing-event.recorded")["jws"])
    assert (event.late_entry, event.decided_at, event.shared_at) == (True, *["2026-11-20T09:05:00.000Z"] * 2)


def test_a_correction_begins_with_what_it_corrects_and_both_stay(browser: Browser, database: Database) -> None:
    first = decide(practitioner(browser), asked(browser), **PART).partition("?")[0]
    address = f"{first}/correction"
    page = browser.get(address).text
    for said in (REFERENCE, 'value="part-shared" checked', 'value="source-protection" selected', 'value="CMS-1234"'):
        assert said in page
    second = decide(browser, address, **{"why-intelligence": None}, decision="shared")
    event = read_event(logged(database, "sharing-event.recorded")["jws"])
    assert (event.corrects, event.decision) == (first.rpartition("/")[2], "shared")
    assert second.startswith(f"/decisions/{event.id}")
    assert f'href="/decisions/{event.id}"' in browser.get(first).text
    assert f'href="{first}"' in browser.get(second).text
    assert browser.get(address).headers["location"] == f"/decisions/{event.id}", "only the newest is corrected"


def test_what_is_corrected_already_is_not_corrected_twice(browser: Browser, database: Database) -> None:
    address = decide(practitioner(browser), asked(browser)).partition("?")[0] + "/correction"
    late = filled(browser, address)
    decide(browser, address)
    before = database.size()
    answer = browser.post(address, {**late, "step": "record"})
    assert answer.status_code == 422 and "This event is corrected already" in answer.text
    assert database.size() == before


def test_nobody_records_or_reads_another_bodys(browser: Browser, other: Browser) -> None:
    address = asked(practitioner(browser))
    record = decide(browser, address).partition("?")[0]
    practitioner(other, LEAD)
    absent = "/decisions/01999c3e-7c00-7000-8000-000000000001"
    for path in (address, record, f"{record}/correction", f"{record}/receipt"):
        refused(other.get(path), 404, "not-found")
    for ending in ("", "/correction", "/receipt"):
        there, nowhere = (other.get(f"{path}{ending}") for path in (record, absent))
        said = [one.text.replace(one.headers["x-request-id"], "") for one in (there, nowhere)]
        assert said[0] == said[1]


def test_whoever_has_not_the_role_is_offered_nothing(browser: Browser, demonstration: Demonstration) -> None:
    browser.sign_in(LEAD, "business-unit")
    page = browser.post("/ask", {"csrf": browser.csrf("/ask"),
        "urgency": "routine", "recipient": POLICE, "purpose": "harm-outside-the-home", "category": "identity",
        "subject": "child"
    }).text  # fmt: skip
    assert "Record what you decided" not in page
    (check,) = set(re.findall(r"chk_[0-9a-f]{32}", page))
    refused(browser.get(f"/ask/answers/{check}/decision"), 403, "forbidden")


def test_a_sign_in_of_long_ago_is_asked_for_before_the_form_and_not_after_it(
    browser: Browser, database: Database, address: str
) -> None:
    form = filled(browser, address)
    database.as_owner("UPDATE person_session SET auth_time = now() - interval '110 minutes' WHERE revoked_at IS NULL")
    away = browser.get(address)
    assert (away.status_code, away.headers["location"].partition("?")[0]) == (303, "/sign-in/again")
    review = browser.post(address, form)
    assert browser.post(address, {**fields_of(review.text, address), "step": "record"}).status_code == 303
    database.as_owner("UPDATE person_session SET auth_time = now() - interval '121 minutes' WHERE revoked_at IS NULL")
    refused(browser.post(address, form), 401, "sign-in-too-old")
