"""Consents on pages: recorded step by step, found, said again, taken back, found void; and no reference in an address,
a title or the log of the service."""

from __future__ import annotations

import base64
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from api.speaking import Database, new_id
from isa_registry.domain.consents.codes import NOT_UNDONE
from live import LEAD, POLICE, Demonstration
from people.visiting import Browser, hidden, refused

CONSENTS, NEW = "/consents", "/consents/new"
CHOSEN = {
    "need": "the-basis",
    "purpose": "early-help",
    "recipient": f"{POLICE},kind:gp-practice",
    "category": "identity,education",
    "subject": "child",
    "by": "parental-responsibility",
    "shown": "parental-responsibility-evidenced",
    "view": "objects",
    "answer": "given",
    "explicit": "yes",
    "method": "in-person",
    "day": "2026-06-01",
    "time": "14:05",
}
TYPED = {
    "statement": "CONSENT-FORM-7",
    "statement_version": "3",
    "language": "pl",
    "evidence": "DOC-4471",
    "standing_evidence": "ASSESS-112",
    "staff_role": "social-worker",
    "staff": "STAFF-0042",
    "review": "2099-01-01",
    "transition": "2098-01-01",
}
RECORDER = {"staff_role": "nurse", "staff": "STAFF-0042"}


def reference() -> str:
    """A subject reference that nobody has used: as the client library makes one, of a number of no person."""
    return "s1_" + base64.urlsafe_b64encode(new_id().encode().ljust(32, b"0")[:32]).decode().rstrip("=")


def practitioner(browser: Browser, organisation: str = LEAD) -> Browser:
    browser.sign_in(organisation, "practitioner")
    return browser


def sent(browser: Browser, path: str, form: dict[str, Any]) -> httpx.Response:
    return browser.post(path, {"csrf": browser.csrf(), **form})


def recorded(browser: Browser, reference_of_whom: str, /, **changed: str) -> str:
    """Records a consent with a form that has everything; the path of its page."""
    answer = sent(browser, NEW, {**CHOSEN, **TYPED, "subject_ref": reference_of_whom, "record": "yes", **changed})
    assert answer.status_code == 303, unescape(answer.text)
    return str(answer.headers["location"].partition("?")[0])


def words(answer: httpx.Response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2])))


# --- recording -------------------------------------------------------------------------------------------------------


def test_it_begins_with_whether_consent_is_needed_and_says_that_it_usually_is_not(browser: Browser) -> None:
    practitioner(browser)
    page = browser.get(NEW)
    assert "Usually it is not." in words(page)
    assert "public task" in words(page)
    assert page.text.index("Usually it is not") < page.text.index('name="need"')
    assert 'href="/ask"' in page.text
    instead = browser.get(f"{NEW}?step=need&send=yes&need=would-share-anyway")
    assert "Do not ask for consent" in words(instead)
    assert browser.get(f"{NEW}?step=need&send=yes&need=unsure").headers["location"] == "/ask"


