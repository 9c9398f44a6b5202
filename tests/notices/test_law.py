"""The business unit is told of changes of the law on which something rests, and of dates that are near."""

from __future__ import annotations

from demonstration import catalogue
from isa_registry.actions.catalogues import changed
from isa_registry.domain.catalogue_loading import read_logged_catalogue
from isa_registry.domain.entries import CatalogueChanged
from law_watch.catalogues import files
from notices.happening import COUNCIL, Log, told


def catalogue_with(**edits: dict[str, object]) -> CatalogueChanged:
    new = files(**edits)
    return changed(new, read_logged_catalogue(new))


def test_a_catalogue_that_changes_what_something_rests_on_is_told_to_the_unit_once_with_how_much() -> None:
    log = Log()
    found = log.happens(catalogue_with(ca_2004_s11={"says": "Else."}, ca_1989_s17={"says": "Else."}))
    assert {COUNCIL: ("business-unit",)} == told(found, "law-changed")
    [notice] = found
    assert {"entry": str(log.size - 1), "changes": "2"} == notice.parameters


def test_a_catalogue_with_other_notes_alone_is_told_to_nobody() -> None:
    """Nothing of any provision is different: here the words of an answer alone."""
    log = Log()
    assert [] == log.happens(changed(files("kinds.json"), catalogue()))


def test_a_date_that_is_near_is_told_once_to_the_unit_and_one_that_is_far_or_past_is_not() -> None:
    log = Log()
    log.happens(catalogue_with(ca_2004_s11={"in_force": [{"from": "2019-01-01", "until": "2027-03-31"}]}))
    assert {} == told(log.due("2026-12-30"), "law-date-near")
    near, later = log.due("2026-12-31"), log.due("2027-03-31")
    assert {COUNCIL: ("business-unit",)} == told(near, "law-date-near") == told(later, "law-date-near")
    keys = {one.key for one in (*near, *later) if one.template == "law-date-near"}
    assert 1 == len(keys)
    assert {} == told(log.due("2027-04-01"), "law-date-near")
