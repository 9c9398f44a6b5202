"""Where a body stands towards a version on a day."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from demonstration import Demonstration, attested, published
from isa_registry.domain.agreement_entries import (
    AgreementInForce,
    AgreementOpened,
    AgreementWithdrawn,
    AttestationDeclined,
    AttestationWithdrawn,
    InForceRule,
)
from isa_registry.domain.lifecycles import states
from isa_registry.domain.party_entries import OrganisationChanged
from isa_registry.domain.register.attestation_states import standing, standings, why_not_open

AGREEMENT = "tier-2-hoth"
TODAY, ENDED = "2026-11-27", "2026-11-26"
CLUB, TRUST, ACADEMY = "example-sports-club", "example-academy-trust", "example-academy"
POLICE = "durham-constabulary"
Then = Callable[[Demonstration], Demonstration]


def newer() -> msgspec.Struct:
    return msgspec.structs.replace(published(AGREEMENT), version="1.1")


def opened(*parties: str) -> AgreementOpened:
    return AgreementOpened(agreement=AGREEMENT, version="1.0", rule=InForceRule(), parties=parties)


def declined(organisation: str = CLUB) -> AttestationDeclined:
    return AttestationDeclined(agreement=AGREEMENT, version="1.0", organisation=organisation, reason="no-lawful-basis")


def withdrawn(on: str) -> AttestationWithdrawn:
    return AttestationWithdrawn(
        attestation="a-1", agreement=AGREEMENT, version="1.0", organisation=CLUB, on=on, reason="signed-in-error"
    )


def of_club(**record: str) -> OrganisationChanged:
    return OrganisationChanged(organisation=CLUB, name="Club", organisation_kind="sports-club", **record)  # type: ignore[arg-type]


MADE = attested(CLUB, AGREEMENT, identifier="a-1")
NEWER_IN_FORCE = AgreementInForce(agreement=AGREEMENT, version="1.1", on="2026-11-01")

CASES: dict[str, tuple[tuple[object, ...], str, bool]] = {
    "nothing": ((), "none", False),
    "a party": ((opened(CLUB),), "invited", False),
    "attested": ((MADE,), "attested", True),
    "attested by a party": ((opened(CLUB), MADE), "attested", True),
    "declined": ((opened(CLUB), declined()), "declined", False),
    "declined, then attested": ((declined(), MADE), "attested", True),
    "withdrawn": ((MADE, withdrawn(TODAY)), "withdrawn", False),
    "withdrawn from tomorrow": ((MADE, withdrawn("2026-11-28")), "attested", True),
    "withdrawn, then declined": ((MADE, withdrawn(TODAY), declined()), "declined", False),
    "a newer version in force": ((MADE, newer(), NEWER_IN_FORCE), "stale", True),
    "a newer version published": ((MADE, newer()), "attested", True),
    "the version withdrawn": (
        (MADE, AgreementWithdrawn(agreement=AGREEMENT, version="1.0", on=TODAY, reason="replaced")), "lapsed", True,
    ),
    "the version past its end": (
        (MADE, AgreementInForce(agreement=AGREEMENT, version="1.0", on="2026-06-01", ends=ENDED)), "lapsed", True,
    ),
    "the body closed": ((MADE, of_club(closed_on=TODAY)), "lapsed", False),
    "the body suspended": ((MADE, of_club(suspended_on=TODAY)), "attested", False),
}  # fmt: skip


@pytest.mark.parametrize("what", CASES)
def test_a_body_stands_where_its_entries_and_the_day_put_it(what: str) -> None:
    logged, state, counts = CASES[what]
    view = _after(*logged)
    version = view.agreement_version(AGREEMENT, "1.0")
    assert version is not None
    found = standing(view, version, CLUB, TODAY)
    assert (found.state, found.counts) == (state, counts)


def test_signing_a_newer_version_is_attesting_again() -> None:
    view = _after(MADE, newer(), NEWER_IN_FORCE, attested(CLUB, AGREEMENT, version="1.1", identifier="a-2"))
    first, second = (view.agreement_version(AGREEMENT, one) for one in ("1.0", "1.1"))
    assert first is not None
    assert second is not None
    assert standing(view, first, CLUB, TODAY).state == "stale"
    assert standing(view, second, CLUB, TODAY).state == "re-attested"


def test_a_child_stands_by_its_parent_unless_it_is_named_out() -> None:
    view = _after(attested(TRUST, AGREEMENT, identifier="t-1"))
    version = view.agreement_version(AGREEMENT, "1.0")
    assert version is not None
    found = standing(view, version, ACADEMY, TODAY)
    assert (found.state, found.through, found.counts) == ("by-parent", TRUST, True)
    out = OrganisationChanged(
        organisation=ACADEMY, name="A", organisation_kind="academy", parent=TRUST, named_out=(AGREEMENT,)
    )
    view = _after(attested(TRUST, AGREEMENT, identifier="t-1"), out)
    assert standing(view, version, ACADEMY, TODAY).state == "none"


def test_a_day_before_it_was_signed_knows_nothing_of_it() -> None:
    view = _after(MADE)
    version = view.agreement_version(AGREEMENT, "1.0")
    assert version is not None
    assert standing(view, version, CLUB, "2026-05-01").state == "none"


@pytest.mark.parametrize("invitation", states("invitation"))
def test_an_invitation_stands_until_the_body_says_something(invitation: str) -> None:
    view = _after()
    version = view.agreement_version(AGREEMENT, "1.0")
    assert version is not None
    assert standing(view, version, CLUB, TODAY, invitation=invitation).state == invitation
    assert standing(_after(MADE), version, CLUB, TODAY, invitation=invitation).state == "attested"


def test_everybody_who_has_to_do_with_a_version_is_listed_once() -> None:
    view = _after(opened(CLUB), attested(TRUST, AGREEMENT, identifier="t-1"), declined("hmp-durham"))
    version = view.agreement_version(AGREEMENT, "1.0")
    assert version is not None
    found = {one.organisation: one.state for one in standings(view, version, TODAY)}
    assert {CLUB: "invited", TRUST: "attested", ACADEMY: "by-parent", "hmp-durham": "declined", POLICE: "attested"} == {
        name: found[name] for name in (CLUB, TRUST, ACADEMY, "hmp-durham", POLICE)
    }
    assert "home-office" not in found
    asked = standings(view, version, TODAY, {"home-office": "asked"})
    assert {one.organisation: one.state for one in asked} == {**found, "home-office": "asked"}


def test_a_version_is_attested_while_it_is_open_or_in_force_and_not_superseded() -> None:
    view = _after(newer())
    current, fresh = (view.agreement_version(AGREEMENT, one) for one in ("1.0", "1.1"))
    assert current is not None
    assert fresh is not None
    assert why_not_open(view, current, TODAY) is None
    assert "not open" in (why_not_open(view, fresh, TODAY) or "")
    view = _after(newer(), NEWER_IN_FORCE)
    assert "newer version" in (why_not_open(view, current, TODAY) or "")


def _after(*logged: object):  # type: ignore[no-untyped-def]
    register = Demonstration().then(*logged)  # type: ignore[arg-type]
    return register.register.at(register.size)


@pytest.mark.parametrize(
    ("at", "before", "on"),
    [
        ("2026-05-20T23:30:00.000Z", "2026-05-20", "2026-05-21"),  # half an hour past midnight, summer time
        ("2026-05-20T22:59:59.999Z", "2026-05-19", "2026-05-20"),
        ("2026-11-20T23:30:00.000Z", "2026-11-19", "2026-11-20"),
    ],
)
def test_an_attestation_stands_from_the_london_day_on_which_it_was_made(at: str, before: str, on: str) -> None:
    view = Demonstration().then(attested(CLUB, AGREEMENT, identifier="a-1", at=at)).view()
    [found] = view.attestations_by(AGREEMENT, "1.0", CLUB)

    assert (False, True) == (found.stands(before), found.stands(on))