def test_each_step_leads_to_the_next_with_all_that_was_said(browser: Browser, database: Database) -> None:
    practitioner(browser)
    before, answered = database.size(), {}
    for step, names, following in (
        ("need", ("need",), "whom"),
        ("whom", ("purpose", "recipient"), "what"),
        ("what", ("category",), "who"),
        ("who", ("subject", "by"), "standing"),
        ("standing", ("shown", "view"), "said"),
        ("said", ("answer", "explicit", "method", "day", "time"), "words"),
    ):
        empty = browser.client.get(NEW, params={**answered, "step": step, "send": "yes", "day": "soon"})
        assert empty.status_code == 422, step
        assert "There is a problem" in words(empty)
        answered |= {name: CHOSEN[name] for name in names}
        answer = browser.client.get(NEW, params={**answered, "step": step, "send": "yes"})
        assert answer.status_code == 303, (step, words(answer))
        address = urlsplit(answer.headers["location"])
        assert dict(parse_qsl(address.query)) == {**answered, "step": following}
    page = browser.get(str(answer.headers["location"]))
    assert 'method="post"' in page.text.partition("<main")[2]
    typed: dict[str, str] = {}
    subject = reference()
    for step, names in (
        ("words", ("statement", "statement_version", "language")),
        ("own", ("evidence", "standing_evidence", "staff_role", "staff", "review", "transition")),
    ):
        empty = sent(browser, NEW, {**CHOSEN, **typed, "step": step})
        assert (empty.status_code, hidden(empty.text, "step")) == (422, step)
        typed |= {name: TYPED[name] for name in names}
        if step == "own":
            typed["subject_ref"] = subject
        answer = sent(browser, NEW, {**CHOSEN, **typed, "step": step})
        assert answer.status_code == 200
    checked = words(answer)
    for said in (
        "Check what you record", "Early help", "Durham Constabulary", "Any body of this kind: GP practice", subject,
        "Somebody with parental responsibility", "The child objects", "1 June 2026 at 14:05", "Polish",
        "1 January 2099",
    ):  # fmt: skip
        assert said in checked, said
    assert database.size() == before, "nothing is recorded before it was looked at once more"


