"""Which of a body's consents are to be asked again: what ends soon before what has ended, and nothing that is over."""

from __future__ import annotations

from typing import Any

from isa_registry.domain.consent_entries import (
    ConsentGiven,
    ConsentRecorder,
    ConsentRefused,
    ConsentScope,
    ConsentStanding,
    ConsentStatement,
    ConsentSubject,
    ConsentWithdrawn,
)
from isa_registry.domain.consents.states import Entry, fold
from isa_registry.runtime.consents_lately import Lately

TODAY, UNTIL = "2026-11-27", "2027-01-26"
RECORDER = ConsentRecorder("nurse", "STAFF-1")
AT = "2026-06-01T10:00:00.000Z"


def given(consent: str, review_on: str | None, **changed: Any) -> ConsentGiven:
    members: dict[str, Any] = {
        "consent": consent,
        "organisation": "harbour",
        "client": "harbour-system",
        "subject": ConsentSubject("child", "s1_" + "A" * 43),
        "role": "the-basis",
        "scope": ConsentScope(("early-help",), ("council",), ("identity",)),
        "standing": ConsentStanding("parental-responsibility", "parental-responsibility-on-record"),
        "childs_view": "agrees",
        "explicit": True,
        "statement": ConsentStatement("FORM-7", "1", "en"),
        "method": "in-person",
        "evidence": "DOC-1",
        "answered_at": AT,
        "recorded_by": RECORDER,
        "review_on": review_on,
        **changed,
    }
    return ConsentGiven(**members)


def refused(consent: str) -> ConsentRefused:
    answer = given(consent, None)
    return ConsentRefused(**{name: getattr(answer, name) for name in answer.__struct_fields__})


def due(*payloads: Any) -> list[str]:
    entries = [Entry(place, AT, payload) for place, payload in enumerate(payloads)]
    found = Lately(tuple(fold(entries)), more=False).due(TODAY, UNTIL)
    return [one.answer.consent for one in found]


def test_what_ends_soon_comes_first_then_what_has_ended_and_the_rest_not_at_all() -> None:
    assert due(
        given("ended", "2026-11-26"),
        given("last-day-of-all", UNTIL),
        given("later", "2027-01-27"),
        given("today", TODAY),
        given("never", None),
        refused("no"),
        given("outgrown", "2027-06-01", age_transition_on=TODAY),
    ) == ["today", "last-day-of-all", "ended", "outgrown"]


def test_what_was_taken_back_is_not_asked_again() -> None:
    taken_back = ConsentWithdrawn(
        consent="over",
        organisation="harbour",
        client="harbour-system",
        by="parental-responsibility",
        method="telephone",
        answered_at="2026-07-01T10:00:00.000Z",
        recorded_by=RECORDER,
    )
    assert due(given("over", TODAY), taken_back) == []


def test_an_age_that_is_reached_is_found_though_no_last_day_was_set() -> None:
    assert due(given("outgrown", None, age_transition_on="2026-11-01")) == ["outgrown"]
