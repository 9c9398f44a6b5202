"""How a version stands on a day, and what a Tier 1 does to the Tier 2 that rests on it."""

from __future__ import annotations

import pytest

from demonstration import BODIES, attested
from isa_registry.actions import agreement_decisions as decisions
from isa_registry.actions import agreements
from isa_registry.domain.agreement_entries import (
    AgreementInForce,
    AgreementOpened,
    AgreementSuspended,
    AgreementWithdrawn,
    InForceRule,
)
from isa_registry.domain.party_entries import OrganisationChanged
from isa_registry.domain.register.agreement_life import SHOWN, standing
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.resting import effect_on, effects
from versions import TIER_1, TIER_2, TODAY, Kept, schedule_of, words_of

COUNCIL, POLICE, ICB, HARBOUR = "durham-county-council", "durham-constabulary", "nenc-icb", "harbour"
SIGNED_BOTH = tuple(body for body, (_, signed) in BODIES.items() if TIER_2 in signed)


def version_of(kept: Kept, agreement: str, version: str) -> AgreementVersion:
    found = kept.now.agreement_version(agreement, version)
    assert found is not None
    return found


def publish(kept: Kept, version: str = "1.1") -> None:
    loaded = agreements.read_version(words_of(version=version), schedule_of(version=version), kept.now)
    kept.append(agreements.publish(loaded.text.encode(), loaded.schedule, loaded.schedule_sha256))


def shown(kept: Kept, version: str, on: str) -> str:
    return standing(kept.now, version_of(kept, TIER_2, version), on).shown


def test_every_state_that_a_version_can_be_shown_in_has_its_day() -> None:
    kept, seen = Kept(), set()
    publish(kept)
    seen.add(shown(kept, "1.1", TODAY))
    kept.append(
        decisions.open_version(AgreementOpened(TIER_2, "1.1", InForceRule(on="2027-01-01"), (COUNCIL, POLICE, ICB)))
    )
    seen.add(shown(kept, "1.1", TODAY))
    kept.append(decisions.decide_in_force(AgreementInForce(TIER_2, "1.1", "2027-01-01", "2027-06-01", "2027-12-31")))
    kept.append(decisions.suspend(AgreementSuspended(TIER_2, "1.1", "2027-09-01", "law-changed")))
    days = {"2026-12-31": "open", "2027-01-01": "in-force", "2027-06-01": "review-due", "2027-09-01": "suspended"}
    assert days == {day: shown(kept, "1.1", day) for day in days}
    assert "expired" == shown(kept, "1.1", "2028-01-01")
    assert ("in-force", "superseded") == (shown(kept, "1.0", "2026-12-31"), shown(kept, "1.0", "2027-01-01"))
    kept.append(decisions.withdraw(AgreementWithdrawn(TIER_2, "1.1", "2027-10-01", "replaced")))
    assert "withdrawn" == shown(kept, "1.1", "2027-10-01")
    assert set(SHOWN) == seen | set(days.values()) | {"expired", "superseded", "withdrawn"}


def test_a_version_withdrawn_before_it_was_in_force_leaves_the_one_before_it() -> None:
    kept = Kept()
    publish(kept)
    kept.append(decisions.withdraw(AgreementWithdrawn(TIER_2, "1.1", TODAY, "published-in-error")))
    assert ("withdrawn", "in-force") == (shown(kept, "1.1", TODAY), shown(kept, "1.0", TODAY))


def test_n_of_m_counts_those_that_were_asked_and_whoever_else_attested() -> None:
    kept = Kept()
    publish(kept)
    kept.append(decisions.open_version(AgreementOpened(TIER_2, "1.1", InForceRule(quorum=3), (COUNCIL, POLICE, ICB))))
    kept.then(*(attested(one, TIER_2, version="1.1") for one in (HARBOUR, COUNCIL, POLICE)))
    kept.withdraws_from("1.1", POLICE, "2026-12-01")
    found = standing(kept.now, version_of(kept, TIER_2, "1.1"), TODAY)
    assert (COUNCIL, POLICE, ICB, HARBOUR) == found.asked
    assert (COUNCIL, POLICE, HARBOUR) == found.signed
    assert (ICB,) == found.waited_for
    later = standing(kept.now, version_of(kept, TIER_2, "1.1"), "2026-12-01")
    assert (COUNCIL, HARBOUR) == later.signed