def test_what_is_sent_twice_from_the_same_page_is_recorded_once(browser: Browser, database: Database) -> None:
    practitioner(browser)
    form = {**CHOSEN, **TYPED, "subject_ref": reference()}
    once = hidden(sent(browser, NEW, form).text, "once")
    before = database.size()
    first, second = (sent(browser, NEW, {**form, "once": once, "record": "yes"}) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    assert database.size() == before + 1


def test_what_was_said_can_be_changed_from_the_last_look_and_nothing_typed_is_lost(browser: Browser) -> None:
    practitioner(browser)
    form = {**CHOSEN, **TYPED, "subject_ref": reference()}
    back = sent(browser, NEW, {**form, "go": "who"})
    assert 'method="post"' in back.text.partition("<main")[2]
    for name, value in form.items():
        if name not in ("subject", "by"):
            assert hidden(back.text, name) == value, name
    # The child answers for themself: how that is known no longer fits, and the child's view is its answer.
    instead = sent(browser, NEW, {**form, "by": "child-with-capacity", "step": "who"})
    assert (instead.status_code, hidden(instead.text, "step")) == (200, "standing")
    assert "Gillick" in words(instead)
    assert "Parental responsibility" not in words(instead)
    path = recorded(browser, reference(), by="child-with-capacity", shown="gillick-assessed")
    assert "The child agrees" in words(browser.get(path))


WRONG = [
    ("whom", {"recipient": LEAD}, "Choose another body than your own"),
    ("whom", {"recipient": "nobody-here"}, "Choose the bodies from the list"),
    ("whom", {"purpose": "nothing"}, "Choose from the list"),
    ("what", {"category": "identity,nothing"}, "Choose from the list"),
    ("who", {"subject": "adult"}, "Choose somebody who can answer for the person"),
    ("who", {"by": "neighbour"}, "Choose who answered from the list"),
    ("who", {"subject": "nobody"}, "Choose somebody who can answer for the person"),
    ("standing", {"shown": "care-order"}, "Choose how you know that they may answer"),
    ("standing", {"view": ""}, "Choose what the child says"),
    ("standing", {"view": "no-child"}, "This is about a child"),
    ("said", {"category": "health", "explicit": "no"}, "Ask for a yes in clear words"),
    ("said", {"answer": ""}, "Choose what they said"),
    ("said", {"method": "by-dream"}, "Choose from the list"),
    ("said", {"day": "2099-01-01"}, "not to come"),
    ("said", {"time": "25:99"}, "Enter the day as year-month-day"),
    ("words", {"statement": "Jo Bloggs"}, "A reference is 4 to 64"),
    ("words", {"statement_version": "final"}, "Enter the version like"),
    ("words", {"language": "other", "other_language": ""}, "Enter the code of the language"),
    ("words", {"language": "other", "other_language": "Klingon"}, "Enter the code of the language"),
    ("own", {"subject_ref": "Jo Bloggs"}, "Paste the whole reference"),
    ("own", {"subject_ref": ""}, "Paste the reference"),
    ("own", {"evidence": "DH1 5UL"}, "A reference is 4 to 64"),
    ("own", {"evidence": "943-476-5919"}, "This looks like an NHS number"),
    ("own", {"standing_evidence": ""}, "Enter where your own system holds what shows that they may"),
    ("own", {"staff_role": "wizard"}, "Choose from the list"),
    ("own", {"staff": "jo@example.org"}, "A reference is 4 to 64"),
    ("own", {"review": "2020-01-01"}, "before the day on which it was said"),
    ("own", {"review": ""}, "Enter the day until which it counts"),
    ("own", {"transition": "2026-01-01"}, "it is theirs to say"),
    ("own", {"transition": "soon"}, "Enter the day as year-month-day"),
]


def test_what_is_wrong_comes_back_at_its_own_step_with_all_the_rest(browser: Browser, database: Database) -> None:
    practitioner(browser)
    csrf, before = browser.csrf(), database.size()
    for step, wrong, says in WRONG:
        form = {**CHOSEN, **TYPED, "subject_ref": reference(), "csrf": csrf, **wrong}
        answer = browser.post(NEW, {**form, "step": step})
        assert (answer.status_code, hidden(answer.text, "step")) == (422, step), (wrong, words(answer))
        assert says in words(answer), wrong
        assert "<title>Error: " in answer.text
        kept = {name: value for name, value in form.items() if value and f'name="{name}"' not in answer.text}
        assert kept.keys() <= {"view", "transition", "standing_evidence"}, "lost, though it is not asked any more"
        once_more = browser.post(NEW, {**form, "record": "yes"})
        assert (once_more.status_code, hidden(once_more.text, "step")) in ((200, step), (422, step)), wrong
    assert database.size() == before


def test_a_name_that_was_typed_instead_of_a_reference_is_not_shown_again(browser: Browser) -> None:
    practitioner(browser)
    answer = sent(browser, NEW, {**CHOSEN, **TYPED, "subject_ref": "Jo Bloggs", "step": "own"})
    assert "Paste the whole reference" in words(answer)
    assert "Bloggs" not in answer.text
    assert 'value="DOC-4471"' in answer.text


def test_a_refusal_is_recorded_as_easily_and_has_no_day_until_which_it_counts(browser: Browser) -> None:
    practitioner(browser)
    said = words(browser.get(recorded(browser, reference(), answer="refused", explicit="", review="")))
    assert "They said no" in said
    assert "Counts until" not in said
    assert "They take it back" not in said


# --- one, and what becomes of it -------------------------------------------------------------------------------------


def test_one_is_taken_back_on_one_page_that_says_what_this_does_not_undo(browser: Browser) -> None:
    practitioner(browser)
    path = recorded(browser, reference())
    page = browser.get(f"{path}/withdrawal")
    assert NOT_UNDONE in words(page)
    assert "They need give no reason" in words(page)
    empty = sent(browser, f"{path}/withdrawal", {})
    assert empty.status_code == 422
    for field in ("by", "method", "staff_role", "staff"):
        assert f'href="#{field}"' in empty.text
    form = {**RECORDER, "by": "parental-responsibility", "method": "telephone", "day": "2026-07-01", "time": "09:30"}
    answer = sent(browser, f"{path}/withdrawal", form)
    assert answer.headers["location"] == f"{path}?done=withdrawn"
    said = words(browser.get(answer.headers["location"]))
    for one in ("Recorded: they took it back", "Taken back", "They took it back , 1 July 2026 at 09:30", NOT_UNDONE):
        assert one in said, one
    assert "Was to count until 1 January 2099" in said
    assert "Counts until" not in said
    again = sent(browser, f"{path}/withdrawal", form)
    assert again.status_code == 422
    assert "This consent was withdrawn" in words(again)


def test_one_is_taken_back_in_the_minute_in_which_it_was_given(browser: Browser, database: Database) -> None:
    practitioner(browser)
    path = recorded(browser, reference(), day="2026-07-01", time="09:30")
    form = {**RECORDER, "by": "child-with-capacity", "method": "in-person", "day": "2026-07-01", "time": "09:30"}
    assert sent(browser, f"{path}/withdrawal", form).status_code == 303
    early = recorded(browser, reference(), day="2026-07-01", time="09:30")
    refused_one = sent(browser, f"{early}/withdrawal", {**form, "time": "09:29"})
    assert refused_one.status_code == 422
    assert "before what was said last" in words(refused_one)


def test_one_is_said_again_with_what_stands_filled_in(browser: Browser) -> None:
    practitioner(browser)
    path = recorded(browser, reference())
    page = browser.get(f"{path}/renewal").text
    assert 'value="CONSENT-FORM-7"' in page
    assert '<option value="pl" selected>' in page
    form = {
        **{name: TYPED[name] for name in ("statement", "statement_version", "language", "standing_evidence")},
        **RECORDER,
        "by": "parental-responsibility", "shown": "parental-responsibility-evidenced", "view": "agrees",
        "explicit": "yes", "method": "telephone", "day": "2026-08-01", "time": "10:00", "evidence": "DOC-5001",
        "review": "2098-12-31",
    }  # fmt: skip
    for wrong, field in (
        ({"view": ""}, "view"),
        ({"review": "2020-01-01"}, "review"),
        ({"shown": "care-order"}, "shown"),
    ):
        answer = sent(browser, f"{path}/renewal", {**form, **wrong})
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text, wrong
    assert sent(browser, f"{path}/renewal", form).headers["location"] == f"{path}?done=renewed"
    said = words(browser.get(path))
    for one in ("31 December 2098", "The child agrees", "They said yes again", "DOC-5001"):
        assert one in said, one


def test_one_is_found_void_and_then_takes_nothing_more(browser: Browser) -> None:
    practitioner(browser)
    path = recorded(browser, reference())
    assert 'href="#reason"' in sent(browser, f"{path}/invalidation", RECORDER).text
    answer = sent(browser, f"{path}/invalidation", {**RECORDER, "reason": "wrong-person"})
    assert answer.headers["location"] == f"{path}?done=invalidated"
    said = words(browser.get(path))
    assert "It was recorded about somebody else" in said
    assert "They take it back" not in said
    assert "It was recorded in error, or is void" not in said


def test_the_page_for_the_family_has_no_reference_of_anybodys_system(browser: Browser) -> None:
    practitioner(browser)
    subject = reference()
    path = recorded(browser, subject)
    for page in (browser.get(f"{path}/family"), browser.get(f"{path}/family?for=child")):
        for secret in (subject, "CONSENT-FORM-7", "DOC-4471", "ASSESS-112", "STAFF-0042"):
            assert secret not in page.text
        assert "Polish" in words(page)
    assert "You said you do not want this." in words(page)
    about_an_adult = recorded(
        browser, reference(), subject="adult", by="adult-self", shown="capacity-presumed", view="", transition=""
    )
    grown, child = (browser.get(f"{about_an_adult}/family{query}").text for query in ("", "?for=child"))
    strip = re.compile(r"csrf\" value=\"[^\"]*\"")
    assert strip.sub("", grown) == strip.sub("", child)


# --- finding ---------------------------------------------------------------------------------------------------------


def test_they_are_found_by_reference_in_a_form_and_each_look_is_logged(browser: Browser, database: Database) -> None:
    practitioner(browser)
    subject, before = reference(), database.size()
    path = recorded(browser, subject)
    found = sent(browser, "/consents/search", {"subject_ref": f" {subject} "})
    assert found.status_code == 200
    assert path in found.text
    assert subject not in found.text
    none = sent(browser, "/consents/search", {"subject_ref": reference()})
    assert "That is no refusal" in words(none)
    assert database.size() == before + 3
    assert database.as_owner("SELECT what FROM search_record ORDER BY index DESC LIMIT 2") == [("consents",)] * 2


def test_what_is_no_reference_is_not_looked_for_and_not_shown_again(browser: Browser, database: Database) -> None:
    practitioner(browser)
    before = database.size()
    answer = sent(browser, "/consents/search", {"subject_ref": "Jo Bloggs"})
    assert answer.status_code == 422
    assert "Paste the whole reference" in words(answer)
    assert "Bloggs" not in answer.text
    assert database.size() == before


def test_an_organisations_own_are_listed_by_id_and_those_to_be_asked_again_first(browser: Browser) -> None:
    practitioner(browser, "harbour")
    subject = reference()
    later = recorded(browser, subject, recipient=LEAD)
    due = recorded(browser, subject, recipient=LEAD, review="2026-12-01", day="2026-06-02")
    page = browser.get(CONSENTS).text
    assert subject not in page
    to_be_asked, _, lately = page.partition('id="recent"')
    assert due in to_be_asked
    assert later not in to_be_asked
    assert later in lately
    browser.sign_in(POLICE, "practitioner")
    assert later not in browser.get(CONSENTS).text


# --- who, and what stays out of addresses ----------------------------------------------------------------------------


def test_they_are_for_practitioners_and_information_governance_leads(browser: Browser) -> None:
    browser.sign_in(LEAD, "signatory")
    refused(browser.get(CONSENTS), 403, "forbidden")
    assert 'href="/consents"' not in browser.get("/account").text
    browser.sign_in(LEAD, "ig-lead")
    assert browser.get(CONSENTS).status_code == 200


def test_an_address_that_brings_a_reference_is_read_without_it(browser: Browser) -> None:
    practitioner(browser)
    subject = reference()
    brought = {**CHOSEN, "subject_ref": subject, "evidence": "DOC-4471", "transition": "2030-01-01", "staff": "STAFF-1"}
    answer = browser.client.get(NEW, params={**brought, "step": "said", "send": "yes"})
    assert answer.status_code == 303
    page = browser.client.get(NEW, params={**brought, "step": "own"})
    for secret in (subject, "DOC-4471", "2030-01-01", "STAFF-1"):
        assert secret not in answer.headers["location"]
        assert secret not in page.text


def test_no_reference_is_in_an_address_a_title_or_what_the_service_logs(
    browser: Browser, demonstration: Demonstration
) -> None:
    practitioner(browser)
    subject = reference()
    path = recorded(browser, subject)
    pages = [browser.get(path), sent(browser, "/consents/search", {"subject_ref": subject}), browser.get(CONSENTS)]
    for page in pages:
        title = re.search(r"<title>(.*?)</title>", page.text, re.DOTALL)
        assert title is not None
        assert "s1_" not in title[1]
        assert not re.search(r"(?:href|action)=\"[^\"]*s1_", page.text)
    for secret in (subject, "DOC-4471", "ASSESS-112", "CONSENT-FORM-7", "STAFF-0042"):
        assert secret not in demonstration.output


def test_an_answer_leads_here_with_what_it_asked_filled_in(browser: Browser) -> None:
    practitioner(browser, "harbour")
    asked = {
        "urgency": "routine",
        "recipient": LEAD,
        "purpose": "early-help",
        "category": "education",
        "subject": "child",
    }
    answer = sent(browser, "/ask", asked)
    (address,) = re.findall(r"href=\"(/consents/new\?[^\"]*)\"", answer.text)
    assert dict(parse_qsl(urlsplit(unescape(address)).query)) == {
        "step": "need", "need": "the-basis", "purpose": "early-help", "recipient": LEAD, "category": "education",
        "subject": "child",
    }  # fmt: skip
    public_task = sent(practitioner(browser, POLICE), "/ask", {**asked, "purpose": "harm-outside-the-home"})
    assert "/consents/new" not in public_task.text
