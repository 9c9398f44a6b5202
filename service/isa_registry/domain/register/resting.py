"""What a Tier 1 version carries: the Tier 2 versions that rest on it, and what becomes of them when it does not hold,
or a body leaves it. Checks follow the same rule (`domain/decisions/coverage.py`): this only says it beforehand."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.register.agreement_life import Shown, bodies_of, shown_as, signed_of
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView

_OVER = frozenset({"withdrawn", "superseded", "expired"})


class Effect(Struct, frozen=True):
    """What a Tier 1 version does to a Tier 2 version that rests on it. `lapsed`: the Tier 1 is not in force, so nobody
    may rely on the Tier 2. `without` are the signatories of the Tier 2 that have no standing attestation of the Tier 1,
    so nothing is shared with them under it; `signed` are all its signatories."""

    agreement: str
    version: str
    title: str
    shown: Shown
    lapsed: bool
    without: tuple[str, ...]
    signed: tuple[str, ...]

    @property
    def affected(self) -> tuple[str, ...]:
        """The bodies that cannot rely on the Tier 2."""
        return self.signed if self.lapsed else self.without


def effects(view: RegisterView, tier_1: AgreementVersion, on: str) -> list[Effect]:
    """Every Tier 2 version that rests on this version and is not over, with what follows for it on a day."""
    in_force = tier_1.in_force(on)
    return [
        Effect(
            agreement=one.agreement,
            version=one.version,
            title=one.title,
            shown=shown_as(view, one, on),
            lapsed=not in_force,
            without=_without(view, one, tier_1, on),
            signed=signed_of(view, one, bodies_of(view, one), on),
        )
        for one in resting_on(view, tier_1, on)
    ]


def resting_on(view: RegisterView, tier_1: AgreementVersion, on: str) -> list[AgreementVersion]:
    """The Tier 2 versions that name this version as their parent and are not over on a day."""
    return [
        one
        for one in view.agreement_versions()
        if one.schedule.parent is not None
        and (one.schedule.parent.agreement, one.schedule.parent.version) == (tier_1.agreement, tier_1.version)
        and shown_as(view, one, on) not in _OVER
    ]


def effect_on(view: RegisterView, tier_2: AgreementVersion, on: str) -> Effect | None:
    """The same seen from above: what the Tier 1 beneath a version does to it; None for a Tier 1."""
    parent = tier_2.schedule.parent
    if parent is None:
        return None
    tier_1 = view.agreement_version(parent.agreement, parent.version)
    signed = signed_of(view, tier_2, bodies_of(view, tier_2), on)
    return Effect(
        agreement=tier_2.agreement,
        version=tier_2.version,
        title=tier_2.title,
        shown=shown_as(view, tier_2, on),
        lapsed=tier_1 is None or not tier_1.in_force(on),
        without=signed if tier_1 is None else _without(view, tier_2, tier_1, on),
        signed=signed,
    )


def _without(view: RegisterView, tier_2: AgreementVersion, tier_1: AgreementVersion, on: str) -> tuple[str, ...]:
    signed = signed_of(view, tier_2, bodies_of(view, tier_2), on)
    beneath = set(signed_of(view, tier_1, signed, on))
    return tuple(one for one in signed if one not in beneath)
