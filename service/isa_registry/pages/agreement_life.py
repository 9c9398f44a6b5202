"""The business unit's agreements: every version in its state, and how one stands."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions.leading import leads
from isa_registry.domain.agreement_codes import REVIEW_OUTCOMES, SUSPENSION_REASONS, WITHDRAWAL_REASONS
from isa_registry.domain.dates import london_date
from isa_registry.domain.lifecycles import events
from isa_registry.domain.register.agreement_history import decisions_about
from isa_registry.domain.register.agreement_life import Standing, standing
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.lives import state_of_version
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.resting import Effect, effect_on, effects
from isa_registry.pages.agreement_deciding import DECISIONS, deciding_handlers
from isa_registry.pages.agreement_drafts import drafts_of
from isa_registry.pages.agreement_wording import (
    DRAFT_STATES,
    STATES,
    bodies,
    coming_in_words,
    decided_in_words,
)
from isa_registry.pages.changing import body_name
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, plain_time, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.pages.unit_versions import own_version
from isa_registry.runtime.access.changes import decider

ADDRESS = "/account/agreements"
_CODES = {**REVIEW_OUTCOMES, **SUSPENSION_REASONS, **WITHDRAWAL_REASONS}


class VersionRow(Struct, frozen=True):
    """A version in the list: `state` is the code of its tag and the words on it, `attested` is n of m."""

    title: str
    version: str
    tier: int
    address: str
    state: tuple[str, str]
    attested: str


class DraftRow(Struct, frozen=True):
    """A draft in the list."""

    name: str
    address: str
    state: tuple[str, str]
    changed_at: str
    revisable: bool


class EffectShown(Struct, frozen=True):
    """What a Tier 1 does to a Tier 2, in a sentence, with the bodies that it is about."""

    says: str
    names: tuple[str, ...]


def life_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def listed(request: Request) -> Response[bytes]:
        view, today = _now(request)
        found = [
            one for one in view.agreement_versions() if leads(view, one.partnership, caller_of(request).organisation)
        ]
        drafts = await drafts_of(request).all(decider(caller_of(request)))
        return layout_of(request).page(
            "unit_agreements.html",
            versions=[_row(one, standing(view, one, today)) for one in reversed(found)],
            drafts=[
                DraftRow(
                    name=f"{one.agreement} version {one.version}",
                    address=f"/account/agreement-drafts/{one.id}",
                    state=DRAFT_STATES[one.state],
                    changed_at=plain_time(one.changed_at),
                    revisable=one.state == "drafting",
                )
                for one in drafts
                if one.state not in ("published", "discarded")
            ],
        )

    @reads(f"{ADDRESS}/{{agreement:str}}/{{version:str}}")
    async def look(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        view, today = _now(request)
        found = own_version(request, agreement, version)
        stands = standing(view, found, today)
        taken = events("agreement", state_of_version(found))
        current = view.agreement_in_force(agreement, today)
        return layout_of(request).page(
            "unit_version.html",
            version=found,
            address=f"{ADDRESS}/{agreement}/{version}",
            state=STATES[stands.shown],
            stands=stands,
            coming=[coming_in_words(one) for one in stands.coming],
            waiting=[body_name(view, one) for one in stands.waited_for],
            signed=[body_name(view, one) for one in stands.signed],
            effects=effects_in_words(view, found, today),
            history=[(one.entry, decided_in_words(one, _CODES)) for one in decisions_about(view, agreement, version)],
            decisions=[(one.name, one.link) for one in DECISIONS.values() if one.event in taken],
            current=None if current is None or current.version == version else current.version,
        )

    return [listed, look, *deciding_handlers(reads, writes)]


def effects_in_words(view: RegisterView, version: AgreementVersion, today: str) -> list[EffectShown]:
    """What the version does to those that rest on it, or what the one beneath does to it."""
    beneath = effect_on(view, version, today)
    found = effects(view, version, today) if beneath is None else [beneath]
    return [_effect(view, one, below=beneath is not None) for one in found]


def _effect(view: RegisterView, one: Effect, *, below: bool) -> EffectShown:
    name = "This version" if below else f"{one.title}, version {one.version}"
    rests = "rests on a Tier 1 version that" if below else "rests on this version, which"
    if one.lapsed:
        says = f"{name} {rests} is not in force: {bodies(len(one.signed))} cannot rely on it."
    elif one.without:
        says = f"{name} {rests} {bodies(len(one.without))} of its signatories no longer attests:"
    else:
        says = f"{name} {rests} all its {len(one.signed)} signatories attest."
    return EffectShown(says, tuple(body_name(view, body) for body in (() if one.lapsed else one.without)))


def _row(version: AgreementVersion, stands: Standing) -> VersionRow:
    return VersionRow(
        title=version.title,
        version=version.version,
        tier=version.tier,
        address=f"{ADDRESS}/{version.agreement}/{version.version}",
        state=STATES[stands.shown],
        attested=f"{len(stands.signed)} of {len(stands.asked)}",
    )


def _now(request: Request) -> tuple[RegisterView, str]:
    registry = registry_of(request)
    return registry.follower.view, london_date(registry.now())
