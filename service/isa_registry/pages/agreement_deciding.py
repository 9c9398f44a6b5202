"""Deciding about a version on a page: what follows is said before the button, and the form is one table."""

from __future__ import annotations

from collections.abc import Callable

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import agreement_decisions as decisions
from isa_registry.domain.agreement_codes import REVIEW_OUTCOMES, SUSPENSION_REASONS, WITHDRAWAL_REASONS
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
from isa_registry.domain.lifecycles import step
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.agreement_life import bodies_of, signed_of
from isa_registry.domain.register.facts import AgreementVersion, Organisation
from isa_registry.domain.register.lives import state_of_version, untimely
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.resting import effects
from isa_registry.identity.forms import Sent, only
from isa_registry.ledger.drafts import Draft
from isa_registry.pages.agreement_wording import bodies
from isa_registry.pages.changing import body_name, rejected
from isa_registry.pages.forms import Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.signing_in import Declare
from isa_registry.pages.unit_versions import own_version
from isa_registry.runtime.access.changes import decider
from isa_registry.runtime.agreements.deciding import decide

_ADDRESS = "/account/agreements/{agreement:str}/{version:str}/{decision:str}"


class Decision(Struct, frozen=True):
    """A decision about a version, as its page has it: the event in the table of lives, the `fields` of its form, and
    what is said once it is done. `draft` makes it of what was sent, on a day. `warning`: others lose by it."""

    name: str
    event: str
    link: str
    title: str
    button: str
    done: str
    fields: tuple[str, ...]
    draft: Callable[[RegisterView, AgreementVersion, Sent, str], Draft]
    codes: dict[str, str] = {}
    warning: bool = False


def deciding_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(_ADDRESS)
    async def look(
        request: Request, agreement: FromPath[str], version: FromPath[str], decision: FromPath[str]
    ) -> Response[bytes]:
        return _page(request, own_version(request, agreement, version), _decision(decision))

    @writes(_ADDRESS)
    async def carry_out(
        request: Request, agreement: FromPath[str], version: FromPath[str], decision: FromPath[str]
    ) -> Response[bytes]:
        found, wanted, sent = own_version(request, agreement, version), _decision(decision), form_of(request)
        registry = registry_of(request)
        try:
            draft = wanted.draft(registry.follower.view, found, sent, london_date(registry.now()))
            done = await decide(registry, agreement, version, draft, decider(caller_of(request)))
        except Refused as refused:
            told = rejected(Form(sent), refused, _fields(refused.faults))
            return _page(request, found, wanted, told.form, told.status)
        return layout_of(request).page(
            "unit_decided.html",
            done=wanted.done,
            entry=done.index,
            version=found,
            address=f"/account/agreements/{agreement}/{version}",
        )

    return [look, carry_out]


def _page(
    request: Request, version: AgreementVersion, decision: Decision, form: Form | None = None, status: int = 200
) -> Response[bytes]:
    registry = registry_of(request)
    view, today = registry.follower.view, london_date(registry.now())
    state = state_of_version(version)
    if step("agreement", state, decision.event) is None and status == 200:
        raise Refused("conflict", untimely("agreement", state, decision.event))
    shown = form or Form({"on": (today,), **_suggested(version, decision)})
    return layout_of(request).page(
        "unit_decision.html",
        status=status,
        form=shown,
        version=version,
        decision=decision,
        address=f"/account/agreements/{version.agreement}/{version.version}",
        consequences=_consequences(view, version, decision, today),
        reasons=list(decision.codes.items()),
        asked=[(one, body_name(view, one)) for one in _as_before(view, version, today)],
        known=[(one.organisation, one.name) for one in _members(view, version, today)],
    )


def _suggested(version: AgreementVersion, decision: Decision) -> dict[str, tuple[str, ...]]:
    if decision.name == "in-force":
        return {"review_due": (version.schedule.review_due,)}
    return {"on": ()} if decision.name == "opening" else {}


def _consequences(view: RegisterView, version: AgreementVersion, decision: Decision, today: str) -> list[str]:
    """What follows, said before the button."""
    found = [_CONSEQUENCES[decision.name]]
    if decision.name in ("suspension", "withdrawal"):
        signed = signed_of(view, version, bodies_of(view, version), today)
        found.append(f"{bodies(len(signed))} can rely on it today, and from that day on none can.".capitalize())
        found += [
            f"{one.title}, version {one.version}, rests on it: {bodies(len(one.signed))} cannot rely on that either."
            for one in effects(view, version, today)
        ]
        found.append("Checks follow from the next entry on. Nobody is ever forbidden to protect a child by it.")
    current = view.agreement_in_force(version.agreement, today)
    if decision.name in ("opening", "in-force") and current is not None:
        since = f"Version {current.version} is in force until then, and is superseded from that day on."
        found.append(since)
    if decision.name == "opening":
        found.append(
            f"The schedule says that it takes effect on {plain_date(version.schedule.effective_from)} or later."
        )
    return found


def _decision(name: str) -> Decision:
    found = DECISIONS.get(name)
    if found is None:
        raise Refused("not-found", "There is no such decision.")
    return found


# --- the forms as drafts ---------------------------------------------------------------------------------------------


def _as_before(view: RegisterView, version: AgreementVersion, today: str) -> tuple[str, ...]:
    """The bodies of the version in force: those that it was opened for, and whoever else attested it."""
    current = view.agreement_in_force(version.agreement, today)
    if current is None:
        return ()
    return tuple(one for one in bodies_of(view, current) if _takes_part(view, one, today))


def _members(view: RegisterView, version: AgreementVersion, today: str) -> list[Organisation]:
    opened = view.opened()
    own = "" if opened is None else opened.partnership
    partnership = version.partnership or own
    return [
        one for one in view.organisations() if partnership in (one.partnerships or (own,)) and one.takes_part(today)
    ]


