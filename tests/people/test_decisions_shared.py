"""Decisions on the pages of both sides: the lists, what was shared, and the recipient's word on it."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

from api.speaking import Database, Signer
from isa_registry.domain.sharing import read_acknowledgement
from live import LEAD, POLICE, Demonstration
from people.deciding import HELD, PART, REFERENCE, asked, decide, practitioner
from people.visiting import Browser, refused

RECEIVED = "/decisions/received"


def entry_of(database: Database, record: str) -> int:
    event = record.partition("?")[0].rpartition("/")[2]
    ((index,),) = database.as_owner(f"SELECT index FROM sharing_event WHERE id = '{event}'")
    return int(index)


def form_of(browser: Browser, address: str, **changes: Any) -> dict[str, Any]:
    page = browser.get(address).text
    shown = dict(re.findall(r'<input[^>]* id="(received_on|received_at)"[^>]* value="([^"]*)"', page))
    csrf = re.findall(r'name="csrf" value="([^"]*)"', page)[0]
    return {"csrf": unescape(csrf), **shown, **changes}


def newest(database: Database, kind: str) -> dict[str, Any]:
    ((payload,),) = database.as_owner(f"SELECT payload FROM payload WHERE kind = '{kind}' ORDER BY index DESC LIMIT 1")
    found: dict[str, Any] = json.loads(payload)
    return found


def test_the_recipient_says_that_it_came_and_both_see_so(
    browser: Browser, other: Browser, database: Database, demonstration: Demonstration
) -> None:
    record = decide(practitioner(browser), asked(browser), **PART).partition("?")[0]
    one = f"{RECEIVED}/{entry_of(database, record)}"
    assert record in browser.get("/decisions?state=unmatched").text
    practitioner(other, LEAD)
    assert f'href="{one}"' in other.get(RECEIVED).text

    page = other.get(one).text
    words = unescape(page)
    assert "Shared with you by Durham Constabulary" in words and "Name, date of birth, identifiers" in words
    assert "By the registry, for a person of theirs who was signed in" in words
    assert f'href="/account/challenges/new?event={record.rpartition("/")[2]}&amp;other={POLICE}"' in page
    for kept in (
        REFERENCE,
        "CMS-1234",
        "PNN-4411",
        "Police intelligence",
        "give away a source",
        "answer that it follows",
    ):
        assert kept not in words, kept

    before = database.size()
    done = other.post(f"{one}/acknowledgement", form_of(other, f"{one}/acknowledgement", as_it_says="yes"))
    assert (done.status_code, done.headers["location"]) == (303, f"{one}?said=yes")
    assert database.size() == before + 1
    kept_of_it = newest(database, "sharing-event.acknowledged")
    assert set(kept_of_it["sign_in"]) >= {"issuer", "auth_time", "id_token_sha256"} and kept_of_it["approved_by"]
    said = read_acknowledgement(kept_of_it["jws"])
    assert (said.recipient, said.matches, said.event) == (LEAD, True, record.rpartition("/")[2])

    assert "You confirmed it" in other.get(done.headers["location"]).text
    assert f'href="{one}"' not in other.get(RECEIVED).text
    assert f'href="{one}"' in other.get(f"{RECEIVED}?state=matched").text
    assert "They confirmed it" in browser.get(record).text
    assert record in browser.get("/decisions?state=matched&decision=part-shared").text
    assert record not in browser.get("/decisions?state=matched&decision=shared").text

    again = other.post(f"{one}/acknowledgement", form_of(other, f"{one}/acknowledgement", as_it_says="no"))
    assert again.status_code == 303
    assert "They say it differs" in unescape(browser.get(record).text)
    assert "You said it differs" in unescape(other.get(f"{RECEIVED}?state=disputed").text)
    assert database.signatures_found_wrong(demonstration.vkeys) == []


def test_the_recipient_sees_that_a_record_was_corrected(browser: Browser, other: Browser, database: Database) -> None:
    first = decide(practitioner(browser), asked(browser)).partition("?")[0]
    one = f"{RECEIVED}/{entry_of(database, first)}"
    decide(browser, f"{first}/correction", **HELD)
    practitioner(other, LEAD)
    page = unescape(other.get(one).text)
    assert "They corrected it" in page and "Ask them what holds now" in page
    assert f'href="{first}/correction"' not in browser.get(first).text


WRONG: list[tuple[dict[str, str], str]] = [
    ({"as_it_says": ""}, "as_it_says"),
    ({"as_it_says": "perhaps"}, "as_it_says"),
    ({"received_on": "soon"}, "received_on"),
    ({"received_on": "2031-01-01"}, "received_on"),
    ({"received_on": "2020-01-01"}, "received_on"),
    ({"received_at": "25:00"}, "received_on"),
]


def test_what_is_wrong_in_their_word_is_said_at_its_field(browser: Browser, other: Browser, database: Database) -> None:
    record = decide(practitioner(browser), asked(browser))
    address = f"{RECEIVED}/{entry_of(database, record)}/acknowledgement"
    form, before = form_of(practitioner(other, LEAD), address, as_it_says="yes"), database.size()
    for changes, field in WRONG:
        answer = other.post(address, {**form, **changes})
        assert answer.status_code == 422, (changes, answer.text)
        assert f'href="#{field}"' in answer.text and f'id="{field}"' in answer.text, changes
    assert database.size() == before


def test_what_was_not_shared_or_is_anothers_is_not_there(browser: Browser, other: Browser, database: Database) -> None:
    held = decide(practitioner(browser), asked(browser), **HELD)
    with_another = decide(browser, asked(browser, recipient="harbour"))
    own = f"{RECEIVED}/{entry_of(database, held)}"
    refused(browser.get(own), 404, "not-found")
    practitioner(other, LEAD)
    numbers = [entry_of(database, one) for one in (held, with_another)]
    answers = [
        other.get(f"{RECEIVED}/{number}{end}") for end in ("", "/acknowledgement") for number in (*numbers, 10**9)
    ]
    assert {one.status_code for one in answers} == {404}
    assert len({one.text.replace(one.headers["x-request-id"], "") for one in answers}) == 1
    for nothing in ("x", "-1", "9" * 30, "1.0"):
        refused(other.get(f"{RECEIVED}/{nothing}"), 404, "not-found")
    assert not any(f"{RECEIVED}/{number}" in other.get(f"{RECEIVED}?state=all").text for number in numbers)


def test_own_decisions_are_listed_newest_first_and_filtered(browser: Browser) -> None:
    shared = decide(practitioner(browser), asked(browser)).partition("?")[0]
    held = decide(browser, asked(browser), **HELD).partition("?")[0]
    page = browser.get("/decisions").text
    assert page.index(held) < page.index(shared)
    assert "Went another way than the answer" in page and "Nobody is told" in page
    only_held = browser.get("/decisions?decision=not-shared&state=&before=nonsense").text
    assert (held in only_held, shared in only_held) == (True, False)
    older = browser.get(f"/decisions?before={10**12}").text
    assert shared in older and "Newest decisions" in older
    assert "There is none of this kind" in browser.get("/decisions?decision=deferred&state=disputed").text
    assert browser.get("/decisions?decision=nothing").text.count(held) == 1
    assert 'href="/decisions"' in browser.get("/ask").text


def test_what_the_registry_signed_is_refused_from_a_system(
    browser: Browser, database: Database, demonstration: Demonstration
) -> None:
    """By its own body too, with every right to record events: that key is for people on pages alone."""
    decide(practitioner(browser), asked(browser), **PART)
    event = newest(database, "sharing-event.recorded")["jws"]
    listed = newest(database, "sharing-event.withheld")["jws"]
    own = Signer(demonstration.state, POLICE)
    mixed = own.held_back("part-shared")
    assert isinstance(mixed, dict)
    before = database.size()
    with demonstration.client(POLICE) as system:
        for sent in ({"event": f"{event[:-4]}AAAA", "withheld": listed}, {**mixed, "withheld": listed}):
            answer = system.post("/api/v1/sharing-events", json=sent)
            assert answer.status_code == 422, answer.text
            assert answer.json()["errors"][0]["code"] == "jws-key-unknown"
    assert database.size() == before
