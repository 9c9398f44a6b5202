"""The steps of recording a consent: whatever can be chosen in them can be recorded, whatever is wrong has its step, and
what points at a person is in no address."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from asking import COUNCIL, POLICE, question
from demonstration import demonstration_view
from isa_registry.domain.consents.codes import EVIDENCED, METHODS, ROLES, STANDINGS
from isa_registry.domain.consents.documents import ConsentRequest
from isa_registry.domain.consents.faults import Known, request_faults
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.pages import consents_register
from isa_registry.pages.consent_answers import (
    CODED,
    LISTS,
    OTHER,
    PRIVATE,
    RECIPIENTS,
    Answers,
    after_a_question,
    answers_in,
    moment_of,
    now_in_london,
)
from isa_registry.pages.consent_choices import begun, choices_of
from isa_registry.pages.consent_steps import (
    NAMES,
    STEPS,
    WANTED,
    asked,
    errors_of,
    placed,
    shown_values,
    step_of,
    unfinished,
)
from isa_registry.pages.consents_checking import check_sections, renewal_of, request_of

VIEW = demonstration_view()
LAW = VIEW.catalogue()
assert LAW is not None
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
KNOWN = Known(LAW, COUNCIL, lambda body: VIEW.organisation(body) is not None, (), NOW)
SUBJECT = "s1_" + "A" * 43
FILLED = Answers(
    role="the-basis", purposes=("early-help",), recipients=(POLICE, "kind:gp-practice"),
    categories=("identity", "health"), kind="child", by="parental-responsibility",
    shown_by="parental-responsibility-evidenced", childs_view="objects",
    answer="given", explicit="yes", method="in-person", day="2026-06-01", time="14:05", statement="FORM-7",
    statement_version="3", language="pl", subject=SUBJECT, evidence="DOC-4471", standing_evidence="ASSESS-112",
    staff_role="nurse", staff="STAFF-42", review_on="2027-06-01", age_transition_on="2030-01-01",
)  # fmt: skip
STANDS = [
    (by, kind, shown)
    for by, one in STANDINGS.items()
    for kind, shown in itertools.product(sorted(one.subjects), one.shown_by)
]


@pytest.mark.parametrize("answer", ["given", "refused"])
@pytest.mark.parametrize(("by", "kind", "shown"), STANDS)
def test_whatever_can_be_chosen_can_be_recorded(by: str, kind: str, shown: str, answer: str) -> None:
    chosen = replace(FILLED, by=by, kind=kind, shown_by=shown, answer=answer)
    assert unfinished(chosen) is None
    assert request_faults(request_of(chosen), KNOWN) == ()
    # Nothing is wanted that its step does not ask for.
    left = {member: "" for step in STEPS for member in step.members if member not in asked(step, chosen)}
    assert unfinished(replace(chosen, **left)) is None
    assert request_faults(request_of(replace(chosen, **left)), KNOWN) == ()
    assert [one.step for one in check_sections(chosen, VIEW)] == [step.code for step in STEPS]


def test_every_choice_that_is_offered_is_one_that_the_register_takes() -> None:
    for by in STANDINGS:
        offered = choices_of(VIEW, KNOWN.catalogue, COUNCIL, replace(FILLED, by=by))
        assert [code for code, _ in offered.shown_by] == list(STANDINGS[by].shown_by)
    for member, groups in (
        ("purposes", offered.purposes),
        ("recipients", offered.recipients),
        ("categories", offered.categories),
    ):
        for value in (value for _, group in groups for value, _ in group):
            assert request_faults(request_of(replace(FILLED, **{member: (value,)})), KNOWN) == (), (member, value)
    for member, listed in (
        ("method", offered.methods), ("language", offered.languages), ("staff_role", offered.roles),
        ("childs_view", offered.childs_views),
    ):  # fmt: skip
        for value in (one[0] for one in listed if one[0] != OTHER):
            assert request_faults(request_of(replace(FILLED, **{member: value})), KNOWN) == (), (member, value)
    assert {code for code, *_ in offered.needs} >= set(ROLES)
    assert {code for code, _ in offered.methods} == set(METHODS)
    assert {kind for kind, _ in offered.subjects} == set(KNOWN.catalogue.codes.subject_kinds)


def pointers(kind: type[Any], at: str = "#") -> Iterator[str]:
    for field in fields(kind):
        yield f"{at}/{field.name}"
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from pointers(field.type, f"{at}/{field.name}")
        if field.name in ("purposes", "recipients", "categories"):
            yield f"{at}/{field.name}/0"


def test_every_fault_of_the_document_has_its_step_and_its_field() -> None:
    named = [
        one for one in pointers(ConsentRequest) if one not in ("#/scope", "#/standing", "#/statement", "#/recorded_by")
    ]
    assert "#/standing/shown_by" in named
    for pointer in named:
        ((step, error),) = placed((Fault(pointer, "some", "What to do."),))
        if pointer in ("#/answer", "#/retention"):
            continue  # the page sends no answer that is none, and no retention class
        assert step is not None, pointer
        assert error.field in {NAMES[member] for member in step.members}
        assert error.text == "What to do"


def test_every_answer_is_asked_for_once_and_says_what_to_do_where_it_is_missing() -> None:
    members = [member for step in STEPS for member in step.members]
    assert sorted(members) == sorted(field.name for field in fields(Answers))
    assert sorted([*CODED, *PRIVATE]) == sorted(members)
    assert not set(CODED.values()) & set(PRIVATE.values())
    for step in STEPS:
        for member in set(asked(step, FILLED)) & set(WANTED):
            empty = replace(FILLED, **{member: () if member in LISTS else ""})
            assert NAMES[member] in [error.field for error in errors_of(step, empty)], member
            assert unfinished(empty) is step
    # Whatever a posted step asks for is private, or a code of a list; no other step asks for what is private.
    assert {member for step in STEPS if not step.posted for member in step.members}.isdisjoint(PRIVATE)


def test_what_is_presumed_has_nothing_to_show_and_what_was_seen_has() -> None:
    own = step_of("own")
    assert own is not None
    for by, kind, shown in STANDS:
        chosen = replace(FILLED, by=by, kind=kind, shown_by=shown)
        assert ("standing_evidence" in asked(own, chosen)) == (shown in EVIDENCED)
        assert (request_of(chosen).standing.evidence is not None) == (shown in EVIDENCED)


# --- what travels where ----------------------------------------------------------------------------------------------

_CODES = st.text("abcdefghij-", min_size=1, max_size=8)
_ANSWERS = st.builds(
    Answers,
    **{
        field.name: st.lists(_CODES, unique=True, max_size=4).map(tuple)
        if field.name in LISTS
        else st.just("") | _CODES
        for field in fields(Answers)
    },
)


@given(_ANSWERS)
def test_a_form_carries_everything_and_an_address_nothing_that_points_at_anybody(answers: Answers) -> None:
    form: dict[str, tuple[str, ...]] = {name: (value,) for name, value in answers.fields()}
    assert answers_in(form, private=True) == answers
    bare = replace(answers, **dict.fromkeys(PRIVATE, ""))
    address = {
        name: tuple(values) for name, values in parse_qs(urlsplit(answers.address("/consents/new")).query).items()
    }
    assert set(address) <= set(CODED.values())
    assert answers_in(address, private=False) == bare
    assert answers_in(form, private=False) == bare, "an address that brings more is read without it"


@given(_ANSWERS)
def test_what_stands_in_the_fields_is_what_they_send_back(answers: Answers) -> None:
    assert answers_in(shown_values(answers), private=True) == answers


def test_recipients_have_a_field_each_and_are_one_list() -> None:
    many = tuple(f"body-{place}" for place in range(30))
    assert len(RECIPIENTS) == 29
    values = shown_values(replace(FILLED, recipients=many))
    sent = {"recipient": values["recipient"][:1], **{field: values[field] for field in RECIPIENTS}}
    assert answers_in(sent, private=False).recipients == many


def test_an_answer_fills_in_what_it_knows() -> None:
    found = after_a_question(question(POLICE, COUNCIL, "early-help", "identity health"), "the-basis")
    assert (found.role, found.purposes, found.recipients) == ("the-basis", ("early-help",), (COUNCIL,))
    assert (found.categories, found.kind) == (("identity", "health"), "child")
    several = after_a_question(question(POLICE, "kind:fire", "early-help", who="child adult"), "the-basis")
    assert (several.recipients, several.kind) == (("kind:fire",), "")
    assert not any(getattr(found, member) for member in PRIVATE)


# --- days and times --------------------------------------------------------------------------------------------------


def test_a_time_of_day_is_londons() -> None:
    assert moment_of("2026-07-01", "09:30") == "2026-07-01T08:30:00.000Z"
    assert moment_of("2026-12-01", "09:30") == "2026-12-01T09:30:00.000Z"
    for day, time in (
        ("2026-02-30", "09:30"),
        ("2026-07-01", "24:00"),
        ("", ""),
        ("0001-01-01", "00:00"),
        ("soon", "9"),
    ):
        assert moment_of(day, time) in (None, "0001-01-01T00:01:15.000Z")
    assert now_in_london(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == ("2026-07-02", "00:30")


def test_in_the_minute_of_what_it_follows_it_is_no_earlier() -> None:
    said = "2026-07-01T08:30:45.123Z"
    assert moment_of("2026-07-01", "09:30", after=said) == said
    assert moment_of("2026-07-01", "09:31", after=said) == "2026-07-01T08:31:00.000Z"
    assert moment_of("2026-07-01", "09:29", after=said) == "2026-07-01T08:29:00.000Z"
    assert renewal_of(replace(FILLED, day="2026-07-01", time="09:30"), after=said).answered_at == said


def test_what_is_usual_stands_in_a_step_until_it_was_answered() -> None:
    for code, usual in (
        ("said", {"day": "2026-11-27", "time": "12:00"}),
        ("words", {"language": "en"}),
        ("own", {"review_on": "2027-11-27"}),
    ):
        step = step_of(code)
        assert step is not None
        fresh = begun(Answers(), step, NOW)
        assert {member: getattr(fresh, member) for member in usual} == usual
        emptied = replace(Answers(), **{step.members[0]: "something"})
        assert begun(emptied, step, NOW) == emptied


# --- finding ---------------------------------------------------------------------------------------------------------


def test_whoever_looks_for_too_many_is_refused_before_anything_is_read() -> None:
    asked_about: list[tuple[str, ...]] = []

    class Limits:
        def refuse_walking_through(
            self, _caller: object, references: tuple[str, ...], _instead: str, *, scope: dict[str, Any]
        ) -> None:
            assert scope is request.scope
            asked_about.append(references)
            raise Refused("quota-exceeded", "More than are answered within an hour.")

    request: Any = SimpleNamespace(
        scope={"isa_caller": object()}, app=SimpleNamespace(state=SimpleNamespace(limits=Limits()))
    )
    with pytest.raises(Refused, match="More than are answered"):
        asyncio.run(consents_register.find(request, SUBJECT))
    assert asked_about == [(SUBJECT,)]
