"""The catalogue in words: what a lawyer is shown of a provision, a row, a purpose."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, get_args

import pytest

from isa_registry.data import data_directory
from isa_registry.domain import catalogue_labels as labels
from isa_registry.domain.catalogue import Catalogue, Confidence, Period, Predicate, ProvisionKind
from isa_registry.domain.catalogue_loading import FILES, load_catalogue
from isa_registry.domain.catalogue_reading import codes, contents, sheets_of
from isa_registry.domain.catalogue_references import IMMEDIATE_DANGER
from isa_registry.domain.catalogue_row_reading import row_sheet
from isa_registry.domain.catalogue_sentences import sentences
from isa_registry.domain.catalogue_sheets import Reader, Sheet
from isa_registry.domain.catalogue_uses import CitingClause, by_kind, codes_of, relied_on, requests_that_bind
from isa_registry.domain.guidance import Occasion, Recorded


@cache
def law() -> Catalogue:
    directory = data_directory("agreements") / "catalogue"
    return load_catalogue({name: (directory / name).read_bytes() for name in FILES})


READER = Reader(law())


def part(sheet: Sheet, heading: str) -> tuple[str, ...]:
    return next((one.lines for one in sheet.parts if one.heading == heading), ())


def one(code: str, reader: Reader = READER) -> Sheet:
    [sheet] = sheets_of(reader, code)
    return sheet


def row(kind: str, purpose: str, reader: Reader = READER) -> Sheet:
    sheet = row_sheet(reader, law().kinds[kind], purpose)
    assert sheet is not None
    return sheet


@pytest.mark.parametrize(
    ("closed", "table"),
    [
        (ProvisionKind, labels.PROVISION_KINDS),
        (Predicate, labels.PREDICATES),
        (Confidence, labels.CONFIDENCE),
        (Occasion, labels.OCCASIONS),
        (Recorded, labels.RECORDED),
    ],
)
def test_every_closed_name_has_words(closed: Any, table: Any) -> None:
    assert set(get_args(closed)) == set(table)


def test_everything_has_a_sheet_and_no_heading_stands_over_nothing() -> None:
    sheets = [sheet for code in codes(law()) for sheet in sheets_of(READER, code)]
    assert {"provision", "purpose", "kind", "category", "guidance", "record"} == {sheet.sort for sheet in sheets}
    assert [] == [sheet.code for sheet in sheets if not sheet.parts or any(not found.lines for found in sheet.parts)]


def test_everything_is_in_the_list_of_what_there_is() -> None:
    listed = {line.partition(": ")[0] for found in contents(READER) for line in found.lines}
    assert set(codes(law())) <= listed


def test_what_is_not_in_force_on_the_day_is_not_in_the_list() -> None:
    listed = {line.partition(": ")[0] for f in contents(Reader(law(), on=date(2026, 9, 29))) for line in f.lines}
    assert "ca-2004-s16la" not in listed
    assert "ca-2004-s16h" in listed


# --- a provision ----------------------------------------------------------------------------------------------------


def test_a_request_says_whom_it_binds_who_asks_and_for_what() -> None:
    sheet = one("ca-1989-s47")
    assert ("local-authority, integrated-care-board, nhs-trust, nhs-england",) == part(sheet, "From")
    assert ("local-authority",) == part(sheet, "To")
    assert ("child-protection-enquiry, pre-birth",) == part(sheet, "For")
    assert ("A request under it may be declined on the grounds that it gives.",) == part(sheet, "On request")


def test_a_request_that_no_body_of_ours_makes_says_so() -> None:
    assert part(one("pcsca-2022-s17"), "On request")[0].startswith("No kind of body that we register")


def test_the_duty_to_share_names_its_list_and_whom_it_does_not_know() -> None:
    listed, unknown = part(one("ca-2004-s16la"), "From")
    assert "police" in listed.split(", ")
    assert "voluntary" not in listed.split(", ")
    assert "voluntary" in unknown


def test_a_provision_says_when_it_is_in_force_and_how_that_is_known() -> None:
    assert ("from 30 September 2026, reported at second hand",) == part(one("ca-2004-s16la"), "In force")
    assert ("not in force: answers never rest on it",) == part(one("ca-2004-s16lc"), "In force")


@pytest.mark.parametrize(
    ("code", "day", "said"),
    [
        ("ca-2004-s16la", date(2026, 9, 29), "not in force on 29 September 2026"),
        ("ca-2004-s16la", date(2026, 9, 30), "in force on 30 September 2026"),
        ("ca-1989-s47", date(2020, 12, 31), "not known to be in force on 31 December 2020"),
        ("ca-2004-s16lc", date(2026, 9, 30), "not in force on 30 September 2026"),
    ],
)
def test_a_provision_on_a_day(code: str, day: date, said: str) -> None:
    assert said == part(one(code, Reader(law(), on=day)), "In force")[0]


@pytest.mark.parametrize(
    ("period", "said"),
    [
        (Period(date(2026, 2, 5)), "from 5 February 2026"),
        (Period(date(2021, 1, 1), by=True), "by 1 January 2021; the day it began was not looked up"),
        (Period(date(2021, 1, 1), until=date(2022, 3, 31)), "from 1 January 2021, until 31 March 2022"),
    ],
)
def test_a_period_in_words(period: Period, said: str) -> None:
    assert said == labels.period(period)


def test_a_provision_has_a_term_of_the_vocabulary_or_our_own() -> None:
    assert ("dpv:Consent",) == part(one("art6-1-a"), "Vocabulary")
    assert part(one("art6-1-ea"), "Vocabulary")[0].startswith("isa:art6-1-ea ")


def test_a_provision_names_the_rows_guidance_and_clauses_that_rest_on_it() -> None:
    clause = CitingClause("tier-1", "1.0", "5.5", "Enquiries", ("ca-1989-s47",), ("request",))
    sheet = one("ca-1989-s47", Reader(law(), (clause,)))
    assert ("tier-1 1.0, 5.5 Enquiries",) == part(sheet, "Clauses")
    assert ["tier-1/1.0#5.5"] == sheet.data["clauses"]
    fire = one("frsa-2004-s5a")
    assert ("Gateways:",) == part(fire, "Matrix rows")[:1]
    assert part(fire, "Matrix rows")[1].startswith("  fire: ")


def test_rows_alike_stand_on_one_line() -> None:
    rows = [("a", "x"), ("b", "x"), ("a", "y"), ("b", "y"), ("c", "y")]
    assert ["a, b: every column", "c: y"] == list(by_kind(rows, ("x", "y")))
    assert ["a, b: x, y", "c: y"] == list(by_kind(rows, ("x", "y", "z")))


def test_answers_rest_on_what_the_matrix_names_and_on_requests_that_bind() -> None:
    resting = relied_on(law())
    named = {code for one in law().matrix.values() for member in labels.LISTS for code in codes_of(one, member)}
    assert named <= resting
    assert {"ca-2004-s16d", "ca-1989-s27", "art9-2-a"} <= resting
    assert not {"pcsca-2022-s17", "caldicott-1", "csa-reporting-duty"} & resting


# --- a row ----------------------------------------------------------------------------------------------------------


def test_every_kind_has_a_row_for_every_purpose_unless_it_only_receives() -> None:
    for kind in law().kinds.values():
        for purpose in (*law().purposes, IMMEDIATE_DANGER):
            sheet = row_sheet(READER, kind, purpose)
            assert (sheet is None) == (kind.row is None)


def test_every_code_of_a_row_is_on_its_sheet_in_its_order() -> None:
    for found in law().matrix.values():
        sheet = row(found.organisation, found.purpose)
        for member, heading in labels.LISTS.items():
            told = [line.split(":")[0].split()[-1] for line in part(sheet, heading) if not line.startswith(" This")]
            assert list(codes_of(found, member)) == told


def test_a_condition_stands_under_the_point_it_belongs_to() -> None:
    lines = part(row("voluntary", "child-protection-enquiry"), "Lawful basis (Article 6)")
    assert lines[0].startswith("1. art6-1-ea: ")
    assert lines[1].startswith(" with uk-gdpr-annex1-para6: ")
    assert lines[-1].endswith("where a public body asked for it under a law in force")


def test_a_row_names_the_requests_that_bind_the_kind() -> None:
    asked = part(row("nhs-trust", "child-protection-enquiry"), "When asked")
    assert ["ca-1989-s47", "ca-2004-s16d", "ca-2004-s16h"] == sorted(line.split(":")[0] for line in asked)
    assert "ca-1989-s47" not in {one.code for one in requests_that_bind(law(), "police", "child-protection-enquiry")}


def test_a_kind_and_a_purpose_that_follow_others_say_so() -> None:
    assert (
        "college has no rows of its own: it follows academy.",
        "pre-birth has no column of its own: it follows child-protection-enquiry.",
    ) == part(row("college", "pre-birth"), "Follows")
    assert "Where a council runs it, it follows local-authority." in part(row("early-years", "mappa"), "Follows")


def test_a_row_marks_what_is_not_in_force_on_the_day() -> None:
    before = row("police", "early-help", Reader(law(), on=date(2026, 9, 29)))
    assert "[uncertain; not in force on 29 September 2026]" in part(before, "Duties")[0]
    assert ["ca-2004-s16la"] == before.data["not_to_be_relied_on"]
    assert "not in force" not in part(row("police", "early-help"), "Duties")[0]


def test_a_row_on_which_nobody_can_rely_says_so() -> None:
    assert "only anonymous information" in part(row("voluntary", "quality-assurance"), "Reliable")[0]


def test_cautions_and_notes_are_told_in_full() -> None:
    sheet = row("gp-practice", "early-help")
    found = law().matrix["gp-practice early-help"]
    assert tuple(law().guidance[code].text for code in found.cautions) == part(sheet, "Cautions")
    assert (found.note,) == part(sheet, "Note")


def test_a_field_of_a_record_says_when_it_is_kept() -> None:
    assert ("where something is not shared",) == part(one("risk-accepted-by"), "Recorded")


# --- sentences ------------------------------------------------------------------------------------------------------


def test_every_sentence_that_somebody_reads_is_measured() -> None:
    places = {sentence.place for sentence in sentences(law())}
    assert {f"provisions.json {code} {said}" for code in law().provisions for said in ("says", "practice")} <= places
    assert {f"words.json headlines {code}" for code in law().words.headlines} <= places
    assert {f"guidance.json {code}" for code in law().guidance} - places == {"guidance.json local-contacts"}


def test_sentences_are_measured_one_by_one_without_their_placeholders() -> None:
    found = [one for one in sentences(law()) if one.place == "words.json reasons statutory-request"]
    assert found
    assert [] == [one.text for one in found if "{" in one.text or ". " in one.text]
