"""The life of a consent, and what it is on a day."""

from __future__ import annotations

import itertools

import pytest

from consenting import BY_CHILD, OTHER, REF, entry
from isa_registry.domain.consents import life
from isa_registry.domain.consents.codes import STATUSES
from isa_registry.domain.consents.on_record import on_record
from isa_registry.domain.consents.states import ConsentState, Entry, fold, status
from isa_registry.domain.questions import ConsentOnRecord, Question, RecipientKind, Subject

EVENTS = ("given", "refused", "renewed", "withdrawn", "invalidated")
LIVES = {
    ("given",): "given",
    ("refused",): "refused",
    ("given", "renewed"): "given",
    ("given", "renewed", "renewed"): "given",
    ("given", "withdrawn"): "withdrawn",
    ("given", "invalidated"): "invalidated",
    ("refused", "invalidated"): "invalidated",
    ("given", "renewed", "withdrawn"): "withdrawn",
    ("given", "renewed", "invalidated"): "invalidated",
    ("given", "withdrawn", "invalidated"): "invalidated",
}
"""Written beside the table, not from it: every life of up to three entries."""


def test_the_lives_of_up_to_three_entries_are_these_and_no_others() -> None:
    for count in (1, 2, 3):
        for events in itertools.product(EVENTS, repeat=count):
            entries = [entry(place, event) for place, event in enumerate(events)]
            if events in LIVES:
                (found,) = fold(entries)
                assert found.state == LIVES[events]
            elif events[0] in ("given", "refused"):
                with pytest.raises(ValueError, match="does not follow"):
                    fold(entries)
            else:
                # What follows an answer that was erased says nothing by itself; an answer begins anew.
                with_answer = any(one in ("given", "refused") for one in events)
                assert with_answer or fold(entries) == []


def test_every_state_takes_what_the_table_says() -> None:
    assert life.takes("given") == ("renewed", "withdrawn", "invalidated")
    assert life.takes("refused") == life.takes("withdrawn") == ("invalidated",)
    assert life.takes("invalidated") == ()
    assert {one.to for one in life.STEPS} <= set(STATUSES)


def one(*entries: Entry) -> ConsentState:
    (found,) = fold(entries)
    return found


def test_the_review_day_is_the_last_on_which_it_counts() -> None:
    consent = one(entry(1, "given", review_on="2027-01-10"))
    days = ("2026-11-01", "2026-11-02", "2027-01-10", "2027-01-11")
    assert [status(consent, day) for day in days] == [None, "given", "given", "expired"]


def test_a_renewal_counts_from_its_own_day_and_until_its_own() -> None:
    given = entry(1, "given", review_on="2026-11-10")
    consent = one(given, entry(2, "renewed", review_on="2027-01-10"))
    days = ("2026-11-10", "2026-11-15", "2026-11-20", "2027-01-10", "2027-01-11")
    assert [status(consent, day) for day in days] == ["given", "expired", "given", "given", "expired"]


def test_a_withdrawal_ends_it_on_its_own_day() -> None:
    consent = one(entry(1, "given"), entry(2, "withdrawn"))
    assert [status(consent, day) for day in ("2026-11-19", "2026-11-20", "2030-01-01")] == [
        "given", "withdrawn", "withdrawn",
    ]  # fmt: skip


def test_the_day_is_londons() -> None:
    consent = one(entry(1, "given", answered_at="2026-07-01T23:30:00.000Z"))
    assert [status(consent, day) for day in ("2026-07-01", "2026-07-02")] == [None, "given"]


def test_what_is_void_is_so_on_every_day() -> None:
    consent = one(entry(1, "given"), entry(2, "invalidated"))
    assert {status(consent, day) for day in ("2026-01-01", "2026-11-03", "2030-01-01")} == {"invalidated"}


@pytest.mark.parametrize("event", ["given", "refused"])
def test_what_somebody_else_said_for_a_child_ends_when_the_child_comes_of_age(event: str) -> None:
    consent = one(entry(1, event, age_transition_on="2027-03-01"))
    assert [status(consent, day) for day in ("2027-02-28", "2027-03-01")] == [event, "expired"]
    own = one(entry(1, event, age_transition_on="2027-03-01", standing=BY_CHILD))
    assert status(own, "2027-03-01") == event


def test_so_does_a_withdrawal_by_somebody_else_but_not_the_childs_own() -> None:
    given = entry(1, "given", age_transition_on="2027-03-01")
    by_parent, by_child = (
        one(given, entry(2, "withdrawn", by=by)) for by in ("parental-responsibility", "child-with-capacity")
    )
    assert [status(by_parent, day) for day in ("2027-02-28", "2027-03-01")] == ["withdrawn", "expired"]
    assert status(by_child, "2027-03-01") == "withdrawn"


# --- what a question may rest on -------------------------------------------------------------------------------------

TODAY = "2026-11-27"


