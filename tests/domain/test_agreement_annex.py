"""The annexes say what the schedule says: every purpose, category, direction, contact, class and role, as tables."""

from collections.abc import Iterable
from functools import cache

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isa_registry.data import data_directory
from isa_registry.domain.agreement_annex import annexes, annexes_markdown, split_annexes, with_annexes
from isa_registry.domain.agreement_lint import annex_faults
from isa_registry.domain.agreement_lint.language import markup_faults
from isa_registry.domain.agreement_lint.prose import file_lines
from isa_registry.domain.agreement_loading import agreement_faults
from isa_registry.domain.agreement_text import parse_agreement, parse_agreement_text
from isa_registry.domain.agreements import (
    CONSULTED_ROLES,
    SIGNATORY_ROLES,
    Schedule,
    ScheduleContact,
    ScheduleFlow,
    SchedulePurpose,
    ScheduleRetention,
)
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.catalogue_loading import FILES, load_catalogue

WORDS = """# Sharing at sea

Agreement `sea`, version `1.0`.

## 2 Why {#2}

### 2.1 Purposes: early help {#2.1}

We help.

### 2.2 Purposes: finding a child {#2.2}

We look.
"""
SCHEDULE = Schedule(
    agreement="sea",
    version="1.0",
    title="Sharing at sea",
    tier=1,
    effective_from="2026-01-01",
    review_due="2027-01-01",
    purposes=(
        SchedulePurpose(
            "early-help",
            "2.1",
            categories=("identity", "contact", "health", "finance"),
            minimum=("identity",),
            flows=(ScheduleFlow("schools", "council", ("identity", "health")),),
        ),
        SchedulePurpose("missing-now", "2.2", categories=("identity", "risk-assessment"), minimum=("identity",)),
    ),
    parties={"council": ("local-authority",), "schools": ("academy", "maintained-school")},
    signatory_roles={"police": ("chief-officer", "siro"), "academy": ("head-teacher",)},
    consulted_roles={"academy": ("data-protection-officer",), "fire": ("legal-adviser",)},
    contacts=(
        ScheduleContact("first-contact", "The mate", "101", "By day | by night"),
        ScheduleContact("out-of-hours", "The cook"),
    ),
    retention=(
        ScheduleRetention("log", "The log", "Till it is full.", "last-entry", "secondary", "The harbour’s rules.", 1),
        ScheduleRetention("map", "The chart", "As the pilots say.", "as-guidance-says", "uncertain", "Hearsay."),
        ScheduleRetention("case", "The case", "25 years.", "birth", "verified", "An Act.", 25),
    ),
)


@cache
def catalogue() -> Catalogue:
    directory = data_directory("agreements") / "catalogue"
    return load_catalogue({name: (directory / name).read_bytes() for name in FILES})


def rows(id_: str, schedule: Schedule = SCHEDULE) -> list[list[str]]:
    """The rows of the tables of one clause, heads included."""
    clause = next(clause for clause in annexes(schedule, catalogue()) if clause.id == id_)
    lines = [line for line in clause.text.split("\n") if line.startswith("| ")]
    return [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in lines if "---" not in line]


def row(id_: str, first: str) -> list[str]:
    [found] = [cells for cells in rows(id_) if cells[0] == first]
    return found[1:]


def label(category: str) -> str:
    return catalogue().categories[category].label


def test_every_annex_has_its_fixed_ids_and_every_clause_says_what_it_answers() -> None:
    made = annexes(SCHEDULE, catalogue())
    assert [clause.id for clause in made] == ["A", "A.1", "A.2", "B", "B.1", "B.2", "C", "C.1", "D", "D.1", "E", "E.1"]
    assert all(clause.answers for clause in made if clause.level == 2)


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        pytest.param("identity", ["–", "usual", "usual"], id="in every minimum"),
        pytest.param("contact", ["–", "may", "ask"], id="covered for one purpose"),
        pytest.param("health", ["special", "usual", "ask"], id="usual in one direction"),
        pytest.param("risk-assessment", ["special; criminal", "ask", "may"], id="special and criminal"),
        pytest.param("education", ["may be special", "ask", "ask"], id="may be special"),
        pytest.param("finance", ["highly sensitive", "may", "ask"], id="highly sensitive"),
    ],
)
def test_a_category_has_its_sort_and_a_cell_for_each_purpose(category: str, expected: list[str]) -> None:
    assert expected == row("A.1", label(category))


def test_the_table_of_categories_has_all_of_them_under_the_purposes() -> None:
    head, *below = rows("A.1")
    assert head == ["Information", "Sort", "Early help", "Child missing now"]
    assert [cells[0] for cells in below] == [category.label for category in catalogue().categories.values()]


def test_purposes_lead_to_their_clauses() -> None:
    assert [(cells[0], cells[2]) for cells in rows("A.2")[1:]] == [("Early help", "2.1"), ("Child missing now", "2.2")]


