"""A signatory on the pages: what waits, reading, asking, signing exactly these words, the certificate, leaving."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest

from api.speaking import Database
from isa_registry.data import data_directory
from isa_registry.domain.dates import london_date
from isa_verify.log_keys import parse_keys
from isa_verify.receipt import verify_receipt
from live import LEAD, POLICE, Demonstration
from people.visiting import Browser, hidden, refused

AGREEMENT = "tier-2-hoth"
LIST = "/account/attestations"
VERSION = f"{LIST}/{AGREEMENT}/1.0"
FORM = f"{VERSION}/attestation"
_WORDS = data_directory("agreements") / "durham" / AGREEMENT / "1.0"
TEXT = hashlib.sha256((_WORDS / "agreement.md").read_bytes()).hexdigest()
FILLED = {
    "role": "chief-officer", "ref": "POST-17", "authority": "board-resolution", "authority_reference": "GOV-2026-12",
    "consulted_data-protection-officer": "2026-11-02", "reservation": "prevent-channel",
}  # fmt: skip


@pytest.fixture
def signatory(browser: Browser) -> Browser:
    """Of a body that has signed nothing."""
    browser.sign_in("hmp-durham", "signatory")
    return browser


@pytest.fixture
def unsigned(signatory: Browser) -> Iterator[Browser]:
    """The same, and whatever it signs is withdrawn afterwards."""
    yield signatory
    page = signatory.get(LIST).text
    for address in sorted(set(re.findall(r"/account/certificates/[^/\"]+/withdrawal", page))):
        today = london_date(datetime.now(UTC))
        form = {"csrf": signatory.csrf(LIST), "on": today, "reason": "signed-in-error"}
        signatory.post(address, form)


def sent(browser: Browser, **changes: Any) -> dict[str, Any]:
    page = browser.get(FORM).text
    shown = {name: hidden(page, name) for name in ("csrf", "text_sha256", "schedule_sha256")}
    whole = {**shown, **FILLED, **changes}
    return {name: value for name, value in whole.items() if value is not None}


def fields_of(page: str) -> dict[str, Any]:
    """The hidden fields of the form that signs."""
    form = next(one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if 'name="confirmed"' in one)
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in found}


def test_from_what_waits_to_a_certificate_that_proves_the_words(
    unsigned: Browser, database: Database, demonstration: Demonstration
) -> None:
    browser = unsigned
    assert f'href="{VERSION}"' in browser.get(LIST).text
    page = browser.get(VERSION).text
    assert f"{VERSION}/words" in page
    assert browser.get(f"{VERSION}/words").headers["location"] == f"/agreements/{AGREEMENT}/1.0"
    before = database.size()
    review = browser.post(FORM, sent(browser))
    assert (review.status_code, "Is this what you sign?" in review.text) == (200, True), review.text
    groups = " ".join(TEXT[at_ : at_ + 4] for at_ in range(0, 64, 4))
    for said in (groups, "POST-17", "GOV-2026-12", "2 November 2026", "Prevent"):
        assert said in unescape(review.text)
    assert database.size() == before, "looking at it signs nothing"

    done = browser.post(FORM, fields_of(review.text))
    assert done.status_code == 200, done.text
    assert "Certificate of attestation" in done.text
    assert groups in done.text
    assert database.size() == before + 1
    ((payload,),) = database.as_owner("SELECT payload FROM payload ORDER BY index DESC LIMIT 1")
    logged = json.loads(payload)
    assert set(logged["sign_in"]) >= {"issuer", "auth_time", "id_token_sha256"}
    assert re.fullmatch("[0-9a-f]{64}", logged["sign_in"]["id_token_sha256"])
    assert len(logged["approved_by"]) == 1

    receipt = browser.get(f"/account/certificates/{logged['attestation']}/receipt")
    assert receipt.status_code == 200
    held = verify_receipt(receipt.content, parse_keys("\n".join(demonstration.vkeys).encode()))
    assert held.payload["jws"] == logged["jws"]
    again = browser.post(FORM, sent(browser, confirmed="yes"))
    assert (again.status_code, "attested this version already" in again.text) == (409, True)
    assert database.size() == before + 1


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"role": None}, "role", "Choose in which role you sign"),
        ({"ref": ""}, "ref", "reference for your post"),
        ({"authority": None}, "authority", "on what authority"),
        ({"authority_reference": ""}, "authority_reference", "holds that authority"),
        ({"ref": "Jane"}, "ref", "with at least one digit"),
        ({"authority_reference": "2026-11-02"}, "authority_reference", "looks like a date"),
        ({"consulted_data-protection-officer": "31/11/2026"}, "consulted_data-protection-officer", "2026-09-30"),
        ({"consulted_data-protection-officer": "2999-01-01"}, "consulted_data-protection-officer", "before signing"),
        ({"role": "head-teacher"}, "role", "is signed by"),
        ({"role": "delegate"}, "ref", "delegation"),
        ({"reservation": "zqx7f3marker"}, "reservation", "Only a purpose of the agreement"),
    ],
    ids=str,
)
@pytest.mark.parametrize("confirmed", [None, "yes"])
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_signed(
    signatory: Browser, database: Database, changes: dict[str, Any], field: str, says: str, confirmed: str | None
) -> None:
    before = database.size()
    answer = signatory.post(FORM, sent(signatory, confirmed=confirmed, **changes))
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert f'href="#{field}"' in page
    assert page.count(says) >= 2
    assert database.size() == before


@pytest.mark.parametrize("member", ["text_sha256", "schedule_sha256"])
def test_other_words_than_those_published_are_not_signed(signatory: Browser, database: Database, member: str) -> None:
    before = database.size()
    answer = signatory.post(FORM, sent(signatory, confirmed="yes", **{member: "0" * 64}))
    assert (answer.status_code, "SHA-256 of the published" in answer.text) == (422, True)
    assert database.size() == before


def test_a_sign_in_some_while_ago_is_sent_to_sign_in_again(signatory: Browser, database: Database) -> None:
    form = sent(signatory, confirmed="yes")
    database.as_owner("UPDATE person_session SET auth_time = now() - interval '6 minutes' WHERE revoked_at IS NULL")
    before = database.size()
    for path in (FORM, f"{VERSION}/refusal"):
        assert signatory.get(path).headers["location"].startswith("/sign-in/again")
    refused(signatory.post(FORM, form), 401, "sign-in-too-old")
    assert database.size() == before


def test_a_body_declines_and_can_still_sign(browser: Browser, database: Database) -> None:
    browser.sign_in("example-sports-club", "signatory")
    address = f"{VERSION}/refusal"
    csrf = browser.csrf(LIST)
    missing = browser.post(address, {"csrf": csrf})
    assert (missing.status_code, "Choose why your organisation declines" in missing.text) == (422, True)
    before = database.size()
    answer = browser.post(address, {"csrf": csrf, "reason": "no-lawful-basis"})
    assert (answer.status_code, "Declined" in answer.text, database.size()) == (200, True, before + 1)
    twice = browser.post(address, {"csrf": csrf, "reason": "no-lawful-basis"})
    assert (twice.status_code, "declined this version already" in twice.text) == (409, True)
    assert "Sign it for your organisation" in browser.get(VERSION).text


def test_a_body_withdraws_from_its_certificate(unsigned: Browser, database: Database) -> None:
    done = unsigned.post(FORM, sent(unsigned, confirmed="yes"))
    (address,) = set(re.findall(r"/account/certificates/[^/\"]+/withdrawal", done.text))
    form = {"csrf": unsigned.csrf(LIST), "on": "2026-01-01", "reason": "no-longer-shares"}
    past = unsigned.post(address, form)
    assert (past.status_code, 'href="#on"' in past.text) == (422, True)
    before = database.size()
    answer = unsigned.post(address, {**form, "on": "2999-01-01"})
    assert (answer.status_code, "Withdrawn" in answer.text, database.size()) == (200, True, before + 1)
    assert "1 January 2999" in unsigned.get(LIST).text
    assert unsigned.post(address, {**form, "on": "2999-01-01"}).status_code == 409


def test_another_bodys_signatory_sees_the_certificate_and_withdraws_nothing(
    unsigned: Browser, other: Browser, database: Database
) -> None:
    done = unsigned.post(FORM, sent(unsigned, confirmed="yes"))
    (address,) = set(re.findall(r"/account/certificates/[^/\"]+/withdrawal", done.text))
    other.sign_in(POLICE, "signatory")
    certificate = other.go(address.removesuffix("/withdrawal"))
    assert "Hmp Durham" in certificate.text or "HMP Durham" in certificate.text
    assert "/withdrawal" not in certificate.text
    before = database.size()
    form = {"csrf": other.csrf(LIST), "on": "2999-01-01", "reason": "no-longer-shares"}
    refused(other.post(address, form), 403, "not-your-organisation")
    assert database.size() == before


def test_a_body_asks_to_join_and_is_told_that_it_did(browser: Browser) -> None:
    browser.sign_in("example-housing", "signatory")
    assert "Ask to join" in browser.get(VERSION).text
    answer = browser.post(f"{VERSION}/joining", {"csrf": browser.csrf(LIST)})
    assert (answer.status_code, "Asked to join" in answer.text) == (200, True)
    twice = browser.post(f"{VERSION}/joining", {"csrf": browser.csrf(LIST)})
    assert (twice.status_code, "asked to join already" in twice.text) == (409, True)
    uninvited = browser.post(f"{VERSION}/questions", {"csrf": browser.csrf(LIST), "clause": "1", "question": "meaning"})
    assert (uninvited.status_code, "not invited" in uninvited.text) == (409, True)
    page = browser.get(f"{VERSION}/questions").text
    assert "Your organisation has not been asked to sign this version." in page
    assert 'name="clause"' not in page


def test_a_signatory_asks_about_a_clause_and_everybody_sees_it(browser: Browser, other: Browser) -> None:
    browser.sign_in(POLICE, "signatory")
    address = f"{VERSION}/questions"
    csrf = browser.csrf(address)
    for form, field in (
        ({"question": "meaning"}, "clause"),
        ({"clause": "1"}, "question"),
        ({"clause": "99.9", "question": "meaning"}, "clause"),
        ({"clause": "1", "question": "meaning", "reference": "a b"}, "reference"),
    ):
        wrong = browser.post(address, {"csrf": csrf, **form})
        assert (wrong.status_code, f'href="#{field}"' in wrong.text) == (422, True)
    asked = browser.post(address, {"csrf": csrf, "clause": "1", "question": "meaning"})
    assert (asked.status_code, "Your question was sent" in asked.text) == (200, True)
    other.sign_in(LEAD, "signatory")
    seen = unescape(other.get(address).text)
    assert "What does this clause mean for us?" in seen
    assert "/settlement" not in seen
    (settlement,) = set(re.findall(r"action=\"([^\"]+/settlement)\"", browser.get(address).text))
    refused(other.post(settlement, {"csrf": other.csrf(LIST)}), 404, "not-found")
    settled = browser.post(settlement, {"csrf": csrf})
    assert (settled.status_code, "settled" in settled.text) == (200, True)


@pytest.mark.parametrize("person", ["practitioner", "ig-lead"])
def test_nobody_but_a_signatory_has_these_pages(browser: Browser, person: str) -> None:
    browser.sign_in(POLICE, person)
    for path in (LIST, VERSION, f"{VERSION}/words", FORM, f"{VERSION}/refusal", f"{VERSION}/questions"):
        refused(browser.get(path), 403, "forbidden")
    for path in (FORM, f"{VERSION}/refusal", f"{VERSION}/joining", f"{VERSION}/questions"):
        refused(browser.post(path, {"csrf": browser.csrf()}), 403, "forbidden")


def test_what_is_not_there_is_not_found(signatory: Browser) -> None:
    for path in (f"{LIST}/nothing/1.0", f"{LIST}/{AGREEMENT}/9.9", "/account/certificates/att_nothing"):
        refused(signatory.get(path), 404, "not-found")
