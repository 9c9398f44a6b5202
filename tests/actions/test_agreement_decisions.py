"""What is decided about a version, from its publication on: each decision, and everything that it is refused for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from demonstration import attested
from isa_registry.actions import agreement_decisions as decisions
from isa_registry.actions import agreements
from isa_registry.domain.agreement_entries import (
    AgreementInForce,
    AgreementOpened,
    AgreementResumed,
    AgreementReviewed,
    AgreementSuspended,
    AgreementWithdrawn,
    InForceRule,
)
from isa_registry.domain.party_entries import OrganisationChanged, PartnershipRegistered
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.agreement_life import rule_met, shown_as
from isa_registry.domain.register.lives import state_of_version
from isa_registry.ledger.drafts import Draft
from versions import TIER_1, TIER_2, TODAY, Kept, schedule_of, words_of

COUNCIL, POLICE, ICB, HARBOUR = "durham-county-council", "durham-constabulary", "nenc-icb", "harbour"
PARTIES = (COUNCIL, POLICE, ICB)
LATER, YESTERDAY = "2027-01-01", "2026-11-26"


def published(agreement: str = TIER_2, version: str = "1.1", **changes: Any) -> Kept:
    kept = Kept()
    kept.append(publishing(kept, agreement, version, **changes))
    return kept


def publishing(
    kept: Kept,
    agreement: str = TIER_2,
    version: str = "1.1",
    partnership: str | None = None,
    change: Callable[[dict[str, Any]], None] = lambda schedule: None,
) -> Draft:
    loaded = agreements.read_version(words_of(agreement, version), schedule_of(agreement, version, change), kept.now)
    return agreements.publish(loaded.text.encode(), loaded.schedule, loaded.schedule_sha256, partnership=partnership)


def opening(rule: InForceRule, parties: tuple[str, ...] = PARTIES) -> Draft:
    return decisions.open_version(AgreementOpened(agreement=TIER_2, version="1.1", rule=rule, parties=parties))


def refused(act: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as found:
        act()
    return found.value


def faults(act: Callable[[], object]) -> list[tuple[str, str]]:
    return [(one.pointer, one.code) for one in refused(act).faults]


# --- publishing ------------------------------------------------------------------------------------------------------


def test_publishing_pins_words_and_schedule() -> None:
    kept = published()
    version = kept.now.agreement_version(TIER_2, "1.1")
    assert version is not None
    assert (version.text.encode(), "published") == (words_of(), state_of_version(version))
    with pytest.raises(Refused, match="already published, and never changes"):
        kept.append(publishing(kept))


@pytest.mark.parametrize(
    ("change", "at", "code"),
    [
        (lambda s: s["purposes"][0].update(code="no-such-purpose"), "/purposes/0/code", "unknown-purpose"),
        (lambda s: s["purposes"][0]["categories"].insert(0, "zq"), "/purposes/0/categories/0", "unknown-category"),
        (lambda s: s["purposes"][0].update(clause="99.9"), "/purposes/0/clause", "unknown-clause"),
        (lambda s: s["signatory_roles"].update({"zq": ["siro"]}), "/signatory_roles", "unknown-kind"),
        (lambda s: s["signatory_roles"].update(police=["zq"]), "/signatory_roles/police/0", "unknown-role"),
        (lambda s: s.pop("parent"), "/parent", "not-well-formed"),
        (lambda s: s.update(parent={"agreement": "tier-1", "version": "9.9"}), "/parent", "unknown-agreement"),
        (lambda s: s.update(parent={"agreement": "zq", "version": "1.0"}), "/parent", "unknown-agreement"),
        (lambda s: s.update(review_due="2026-01-01"), "/review_due", "not-well-formed"),
        (lambda s: s.update(effective_from="2026-02-30"), "/effective_from", "not-well-formed"),
        (lambda s: s.update(title=7), "/title", "wrong-type"),
        (lambda s: s.update(zq="zq"), "", "unknown-member"),
    ],
)  # fmt: skip
def test_a_schedule_that_is_wrong_is_refused_where_it_is(change: Any, at: str, code: str) -> None:
    kept = Kept()
    found = refused(lambda: kept.append(publishing(kept, change=change)))
    told = {(one.pointer, one.code) for one in found.faults}
    assert (f"#/schedule{at}", code) in told
    assert not [one for one in found.faults if "zq" in str(one) or "no-such-purpose" in str(one)]


@pytest.mark.parametrize("version", ["1", "1.0.1", "01.1", "1.1000"])
def test_a_version_has_two_numbers(version: str) -> None:
    kept = Kept()
    found = refused(lambda: publishing(kept, version=version))
    assert ["#/schedule/version"] == [one.pointer for one in found.faults]


def test_words_that_say_something_else_than_the_schedule_are_refused() -> None:
    kept = Kept()
    found = refused(lambda: agreements.read_version(words_of(version="1.2"), schedule_of(), kept.now))
    assert [("#/schedule/version", "contradicts-the-words")] == [(one.pointer, one.code) for one in found.faults]


def test_words_that_are_no_agreement_are_refused_by_line() -> None:
    kept = Kept()
    found = refused(lambda: agreements.read_version(words_of() + b"<script>\n", schedule_of(), kept.now))
    assert {"#/text"} == {one.pointer for one in found.faults}
    assert all(one.detail.startswith("Line ") and "script" not in one.detail for one in found.faults)


def test_a_tier_2_rests_on_a_version_that_is_not_withdrawn() -> None:
    kept = Kept()
    kept.append(decisions.withdraw(AgreementWithdrawn(TIER_1, "1.0", TODAY, "purpose-ended")))
    assert [("#/schedule/parent", "withdrawn-agreement")] == faults(lambda: kept.append(publishing(kept)))


def test_an_agreement_stays_with_its_partnership() -> None:
    kept = Kept()
    kept.then(PartnershipRegistered(partnership="other", name="Other", lead_body=POLICE))
    found = faults(lambda: kept.append(publishing(kept, partnership="other")))
    assert [("#/schedule/parent", "another-partnership"), ("#/partnership", "another-partnership")] == found
    assert agreements.own_partnership(kept.now, "durham") is None
    assert "other" == agreements.own_partnership(kept.now, "other")
    assert ["#/partnership"] == [
        one.pointer for one in refused(lambda: agreements.own_partnership(kept.now, "zq")).faults
    ]


# --- opening, and coming into force by rule --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "parties", "expected"),
    [
        (InForceRule(), PARTIES, [("#/rule", "says-nothing")]),
        (InForceRule(on="soon"), PARTIES, [("#/rule/on", "not-a-date")]),
        (InForceRule(on=YESTERDAY), PARTIES, [("#/rule/on", "in-the-past")]),
        (InForceRule(quorum=4), PARTIES, [("#/rule/quorum", "out-of-range")]),
        (InForceRule(quorum=0), PARTIES, [("#/rule/quorum", "out-of-range")]),
        (InForceRule(bodies=(HARBOUR,)), PARTIES, [("#/rule/bodies/0", "not-a-party")]),
        (InForceRule(quorum=1), (), [("#/parties", "how-many"), ("#/rule/quorum", "out-of-range")]),
        (InForceRule(quorum=1), (COUNCIL, COUNCIL), [("#/parties/1", "twice")]),
        (InForceRule(quorum=1), (COUNCIL, "zq"), [("#/parties/1", "not-registered")]),
        (InForceRule(quorum=1), (COUNCIL, "stranger"), [("#/parties/1", "not-of-the-partnership")]),
        (InForceRule(quorum=1), ("gone", COUNCIL), [("#/parties/0", "not-taking-part")]),
    ],
)
def test_parties_and_a_rule_that_do_not_fit_are_refused(
    rule: InForceRule, parties: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    kept = published()
    kept.then(
        OrganisationChanged(organisation="stranger", name="", organisation_kind="voluntary", partnerships=("other",)),
        OrganisationChanged(organisation="gone", name="", organisation_kind="voluntary", closed_on="2026-11-01"),
    )
    assert expected == faults(lambda: kept.append(opening(rule, parties)))


@pytest.mark.parametrize(
    ("rule", "signers", "expected"),
    [
        (InForceRule(on=LATER), (), LATER),
        (InForceRule(quorum=2), (COUNCIL,), None),
        (InForceRule(quorum=2), (COUNCIL, POLICE), TODAY),
        (InForceRule(quorum=2), (COUNCIL, HARBOUR), TODAY),
        (InForceRule(bodies=(POLICE,)), (COUNCIL, ICB), None),
        (InForceRule(bodies=(POLICE,)), (POLICE,), TODAY),
        (InForceRule(on=LATER, quorum=2, bodies=(POLICE,)), (COUNCIL, POLICE), LATER),
        (InForceRule(on=LATER, quorum=3, bodies=(POLICE,)), (COUNCIL, POLICE), None),
    ],
)
def test_a_rule_is_met_by_its_day_its_number_and_its_bodies(
    rule: InForceRule, signers: tuple[str, ...], expected: str | None
) -> None:
    kept = published()
    kept.append(opening(rule))
    kept.then(*(attested(one, TIER_2, version="1.1") for one in signers))
    version = kept.now.agreement_version(TIER_2, "1.1")
    assert version is not None
    assert expected == rule_met(kept.now, version, TODAY)
    if expected is not None:
        (entry,) = kept.append(decisions.come_into_force(version, expected))
        assert isinstance(entry, AgreementInForce)
        assert (expected, version.schedule.review_due) == (entry.on, entry.review_due)
        with pytest.raises(Refused, match="not met at this moment"):
            kept.append(decisions.come_into_force(version, expected))
    else:
        with pytest.raises(Refused, match="not met at this moment"):
            kept.append(decisions.come_into_force(version, TODAY))


def test_whoever_has_left_by_the_day_is_not_counted() -> None:
    kept = published()
    kept.append(opening(InForceRule(on=LATER, quorum=1)))
    kept.then(attested(COUNCIL, TIER_2, version="1.1"))
    kept.withdraws_from("1.1", COUNCIL, "2026-12-31")
    version = kept.now.agreement_version(TIER_2, "1.1")
    assert version is not None
    assert rule_met(kept.now, version, TODAY) is None


def test_a_schedule_can_name_a_later_day_than_the_rule() -> None:
    kept = published(change=lambda s: s.update(effective_from=LATER, review_due="2028-01-01"))
    kept.append(opening(InForceRule(on="2026-12-01")))
    version = kept.now.agreement_version(TIER_2, "1.1")
    assert version is not None
    assert LATER == rule_met(kept.now, version, TODAY)


# --- what follows ----------------------------------------------------------------------------------------------------

SUSPENDED = AgreementSuspended(TIER_2, "1.0", TODAY, "law-changed")
RESUMED = AgreementResumed(TIER_2, "1.0", LATER)
WITHDRAWN = AgreementWithdrawn(TIER_2, "1.0", LATER, "replaced")
REVIEWED = AgreementReviewed(TIER_2, "1.0", TODAY, "stays-as-it-is", "2028-06-01")
IN_FORCE = AgreementInForce(TIER_2, "1.1", LATER, "2028-01-01")


def test_a_version_is_suspended_resumed_reviewed_and_withdrawn() -> None:
    kept = Kept()

    def shown(on: str) -> str:
        version = kept.now.agreement_version(TIER_2, "1.0")
        assert version is not None
        return shown_as(kept.now, version, on)

    kept.append(decisions.suspend(SUSPENDED))
    kept.append(decisions.review(REVIEWED))
    assert ("in-force", "suspended") == (shown(YESTERDAY), shown(TODAY))
    kept.append(decisions.resume(RESUMED))
    assert ("suspended", "in-force") == (shown("2026-12-31"), shown(LATER))
    assert ("in-force", "review-due") == (shown("2028-05-31"), shown("2028-06-01"))
    kept.append(decisions.withdraw(WITHDRAWN))
    assert ("suspended", "withdrawn") == (shown("2026-12-31"), shown(LATER))
    for late in (decisions.suspend(SUSPENDED), decisions.resume(RESUMED), decisions.withdraw(WITHDRAWN)):
        with pytest.raises(Refused, match=r"is withdrawn\. Nothing follows from there\."):
            kept.append(late)


def test_a_decision_that_comes_too_early_says_in_which_state_it_is_and_what_that_takes() -> None:
    kept = published()
    with pytest.raises(
        Refused, match=r"published and not open\. It takes opening, coming into force or withdrawing, and "
    ):
        kept.append(decisions.suspend(msgspec.structs.replace(SUSPENDED, version="1.1")))
    kept.append(opening(InForceRule(quorum=1)))
    assert "conflict" == refused(lambda: kept.append(opening(InForceRule(quorum=1)))).code
    kept.append(decisions.decide_in_force(IN_FORCE))
    assert "conflict" == refused(lambda: kept.append(decisions.decide_in_force(IN_FORCE))).code


@pytest.mark.parametrize(
    ("make", "decision", "expected"),
    [
        (decisions.suspend, {"on": "x"}, [("#/on", "not-a-date")]),
        (decisions.suspend, {"on": YESTERDAY}, [("#/on", "in-the-past")]),
        (decisions.suspend, {"reason": "zq"}, [("#/reason", "unknown-code")]),
        (decisions.withdraw, {"on": "2026-13-01"}, [("#/on", "not-a-date")]),
        (decisions.withdraw, {"on": YESTERDAY}, [("#/on", "in-the-past")]),
        (decisions.withdraw, {"reason": "zq"}, [("#/reason", "unknown-code")]),
        (decisions.withdraw, {"successor": "tier-2-hoth/9.9"}, [("#/successor", "unknown-agreement")]),
        (decisions.withdraw, {"successor": "tier-2-hoth/1.0"}, [("#/successor", "itself")]),
        (decisions.withdraw, {"successor": "zq"}, [("#/successor", "unknown-agreement")]),
        (decisions.review, {"on": LATER}, [("#/on", "in-the-future")]),
        (decisions.review, {"outcome": "zq"}, [("#/outcome", "unknown-code")]),
        (decisions.review, {"review_due": TODAY}, [("#/review_due", "before-the-review")]),
        (decisions.review, {"on": "2026-10-01", "review_due": "2026-11-01"}, [("#/review_due", "in-the-past")]),
        (decisions.decide_in_force, {"on": YESTERDAY}, [("#/on", "in-the-past")]),
        (decisions.decide_in_force, {"ends": LATER}, [("#/ends", "before-in-force")]),
        (decisions.decide_in_force, {"review_due": TODAY}, [("#/review_due", "before-in-force")]),
    ],
)
def test_dates_out_of_order_and_unknown_codes_are_refused(
    make: Any, decision: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    known = {decisions.suspend: SUSPENDED, decisions.withdraw: WITHDRAWN, decisions.review: REVIEWED}
    kept = published()
    found = faults(lambda: kept.append(make(msgspec.structs.replace(known.get(make, IN_FORCE), **decision))))
    assert expected == found


def test_a_version_is_not_resumed_before_it_is_suspended() -> None:
    kept = Kept()
    kept.append(decisions.suspend(msgspec.structs.replace(SUSPENDED, on="2027-02-01")))
    assert [("#/on", "before-the-suspension")] == faults(lambda: kept.append(decisions.resume(RESUMED)))


@pytest.mark.parametrize("make", [decisions.suspend, decisions.resume, decisions.withdraw, decisions.review])
def test_what_is_not_published_is_not_found(make: Any) -> None:
    known = {
        decisions.suspend: SUSPENDED, decisions.withdraw: WITHDRAWN, decisions.review: REVIEWED,
        decisions.resume: RESUMED,
    }  # fmt: skip
    kept = Kept()
    draft = make(msgspec.structs.replace(known[make], version="9.9"))
    assert "not-found" == refused(lambda: kept.append(draft)).code


def test_json_of_a_schedule_is_read_in_any_spelling() -> None:
    kept = Kept()
    spaced = json.dumps(json.loads(schedule_of()), indent=4).encode()
    one = agreements.read_version(words_of(), spaced, kept.now)
    assert one.schedule_sha256 == agreements.read_version(words_of(), schedule_of(), kept.now).schedule_sha256
