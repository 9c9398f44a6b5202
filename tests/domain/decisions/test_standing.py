"""What a suspension, a closure and being named out do to answers, on both sides, from the next entry on."""

from __future__ import annotations

import pytest

from asking import COUNCIL, POLICE, ask, seen
from demonstration import Demonstration

ACADEMY, TRUST = "example-academy", "example-academy-trust"
PURPOSE = "early-help"


def answered(register: Demonstration, provider: str, recipient: str, **rest: object) -> tuple[str, list[str]]:
    answer = seen(ask(provider, recipient, PURPOSE, register=register, **rest))  # type: ignore[arg-type]
    return answer["outcome"], answer["reason"]


def with_trust() -> Demonstration:
    """A trust that attested Tier 1 for itself and its academy, which relies on the same bases as any body."""
    return Demonstration().signs(TRUST, "tier-1")


@pytest.mark.parametrize(
    ("provider", "recipient", "code"),
    [("cafcass", COUNCIL, "provider-not-signatory"), (COUNCIL, "cafcass", "recipient-not-signatory")],
)
@pytest.mark.parametrize("record", [{"suspended_on": "2026-11-23"}, {"closed_on": "2026-11-23"}])
def test_a_body_that_is_suspended_or_closed_is_no_signatory_from_that_day_on(
    provider: str, recipient: str, code: str, record: dict[str, str]
) -> None:
    apart = Demonstration().body("cafcass", "cafcass", **record)
    assert code not in answered(apart, provider, recipient, on="2026-11-22")[1]
    outcome, reasons = answered(apart, provider, recipient)
    assert ("seek-advice", True) == (outcome, code in reasons)
    assert "recipient-not-registered" not in reasons


def test_it_counts_from_the_next_entry_on_and_what_was_known_before_is_answered_as_before() -> None:
    whole = Demonstration()
    before = whole.view()
    whole.body("harbour", "voluntary", suspended_on="2026-11-23")
    assert before.signature("tier-1", "1.0", "harbour", "2026-11-23") is not None
    assert whole.view().signature("tier-1", "1.0", "harbour", "2026-11-23") is None
    whole.body("harbour", "voluntary")
    assert "provider-not-signatory" not in answered(whole, "harbour", COUNCIL)[1]


def test_immediate_danger_asks_for_no_signature() -> None:
    apart = Demonstration().body("harbour", "voluntary", suspended_on="2026-11-01")
    assert "share-now" == answered(apart, "harbour", POLICE, urgency="immediate-danger")[0]
    closed = Demonstration().body("harbour", "voluntary", closed_on="2026-11-01")
    assert "share-now" == answered(closed, POLICE, "harbour", urgency="immediate-danger")[0]


@pytest.mark.parametrize(("provider", "recipient"), [(COUNCIL, ACADEMY), (ACADEMY, COUNCIL)])
def test_a_trust_attests_for_its_academy_until_one_of_them_is_apart(provider: str, recipient: str) -> None:
    side = "provider-not-signatory" if provider == ACADEMY else "recipient-not-signatory"

    def signatory(register: Demonstration) -> bool:
        return side not in answered(register, provider, recipient)[1]

    assert signatory(with_trust())
    assert not signatory(with_trust().body(TRUST, "academy-trust", suspended_on="2026-11-01"))
    assert not signatory(with_trust().body(TRUST, "academy-trust", closed_on="2026-11-01"))
    assert not signatory(with_trust().body(ACADEMY, "academy", parent=TRUST, suspended_on="2026-11-01"))
    for named_out, follows in ((("tier-1",), False), (("*",), False), (("tier-2-hoth",), True)):
        child = with_trust().body(ACADEMY, "academy", parent=TRUST, named_out=named_out)  # type: ignore[arg-type]
        assert follows == signatory(child)
        assert signatory(child.signs(ACADEMY, "tier-1"))


def test_a_councils_service_is_a_signatory_by_its_council() -> None:
    service = Demonstration().body("youth-team", "youth-justice", parent=COUNCIL, council_run=True)
    assert "recipient-not-signatory" not in answered(service, POLICE, "youth-team")[1]
    assert (
        "recipient-not-signatory"
        in answered(service.body(COUNCIL, "local-authority", closed_on="2026-11-01"), POLICE, "youth-team")[1]
    )
