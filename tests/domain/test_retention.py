"""When a period ends, which rule speaks, what a hold covers, and since when the register no longer needs an entry."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_registry.actions import erasures
from isa_registry.data import data_directory
from isa_registry.domain.access_entries import (
    ClientGranted,
    ClientRevoked,
    IssuerRegistered,
    IssuerRemoved,
    RoleGranted,
    RoleRevoked,
)
from isa_registry.domain.entries import LawfulBasisEnded, LawfulBasisRecorded, RegisterPayload
from isa_registry.domain.keeping_entries import HoldLifted, HoldPlaced, RetentionChanged
from isa_registry.domain.party_entries import (
    DelegationEnded,
    DelegationGiven,
    OrganisationChanged,
    OrganisationRegistered,
    PartnershipChanged,
    PartnershipRegistered,
)
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.influence import Folded, Influence
from isa_registry.domain.register.register import Register
from isa_registry.domain.retention import (
    HoldScope,
    RetentionRule,
    rule_faults,
    rule_for,
    years_earlier,
    years_later,
)
from isa_registry.domain.verification_entries import LawVerificationWithdrawn, LawVerified

DAYS = st.dates(date(1990, 1, 1), date(2200, 12, 31)).map(date.isoformat)
AT = "2026-11-23T09:00:00.000Z"
SHIPPED = erasures.read_rules((data_directory("agreements") / "retention.json").read_bytes())


def rule(code: str = "one", **changes: object) -> RetentionRule:
    return RetentionRule(
        **{
            "code": code, "kinds": ("check.answered",), "starts": "decision", "confidence": "uncertain", "source": "s",
            "says": "s", "years": 6, **changes,
        }  # type: ignore[arg-type]
    )  # fmt: skip


# --- periods ---------------------------------------------------------------------------------------------------------


@given(DAYS, DAYS, st.integers(1, 150))
def test_a_day_is_due_exactly_when_its_period_has_ended(started: str, today: str, years: int) -> None:
    assert (years_later(started, years) <= today) == (started <= years_earlier(today, years))


def test_what_began_on_a_leap_day_is_kept_until_march() -> None:
    assert "2027-03-01" == years_later("2024-02-29", 3)


def test_a_birth_that_the_registry_does_not_know_is_taken_at_its_latest() -> None:
    assert "2052-06-01" == rule(starts="birth", years=25).ends("2026-06-01")


@pytest.mark.parametrize("starts", ["closure", "last-entry", "end-of-agreement", "as-guidance-says"])
def test_a_period_that_begins_with_what_the_registry_does_not_know_never_ends_by_itself(starts: str) -> None:
    found = rule(starts=starts, years=None)
    assert (None, None) == (found.ends("2026-06-01"), found.last_start_due("2200-01-01"))


# --- rules -----------------------------------------------------------------------------------------------------------


def test_the_first_rule_that_fits_kind_body_and_class_speaks() -> None:
    rules = (
        rule("classed", record_class="child-protection"),
        rule("council", bodies=("local-authority",)),
        rule("others"),
    )
    assert "classed" == rule_for(rules, "check.answered", "police", "child-protection").code  # type: ignore[union-attr]
    assert "council" == rule_for(rules, "check.answered", "local-authority").code  # type: ignore[union-attr]
    assert "others" == rule_for(rules, "check.answered", "police").code  # type: ignore[union-attr]


def test_what_no_rule_speaks_of_is_kept() -> None:
    assert rule_for((rule(),), "sharing-event.recorded", "police") is None
    assert rule_for((rule(),), "check.answered", "police", "a-class-of-nobody") is None


def test_the_shipped_rules_are_without_fault_and_say_what_they_rest_on() -> None:
    assert [] == list(rule_faults(SHIPPED))
    assert all(one.proposal for one in SHIPPED if "proposal" in one.source.lower())
    assert {"check", "decision", "council-decision", "sharing-decision"} <= {
        one.code for one in SHIPPED if one.proposal
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "Not A Code"}, "malformed"),
        ({"kinds": ()}, "malformed"),
        ({"kinds": ("sharing-event.withheld",)}, "unknown-code"),
        ({"kinds": ("payload.erased",)}, "unknown-code"),
        ({"years": 0}, "out-of-range"),
        ({"years": 151}, "out-of-range"),
        ({"starts": "closure"}, "not-computable"),
        ({"source": " "}, "missing"),
    ],
    ids=str,
)
def test_a_faulty_rule_is_not_adopted(changes: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as refused:
        erasures.change_retention([rule(**changes)])  # type: ignore[arg-type]
    assert code in [fault.code for fault in refused.value.faults]


def test_two_rules_of_one_code_are_not_adopted() -> None:
    with pytest.raises(Refused):
        erasures.change_retention([rule(), rule()])


def test_an_organisations_own_rules_come_first() -> None:
    register = Register()
    apply(register, 0, AT, RetentionChanged(rules=(rule("common"),)))
    apply(register, 1, AT, RetentionChanged(rules=(rule("own"),), organisation="a"))
    view = register.at(2)
    assert ["own", "common"] == [one.code for one in view.retention_rules("a")]
    assert ["common"] == [one.code for one in view.retention_rules("b")]


# --- erasures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "by", "people"),
    [
        ("retention-ended", None, ()),
        ("erasure-right", "a-rule", (1, 2)),
        ("erasure-right", None, ()),
        ("erasure-right", None, (1,)),
        ("erasure-right", None, (1, 1)),
        ("because", None, (1, 2)),
    ],
)
def test_what_neither_a_rule_nor_two_people_ask_for_is_no_draft(
    reason: str, by: str | None, people: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match=r"erasure|people"):
        erasures.erase([erasures.ErasedPart(1, AT, ())], reason=reason, rule=by, approved_by=people)


# --- holds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        (HoldScope(organisations=("a",)), True),
        (HoldScope(organisations=("c",)), False),
        (HoldScope(entries=(7,)), True),
        (HoldScope(entries=(8,)), False),
        (HoldScope(since=AT), True),
        (HoldScope(since="2026-11-23T09:00:00.001Z"), False),
        (HoldScope(until=AT), False),
        (HoldScope(until="2026-11-23T09:00:00.001Z"), True),
        (HoldScope(organisations=("a",), entries=(8,)), False),
    ],
    ids=str,
)
def test_what_a_hold_covers(scope: HoldScope, covered: bool) -> None:
    assert covered == scope.covers(7, AT, ("a", "b"))


@pytest.mark.parametrize(
    ("hold", "reason", "scope"),
    [
        ("An Inquiry", "inquiry", HoldScope(entries=(1,))),
        ("inquiry", "Some words about a case", HoldScope(entries=(1,))),
        ("inquiry", "inquiry", HoldScope()),
        ("inquiry", "inquiry", HoldScope(since="yesterday")),
        ("inquiry", "inquiry", HoldScope(entries=(-1,))),
    ],
    ids=str,
)
def test_a_hold_that_is_not_one_is_refused(hold: str, reason: str, scope: HoldScope) -> None:
    with pytest.raises(Refused) as refused:
        erasures.place_hold(HoldPlaced(hold=hold, reason=reason, scope=scope))
    assert "unprocessable" == refused.value.code


def test_a_hold_is_lifted_once_and_its_id_is_not_used_again() -> None:
    register = Register()
    placed = HoldPlaced(hold="inquiry", reason="inquiry", scope=HoldScope(entries=(1,)))
    lifted = HoldLifted(hold="inquiry", reason="ended")
    with pytest.raises(Refused, match="no such hold"):
        erasures.lift_hold(lifted).preconditions[0](register.at(0), AT)
    apply(register, 0, AT, placed)
    assert ["inquiry"] == [hold.hold for hold in register.at(1).holds()]
    with pytest.raises(Refused, match="before"):
        erasures.place_hold(placed).preconditions[0](register.at(1), AT)
    erasures.lift_hold(lifted).preconditions[0](register.at(1), AT)
    apply(register, 1, AT, lifted)
    assert [] == register.at(2).holds()
    with pytest.raises(Refused, match="lifted before"):
        erasures.lift_hold(lifted).preconditions[0](register.at(2), AT)


# --- what the register depends on ------------------------------------------------------------------------------------

WHO = st.sampled_from(["a", "b"])


def _role(kind: type[RoleGranted] | type[RoleRevoked]) -> st.SearchStrategy[RegisterPayload]:
    return st.builds(
        kind, organisation=WHO, issuer=st.just("i"), subject=WHO, role=st.sampled_from(["ig-lead", "auditor"])
    )


CHANGES: st.SearchStrategy[RegisterPayload] = st.one_of(
    _role(RoleGranted),
    _role(RoleRevoked),
    st.builds(OrganisationRegistered, organisation=WHO, name=WHO, organisation_kind=st.just("police")),
    st.builds(
        OrganisationChanged, organisation=WHO, name=WHO, organisation_kind=st.just("police"),
        suspended_on=st.sampled_from([None, "2026-11-23"]), closed_on=st.just(None), successor=st.just(None),
        partnerships=st.sampled_from([(), ("p",)]),
    ),
    st.builds(PartnershipRegistered, partnership=WHO, name=WHO, lead_body=WHO, ended_on=st.just(None)),
    st.builds(PartnershipChanged, partnership=WHO, name=WHO, lead_body=WHO, ended_on=st.just(None)),
    st.builds(
        DelegationGiven, delegation=WHO, organisation=WHO, starts=st.just("2026-01-01"), until=st.just("2026-12-31"),
        to=st.just(None), ref=st.just("POST-1"), agreements=st.just(()),
    ),
    st.builds(DelegationEnded, delegation=WHO, organisation=WHO, on=st.sampled_from(["2026-02-02", "2026-03-03"])),
    st.builds(ClientGranted, organisation=WHO, client=WHO, scopes=st.just(("checks:ask",))),
    st.builds(ClientRevoked, organisation=WHO, client=WHO),
    st.builds(
        IssuerRegistered, organisation=WHO, issuer=WHO, audiences=st.just(("x",)), algorithms=st.just(("ES256",)),
        profile=st.just("generic"),
    ),
    st.builds(IssuerRemoved, organisation=WHO, issuer=WHO),
    st.builds(
        LawfulBasisRecorded, record=WHO, organisation=WHO, agreement=st.just("t"), purpose=st.just("p"),
        article_6=st.just(()), article_9=st.just(()), article_10=st.just(()), part_3=st.just(()), gateways=st.just(()),
        adopted=st.just("own"), approved_by=st.just("x"), starts=st.just("2026-01-01"),
    ),
    st.builds(
        LawVerified, organisation=st.just("a"), sha256=st.just("0" * 64), source=st.just("LEGAL-1"),
        checked_on=st.sampled_from(["2026-02-02", "2026-03-03"]), profession=st.just("solicitor"), provision=WHO,
        organisation_kind=st.just(None), purpose=st.just(None),
    ),
    st.builds(
        LawVerificationWithdrawn, organisation=st.just("a"), reason=st.just("law-changed"), provision=WHO,
        organisation_kind=st.just(None), purpose=st.just(None),
    ),
    st.builds(LawfulBasisEnded, record=WHO, organisation=WHO, on=st.just("2026-02-02")),
)  # fmt: skip


def current(entries: list[Folded], size: int) -> dict[tuple[str, str], object]:
    """The register's current values after the entries below `size`; empty ones left out."""
    register = Register()
    for one in entries:
        if one.index < size:
            apply(register, one.index, one.at, one.payload)
    found: dict[tuple[str, str], object] = {}
    for name, shelf in register.shelves().items():
        for key, timeline in shelf.items():
            value = timeline.at(size)
            if value is not None and value != ():
                found[name, key] = value
    return found