def _takes_part(view: RegisterView, body: str, today: str) -> bool:
    found = view.organisation(body)
    return found is not None and found.takes_part(today)


def _opening(view: RegisterView, version: AgreementVersion, sent: Sent, today: str) -> Draft:
    who, listed = only(sent, "who"), tuple(only(sent, "bodies").split())
    asked = {
        "as-before": lambda: _as_before(view, version, today),
        "everybody": lambda: tuple(one.organisation for one in _members(view, version, today)),
        "these": lambda: listed,
    }.get(who)
    faults = []
    if asked is None:
        faults.append(Fault("#/who", "missing", "Choose whom to ask."))
    quorum = only(sent, "quorum").strip()
    if quorum and not (quorum.isascii() and quorum.isdecimal() and len(quorum) < 6):
        faults.append(Fault("#/quorum", "not-a-number", "Write the number in figures, or leave it empty."))
    if asked is None or faults:
        raise Refused("unprocessable", "The form has gaps.", tuple(faults))
    rule = InForceRule(
        on=only(sent, "on").strip() or None,
        quorum=int(quorum) if quorum else None,
        bodies=tuple(only(sent, "must").split()),
    )
    return decisions.open_version(AgreementOpened(version.agreement, version.version, rule, asked()))


def _in_force(view: RegisterView, version: AgreementVersion, sent: Sent, today: str) -> Draft:
    review_due, ends = only(sent, "review_due").strip() or None, version.schedule.ends
    decision = AgreementInForce(version.agreement, version.version, only(sent, "on").strip(), review_due, ends)
    return decisions.decide_in_force(decision)


def _suspend(view: RegisterView, version: AgreementVersion, sent: Sent, today: str) -> Draft:
    decision = AgreementSuspended(version.agreement, version.version, only(sent, "on").strip(), only(sent, "reason"))
    return decisions.suspend(decision)


def _resume(view: RegisterView, version: AgreementVersion, sent: Sent, today: str) -> Draft:
    return decisions.resume(AgreementResumed(version.agreement, version.version, only(sent, "on").strip()))


def _withdraw(view: RegisterView, version: AgreementVersion, sent: Sent, today: str) -> Draft:
    successor = only(sent, "successor").strip() or None
    decision = AgreementWithdrawn(
        version.agreement, version.version, only(sent, "on").strip(), only(sent, "reason"), successor
    )
    return decisions.withdraw(decision)


def _review(view: RegisterView, version: AgreementVersion, sent: Sent, today: str) -> Draft:
    review_due = only(sent, "review_due").strip() or None
    decision = AgreementReviewed(
        version.agreement, version.version, only(sent, "on").strip(), only(sent, "reason"), review_due
    )
    return decisions.review(decision)


def _fields(faults: tuple[Fault, ...]) -> dict[str, str]:
    """The field of the form that each pointer is about."""
    named = {"parties": "bodies", "rule": "quorum", "outcome": "reason"}
    found = {}
    for fault in faults:
        parts = fault.pointer.removeprefix("#/").split("/")
        if parts[0] == "rule" and len(parts) > 1:
            found[fault.pointer] = {"bodies": "must"}.get(parts[1], parts[1])
        else:
            found[fault.pointer] = named.get(parts[0], parts[0])
    return found


DECISIONS: dict[str, Decision] = {
    one.name: one
    for one in (
        Decision(
            name="opening",
            event="open",
            link="Open it for attestation",
            title="Open a version for attestation",
            button="Open it",
            done="Open for attestation",
            fields=("who", "on", "quorum", "must"),
            draft=_opening,
        ),
        Decision(
            name="in-force",
            event="come-into-force",
            link="Bring it into force by decision",
            title="Bring a version into force",
            button="Bring it into force",
            done="The version has its day to come into force",
            fields=("on", "review_due"),
            draft=_in_force,
        ),
        Decision(
            name="review",
            event="review",
            link="Record a review",
            title="Record a review",
            button="Record the review",
            done="Review recorded",
            fields=("on", "reason", "review_due"),
            draft=_review,
            codes=REVIEW_OUTCOMES,
        ),
        Decision(
            name="suspension",
            event="suspend",
            link="Suspend it",
            title="Suspend a version",
            button="Suspend it",
            done="Suspended",
            fields=("on", "reason"),
            draft=_suspend,
            codes=SUSPENSION_REASONS,
            warning=True,
        ),
        Decision(
            name="resumption",
            event="resume",
            link="Resume it",
            title="Resume a version",
            button="Resume it",
            done="Resumed",
            fields=("on",),
            draft=_resume,
        ),
        Decision(
            name="withdrawal",
            event="withdraw",
            link="Withdraw it for good",
            title="Withdraw a version",
            button="Withdraw it for good",
            done="Withdrawn",
            fields=("on", "reason", "successor"),
            draft=_withdraw,
            codes=WITHDRAWAL_REASONS,
            warning=True,
        ),
    )
}
"""The decisions by the last part of their pages' addresses, in the order in which a version meets them."""

_CONSEQUENCES: dict[str, str] = {
    "opening": "The bodies that you choose are asked to attest exactly these words. It comes into force by itself once "
    "the rule below is met.",
    "in-force": "It is in force from the day that you name, whatever its rule says and whoever has attested it.",
    "review": "What a review came to is logged. It changes nothing but the day on which the next one is due.",
    "suspension": "From the day that you name it is not in force, until it is resumed.",
    "resumption": "From the day that you name it is in force again, with whoever attests it then.",
    "withdrawal": "From the day that you name it is never in force again. This cannot be undone.",
}
