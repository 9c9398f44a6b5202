"""What is decided about a published version, and how it stands: public to read, and the business unit's to decide."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import agreement_decisions as decisions
from isa_registry.api.agreement_acting import decide
from isa_registry.api.agreements import published_version
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.domain.agreement_entries import (
    AgreementInForce,
    AgreementOpened,
    AgreementResumed,
    AgreementReviewed,
    AgreementSuspended,
    AgreementWithdrawn,
    InForceRule,
)
from isa_registry.domain.dates import london_date
from isa_registry.domain.lifecycles import events
from isa_registry.domain.register.agreement_history import Decided, decisions_about
from isa_registry.domain.register.agreement_life import Coming, Shown, standing
from isa_registry.domain.register.lives import state_of_version
from isa_registry.domain.register.resting import Effect, effect_on, effects
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.registry import Registry

_VERSION = "/api/v1/agreements/{agreement:str}/versions/{version:str}"
_Body = TypeVar("_Body", bound=Struct)


class VersionOpening(Struct, frozen=True, forbid_unknown_fields=True):
    """Opening a version for attestation by its `parties`, with the `rule` by which it comes into force: not before the
    day `on`, once `quorum` bodies have attested it, those in `bodies` among them."""

    parties: tuple[str, ...]
    rule: InForceRule


class VersionInForce(Struct, frozen=True, forbid_unknown_fields=True):
    """A decision that a version is in force from a day on, whatever its rule says; `ends` is its last day."""

    on: str
    review_due: str | None = None
    ends: str | None = None


class VersionSuspension(Struct, frozen=True, forbid_unknown_fields=True):
    """Not in force from a day on, until it is resumed; `reason` is a code."""

    on: str
    reason: str


class VersionResumption(Struct, frozen=True, forbid_unknown_fields=True):
    """In force again from a day on."""

    on: str


class VersionWithdrawal(Struct, frozen=True, forbid_unknown_fields=True):
    """Never in force again from a day on; `reason` is a code, `successor` the version (`agreement/version`) that takes
    its place."""

    on: str
    reason: str
    successor: str | None = None


class VersionReview(Struct, frozen=True, forbid_unknown_fields=True):
    """A review that took place; `outcome` is a code, `review_due` when the next one is due."""

    on: str
    outcome: str
    review_due: str | None = None


class ComingLine(Struct, frozen=True):
    """What follows from a date that is not there yet."""

    what: str
    on: str


class DecisionLine(Struct, frozen=True):
    """An event in a version's life, and the entry of the log that it is."""

    event: str
    entry: int
    on: str | None
    code: str | None
    review_due: str | None
    successor: str | None


class EffectLine(Struct, frozen=True):
    """What a Tier 1 version does to a Tier 2 that rests on it. `lapsed`: the Tier 1 is not in force, so no body may
    rely on the Tier 2; `without` are its signatories that have no standing attestation of the Tier 1; `affected` are
    the bodies that cannot rely on the Tier 2, of the `signed` that have attested it."""

    agreement: str
    version: str
    state: Shown
    lapsed: bool
    without: tuple[str, ...]
    affected: tuple[str, ...]
    signed: int


class VersionLife(Struct, frozen=True):
    """How a version stands on the day `on`, Europe/London.

    `signed` of `asked` (n of m) have a standing attestation: the bodies that it was opened for, and whoever else
    attested it. `takes` are the events that may follow. `beneath` is what the Tier 1 does to a Tier 2; `resting` are
    the Tier 2 versions that rest on a Tier 1.
    """

    agreement: str
    version: str
    partnership: str | None
    on: str
    state: Shown
    n: int
    m: int
    asked: tuple[str, ...]
    signed: tuple[str, ...]
    rule: InForceRule | None
    coming: tuple[ComingLine, ...]
    takes: tuple[str, ...]
    decisions: tuple[DecisionLine, ...]
    beneath: EffectLine | None
    resting: tuple[EffectLine, ...]


@reads(f"{_VERSION}/life")
async def read_life(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    view, today = registry.follower.view, london_date(registry.now())
    found = published_version(view, agreement, version)
    stands = standing(view, found, today)
    beneath = effect_on(view, found, today)
    return json_response(
        VersionLife(
            agreement=agreement,
            version=version,
            partnership=found.partnership,
            on=today,
            state=stands.shown,
            n=len(stands.signed),
            m=len(stands.asked),
            asked=stands.asked,
            signed=stands.signed,
            rule=None if found.opened is None else found.opened.rule,
            coming=tuple(map(_coming, stands.coming)),
            takes=events("agreement", state_of_version(found)),
            decisions=tuple(map(_decided, decisions_about(view, agreement, version))),
            beneath=None if beneath is None else _effect(beneath),
            resting=tuple(map(_effect, effects(view, found, today))),
        )
    )


@writes(f"{_VERSION}/opening")
async def open_version(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    sent, body = await _sent(request, VersionOpening, "The opening")
    opened = AgreementOpened(agreement=agreement, version=version, rule=sent.rule, parties=sent.parties)
    return await decide(request, agreement, version, decisions.open_version(opened), body)


@writes(f"{_VERSION}/in-force")
async def bring_into_force(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    sent, body = await _sent(request, VersionInForce, "The decision")
    decision = AgreementInForce(agreement, version, sent.on, sent.review_due, sent.ends)
    return await decide(request, agreement, version, decisions.decide_in_force(decision), body)


@writes(f"{_VERSION}/suspension")
async def suspend_version(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    sent, body = await _sent(request, VersionSuspension, "The suspension")
    decision = AgreementSuspended(agreement, version, sent.on, sent.reason)
    return await decide(request, agreement, version, decisions.suspend(decision), body)


@writes(f"{_VERSION}/resumption")
async def resume_version(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    sent, body = await _sent(request, VersionResumption, "The resumption")
    return await decide(
        request, agreement, version, decisions.resume(AgreementResumed(agreement, version, sent.on)), body
    )


@writes(f"{_VERSION}/withdrawal")
async def withdraw_version(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    sent, body = await _sent(request, VersionWithdrawal, "The withdrawal")
    decision = AgreementWithdrawn(agreement, version, sent.on, sent.reason, sent.successor)
    return await decide(request, agreement, version, decisions.withdraw(decision), body)


@writes(f"{_VERSION}/review")
async def review_version(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    sent, body = await _sent(request, VersionReview, "The review")
    decision = AgreementReviewed(agreement, version, sent.on, sent.outcome, sent.review_due)
    return await decide(request, agreement, version, decisions.review(decision), body)


async def _sent(request: Request, form: type[_Body], subject: str) -> tuple[_Body, bytes]:
    body = await request.body()
    with decoding(subject):
        return msgspec.json.decode(body, type=form), body


def _coming(one: Coming) -> ComingLine:
    return ComingLine(one.what, one.on)


def _decided(one: Decided) -> DecisionLine:
    return DecisionLine(one.event, one.entry, one.on, one.code, one.review_due, one.successor)


def _effect(one: Effect) -> EffectLine:
    return EffectLine(
        agreement=one.agreement,
        version=one.version,
        state=one.shown,
        lapsed=one.lapsed,
        without=one.without,
        affected=one.affected,
        signed=len(one.signed),
    )


HANDLERS = [
    read_life,
    open_version,
    bring_into_force,
    suspend_version,
    resume_version,
    withdraw_version,
    review_version,
]
