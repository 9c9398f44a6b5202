"""What gives rise to which warning, before an event is given to somebody."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from casework.recorded import child, event, withheld
from isa_registry.domain.casework.access_law import ACCESS_LAW
from isa_registry.domain.casework.warnings import WARNING_CODES, Known, warnings_of
from isa_registry.domain.catalogue import Confidence


def told(known: Known) -> dict[str, tuple[str, ...]]:
    return {one.code: one.because for one in warnings_of(known)}


def known(**changes: Any) -> Known:
    about = ("withheld", "restriction", "with_competent_authority", "corrected_by", "erasure_announced")
    beside = {name: changes.pop(name) for name in about if name in changes}
    return Known(event(1, **{"purpose": "early-help", **changes}), **beside)


_ADULT = {"kind": "adult", "roles": [], "ref": child(9)}
_WITNESS = {"kind": "other-child", "roles": ["witness"], "ref": child(8)}

_LATER = {"family": "later", "reason": "prejudices-enquiry"}
_PART_3 = {"article_6": [], "article_9": [], "article_10": [], "part_3": ["dpa-2018-s35-2-b"], "gateways": []}

TABLE = [
    ({"informed": {"family": "no", "reason": "increases-risk"}}, "tipping-off", ("informed:increases-risk",)),
    ({"informed": {"family": "no", "reason": "not-practicable"}}, "tipping-off", ("informed:not-practicable",)),
    (
        {"informed": {"family": "later", "reason": "prejudices-enquiry"}},
        "tipping-off",
        ("informed:prejudices-enquiry",),
    ),
    ({"withheld": withheld(("intelligence", "live-investigation"))}, "tipping-off", ("withheld:live-investigation",)),
    ({"para18_reason": "would-prejudice"}, "tipping-off", ("para18_reason:would-prejudice",)),
    ({"childs_view": "not-safe-to-seek"}, "tipping-off", ("childs_view:not-safe-to-seek",)),
    ({"purpose": "crime-prevention"}, "law-enforcement", ("purpose:crime-prevention",)),
    ({"basis": _PART_3}, "law-enforcement", ("part_3:dpa-2018-s35-2-b",)),
    ({"with_competent_authority": True}, "ask-the-other-first", ("party:competent-authority",)),
    ({"subjects": [_ADULT, _WITNESS]}, "third-parties", ("subjects:2", "role:witness")),
    ({"categories": ["family", "identity"]}, "third-parties", ("category:family",)),
    ({"withheld": withheld(("identity", "source-protection"))}, "protect-the-source", ("withheld:source-protection",)),
    ({"withheld": withheld(("identity", "risk-to-other"))}, "protect-the-source", ("withheld:risk-to-other",)),
    ({"restriction": "source-protection"}, "protect-the-source", ("restriction:source-protection",)),
    ({"withheld": withheld(("health", "confidentiality"))}, "in-confidence", ("withheld:confidentiality",)),
    ({"confidentiality_route": "public-interest"}, "in-confidence", ("confidentiality_route:public-interest",)),
    ({"categories": ["mental-health"]}, "serious-harm-health", ("category:mental-health",)),
    ({"withheld": withheld(("health", "no-role"))}, "serious-harm-health", ("category:health",)),
    ({"categories": ["social-care"]}, "serious-harm-social-work", ("category:social-care",)),
    ({"categories": ["education"]}, "serious-harm-education", ("category:education",)),
    ({"purpose": "child-protection-enquiry"}, "child-abuse-data", ("purpose:child-protection-enquiry",)),
    ({"categories": ["risk-assessment"]}, "child-abuse-data", ("category:risk-assessment",)),
    ({"childs_view": "objects"}, "childs-wishes", ("childs_view:objects",)),
    ({"advice": [{"role": "legal-adviser", "outcome": "share"}]}, "legally-privileged", ("advice:legal-adviser",)),
    ({"restriction": "legal-privilege"}, "legally-privileged", ("restriction:legal-privilege",)),
    ({"restriction": "court-papers"}, "court-or-adoption", ("restriction:court-papers",)),
    ({"restriction": "gender-recognition"}, "gender-recognition", ("restriction:gender-recognition",)),
    ({"withheld": withheld(("health", "no-role"))}, "what-was-withheld", ("decision:shared",)),
    ({"corrected_by": ("x",)}, "corrected", ("corrected_by:x",)),
    ({"erasure_announced": True}, "erasure-announced", ("erasure:announced",)),
]


@pytest.mark.parametrize(("changes", "code", "because"), TABLE)
def test_a_warning_says_which_facts_of_the_event_it_rests_on(
    changes: dict[str, Any], code: str, because: tuple[str, ...]
) -> None:
    assert told(known(**changes)).get(code) == because


def test_every_warning_is_in_the_table_above() -> None:
    assert {code for _, code, _ in TABLE} == set(WARNING_CODES)


def test_an_event_with_nothing_of_the_kind_warns_of_nothing() -> None:
    assert told(known()) == {}


@pytest.mark.parametrize("changes", [{"purpose": "child-protection-enquiry"}, {"childs_view": "objects"}])
def test_what_protects_a_child_is_said_of_children(changes: dict[str, Any]) -> None:
    assert not {"child-abuse-data", "childs-wishes"} & set(told(known(subjects=[_ADULT], **changes)))


def test_each_point_of_law_is_marked_and_none_as_verified() -> None:
    assert {one.confidence for one in ACCESS_LAW.values()} <= set(get_args(Confidence)) - {"verified"}
    assert all(one.source and one.says.endswith(".") for one in ACCESS_LAW.values())
    assert all(code == one.code for code, one in ACCESS_LAW.items())