def test_what_comes_next_is_said_with_its_day_and_soonest_first() -> None:
    kept = Kept()
    kept.append(decisions.suspend(AgreementSuspended(TIER_2, "1.0", "2026-12-01", "law-changed")))
    found = standing(kept.now, version_of(kept, TIER_2, "1.0"), TODAY)
    assert [("suspended", "2026-12-01"), ("review-due", "2027-06-01")] == [(one.what, one.on) for one in found.coming]
    kept.append(decisions.withdraw(AgreementWithdrawn(TIER_2, "1.0", "2027-01-01", "replaced")))
    found = standing(kept.now, version_of(kept, TIER_2, "1.0"), TODAY)
    assert ["suspended", "withdrawn"] == [one.what for one in found.coming]
    assert () == standing(kept.now, version_of(kept, TIER_2, "1.0"), "2027-01-01").coming


@pytest.mark.parametrize("how", ["suspended", "withdrawn", "expired"])
def test_a_tier_1_that_does_not_hold_takes_every_signatory_of_its_tier_2_with_it(how: str) -> None:
    kept = Kept()
    before = effects(kept.now, version_of(kept, TIER_1, "1.0"), TODAY)
    assert [(TIER_2, "1.0", False, ())] == [(one.agreement, one.version, one.lapsed, one.affected) for one in before]
    if how == "suspended":
        kept.append(decisions.suspend(AgreementSuspended(TIER_1, "1.0", TODAY, "law-changed")))
    elif how == "withdrawn":
        kept.append(decisions.withdraw(AgreementWithdrawn(TIER_1, "1.0", TODAY, "purpose-ended")))
    else:
        kept.then(AgreementInForce(TIER_1, "1.0", "2026-04-01", ends="2026-11-26"))
    (effect,) = effects(kept.now, version_of(kept, TIER_1, "1.0"), TODAY)
    assert effect.lapsed
    assert set(SIGNED_BOTH) == set(effect.affected)
    assert effect == effect_on(kept.now, version_of(kept, TIER_2, "1.0"), TODAY)
    assert not effects(kept.now, version_of(kept, TIER_1, "1.0"), "2026-11-26")[0].lapsed


def test_a_body_that_leaves_the_tier_1_alone_is_named_and_nobody_else() -> None:
    kept = Kept()
    kept.withdraws(POLICE, TIER_1, TODAY)
    (effect,) = effects(kept.now, version_of(kept, TIER_1, "1.0"), TODAY)
    assert (False, (POLICE,), (POLICE,)) == (effect.lapsed, effect.without, effect.affected)
    assert POLICE in effect.signed


def test_a_suspended_body_is_no_signatory_of_either() -> None:
    kept = Kept()
    kept.then(OrganisationChanged(organisation=POLICE, name="", organisation_kind="police", suspended_on="2026-11-01"))
    (effect,) = effects(kept.now, version_of(kept, TIER_1, "1.0"), TODAY)
    assert POLICE not in effect.signed
    assert () == effect.without


def test_a_tier_2_that_is_over_is_not_affected_and_a_tier_1_rests_on_nothing() -> None:
    kept = Kept()
    kept.append(decisions.withdraw(AgreementWithdrawn(TIER_2, "1.0", TODAY, "purpose-ended")))
    assert [] == effects(kept.now, version_of(kept, TIER_1, "1.0"), TODAY)
    assert effect_on(kept.now, version_of(kept, TIER_1, "1.0"), TODAY) is None
