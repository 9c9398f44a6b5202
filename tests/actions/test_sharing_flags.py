"""What is marked on an event for its provider's leads, by the answer that it goes against; and that nobody is in it."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from asking import COUNCIL, POLICE, ask, question
from demonstration import Demonstration, demonstration_view
from faults.drafts import CALLER, NOW, REGISTERED, check_draft, submitted
from isa_registry.actions import sharing_events
from isa_registry.actions.sharing_flags import RecordedCheck, flags_for, read_check
from isa_registry.domain.entries import SharingEventFlagged, encode_payload
from isa_registry.domain.sharing import EventDuty, read_event
from isa_registry.ledger.record_rows import SharingEventRow
from running import ORIGIN

EVENT = read_event(submitted(1).event)
HELPS = replace(EVENT, duty=EventDuty(would_help_recipient=True, more_detrimental=False))
KEPT = replace(HELPS, decision="not-shared", shared_at=None)


def answered(outcome: str, **about: object) -> RecordedCheck:
    """A recorded check of the same question as the event's, with this outcome."""
    payload = encode_payload(check_draft(1).payloads[0])
    check = read_check(payload)
    return replace(check, question=replace(check.question, **about), answer=replace(check.answer, outcome=outcome))


def test_a_check_is_read_as_it_was_recorded() -> None:
    check = read_check(encode_payload(check_draft(1).payloads[0]))
    asked = question(POLICE, COUNCIL, "harm-outside-the-home", "identity intelligence")
    assert check.question == asked
    assert check.answer.outcome == ask(POLICE, COUNCIL, "harm-outside-the-home", "identity intelligence").outcome


@pytest.mark.parametrize("outcome", ["share-now", "duty-to-share", "may-share", "ask-consent", "seek-advice",
                                     "do-not-share"])  # fmt: skip
@pytest.mark.parametrize("decision", ["shared", "part-shared", "not-shared", "deferred"])
def test_a_decision_against_the_answer_is_marked_and_no_other(outcome: str, decision: str) -> None:
    """Sharing in part is sharing."""
    against_duty = outcome in ("share-now", "duty-to-share") and decision in ("not-shared", "deferred")
    against_bar = outcome == "do-not-share" and decision in ("shared", "part-shared")
    wanted = ("withheld-against-duty",) if against_duty else ("review-basis",) if against_bar else ()
    assert flags_for(replace(EVENT, decision=decision), demonstration_view(), answered(outcome)) == wanted


@pytest.mark.parametrize("about", [{"purpose": "quality-assurance"}, {"recipient": "harbour"}])
def test_a_check_about_something_else_excuses_nothing(about: dict[str, str]) -> None:
    view = demonstration_view()
    assert flags_for(KEPT, view, None) == ("withheld-against-duty",)
    assert flags_for(KEPT, view, answered("may-share")) == ()
    assert flags_for(KEPT, view, answered("may-share", **about)) == ("withheld-against-duty",)
    assert flags_for(HELPS, view, answered("do-not-share", **about)) == ()


def test_a_late_entry_is_held_against_the_law_of_its_day() -> None:
    """The duty of section 16LA is in force from 30 September 2026."""
    view = demonstration_view()
    before, since = (replace(KEPT, decided_at=f"2026-09-{day}T12:00:00.000Z", late_entry=True) for day in (29, 30))
    assert flags_for(before, view, None) == ()
    assert flags_for(since, view, None) == ("withheld-against-duty",)


def test_nothing_of_who_decided_is_in_a_mark_or_in_what_figures_are_made_of() -> None:
    """So that neither can become a measure of anybody."""
    assert {field.name for field in msgspec.structs.fields(SharingEventFlagged)} == {"provider", "event", "flags"}
    columns = {field.name for field in msgspec.structs.fields(SharingEventRow)}
    assert not columns & {"decided_by", "approved_by", "role", "ref", "subjects", "advice", "client"}
    view = Demonstration().then(REGISTERED).view()
    admitted = sharing_events.admit(submitted(1), CALLER, view, origin=ORIGIN, now=NOW)
    _, flagged = sharing_events.draft(admitted, ("review-basis",)).payloads
    assert flagged == SharingEventFlagged(provider=POLICE, event=admitted.event.id, flags=("review-basis",))
    assert admitted.event.decided_by.ref not in encode_payload(flagged).decode()
