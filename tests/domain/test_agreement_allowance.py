"""What a schedule lets go in one direction: the first flow that fits the two bodies, or else the purpose's own."""

import pytest

from isa_registry.domain.agreements import Allowance, Schedule, ScheduleFlow, SchedulePurpose, allowance

PURPOSE = SchedulePurpose(
    code="missing-now",
    clause="5.4",
    categories=("identity", "locations", "photos-media"),
    minimum=("identity",),
    flows=(
        ScheduleFlow("schools", "police", ("identity", "locations")),
        ScheduleFlow("everybody", "police", ("identity", "photos-media")),
        ScheduleFlow("police", "schools", (), ("identity",)),
    ),
)
SCHEDULE = Schedule(
    agreement="tier-9",
    version="1.0",
    title="Sharing at sea",
    tier=1,
    effective_from="2026-01-01",
    review_due="2027-01-01",
    purposes=(PURPOSE,),
    signatory_roles={},
    contacts=(),
    retention=(),
    parties={
        "police": ("police", "british-transport-police"),
        "schools": ("academy", "maintained-school"),
        "everybody": ("police", "academy", "maintained-school", "fire"),
    },
)


@pytest.mark.parametrize(
    ("provider", "recipient", "expected"),
    [
        pytest.param("academy", "police", Allowance(PURPOSE.categories, ("identity", "locations")), id="the first"),
        pytest.param("fire", "police", Allowance(PURPOSE.categories, ("identity", "photos-media")), id="a later one"),
        pytest.param("police", "academy", Allowance(("identity",), ()), id="narrowed"),
        pytest.param("fire", "academy", Allowance(PURPOSE.categories, ("identity",)), id="none fits"),
        pytest.param(None, "police", Allowance(PURPOSE.categories, ("identity",)), id="provider of no known kind"),
        pytest.param("academy", None, Allowance(PURPOSE.categories, ("identity",)), id="recipient of no known kind"),
    ],
)
def test_the_first_flow_that_fits_the_two_bodies_counts(
    provider: str | None, recipient: str | None, expected: Allowance
) -> None:
    assert expected == allowance(SCHEDULE, PURPOSE, provider, recipient)
