"""However many bodies ask each other, what they stand under is that of the two: held against plain looking up."""

from __future__ import annotations

import itertools

from demonstration import BODIES, Demonstration, catalogue
from isa_registry.domain.agreements import allowance
from isa_registry.domain.decisions.coverage import Coverage, coverages
from isa_registry.domain.decisions.ground import day_of
from isa_registry.domain.register.register import RegisterView

PURPOSES = ("harm-outside-the-home", "early-help", "crime-prevention", "missing-now", "mappa")
DAYS = ("2026-03-01", "2026-05-20", "2026-10-01", "2026-11-27")


STIRRED = ("harbour", "nenc-icb", "way-through", "example-academy-trust", "example-academy", "hmp-durham")


def stirred() -> RegisterView:
    """A register in which bodies reserved purposes, withdrew from one tier or both, were suspended, follow a parent."""
    demonstration = Demonstration().body("harbour", "voluntary", suspended_on="2026-10-01")
    demonstration.withdraws("nenc-icb", "tier-1", "2026-09-01").withdraws("way-through", "tier-2-hoth", "2026-11-01")
    demonstration.signs("example-academy-trust", "tier-1", "tier-2-hoth", reservations=("crime-prevention",))
    return demonstration.signs("hmp-durham", "tier-2-hoth", reservations=("missing-now",)).view()


def plainly(view: RegisterView, purpose: str, provider: str | None, recipient: str | None, on: str) -> set[Coverage]:
    """The same by looking up each body for each version, and remembering nothing."""
    found = set()
    for version, line, in_force in view._versions_for(purpose, on):
        both = (provider, recipient)
        signed = [
            None if body is None else view._signature(version.agreement, version.version, body, on) for body in both
        ]
        parent, lapsed = version.schedule.parent, False
        if parent is not None:
            beneath = view.agreement_version(parent.agreement, parent.version)
            lapsed = beneath is None or not beneath.in_force(on)
            for body, one in zip(both, signed, strict=True):
                if body is not None and one is not None:
                    lapsed |= view._signature(parent.agreement, parent.version, body, on) is None
        bodies = [None if body is None else view.organisation(body) for body in both]
        allowed = allowance(version.schedule, line, *(one.organisation_kind if one else None for one in bodies))
        found.add(
            (
                version.agreement, version.version, line.clause, allowed.categories, allowed.minimum, in_force,
                signed[0] is not None, signed[1] is not None,
                any(one is not None and purpose in one.reservations for one in signed), lapsed,
            )
        )  # fmt: skip
    return found  # type: ignore[return-value]


def told(found: list[Coverage]) -> set[Coverage]:
    return {
        (
            one.version.agreement, one.version.version, one.purpose.clause, one.categories, one.minimum, one.in_force,
            one.provider_signed, one.recipient_signed, one.reserved, one.lapsed,
        )
        for one in found
    }  # type: ignore[return-value]  # fmt: skip


def test_every_pair_of_bodies_stands_where_plain_looking_up_has_it() -> None:
    view = stirred()
    pairs = list(itertools.product((*STIRRED, "durham-constabulary", "home-office", None), repeat=2))
    seen = set()
    for purpose, on, (provider, recipient) in itertools.product(PURPOSES, DAYS, pairs):
        found = coverages(view, purpose, provider, recipient, on)
        assert plainly(view, purpose, provider, recipient, on) == told(found), (purpose, on, provider, recipient)
        seen |= {(one.complete, one.reserved, one.lapsed) for one in found}
    assert {(True, False, False), (False, True, False), (False, False, True)} <= seen


def test_the_one_that_fits_best_comes_first_also_when_the_pair_is_new() -> None:
    view = stirred()
    for provider, recipient in itertools.permutations(BODIES, 2):
        found = coverages(view, "missing-now", provider, recipient, "2026-11-27")
        assert sorted(found, key=lambda one: not one.complete) == found


def test_what_is_remembered_does_not_grow_with_pairs_of_bodies() -> None:
    demonstration = Demonstration()
    for number in range(60):
        demonstration.body(f"school-{number}", "maintained-school").signs(f"school-{number}", "tier-1", "tier-2-hoth")
    view = demonstration.view()
    day = day_of(view, catalogue(), "2026-11-27", "2026-11-27")
    matter = day.matter("missing-now")
    for provider, recipient in itertools.permutations(range(60), 2):
        sending, receiving = (day.body(f"school-{number}").footing(matter).stand for number in (provider, recipient))
        matter.covered(sending, receiving)
    assert 1 == len(matter._covered) == len(matter._stands)
    assert 60 == len(day._bodies)
    assert day is day_of(view, catalogue(), "2026-11-27", "2026-11-27")


def test_what_if_days_are_kept_for_a_while_and_today_for_as_long_as_the_register_stands() -> None:
    view, today = Demonstration().view(), "2026-11-27"
    kept = day_of(view, catalogue(), today, today)
    for day in range(1, 31):
        day_of(view, catalogue(), f"2026-12-{day:02d}", today)
    assert kept is day_of(view, catalogue(), today, today)
    assert len(view.memory.recall(("days",), dict)) <= 8
