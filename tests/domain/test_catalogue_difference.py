"""What differs between two catalogues, in words, and what that does to answers."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from asking import TODAY, question
from demonstration import BODIES, demonstration_view
from isa_registry.data import data_directory
from isa_registry.domain.answers import Answer
from isa_registry.domain.catalogue import MatrixRow, Provision
from isa_registry.domain.catalogue_difference import differences, read_catalogue, sha256_of, version_of
from isa_registry.domain.catalogue_effects import Effect, answers_touched, effect_of
from isa_registry.domain.catalogue_loading import FILES, load_catalogue
from isa_registry.domain.decisions import decide
from isa_registry.domain.questions import Evidence

Parsed = dict[str, Any]


@cache
def _shipped() -> Parsed:
    directory = data_directory("agreements") / "catalogue"
    return {name: json.loads((directory / name).read_bytes()) for name in FILES}


def shipped() -> Parsed:
    return copy.deepcopy(_shipped())


def row(files: Parsed, *names: str) -> dict[str, Any]:
    """A row by code, or by kind and purpose."""
    if len(names) == 2:
        found = [one for one in files["matrix.json"] if (one["organisation"], one["purpose"]) == names]
    else:
        found = [
            one for name in FILES if isinstance(files[name], list) for one in files[name] if one.get("code") == names[0]
        ]
    return found[0]


def told(edit: Callable[[Parsed], object]) -> list[tuple[str, str, str, tuple[str, ...], str]]:
    """What is said of an edit: file, name, sort, the differences, and their effect."""
    new = shipped()
    edit(new)
    return [(c.file, c.name, c.sort, c.lines, c.effect.name) for c in differences(_shipped(), new)]


# --- what is said ---------------------------------------------------------------------------------------------------


def test_a_catalogue_does_not_differ_from_itself() -> None:
    assert () == differences(_shipped(), shipped())


def test_a_date_that_was_looked_up_is_told_as_before_and_after() -> None:
    assert [
        (
            "provisions.json",
            "ca-2004-s16la",
            "changed",
            (
                "verified: was false; is true",
                "how sure: was uncertain; is verified",
                "in force: was from 2026-09-30 (reported); is from 2026-10-01",
            ),
            "DECIDES",
        )
    ] == told(
        lambda new: row(new, "ca-2004-s16la").update(
            verified=True, confidence="verified", in_force=[{"from": "2026-10-01"}]
        )
    )


def test_a_matrix_cell_is_told_by_what_went_and_what_came_and_where() -> None:
    new = shipped()
    gateways = row(new, "police", "harm-outside-the-home")["gateways"]
    first, second = gateways[0]["code"], gateways[1]["code"]
    gateways.pop(0)
    gateways.insert(1, {"code": "localism-2011-s1", "when": "on-request"})
    [change] = differences(_shipped(), new)
    assert ("police, harm-outside-the-home", Effect.DECIDES) == (change.name, change.effect)
    assert (f"gateways: {first} removed; localism-2011-s1 if on-request added, after {second}",) == change.lines


def test_an_order_that_changed_is_told() -> None:
    new = shipped()
    row(new, "police", "early-help")["article_9"].reverse()
    [change] = differences(_shipped(), new)
    assert change.lines[0].startswith("Article 9: the order was art9-2-g, ")
    assert change.lines[0].endswith(", art9-2-g")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        pytest.param(
            lambda new: new["provisions.json"].remove(row(new, "localism-2011-s1")),
            (
                "provisions.json",
                "localism-2011-s1",
                "removed",
                ("Localism Act 2011 s.1: general power of competence",),
                "DECIDES",
            ),
            id="a provision removed",
        ),
        pytest.param(
            lambda new: new["categories.json"].append({"code": "pets", "label": "Pets"}),
            ("categories.json", "pets", "added", ("Pets",), "DECIDES"),
            id="a category added",
        ),
        pytest.param(
            lambda new: row(new, "home-office").update(advice_from="somebody"),
            (
                "kinds.json",
                "home-office",
                "changed",
                ("advice from: was “your data protection officer”; is somebody",),
                "WORDS",
            ),
            id="whom a kind asks",
        ),
        pytest.param(
            lambda new: new["words.json"]["inform"].update(no="Say nothing."),
            None,
            id="a sentence of an answer",
        ),
        pytest.param(
            lambda new: new["codes.json"].update(version="2027-01-01"),
            ("codes.json", "version", "changed", ("was 2026-11-23; is 2027-01-01",), "NOTHING"),
            id="the version",
        ),
        pytest.param(
            lambda new: row(new, "early-help")["guidance"].clear(),
            (
                "purposes.json",
                "early-help",
                "changed",
                ("guidance: was look-below-the-threshold; is none",),
                "WORDS",
            ),
            id="a purpose's guidance",
        ),
    ],
)
def test_what_is_said_of_an_edit(edit: Callable[[Parsed], object], said: tuple[Any, ...] | None) -> None:
    [found] = told(edit)
    if said is None:
        assert found[:3] + found[4:] == ("words.json", "inform no", "changed", "WORDS")
        assert found[3][0].endswith("is “Say nothing.”")
    else:
        assert said == found


def test_what_only_moved_is_no_difference_and_another_hash() -> None:
    new = shipped()
    new["provisions.json"].reverse()
    assert () == differences(_shipped(), new)
    assert sha256_of(_shipped()) != sha256_of(new)


def test_a_file_that_an_earlier_form_lacked_is_compared_all_the_same() -> None:
    old = shipped()
    del old["recording.json"]
    assert {("recording.json", "added")} == {(c.file, c.sort) for c in differences(old, _shipped())}


@given(st.data())
def test_the_other_way_round_names_the_same_rows(data: st.DataObject) -> None:
    new = shipped()
    name = data.draw(st.sampled_from(["provisions.json", "matrix.json", "guidance.json", "kinds.json"]))
    chosen = data.draw(st.sampled_from(range(len(new[name]))))
    member = data.draw(st.sampled_from(sorted(new[name][chosen])))
    if member in ("code", "organisation", "purpose"):
        del new[name][chosen]
    else:
        del new[name][chosen][member]
    there, back = differences(_shipped(), new), differences(new, _shipped())
    assert [(c.file, c.name, c.effect) for c in there] == [(c.file, c.name, c.effect) for c in back]
    assert {"added": "removed", "changed": "changed", "removed": "added"}[back[0].sort] == there[0].sort


# --- what is read ---------------------------------------------------------------------------------------------------


def test_its_hash_and_version_are_the_loaders() -> None:
    loaded = load_catalogue({name: json.dumps(value).encode() for name, value in _shipped().items()})
    assert (loaded.sha256, loaded.version) == (sha256_of(_shipped()), version_of(_shipped()))


def test_a_catalogue_in_one_file_is_read_and_so_is_the_entry_of_a_log() -> None:
    assert _shipped() == read_catalogue(json.dumps(_shipped()).encode())
    entry = {"kind": "catalogue.changed", "sha256": "0", "files": _shipped()}
    assert _shipped() == read_catalogue(json.dumps(entry).encode())


@pytest.mark.parametrize("text", [b"[]", b"{}", b'{"kind": "check.answered"}', b'{"files": {"other.json": []}}', b"no"])
def test_what_is_no_catalogue_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):
        read_catalogue(text)


# --- what it does to answers ----------------------------------------------------------------------------------------


def touched(edit: Callable[[Parsed], object]) -> Any:
    new = shipped()
    edit(new)
    return answers_touched(differences(_shipped(), new), _shipped(), new)


def test_notes_alone_change_no_answer() -> None:
    def edit(new: Parsed) -> None:
        row(new, "ca-1989-s47").update(note="Another.", source="Read it.", dpv="dpv:Other")
        row(new, "police", "early-help").update(note="Another.")

    found = touched(edit)
    assert ((), ()) == (found.decides, found.words)
    assert ("provisions: ca-1989-s47", "matrix: police, early-help") == found.nothing


def test_a_cell_names_its_row_and_a_provision_the_rows_that_rest_on_it() -> None:
    def edit(new: Parsed) -> None:
        row(new, "fire", "mappa")["article_6"].clear()
        row(new, "frsa-2004-s5a")["in_force"].clear()

    found = touched(edit).decides
    assert ("for these kinds and purposes, and those that follow them:", "  fire: mappa") == found[:2]
    assert "where frsa-2004-s5a is relied on or shown:" == found[2]
    assert found[3].startswith("  fire: early-help, ")


def test_a_request_that_binds_names_the_answers_to_it() -> None:
    assert (
        "every answer to a request under ca-1989-s47"
        in touched(lambda new: row(new, "ca-1989-s47")["limits"].remove("unless-unreasonable")).decides
    )


def test_a_provision_that_no_row_names_says_so() -> None:
    [found] = touched(lambda new: row(new, "csa-reporting-duty").update(in_force=[{"from": "2027-01-01"}])).decides
    assert found.startswith("no matrix row names csa-reporting-duty")


def altered(effect: Effect) -> Parsed:
    """A catalogue in which every text of an effect reads otherwise, and stays one that the loader takes."""
    new = shipped()
    for name in ("provisions.json", "kinds.json", "purposes.json", "categories.json", "matrix.json"):
        for one in new[name]:
            for member, value in one.items():
                kept = member in ("code", "uri", "text_at", "typical", "confidence", "dpv")
                if isinstance(value, str) and not kept and effect_of(name, member, value, "") == effect:
                    one[member] = "Quite another sentence."
            if name == "provisions.json" and effect is Effect.NOTHING:
                one["dpv"] = "dpv:Another"
                if not one["verified"]:
                    one["confidence"] = "secondary" if one["confidence"] == "uncertain" else "uncertain"
            if name == "matrix.json" and effect is Effect.WORDS and one["purpose"] != "immediate-danger":
                one["typical"] = "rare"
                one["cautions"] = ["family-court-papers"]
            if name == "purposes.json" and effect is Effect.WORDS:
                one["meets"] = not one.get("meets", False)
                one["guidance"] = ["names-out"]
    return new


def answers(files: Parsed) -> list[Answer]:
    """The answers to a question for every body, some recipients and every purpose; one in thirteen explained, which
    asks it twenty times more."""
    law = load_catalogue({name: json.dumps(value).encode() for name, value in files.items()})
    asked = [
        question(provider, recipient, purpose, "identity health criminal-record", would_help_recipient=helps)
        for provider in BODIES
        for recipient in ("durham-county-council", "durham-constabulary", "home-office", "kind:voluntary")
        for purpose, helps in zip(law.purposes, [True, None] * 7, strict=False)
    ]
    view = demonstration_view()
    asked = [replace(one, explain=number % 13 == 0) for number, one in enumerate(asked)]
    return [decide(view, law, one, Evidence(), today=TODAY) for one in asked]


def test_what_is_said_to_be_in_no_answer_is_in_none() -> None:
    assert answers(shipped()) == answers(altered(Effect.NOTHING))


def test_what_is_said_to_be_words_alone_decides_nothing() -> None:
    def decided(answer: Answer) -> tuple[Any, ...]:
        return (
            answer.outcome,
            answer.regime,
            answer.basis,
            [one.code for one in answer.reasons],
            [one.code for one in answer.conditions],
            [one.code for one in answer.missing],
            [one.outcome for one in answer.categories],
            (answer.consent.role, answer.consent.seek, answer.inform.expected, answer.inform.now),
        )

    before, after = answers(shipped()), answers(altered(Effect.WORDS))
    assert [decided(one) for one in before] == [decided(one) for one in after]
    assert before != after


def test_every_member_of_a_row_and_a_provision_has_an_effect_that_was_thought_of() -> None:
    deciding = {
        "provisions.json": {"kind", "verified", "in_force", "providers", "except_providers", "recipients",
                            "purposes", "policy_document", "policy_document_unless", "code"},
        "matrix.json": {"organisation", "purpose", "article_6", "article_9", "article_10", "part_3", "gateways",
                        "duties", "policy_document", "reliable"},
    }  # fmt: skip
    for name, struct in (("provisions.json", Provision), ("matrix.json", MatrixRow)):
        found = {member for member in struct.__struct_fields__ if effect_of(name, member, "a", "b") is Effect.DECIDES}
        assert deciding[name] == found
