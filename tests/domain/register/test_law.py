"""Marks on points of the law: what they are about, when they lapse, and that the register of then has those of then."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from msgspec.structs import replace

from demonstration import LOGGED_AT, Demonstration, catalogue, catalogue_files
from isa_registry.domain import entries
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.influence import Folded, Influence
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.snapshots import read_snapshot, write_snapshot
from isa_registry.domain.verifying import Point, found_in, point_of, sha256_of
from isa_verify.encoding import canonical_json
from marking import POINTS, S16LA, digest, verified, withdrawn

ROW = Point(organisation_kind="police", purpose="mappa")


def changed(name: str, code: str, **members: Any) -> entries.CatalogueChanged:
    """A catalogue in which one item of one file says something else."""
    files = {file: json.loads(data) for file, data in catalogue_files().items()}
    found = [one for one in files[name] if code in (one.get("code"), f"{one.get('organisation')} {one.get('purpose')}")]
    assert 1 == len(found)
    found[0].update(members)
    return entries.CatalogueChanged(sha256="0" * 64, files=files)


def confidence(view: RegisterView, code: str = "ca-2004-s16la") -> tuple[bool, str]:
    law = view.catalogue()
    assert law is not None
    return law.provisions[code].verified, law.provisions[code].confidence


def rows(view: RegisterView) -> frozenset[str]:
    law = view.catalogue()
    assert law is not None
    return law.verified_rows


def test_a_point_is_told_by_the_hash_of_its_item_as_the_file_has_it() -> None:
    """Anybody can work it out from the catalogue's files alone."""
    for name in ("provisions.json", "matrix.json"):
        for item in json.loads(catalogue_files()[name]):
            point = Point(item.get("code"), item.get("organisation"), item.get("purpose"))
            bare = _without_defaults(item)
            assert hashlib.sha256(canonical_json(bare)).hexdigest() == digest(point), point


def _without_defaults(item: dict[str, Any]) -> dict[str, Any]:
    default: dict[str, Any] = {"typical": "typical", "reliable": True, "policy_document": False, "reported": False,
                               "by": False}  # fmt: skip
    lists = ("except_providers", "limits", "duties", "cautions")
    return {
        name: [_without_defaults(one) if isinstance(one, dict) else one for one in value]
        if isinstance(value, list)
        else value
        for name, value in item.items()
        if not (name in default and value == default[name]) and not (name in lists and value == [])
    }


def test_every_point_of_the_law_can_be_marked_and_no_two_are_one() -> None:
    assert len(POINTS) == len(catalogue().provisions) + len(catalogue().matrix)
    assert len({point.key for point in POINTS}) == len({digest(point) for point in POINTS}) == len(POINTS)


@pytest.mark.parametrize(
    "members",
    [{}, {"provision": "a", "purpose": "b"}, {"organisation_kind": "police"}, {"purpose": "mappa"},
     {"provision": "a", "organisation_kind": "police", "purpose": "mappa"}],
)  # fmt: skip
def test_a_payload_names_one_provision_or_one_whole_row(members: dict[str, str]) -> None:
    named = dict.fromkeys(Point._fields) | members
    assert point_of(verified(S16LA, **named)) is None
    view = Demonstration().then(verified(S16LA, **named)).view()
    assert confidence(view)[0] is False


def test_what_was_checked_reads_as_verified_and_the_hash_stays_that_of_the_files() -> None:
    view = Demonstration().then(verified(S16LA), verified(ROW)).view()
    law = view.law()
    assert law is not None

    assert (True, "verified") == confidence(view)
    assert {"police mappa"} == rows(view)
    assert catalogue() == law.written
    assert catalogue().sha256 == law.read.sha256
    assert replace(law.read, provisions=law.written.provisions, verified_rows=frozenset()) == law.written


def test_a_catalogue_that_changes_what_was_checked_lets_the_mark_lapse_by_itself() -> None:
    register = Demonstration().then(verified(S16LA), verified(ROW))
    register.then(changed("provisions.json", "ca-2004-s16la", note="Read again."))
    view = register.view()
    law = view.law()
    assert law is not None

    assert (False, "uncertain") == confidence(view)
    assert {"police mappa"} == rows(view)
    assert {S16LA.key: False, ROW.key: True} == {key: law.holds(mark) for key, mark in law.marks.items()}


def test_a_change_elsewhere_leaves_every_mark() -> None:
    register = Demonstration().then(verified(S16LA), verified(ROW))
    view = register.then(changed("provisions.json", "ca-1989-s47", note="Read again.")).view()

    assert (True, "verified") == confidence(view)
    assert {"police mappa"} == rows(view)


def test_a_catalogue_that_says_again_what_was_checked_revives_the_mark() -> None:
    register = Demonstration().then(verified(S16LA), changed("provisions.json", "ca-2004-s16la", note="Read again."))
    again = entries.CatalogueChanged(
        sha256=catalogue().sha256, files={name: json.loads(data) for name, data in catalogue_files().items()}
    )
    assert (False, "uncertain") == confidence(register.view())
    assert (True, "verified") == confidence(register.then(again).view())


def test_a_mark_of_other_bytes_or_of_what_is_not_there_marks_nothing() -> None:
    view = Demonstration().then(verified(S16LA, sha256="0" * 64), verified(S16LA, provision="ca-1800-s1")).view()
    law = view.law()
    assert law is not None
    assert law.written is law.read


def test_the_register_of_then_has_the_marks_of_then() -> None:
    register = Demonstration()
    size = register.size
    register.then(verified(S16LA), withdrawn(S16LA), verified(S16LA))
    whole = register.register

    for kept in (whole, read_snapshot(write_snapshot(whole))):
        assert [False, True, False, True] == [confidence(kept.at(size + after))[0] for after in range(4)]
    assert write_snapshot(whole) == write_snapshot(read_snapshot(write_snapshot(whole)))


def test_the_law_is_one_object_while_nothing_of_it_changes() -> None:
    """What reads it keeps what it worked out by the identity of the catalogue."""
    register = Demonstration().then(verified(S16LA))
    view = register.view()
    register.body("elsewhere", "voluntary")

    assert view.catalogue() is register.view().catalogue() is register.register.at(register.size - 1).catalogue()


def test_a_mark_that_was_tried_on_and_taken_back_leaves_the_law_as_it_was() -> None:
    register = Demonstration()
    size, before = register.size, register.view().catalogue()
    apply(register.register, size, LOGGED_AT, verified(S16LA))
    register.register.forget_from(size)

    assert before is register.register.at(size + 1).catalogue()


def test_a_mark_matters_until_it_is_replaced_or_taken_away() -> None:
    said = [verified(S16LA, checked_on="2026-11-01"), verified(S16LA), verified(ROW), withdrawn(ROW)]
    folded = [Folded(place, LOGGED_AT, one) for place, one in enumerate(said)]
    influence = Influence(folded)

    assert [2, None, 4, 4] == [influence.ends(place) if place < 3 else _ended(influence) for place in range(4)]


def _ended(influence: Influence) -> int | None:
    """A withdrawal matters while what it took away is there to be taken away."""
    influence.forget(2)
    return influence.ends(3)


def test_what_is_found_at_a_point_is_the_item_itself() -> None:
    assert catalogue().provisions["ca-2004-s16la"] is found_in(catalogue(), S16LA)
    assert catalogue().matrix["police mappa"] is found_in(catalogue(), ROW)
    assert sha256_of(catalogue().matrix["police mappa"]) == digest(ROW)
