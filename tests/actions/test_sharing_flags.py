"""What is marked on an event for its provider's leads, by the answer that it goes against; and that nobody is in it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from asking import COUNCIL, POLICE, ask, question
from demonstration import Demonstration, demonstration_view
from faults.drafts import CALLER, NOW, REGISTERED, check_draft, submitted
from isa_registry.actions import sharing_events
from isa_registry.actions.sharing_flags import RecordedCheck, as_question, flags_for, read_check
from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.decisions import outcome
from isa_registry.domain.entries import SharingEventFlagged, encode_payload
from isa_registry.domain.questions import Evidence, RecipientKind
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


CHOICES: dict[str, Any] = {
    "decision": st.sampled_from(("shared", "part-shared", "not-shared", "deferred")),
    "purpose": st.sampled_from(("harm-outside-the-home", "early-help", "quality-assurance", "modern-slavery-referral",
                                "prevent-channel", "crime-prevention", "mappa")),
    "provider": st.sampled_from((POLICE, COUNCIL, "harbour", "durham-cathedral", "example-independent-school")),
    "recipient": st.sampled_from((COUNCIL, "harbour", "home-office")) | st.just(RecipientKind("sports-club")),
    "urgency": st.sampled_from(("routine", "urgent", "immediate-danger")),
    "categories": st.sampled_from((("identity",), ("finance", "health"), ("sexual-health",))),
    "subjects": st.sampled_from((EVENT.subjects, (), (replace(EVENT.subjects[0], kind="adult", roles=("victim",)),))),
    "consent": st.sampled_from(("given", "refused", "withdrawn", "not-sought")),
    "duty": st.builds(EventDuty, st.sampled_from((True, False, None)), st.sampled_from((True, False, None))),
    "approved_by": st.sampled_from((None, "nurse", "team-manager")),
    "para18_reason": st.sampled_from((None, "would-prejudice")),
}  # fmt: skip


@given(st.fixed_dictionaries(CHOICES))
def test_what_is_not_worked_out_could_not_have_been_marked(members: dict[str, Any]) -> None:
    view, event = demonstration_view(), replace(EVENT, **members)
    catalogue = view.catalogue()
    assert catalogue is not None
    today = london_date(parse_instant(event.decided_at))
    found = outcome(view, catalogue, as_question(event), Evidence(), today=today)
    check = answered(found, recipient=event.recipient, purpose=event.purpose)
    assert flags_for(event, view, None) == flags_for(event, view, check)
