"""What the pages of Ask are made of: groups that leave nothing out, fields that hold a question, what is remembered."""

from __future__ import annotations

import pytest
from msgspec.structs import fields

from asking import COUNCIL, POLICE, question
from demonstration import catalogue, demonstration_view
from isa_registry.domain.agreement_lint.prose import file_lines
from isa_registry.domain.agreement_lint.reading_age import reading_age
from isa_registry.domain.questions import Circumstances, Question
from isa_registry.identity.cookies import Cookies
from isa_registry.pages.asking_choices import (
    ASKED,
    CATEGORIES,
    LATELY,
    OTHERS,
    PURPOSES,
    REMEMBERED,
    SUBJECTS,
    URGENCIES,
    Lately,
    grouped,
    options,
    read_lately,
    written,
)
from isa_registry.pages.asking_facts import FACTS, facts_asked, value_in_words
from isa_registry.pages.asking_form import fields_of, of_a_question, question_of

CODES = catalogue().codes
OLDEST_READER = 17.0


def sent(asked: Question) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in fields_of(asked):
        found[name] = (*found.get(name, ()), value)
    return found


def test_every_code_of_the_catalogue_is_in_a_group_of_its_own() -> None:
    for groups, known in ((PURPOSES, catalogue().purposes), (CATEGORIES, catalogue().categories)):
        listed = [code for _, codes in groups for code in codes]
        assert sorted(listed) == sorted(known)
    assert sorted(SUBJECTS) == sorted(CODES.subject_kinds)
    assert sorted(code for code, *_ in URGENCIES) == sorted(CODES.urgencies)


def test_a_code_that_no_group_names_is_among_the_others() -> None:
    assert grouped((("Known", ("a",)),), {"a": "A", "new": "New"}) == (
        ("Known", (("a", "A"),)),
        (OTHERS, (("new", "New"),)),
    )


def test_every_circumstance_has_its_question_and_says_why_it_matters() -> None:
    assert set(FACTS) == {one.name for one in fields(Circumstances)}
    for fact in FACTS.values():
        assert fact.asks.endswith("?") and fact.why.endswith(".")
        age = reading_age(file_lines(f"{fact.asks} {fact.why}"))
        assert age is not None and age <= OLDEST_READER, fact.asks


@pytest.mark.parametrize(
    "asked",
    [
        question(None, COUNCIL, "early-help", "identity health", consent="refused", informing_increases_risk=True),
        question(None, "kind:fire", "missing-now", "contact", "child:victim+witness adult:suspect", urgency="urgent"),
        question(None, POLICE, "harm-outside-the-home", "intelligence", would_help_recipient=False, explain=True),
    ],
    ids=["known", "roles", "no"],
)  # fmt: skip
def test_the_fields_of_a_question_are_read_as_that_question(asked: Question) -> None:
    read = question_of(sent(asked))
    assert read.explain
    assert fields_of(read) == fields_of(asked)
    assert (read.subjects, read.circumstances) == (asked.subjects, asked.circumstances)


def test_an_address_holds_the_fields_of_a_question_and_nothing_else() -> None:
    assert of_a_question({"purpose": ("early-help",), "name": ("Jo",), "csrf": ("x",), "step": ("facts",)}) == {
        "purpose": ("early-help",)
    }


def test_each_fact_has_words_for_each_of_its_values() -> None:
    asked = question(POLICE, COUNCIL, "harm-outside-the-home", "identity intelligence health")
    found = facts_asked(demonstration_view(), catalogue(), asked, today="2026-11-27")
    for fact in (*found.deciding, *found.refining):
        values = [value for value, _ in fact.options]
        assert len(set(values)) == len(values) and values[-1] == "unknown"
        assert all(words and words != value for value, words in fact.options), fact.name
    assert found.roles
    assert value_in_words("statutory_request", "no-longer-there", catalogue()) == "no-longer-there"


# --- what was asked about lately ------------------------------------------------------------------------------------


def test_what_was_asked_about_lately_comes_first_newest_before_all() -> None:
    lately = Lately()
    for recipient, purpose in ((COUNCIL, "early-help"), ("kind:fire", "missing-now"), (COUNCIL, "missing-now")):
        lately = lately.after(question(None, recipient, purpose))
    read = read_lately(written(lately, POLICE), POLICE)
    assert read == lately == Lately((COUNCIL, "kind:fire"), ("missing-now", "early-help"))
    shown = options(demonstration_view(), catalogue(), POLICE, read)
    assert [shown.recipients[0][0], shown.purposes[0][0]] == [LATELY, LATELY]
    assert [code for code, _ in shown.recipients[0][1]] == [COUNCIL, "kind:fire"]


def test_only_ids_and_codes_of_recipients_and_purposes_are_remembered() -> None:
    asked = question(None, COUNCIL, "early-help", "sexual-health", "child:victim", urgency="urgent", consent="refused")
    value = written(Lately().after(asked), POLICE)
    assert value == f"{POLICE}~{COUNCIL}~early-help"
    assert Cookies(secure=True).read(f"__Host-{ASKED}={value}", ASKED) == value


def test_so_many_are_remembered_and_no_more() -> None:
    lately = Lately()
    for number in range(2 * REMEMBERED):
        lately = lately.after(question(None, f"body-{number}" + "x" * 100, "early-help"))
    assert len(lately.recipients) == REMEMBERED
    Cookies(secure=True).setting(ASKED, written(lately, POLICE))


@pytest.mark.parametrize(
    "cookie", [None, "", "x", f"{COUNCIL}~{POLICE}~early-help", f"{POLICE}~a", f"{POLICE}~a~b~c"], ids=str
)
def test_another_organisations_or_no_cookie_of_ours_says_nothing(cookie: str | None) -> None:
    assert read_lately(cookie, POLICE) == Lately()


def test_what_a_cookie_makes_up_is_offered_to_nobody() -> None:
    shown = options(demonstration_view(), catalogue(), POLICE, Lately(("made-up", f"{POLICE}"), ("made-up",)))
    assert LATELY not in [words for words, _ in (*shown.recipients, *shown.purposes)]