@given(st.lists(CHANGES, min_size=1, max_size=14))
def test_an_entry_matters_until_folding_without_it_gives_the_same_register(changes: list[RegisterPayload]) -> None:
    entries = [Folded(index=position, at=AT, payload=payload) for position, payload in enumerate(changes)]
    influence = Influence(entries)
    for subject in entries:
        without = [one for one in entries if one is not subject]
        same = [
            size
            for size in range(subject.index + 1, len(entries) + 1)
            if current(entries, size) == current(without, size)
        ]
        assert influence.ends(subject.index) == (same[0] if same else None)
        if same:
            assert same == list(range(same[0], len(entries) + 1)), "once it does not matter, it never matters again"


def test_a_record_that_came_twice_stands_by_the_second_where_the_first_is_gone() -> None:
    record = LawfulBasisRecorded(
        record="r", organisation="a", agreement="t", purpose="p", article_6=(), article_9=(), article_10=(), part_3=(),
        gateways=(), adopted="own", approved_by="x", starts="2026-01-01",
    )  # fmt: skip
    assert 2 == Influence([Folded(index=position, at=AT, payload=record) for position in (0, 1)]).ends(0)


@given(st.lists(CHANGES, min_size=1, max_size=14))
def test_erasing_everything_that_may_go_leaves_the_current_register(changes: list[RegisterPayload]) -> None:
    entries = [Folded(index=position, at=AT, payload=payload) for position, payload in enumerate(changes)]
    before = current(entries, len(entries))
    left = list(entries)
    for subject in entries:
        if Influence(left).ends(subject.index) is not None:
            left = [one for one in left if one is not subject]
    assert before == current(left, len(entries))
