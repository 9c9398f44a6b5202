"""A fault of the catalogue, told so that somebody with the file open finds it and knows what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from isa_registry.data import data_directory
from isa_registry.domain.catalogue_constraints import CONSTRAINTS
from isa_registry.domain.catalogue_faults import Fault
from isa_registry.domain.catalogue_loading import FILES, CatalogueError, load_catalogue
from isa_registry.domain.catalogue_remedies import place, remedy


def shipped() -> dict[str, bytes]:
    directory = data_directory("agreements") / "catalogue"
    return {name: (directory / name).read_bytes() for name in FILES}


def line_of(name: str, *fragments: str) -> int:
    """The line of a shipped file that holds every fragment."""
    lines = shipped()[name].decode().split("\n")
    return next(number for number, line in enumerate(lines, 1) if all(one in line for one in fragments))


LIMITS = line_of("codes.json", '"limits": {')
COURT_ORDER = line_of("words.json", '"court-order": ')


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param(
            Fault("matrix.json", "/0/article_6/1/code", ""),
            "matrix.json line 2 (local-authority, early-help), article_6, second entry, code",
            id="a use in a row",
        ),
        pytest.param(Fault("provisions.json", "/0/in_force/0/from", ""),
                     "provisions.json line 2 (art6-1-a), in_force, first entry, from", id="a date of a provision"),
        pytest.param(Fault("matrix.json", "", ""), "matrix.json", id="a whole file"),
        pytest.param(Fault("other.json", "/0", ""), "other.json", id="a file that is not there"),
        pytest.param(Fault("codes.json", "/codes/limits", ""),
                     f"codes.json line {LIMITS}, codes, limits", id="a vocabulary"),
        pytest.param(Fault("words.json", "/headlines/court-order", ""),
                     f"words.json line {COURT_ORDER}, headlines, court-order",
                     id="a sentence"),
    ],
)  # fmt: skip
def test_where_a_fault_is(fault: Fault, told: str) -> None:
    assert told == place(fault, shipped())


def test_a_row_without_a_name_goes_by_its_number() -> None:
    files = {"categories.json": b'[{"code": "a"},\n{"label": "b"},\n7]'}
    assert "categories.json line 1 (a), label" == place(Fault("categories.json", "/0/label", ""), files)
    assert "categories.json line 2, second entry" == place(Fault("categories.json", "/1", ""), files)
    assert "categories.json line 3, third entry" == place(Fault("categories.json", "/2", ""), files)


def test_a_text_that_is_no_json_is_found_by_its_line() -> None:
    assert "kinds.json line 2" == place(Fault("kinds.json", "", ""), {"kinds.json": b'[{"code": "a"}\n{"code": "b"}]'})


def faults(name: str, edit: Callable[[Any], object]) -> list[Fault]:
    files = shipped()
    value = json.loads(files[name])
    edit(value)
    with pytest.raises(CatalogueError) as raised:
        load_catalogue(files | {name: json.dumps(value).encode()})
    return list(raised.value.faults)


GENERAL = remedy("something that nobody has thought of")


@pytest.mark.parametrize(
    ("name", "edit", "does"),
    [
        ("kinds.json", lambda kinds: kinds[2].update(colour="blue"), "take it out"),
        ("kinds.json", lambda kinds: kinds[2].pop("label"), "Add the member"),
        ("kinds.json", lambda kinds: kinds[2].update(label=3), "the kind that is expected"),
        ("matrix.json", lambda rows: rows[3]["article_6"][0].update(when="full-moon"), "closed list"),
        ("provisions.json", lambda all_: all_[0].update(in_force=[{"from": "soon"}]), "2026-09-30"),
        ("categories.json", lambda all_: all_[4].update(code=all_[3]["code"]), "Keep one"),
        ("categories.json", lambda all_: all_[4].update(code="Sexuality"), "small letters"),
        ("matrix.json", lambda rows: rows[0]["gateways"].append({"code": "magna-carta"}), "Correct the spelling"),
        ("matrix.json", lambda rows: rows[0]["duties"].append("ca-1989-s17"), "kind “duty”"),
        ("matrix.json", lambda rows: rows[0]["article_6"].append({"code": "art9-2-g"}), "the list that is for"),
        ("matrix.json", lambda rows: rows.pop(), "Add the row"),
        ("provisions.json", lambda all_: all_[0].update(verified=False), "where confidence is “verified”"),
        ("provisions.json", lambda all_: all_[0].update(practice=" "), "Write it"),
        ("provisions.json", lambda all_: all_[0].update(uri="http://example.org"), "both addresses"),
        ("provisions.json", lambda all_: all_[0].update(dpv="Consent"), "dpv:Consent"),
        ("provisions.json", lambda all_: all_[0]["in_force"].append({"from": "2024-01-01"}), "after the one before"),
        ("provisions.json", lambda all_: all_[0]["in_force"][0].update(until="2020-01-01"), "right way round"),
        ("purposes.json", lambda all_: all_[3].update(matrix="missing-now"), "in one step"),
        ("kinds.json", lambda all_: all_[0].update(row="voluntary"), "as it is not"),
        ("words.json", lambda words: words["inform"].pop("no"), "Add the words"),
        ("words.json", lambda words: words["inform"].update(other="x"), "Take the key out"),
        ("words.json", lambda words: words["inform"].update(no="{x}"), "placeholder"),
        ("words.json", lambda words: words["inform"].update(no="{"), "Close the brace"),
        ("codes.json", lambda codes: codes["codes"]["limits"].pop("about-a-child"), "what the limit means"),
        ("guidance.json", lambda all_: all_[0].update(topic="weather"), "closed list in domain/agreements.py"),
    ],
)  # fmt: skip
def test_what_to_do(name: str, edit: Callable[[Any], object], does: str) -> None:
    found = faults(name, edit)
    assert any(does in remedy(fault.what) for fault in found)
    assert [] == [fault for fault in found if remedy(fault.what) == GENERAL]


def test_a_rule_of_law_is_not_mended_by_another_edit() -> None:
    row = next(i for i, one in enumerate(json.loads(shipped()["matrix.json"])) if one["organisation"] == "police")
    [fault] = faults("matrix.json", lambda rows: rows[row]["article_6"].append({"code": "art6-1-f"}))
    assert remedy(fault.what).startswith("Undo the edit. If the law itself has changed")
    for constraint in CONSTRAINTS:
        assert remedy(f"something ({constraint.name}: {constraint.source})") == remedy(fault.what)


def test_a_missing_and_a_foreign_file_say_what_to_do() -> None:
    files = shipped()
    files["extra.json"] = files.pop("kinds.json")
    with pytest.raises(CatalogueError) as raised:
        load_catalogue(files)
    assert ["Put the file back", "Take the file out"] == [remedy(f.what)[:17] for f in raised.value.faults]