def test_groups_name_their_kinds() -> None:
    kinds = catalogue().kinds
    assert row("B.1", "Council") == [kinds["local-authority"].label]
    assert row("B.1", "Schools") == [f"{kinds['academy'].label}; {kinds['maintained-school'].label}"]


def test_a_direction_has_what_is_normally_enough_and_the_rest_what_the_purpose_says() -> None:
    head = ["From", "To", "Normally enough"]
    assert rows("B.2") == [
        head,
        ["Schools", "Council", f"{label('identity')}; {label('health')}"],
        ["Any other body", "Any other body", label("identity")],
        head,
        ["Any body", "Any body", label("identity")],
    ]


def test_a_flow_that_narrows_says_the_most_that_may_go() -> None:
    narrowed = ScheduleFlow("schools", "council", ("identity",), ("identity", "contact"))
    purpose = msgspec.structs.replace(SCHEDULE.purposes[0], flows=(narrowed,))
    table = rows("B.2", msgspec.structs.replace(SCHEDULE, purposes=(purpose,)))
    assert table == [
        ["From", "To", "Normally enough", "The most that may go"],
        ["Schools", "Council", label("identity"), f"{label('identity')}; {label('contact')}"],
        ["Any other body", "Any other body", label("identity"), "As Annex A says"],
    ]


def test_contacts_stand_with_their_notes_and_no_bar_breaks_a_row() -> None:
    assert rows("C.1")[1:] == [["The mate", "101", "By day / by night"], ["The cook", "–", "–"]]


def test_a_class_of_record_says_how_sure_its_rule_is_and_whence() -> None:
    assert row("D.1", "The log") == [
        "Till it is full.",
        "1 year from the last entry",
        "second-hand",
        "The harbour’s rules.",
    ]
    assert row("D.1", "The chart") == ["As the pilots say.", "as guidance says", "uncertain", "Hearsay."]
    assert row("D.1", "The case") == ["25 years.", "25 years from birth", "read", "An Act."]


def test_who_signs_and_who_is_consulted_stand_together_by_kind() -> None:
    kinds = catalogue().kinds
    assert rows("E.1")[1:] == [
        [kinds["police"].label, "chief officer; senior information risk owner", "–"],
        [kinds["academy"].label, "head teacher", "data protection officer"],
        [kinds["fire"].label, "–", "legal adviser"],
    ]


def test_annexes_take_the_place_of_those_that_were_there() -> None:
    made = annexes_markdown(SCHEDULE, catalogue())
    once = with_annexes(WORDS, made)
    assert split_annexes(once) == (WORDS + "\n", made)
    assert with_annexes(once, made) == once
    assert with_annexes(once.replace("The mate", "The bosun"), made) == once
    assert parse_agreement(once)[:3] == parse_agreement(WORDS)


# --- whatever the schedule ---------------------------------------------------------------------------------

SOME_TEXT = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=12)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Schedules of the sample's agreement that loading accepts."""
    found = catalogue()

    def several(codes: Iterable[str], least: int = 0) -> tuple[str, ...]:
        return tuple(draw(st.lists(st.sampled_from(sorted(codes)), unique=True, min_size=least, max_size=4)))

    parties = {group: several(found.kinds, 1) for group in several(("council", "schools", "police", "all"), 1)}

    def purpose(code: str) -> SchedulePurpose:
        categories = several(found.categories, 1)
        pairs = draw(st.lists(st.tuples(*[st.sampled_from(sorted(parties))] * 2), unique=True, max_size=3))
        flows = tuple(
            ScheduleFlow(*pair, several(categories), categories if draw(st.booleans()) else None) for pair in pairs
        )
        return SchedulePurpose(code, draw(st.sampled_from(["2.1", "2.2"])), categories, several(categories), flows)

    return msgspec.structs.replace(
        SCHEDULE,
        purposes=tuple(purpose(code) for code in several(found.purposes, 1)),
        parties=parties,
        signatory_roles={kind: several(SIGNATORY_ROLES, 1) for kind in several(found.kinds)},
        consulted_roles={kind: several(CONSULTED_ROLES, 1) for kind in several(found.kinds)},
        contacts=tuple(
            ScheduleContact(code, draw(SOME_TEXT), draw(st.none() | st.just("101")), draw(st.none() | SOME_TEXT))
            for code in several(("first-contact", "out-of-hours"))
        ),
    )


@settings(max_examples=40)
@given(schedules())
def test_whatever_a_schedule_says_its_annexes_are_clauses_and_whole_tables(schedule: Schedule) -> None:
    markdown = with_annexes(WORDS, annexes_markdown(schedule, catalogue()))
    words = parse_agreement_text(markdown)
    assert agreement_faults(words, schedule, catalogue()) == []
    assert list(annex_faults(markdown, schedule, catalogue())) == []
    assert list(markup_faults(file_lines(split_annexes(markdown)[1]))) == []
    for line in schedule.purposes:
        assert [clause.id for clause in words.clauses if clause.id == line.clause] == [line.clause]