def asked(
    recipient: str | RecipientKind = "durham-county-council",
    purpose: str = "early-help",
    categories: tuple[str, ...] = ("identity",),
    refs: tuple[str, ...] = (REF,),
) -> Question:
    return Question(recipient, purpose, categories, subjects=tuple(Subject("child", ref=ref) for ref in refs))


def found(*entries: Entry, question: Question | None = None, day: str = TODAY, kind: str | None = "local-authority"):
    consents: dict[str, list[ConsentState]] = {}
    for consent in fold(entries):
        consents.setdefault(consent.answer.subject.ref, []).append(consent)
    return [(o.entry, o.status) for o in on_record(consents, question or asked(), day, recipient_kind=kind)]


def test_a_yes_counts_where_all_of_it_is_covered() -> None:
    given = entry(1, "given")
    assert found(given) == [(1, "given")]
    assert found(given, question=asked(categories=("identity", "family"))) == [(1, "given")]
    assert found(given, question=asked(categories=("identity", "health"))) == []
    assert found(given, question=asked(purpose="child-in-need")) == []
    assert found(given, question=asked(recipient="durham-constabulary")) == []
    assert found(given, question=asked(refs=(OTHER,))) == []


def test_a_no_counts_where_any_of_it_is_met() -> None:
    refused = entry(1, "refused")
    assert found(refused, question=asked(categories=("identity", "health"))) == [(1, "refused")]
    assert found(refused, question=asked(categories=("health",))) == []
    assert found(refused, question=asked(purpose="child-in-need")) == []
    withdrawn = (entry(1, "given"), entry(2, "withdrawn"))
    assert found(*withdrawn, question=asked(categories=("family", "health"))) == [(2, "withdrawn")]


def test_what_is_over_counts_as_nothing() -> None:
    assert found(entry(1, "given", review_on="2026-11-10")) == []
    assert found(entry(1, "given"), entry(2, "invalidated")) == []
    assert found(entry(1, "refused"), entry(2, "invalidated")) == []


def test_a_recipient_is_met_by_its_id_or_by_its_kind() -> None:
    scope = {"purposes": ["early-help"], "recipients": [{"kind": "local-authority"}], "categories": ["identity"]}
    to_any = entry(1, "given", scope=scope)
    assert found(to_any) == [(1, "given")]
    assert found(to_any, kind="police") == []
    assert found(to_any, kind=None) == []
    assert found(to_any, question=asked(RecipientKind("local-authority")), kind=None) == [(1, "given")]
    # A body that is not registered is not the one that was named, whatever its kind.
    assert found(entry(1, "given"), question=asked(RecipientKind("local-authority")), kind=None) == []


def test_each_subject_has_its_own_place() -> None:
    other = entry(2, "refused", "cns_2", subject={"kind": "child", "ref": OTHER})
    both = on_record(
        {REF: fold([entry(1, "given")]), OTHER: fold([other])}, asked(refs=(REF, OTHER)), TODAY, recipient_kind=None
    )
    assert both == (ConsentOnRecord(1, 0, "the-basis", "given"), ConsentOnRecord(2, 1, "the-basis", "refused"))


def test_on_an_earlier_day_the_entry_is_the_one_that_counted_then() -> None:
    """Else a withdrawal of later would put what it withdraws before a no of between."""
    no = entry(2, "refused", "cns_2", answered_at="2026-11-10T10:00:00.000Z")
    entries = (entry(1, "given"), no, entry(3, "withdrawn"))
    assert found(*entries, day="2026-11-15") == [(2, "refused")]
    assert found(*entries) == [(2, "refused"), (3, "withdrawn")]


def test_a_yes_that_was_said_before_a_no_and_entered_after_it_does_not_outrank_it() -> None:
    no = entry(1, "refused", answered_at="2026-11-10T10:00:00.000Z")
    late = entry(2, "given", "cns_2", answered_at="2026-11-09T10:00:00.000Z")
    anew = entry(2, "given", "cns_2", answered_at="2026-11-11T10:00:00.000Z")
    service = entry(2, "given", "cns_2", answered_at="2026-11-09T10:00:00.000Z", role="agreement-to-service")
    assert found(no, late) == [(1, "refused")]
    assert found(no, anew) == [(1, "refused"), (2, "given")]
    assert found(no, service) == [(1, "refused"), (2, "given")]


def test_a_no_that_was_said_before_a_yes_and_entered_after_it_does_not_outrank_it() -> None:
    """Else a paper that is entered late takes back what the family has agreed to since."""
    yes = entry(1, "given", answered_at="2026-11-11T10:00:00.000Z")
    late = entry(2, "refused", "cns_2", answered_at="2026-11-10T10:00:00.000Z")
    same = entry(2, "refused", "cns_2", answered_at="2026-11-11T10:00:00.000Z")
    service = entry(2, "refused", "cns_2", answered_at="2026-11-10T10:00:00.000Z", role="agreement-to-service")
    assert found(yes, late) == [(1, "given")]
    assert found(yes, same) == [(1, "given"), (2, "refused")]
    assert found(yes, service) == [(1, "given"), (2, "refused")]
